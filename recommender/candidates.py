"""The candidates of past cases, described: tables to learn from."""

from collections.abc import Iterable, Sequence

import numpy as np

from recommender.features import describe, list_features, stack
from recommender.fitted import STATIC, Fitted, gather
from recommender.interactions import Floats, Ints
from recommender.tables import Table
from recommender.upsell import STEP, Ladder
from recommender.windows import MOST_CASES, Case


def sample(cases: Iterable[Case], rng: np.random.Generator) -> list[Case]:
    found = list(cases)
    if len(found) <= MOST_CASES:
        return found
    return [found[place] for place in sorted(rng.choice(len(found), MOST_CASES, replace=False).tolist())]


def tabulate(fitted: Fitted, cases: Sequence[Case], *, again: bool) -> Table:
    """With `again`, what was bought before is among the candidates."""
    names = list_features(fitted.linked, again=again)
    rows, codes = [], []
    for case in cases:
        asked = fitted.ask(case.history)
        struck = np.zeros(asked.size, np.bool_)
        struck[asked.places(asked.owned)[0]] = not again
        found = _leave_out_unsold(fitted, asked.codes(gather(asked, struck)))
        codes.append(found)
        rows.append(stack(describe(asked, found, again=again), names))
    return _table(names, rows, codes, cases)


def _leave_out_unsold(fitted: Fitted, codes: Ints) -> Ints:
    """Links lead to products that nobody has bought yet. No case has one among its targets: they would be taught
    as what nobody chooses."""
    if not fitted.linked:
        return codes
    return np.asarray(codes[fitted.trend.values[codes, STATIC.index("sold ever")] > 0])


def tabulate_newcomers(fitted: Fitted, cases: Sequence[Case]) -> Table:
    """Everybody has the same candidates."""
    found = fitted.trending
    rows = fitted.trend.values[found].astype(np.float32)
    return _table(STATIC, [rows] * len(cases), [found] * len(cases), cases)


def tabulate_steps(fitted: Fitted, ladder: Ladder, cases: Sequence[Case]) -> Table:
    names, rows, codes = (*STEP, *list_features(fitted.linked)), [], []
    for case in cases:
        found = np.setdiff1d(ladder.candidates(case.anchor), case.history.codes)
        found = _leave_out_unsold(fitted, found)
        columns = ladder.moved(np.full(len(found), case.anchor), found)
        codes.append(found)
        rows.append(stack(columns | describe(fitted.ask(case.history), found, again=False), names))
    return _table(names, rows, codes, cases)


def _table(
    names: tuple[str, ...], rows: Sequence[Floats], codes: Sequence[Ints], cases: Sequence[Case]
) -> Table:
    chosen = [np.isin(found, case.targets) for found, case in zip(codes, cases, strict=True)]
    return Table(
        names=names,
        features=np.concatenate([np.zeros((0, len(names)), np.float32), *rows]),
        case=np.repeat(np.arange(len(cases)), [len(found) for found in codes]),
        chosen=np.concatenate([np.zeros(0, np.bool_), *chosen]),
        targets=np.array([len(case.targets) for case in cases], np.int64),
        weight=np.ones(len(cases)),
        product=np.concatenate([np.zeros(0, np.int64), *codes]),
        visits=np.array([len(np.unique(np.floor(case.history.ages))) for case in cases], np.int64),
        customer=np.array([case.customer for case in cases], np.int64),
    )
