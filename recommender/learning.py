"""Learns each task's combination of features from past windows, and falls back to the best single feature
where the combination does not beat it on windows that it was not fitted to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.blend import Table, Weights, fit, join
from recommender.fitted import OWN, PERSONAL, SOURCES, STATIC, Asked, Fitted
from recommender.interactions import Floats, Ints
from recommender.parts import best_first
from recommender.upsell import FEATURES, Ladder
from recommender.windows import Case

DEEP = 50
"""Of each feature, so many of the best are candidates."""
MOST_CASES = 800
FEWEST_CASES = 30
RIDGES = (1e-1, 1e-2, 1e-3, 1e-4)
"""Of the squared weights, per case; from strong to weak."""
FADING = 0.5
"""A window counts half as much as the one after it: what sells changes."""
JUDGED = 2
"""Windows, the latest, that combinations are compared on."""
LEAST_WEIGHT = 1e-3
SINGLES = (*SOURCES, *STATIC, *OWN, "moved up", "moved up most")


@dataclass(frozen=True, slots=True)
class Learned:
    weights: Weights
    what: str
    """"blend", or the one feature that was fallen back to, or "default"."""
    ndcg: float | None
    """On windows not fitted to; None where there were too few cases."""
    cases: int


def learn(tables: Sequence[Table], default: Weights) -> Learned:
    """`tables`: one per window, the latest first."""
    tables = [table for table in tables if len(table.targets)]
    cases = sum(len(table.targets) for table in tables)
    if cases < FEWEST_CASES:
        return Learned(default, "default", None, cases)
    folds = list(tables) if len(tables) > 1 else _halve(tables[0])
    names = folds[0].names
    singles = {name: _judge(folds, [{name: 1.0}] * JUDGED) for name in SINGLES if name in names}
    single = max(singles, key=lambda name: singles[name])
    paths = [_follow(folds, out) for out in range(min(JUDGED, len(folds)))]
    blends = {ridge: _judge(folds, [path[ridge] for path in paths]) for ridge in RIDGES}
    ridge = max(blends, key=lambda ridge: blends[ridge])
    if blends[ridge] > singles[single]:
        return Learned(_follow(folds, None)[ridge], "blend", blends[ridge], cases)
    return Learned(_scale(folds, single), single, singles[single], cases)


def _scale(folds: Sequence[Table], single: str) -> Weights:
    """The order of one feature alone, with the weight that makes its scores a choice model's."""
    table = join([table.weighed(FADING**place).only((single,)) for place, table in enumerate(folds)])
    weight = max(fit(table, ridge=RIDGES[-1], rising=(single,))[single], LEAST_WEIGHT)
    # The second feature only settles what the first leaves equal.
    return {"sold ever": 1e-3 * weight} | {single: weight}


def _judge(folds: Sequence[Table], weights: Sequence[Weights]) -> float:
    """Mean NDCG@10 over the latest windows, the later ones counting more."""
    pairs = list(zip(folds, weights, strict=False))
    means = [float(table.ndcg(table.score(one)).mean()) for table, one in pairs]
    sizes = [len(table.targets) * FADING**place for place, (table, _) in enumerate(pairs)]
    return float(np.average(means, weights=sizes))


def _follow(folds: Sequence[Table], out: int | None) -> dict[float, Weights]:
    """Weights for each ridge, fitted without the window `out`; each starts from the one before."""
    target = out or 0
    used = [table.weighed(FADING ** abs(place - target)) for place, table in enumerate(folds) if place != out]
    table, path = join(used), dict[float, Weights]()
    start: Weights = {}
    for ridge in RIDGES:
        path[ridge] = start = fit(table, ridge=ridge, rising=PERSONAL, start=start)
    return path


def _halve(table: Table) -> list[Table]:
    """One window's cases, every other one."""
    halves = []
    for parity in (0, 1):
        rows = table.case % 2 == parity
        cases = np.arange(len(table.targets)) % 2 == parity
        halves.append(
            Table(
                names=table.names,
                features=table.features[rows],
                case=table.case[rows] // 2,
                chosen=table.chosen[rows],
                targets=table.targets[cases],
                weight=table.weight[cases],
            )
        )
    return halves


def sample(cases: Iterable[Case], rng: np.random.Generator) -> list[Case]:
    found = list(cases)
    if len(found) <= MOST_CASES:
        return found
    return [found[place] for place in sorted(rng.choice(len(found), MOST_CASES, replace=False).tolist())]


def tabulate(fitted: Fitted, cases: Sequence[Case], names: Sequence[str]) -> Table:
    """What was bought before is among the candidates where `names` has features for it."""
    again = any(name in OWN for name in names)
    trending = [best_first(column.astype(np.float64), DEEP) for column in fitted.trend.values.T]
    shared = np.unique(np.concatenate(trending))
    rows, codes = [], []
    for case in cases:
        asked = fitted.ask(case.history)
        found = _candidates(asked, shared)
        found = found if again else np.setdiff1d(found, asked.owned)
        codes.append(found)
        rows.append(_stack(asked.over(found).columns(np.arange(len(found))), names))
    return _table(names, rows, codes, cases)


def tabulate_steps(fitted: Fitted, ladder: Ladder, cases: Sequence[Case]) -> Table:
    rows, codes = [], []
    for case in cases:
        found = np.setdiff1d(ladder.candidates(case.anchor), case.history.codes)
        common = fitted.ask(case.history).over(found).common(np.arange(len(found)))
        columns = ladder.moved(np.full(len(found), case.anchor), found) | common
        codes.append(found)
        rows.append(_stack(columns, FEATURES))
    return _table(FEATURES, rows, codes, cases)


def _candidates(asked: Asked, shared: Ints) -> Ints:
    best = [asked.codes(best_first(scores, DEEP)) for scores in asked.scores.values()]
    return np.unique(np.concatenate([shared, asked.owned, *best]))


def _stack(columns: dict[str, Floats], names: Sequence[str]) -> Floats:
    return np.stack([columns[name] for name in names], axis=1).astype(np.float32)


def _table(
    names: Sequence[str], rows: Sequence[Floats], codes: Sequence[Ints], cases: Sequence[Case]
) -> Table:
    chosen = [np.isin(found, case.targets) for found, case in zip(codes, cases, strict=True)]
    return Table(
        names=tuple(names),
        features=np.concatenate([np.zeros((0, len(names)), np.float32), *rows]),
        case=np.repeat(np.arange(len(cases)), [len(found) for found in codes]),
        chosen=np.concatenate([np.zeros(0, np.bool_), *chosen]),
        targets=np.array([len(case.targets) for case in cases], np.int64),
        weight=np.ones(len(cases)),
    )
