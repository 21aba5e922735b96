"""Learns each task's ranking from past windows: trees where they beat the linear combination on windows that
neither was fitted to, the combination where it beats the best single feature, else that feature."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any, Self

import numpy as np

from recommender.blend import Weights, fit, score
from recommender.effort import Effort
from recommender.fitted import OWN, STATIC
from recommender.interactions import Floats
from recommender.measures import is_better
from recommender.quality import POPULARITY, Span, describe
from recommender.ranker import CANDIDATES, PER_CASE, TREES, Ranker, Shape, refine, shapes_for
from recommender.search import Search
from recommender.settings import LINKED, RISING, SOURCES
from recommender.sources import Arrays
from recommender.tables import Judged, Table, halve, join
from recommender.upsell import STEP

FEWEST_CASES = 30
FEWEST_RANKED = 200
"""Cases before a judged window, below which trees only learn by heart."""
ENOUGH_JUDGED = 1_000
"""Cases; with fewer, more windows are judged on."""
JUDGED = range(2, 5)
"""Windows, the latest, that combinations are compared on."""
SAMPLED = 100
"""Candidates of a case that weights are fitted on."""
RIDGES = (1e-1, 1e-2, 1e-3, 1e-4)
"""Of the squared weights, per case; from strong to weak."""
FADING = 0.5
"""A window counts half as much as the one after it: what sells changes."""
LEAST_WEIGHT = 1e-3
SINGLES = (
    *SOURCES,
    *LINKED,
    *(name for name in STATIC if not name.startswith("share of ")),  # the order of their logarithms
    *OWN,
    "moved up",  # the order of "moved up most"
)
LINEAR = frozenset({*RISING, *STATIC, *OWN, *STEP})


@dataclass(frozen=True, slots=True)
class Learned:
    weights: Weights
    """Of the linear combination, which also picks what the ranker puts in order."""
    what: str
    """"ranker", "blend", the one feature that was fallen back to, or "default"."""
    cases: int
    ranker: Ranker | None = None
    quality: Mapping[str, Any] = field(default_factory=dict)
    """Of everything compared, on the windows compared on."""
    search: Search = field(default_factory=Search)
    chosen: Mapping[str, Any] = field(default_factory=dict)
    """Of what was searched."""
    windows: int = 0
    """That were looked at."""

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"search": self.search.document()}

    def arrays(self) -> Arrays:
        return {}

    @classmethod
    def restore(cls, document: Mapping[str, Any], _arrays: Arrays) -> Self:
        ranker = document["ranker"]
        if ranker is not None:
            ranker = Ranker(**ranker | {"names": tuple(ranker["names"])})
        return cls(**{**document, "ranker": ranker, "search": Search.restore(document["search"])})


def learn(
    windows: Sequence[tuple[Span, Table]],
    default: Weights,
    *,
    most: int | None = CANDIDATES,
    effort: Effort | None = None,
) -> Learned:
    """`windows`: the latest first. Of each case the `most` best are ranked by trees, where there is time."""
    found = _decide(windows, default, most, effort or Effort())
    return replace(found, windows=len(windows))


def _decide(
    windows: Sequence[tuple[Span, Table]], default: Weights, most: int | None, effort: Effort
) -> Learned:
    windows = [(span, table) for span, table in windows if len(table.targets)]
    cases = sum(len(table.targets) for _, table in windows)
    if cases < FEWEST_CASES:
        return Learned(default, "default", cases, quality=_tell_shipped(windows, default))
    if len(windows) == 1:
        span, table = windows[0]
        windows = [(span, half) for half in halve(table)]
    spans, tables = zip(*windows, strict=True)
    prior = {name: default[name] for name in LINKED if name in default}
    return _Contest(tables, spans, most, effort, prior).decide(cases)


def _tell_shipped(windows: Sequence[tuple[Span, Table]], weights: Weights) -> dict[str, Any]:
    """Of weights that were not learned on these windows or any other."""
    if not windows:
        return {}
    names = windows[0][1].names
    ways = {"default": weights} | {name: {name: 1.0} for name in POPULARITY if name in names}
    methods = {
        name: Judged.join([table.judge(score(table, way)) for _, table in windows])
        for name, way in ways.items()
    }
    return describe(methods, "default", windows)


class _Contest:
    """Everything that could rank a task, judged on the same latest windows."""

    def __init__(
        self,
        folds: Sequence[Table],
        spans: Sequence[Span],
        most: int | None,
        effort: Effort,
        prior: Weights,
    ) -> None:
        self.folds, self.spans, self.most, self.effort = folds, spans, most, effort
        self.prior = prior
        self.linear = [fold.only([name for name in fold.names if name in LINEAR]) for fold in folds]
        self.judged = _count_judged(folds)

    def decide(self, cases: int) -> Learned:
        linear = self.linear
        singles = {name: self._judge(self._single(name)) for name in SINGLES if name in linear[0].names}
        single = max(singles, key=lambda name: singles[name].mean)
        paths = [_follow(linear, out, self.prior) for out in range(self.judged)]
        blends = {ridge: self._judge(self._blend([path[ridge] for path in paths])) for ridge in RIDGES}
        ridge = max(blends, key=lambda ridge: blends[ridge].mean)
        found = singles | {"blend": blends[ridge]}
        best = "blend" if blends[ridge].mean > singles[single].mean else single
        shapes = self._find_shapes()
        ranked = self._rank([path[ridge] for path in paths], shapes) if shapes else None
        search = _describe(shapes, tried=shapes if ranked else ())
        if ranked is not None:
            found["ranker"] = ranked.judged
        if ranked is not None and is_better(ranked.judged.ndcg, found[best].ndcg):
            weights = _follow(linear, None, self.prior)[ridge]
            ranker = ranked.fit(self.folds, weights, self.most)
            chosen = {"ridge": ridge, **asdict(ranked.shape)}
            return Learned(weights, "ranker", cases, ranker, self._tell(found, "ranker"), search, chosen)
        if best == "blend":
            weights = _follow(linear, None, self.prior)[ridge]
            return Learned(weights, best, cases, None, self._tell(found, best), search, {"ridge": ridge})
        weights = {**self.prior, **_scale(linear, single)}
        return Learned(weights, best, cases, None, self._tell(found, best), search)

    def _single(self, name: str) -> list[Floats]:
        return [fold.columns([name])[:, 0] for fold in self.linear[: self.judged]]

    def _blend(self, weights: Sequence[Weights]) -> list[Floats]:
        return [score(fold, some) for fold, some in zip(self.linear, weights, strict=False)]

    def _judge(self, scores: Sequence[Floats]) -> Judged:
        return Judged.join([table.judge(some) for table, some in zip(self.folds, scores, strict=False)])

    def _find_shapes(self) -> tuple[Shape, ...]:
        """None where nothing is known of the customers, since one list for all needs no trees."""
        cases = sum(len(fold.targets) for fold in self.folds[self.judged :])
        if cases < FEWEST_RANKED or "customer due" not in self.folds[0].names:
            return ()
        return shapes_for(sum(fold.thinned_size(PER_CASE) for fold in self.folds[self.judged :]))

    def _rank(self, weights: Sequence[Weights], shapes: Sequence[Shape]) -> "_Ranked | None":
        """Each judged window by trees fitted to the windows before it alone; None where there is no time for
        all, nor for once more, which is what fitting to all windows takes."""
        tables: list[Table] = []
        scores: dict[Shape, list[Floats]] = {shape: [] for shape in shapes}
        for out in self.effort.budget.afford(range(self.judged + 1)):
            if out == self.judged:
                return _Ranked.best(tables, scores)
            self.effort.tell("fitting trees", out / (self.judged + 1))
            refined = [refine(fold, weights[out], self.most) for fold in self.folds[out:]]
            tables.append(refined[0])
            for leaves, alike in groupby(shapes, lambda shape: shape.leaves):
                ranker = Ranker.fit(refined[1:], Shape(leaves, TREES[-1]))
                for shape in alike:
                    scores[shape].append(ranker.predict(refined[0].features, shape.trees))
        return None

    def _tell(self, found: Mapping[str, Judged], chosen: str) -> dict[str, Any]:
        return describe(found, chosen, list(zip(self.spans, self.folds, strict=True))[: self.judged])


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Trees of the best shape, on windows that they were not fitted to."""

    shape: Shape
    tables: list[Table]
    scores: list[Floats]
    judged: Judged

    @classmethod
    def best(cls, tables: list[Table], scores: Mapping[Shape, list[Floats]]) -> "_Ranked":
        judged = {
            shape: Judged.join([one.judge(some) for one, some in zip(tables, found, strict=True)])
            for shape, found in scores.items()
        }
        shape = max(judged, key=lambda shape: judged[shape].mean)
        return cls(shape, tables, scores[shape], judged[shape])

    def fit(self, folds: Sequence[Table], weights: Weights, most: int | None) -> Ranker:
        refined = [refine(fold, weights, most) for fold in folds]
        return Ranker.fit(refined, self.shape).warmed(self.tables, self.scores)


