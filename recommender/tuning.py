"""Chooses each source's settings by what would have been best on past windows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self, TypeVar

import numpy as np

from recommender.als import AlsSettings
from recommender.ease import EaseSettings
from recommender.effort import Effort
from recommender.interactions import Interactions
from recommender.itemitem import ItemItemSettings
from recommender.rp3beta import Rp3betaSettings
from recommender.search import Search
from recommender.settings import KINDS, Settings
from recommender.sources import Arrays, Source
from recommender.tables import best_first
from recommender.windows import Case, Window

HALF_LIVES = (None, 60.0, 240.0, 120.0)
GRIDS: Mapping[str, tuple[str, Sequence[float | None]]] = {
    "itemitem": ("fit_half_life", HALF_LIVES),
    "together": ("fit_half_life", HALF_LIVES),
    "als": ("regularisation", (30.0, 5.0, 150.0)),
    "ease": ("regularisation", (5.0, 1.0, 25.0)),
    "rp3beta": ("beta", (0.6, 0.3)),
}
"""Per source, in the order of choosing, a setting and its values, in the order in which they are tried: where time runs
out, the first were."""
QUERY_HALF_LIVES = (None, 60.0, 20.0)
"""Tried with each."""
MOST_CASES = 300
MOST_LINES = 400_000
"""Larger data are tuned on a sample of customers; the final fit sees all."""

S = TypeVar("S", ItemItemSettings, AlsSettings, EaseSettings, Rp3betaSettings)


@dataclass(frozen=True, slots=True)
class Tuned:
    settings: Settings = field(default_factory=Settings)
    searches: Mapping[str, Search] = field(default_factory=dict)
    """Per source."""


def choose(
    windows: Sequence[Window],
    cases: Sequence[Sequence[Case]],
    *,
    seed: int,
    effort: Effort | None = None,
) -> Tuned:
    """`cases`: cross-sell cases of each window. Where there was no time for a source, it has the settings that it
    ships with."""
    drawn = [_draw(found, np.random.default_rng(seed)) for found in cases]
    trials = _Trials(windows, drawn, effort or Effort())
    itemitem = trials.best("itemitem", ItemItemSettings())
    together = trials.best("together", ItemItemSettings())
    trials = replace(trials, windows=windows[:1], cases=drawn[:1])
    # What half-life suits one source of customers' purchases was found to suit the others.
    life = itemitem.fit_half_life
    settings = Settings(
        itemitem,
        together,
        als=trials.best("als", AlsSettings(fit_half_life=life, seed=seed)),
        ease=trials.best("ease", EaseSettings(fit_half_life=life)),
        rp3beta=trials.best("rp3beta", Rp3betaSettings(fit_half_life=life)),
    )
    return Tuned(settings, trials.searches)


def thin_out(data: Interactions, *, seed: int) -> Interactions:
    """All lines of a random part of the customers, where there are more than tuning needs."""
    if len(data) <= MOST_LINES:
        return data
    kept = np.random.default_rng(seed).random(len(data.customers)) < MOST_LINES / len(data)
    return data.rows(kept[data.customer])


@dataclass(frozen=True, slots=True)
class _Scores:
    """What one setting was worth with each of QUERY_HALF_LIVES."""

    means: Sequence[float]

    def document(self) -> dict[str, Any]:
        return {"means": list(self.means)}

    def arrays(self) -> Arrays:
        return {}

    @classmethod
    def restore(cls, document: Mapping[str, Any], _arrays: Arrays) -> Self:
        return cls(document["means"])


@dataclass(frozen=True)
class _Trials:
    windows: Sequence[Window]
    cases: Sequence[Sequence[Case]]
    effort: Effort
    searches: dict[str, Search] = field(default_factory=dict)

    def best(self, name: str, shipped: S) -> S:
        setting, values = GRIDS[name]
        effort = self._turn(name)
        judged: dict[S, float] = {}
        for place, value in enumerate(effort.budget.afford(values)):
            effort.tell(f"trying settings of {name}, {place + 1} of {len(values)}", place / len(values))
            shape: S = replace(shipped, **{setting: value})  # type: ignore[arg-type]  # - as the grid has it
            scores = effort.checkpoints.recall(_Scores, (name, shape), partial(self._try, name, shape))
            for life, mean in zip(QUERY_HALF_LIVES, scores.means, strict=True):
                judged[replace(shape, query_half_life=life)] = mean
        space = {setting: values, "query_half_life": QUERY_HALF_LIVES}
        self.searches[name] = Search(space, len(judged), len(values) * len(QUERY_HALF_LIVES))
        return max(judged, key=lambda asked: judged[asked], default=shipped)

    def _turn(self, name: str) -> Effort:
        """Each source has its share of the time left for it and those after it."""
        sizes = {name: len(values) for name, (_, values) in GRIDS.items()}
        done, own = sum(sizes[other] for other in self.searches), sizes[name]
        every = sum(sizes.values())
        return self.effort.within(done / every, (done + own) / every, share=own / (every - done))

    def _try(self, name: str, shape: Any) -> _Scores:
        fitted = [KINDS[name](shape).fit(window.before) for window in self.windows]
        means = []
        for life in QUERY_HALF_LIVES:
            asked = [source.asked_with(life) for source in fitted]
            scores = [_ndcg(source, found) for source, found in zip(asked, self.cases, strict=True)]
            every = np.concatenate(scores)
            # A latest window in which nobody bought anything new judges nothing.
            means.append(float(every.mean()) if len(every) else 0.0)
        return _Scores(means)


def _ndcg(source: Source, cases: Iterable[Case], k: int = 10) -> list[float]:
    discount = 1 / np.log2(np.arange(2, k + 2))
    found = []
    for case in cases:
        scores = source.ask(case.history).scores(None).astype(np.float64)
        scores[case.history.codes] = -np.inf
        best = best_first(scores, k)
        hit = np.isin(best, case.targets) & (scores[best] > 0)
        found.append(float(discount[: len(best)][hit].sum() / discount[: len(case.targets)].sum()))
    return found


def _draw(cases: Sequence[Case], rng: np.random.Generator) -> list[Case]:
    if len(cases) <= MOST_CASES:
        return list(cases)
    return [cases[place] for place in sorted(rng.choice(len(cases), MOST_CASES, replace=False).tolist())]
