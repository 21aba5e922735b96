"""Chooses each source's settings by what would have been best on past windows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from recommender.als import Als, AlsSettings
from recommender.ease import Ease, EaseSettings
from recommender.fitted import Settings
from recommender.interactions import Interactions
from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.rp3beta import Rp3beta, Rp3betaSettings
from recommender.sources import Source
from recommender.tables import best_first
from recommender.windows import Case, Window

FIT_HALF_LIVES = (None, 240.0, 120.0, 60.0)
QUERY_HALF_LIVES = (None, 60.0, 20.0)
REGULARISATIONS = (5.0, 30.0, 150.0)
PENALTIES = (1.0, 5.0, 25.0)
BETAS = (0.3, 0.6)
MOST_CASES = 300
MOST_LINES = 400_000
"""Larger data are tuned on a sample of customers; the final fit sees all."""

S = TypeVar("S", ItemItemSettings, AlsSettings, EaseSettings, Rp3betaSettings)


def choose(windows: Sequence[Window], cases: Sequence[Sequence[Case]], *, seed: int) -> Settings:
    """`cases`: cross-sell cases of each window."""
    drawn = [_draw(found, np.random.default_rng(seed)) for found in cases]
    shapes = [ItemItemSettings(fit_half_life=life) for life in FIT_HALF_LIVES]
    itemitem = _best(shapes, ItemItem, windows, drawn)
    together = _best(shapes, Together, windows, drawn)
    # What half-life suits one source of customers' purchases was found to suit the others.
    life = itemitem.fit_half_life
    factors = [
        AlsSettings(regularisation=strength, fit_half_life=life, seed=seed) for strength in REGULARISATIONS
    ]
    linear = [EaseSettings(regularisation=strength, fit_half_life=life) for strength in PENALTIES]
    walks = [Rp3betaSettings(beta=beta, fit_half_life=life) for beta in BETAS]
    return Settings(
        itemitem,
        together,
        als=_best(factors, Als, windows[:1], drawn[:1]),
        ease=_best(linear, Ease, windows[:1], drawn[:1]),
        rp3beta=_best(walks, Rp3beta, windows[:1], drawn[:1]),
    )


def thin_out(data: Interactions, *, seed: int) -> Interactions:
    """All lines of a random part of the customers, where there are more than tuning needs."""
    if len(data) <= MOST_LINES:
        return data
    kept = np.random.default_rng(seed).random(len(data.customers)) < MOST_LINES / len(data)
    return data.rows(kept[data.customer])


def _best(
    shapes: Iterable[S],
    make: Callable[[S], Source],
    windows: Sequence[Window],
    cases: Sequence[Sequence[Case]],
) -> S:
    judged: dict[S, float] = {}
    for shape in shapes:
        fitted = [make(shape).fit(window.before) for window in windows]
        for life in QUERY_HALF_LIVES:
            asked = [source.asked_with(life) for source in fitted]
            scores = [_ndcg(source, found) for source, found in zip(asked, cases, strict=True)]
            every = np.concatenate(scores)
            # A latest window in which nobody bought anything new judges nothing.
            judged[replace(shape, query_half_life=life)] = float(every.mean()) if len(every) else 0.0
    return max(judged, key=lambda asked: judged[asked])


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