def _describe(shapes: Sequence[Shape], tried: Sequence[Shape]) -> Search:
    space: dict[str, Sequence[Any]] = {"ridge": RIDGES}
    if shapes:
        space |= {"leaves": sorted({shape.leaves for shape in shapes}), "trees": TREES}
    return Search(space, len(RIDGES) + len(tried), len(RIDGES) + len(shapes))


def _count_judged(folds: Sequence[Table]) -> int:
    """Enough to tell methods apart, and where it can be had, enough left before them to fit trees to."""
    sizes = np.array([len(fold.targets) for fold in folds])
    enough = int(np.searchsorted(np.cumsum(sizes), ENOUGH_JUDGED)) + 1
    wanted = min(max(enough, JUDGED.start), JUDGED.stop - 1, len(folds))
    before = sizes.sum() - np.cumsum(sizes)
    return min(wanted, int((before >= FEWEST_RANKED).sum()) or wanted)


def _scale(folds: Sequence[Table], single: str) -> Weights:
    """The order of one feature alone, with the weight that makes its scores a choice model's."""
    table = join([table.weighed(FADING**age).only((single,)) for age, table in enumerate(folds)])
    weight = max(fit(table, ridge=RIDGES[-1], rising=(single,))[single], LEAST_WEIGHT)
    # The second feature only settles what the first leaves equal.
    return {"sold ever": 1e-3 * weight} | {single: weight}


def _follow(folds: Sequence[Table], out: int | None, prior: Weights) -> dict[float, Weights]:
    """Weights for each ridge, fitted without the window `out`; each starts from the one before. What no past case
    tells of, as links to what is new, keeps its weight in `prior`."""
    target = out or 0
    used = [table.weighed(FADING ** abs(age - target)) for age, table in enumerate(folds) if age != out]
    table, path = join([one.thinned(SAMPLED) for one in used]), dict[float, Weights]()
    start: Weights = {}
    for ridge in RIDGES:
        path[ridge] = start = fit(table, ridge=ridge, rising=RISING, prior=prior, start=start)
    return path
