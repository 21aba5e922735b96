"""Looking back at past windows: settings are tuned and combinations learned on what was bought in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recommender.base import Offer
from recommender.blend import Weights
from recommender.candidates import sample, tabulate, tabulate_newcomers, tabulate_steps
from recommender.catalogue import Catalogue
from recommender.effort import Effort
from recommender.fitted import Fitted
from recommender.learning import Learned, learn
from recommender.pace import Pace, measure_pace
from recommender.quality import Span
from recommender.ranker import CANDIDATES
from recommender.settings import Settings
from recommender.tables import Table
from recommender.tuning import Tuned, choose
from recommender.upsell import Ladder
from recommender.volume import average, measure
from recommender.windows import (
    Case,
    Window,
    cross_sell_cases,
    newcomer_cases,
    next_basket_cases,
    upsell_cases,
)

TUNED_ON = 2
"""Windows that settings are chosen on; combinations are learned on all."""
FEWEST_CASES = 30
TUNING, LOOKING = 0.3, 0.6
"""Of the time that is left when they begin, at most, tuning and then describing past cases; learning has the rest. On
one core, with 198,000 lines of 3,700 products, they took 13 % and 47 % of that without a budget."""
TUNED, LOOKED = 0.15, 0.6
"""Where they end for somebody who watches."""

DEFAULT: Mapping[str, Weights] = {
    "cross_sell": {"itemitem": 1.0, "together": 1.0, "als": 1.0, "curated": 2.0, "sold in 21 days": 1.0},
    "popular": {"sold in 21 days": 1.0, "sold ever": 0.01},
    "next_basket": {"itemitem": 1.0, "als": 1.0, "bought lately": 1.0, "bought often": 1.0, "due": 0.5},
    "upsell": {"moved up most": 1.0, "upgrades": 2.0, "sold in 21 days": 1.0, "itemitem": 0.5, "step": -0.5},
}
"""What ships, where too few past cases are there to learn from; of links it is assumed while none tells. In a choice
model 2 makes what is linked, say to something new, about seven times as likely."""


@dataclass(frozen=True, slots=True)
class Past:
    """What looking back taught."""

    tuned: Tuned
    learned: Mapping[str, Learned]
    volumes: Mapping[str, float]
    pace: Pace


@dataclass(frozen=True, slots=True)
class _View:
    """A past window with its cases per task of DEFAULT: all, and those drawn to learn from."""

    window: Window
    span: Span
    ladder: Ladder
    cases: Mapping[str, Sequence[Case]]
    drawn: Mapping[str, Sequence[Case]]

    @classmethod
    def of(cls, window: Window, catalogue: Catalogue, rng: np.random.Generator) -> Self:
        ladder = Ladder.fit(window.before, catalogue)
        cases = {
            "cross_sell": list(cross_sell_cases(window)),
            "popular": list(newcomer_cases(window)),
            "next_basket": list(next_basket_cases(window)),
            "upsell": list(upsell_cases(window, ladder)),
        }
        drawn = {task: sample(found, rng) for task, found in cases.items()}
        return cls(window, Span.of(window, catalogue), ladder, cases, drawn)

    def tabulate(self, task: str, fitted: Fitted) -> Table:
        if task == "popular":
            return tabulate_newcomers(fitted, self.drawn[task])
        if task == "upsell":
            return tabulate_steps(fitted, self.ladder, self.drawn[task])
        return tabulate(fitted, self.drawn[task], again=task == "next_basket")


def look_back(
    windows: Sequence[Window],
    catalogue: Catalogue,
    *,
    linked: Sequence[str] = (),
    seed: int,
    effort: Effort,
) -> Past:
    """`windows`: the latest first; `linked`: the sources that the catalogue has links for."""
    effort.tell("finding past cases", 0.0)
    rng = np.random.default_rng(seed)
    views = [_View.of(window, catalogue, rng) for window in windows]
    tuned = _tune(views, seed=seed, effort=effort.within(0.01, TUNED, share=TUNING))
    tuned = replace(tuned, settings=tuned.settings.with_links(linked))
    learned = _learn(views, tuned.settings, catalogue, effort.within(TUNED, 1.0))
    volumes = average([measure(view.window, view.cases) for view in views])
    choices = {kind: one for kind, one in volumes.items() if _is_choice(kind, learned)}
    pace = measure_pace(windows, [view.ladder for view in views], [view.cases["upsell"] for view in views])
    return Past(tuned, learned, choices, pace)


def _tune(views: Sequence[_View], *, seed: int, effort: Effort) -> Tuned:
    latest = views[:TUNED_ON]
    fresh = [view.drawn["cross_sell"] for view in latest]
    if sum(map(len, fresh)) < FEWEST_CASES:
        return Tuned()
    return choose([view.window for view in latest], fresh, seed=seed, effort=effort)


def _learn(
    views: Sequence[_View], settings: Settings, catalogue: Catalogue, effort: Effort
) -> dict[str, Learned]:
    kept = {task: effort.checkpoints.find(Learned, (task, settings)) for task in DEFAULT}
    waiting = [task for task, found in kept.items() if found is None]
    tables = _tabulate(views, settings, catalogue, waiting, effort.within(0.0, LOOKED, share=LOOKING))
    sizes = {task: sum(table.features.size for _, table in found) for task, found in tables.items()}
    learned = {task: found for task, found in kept.items() if found is not None}
    for place, task in enumerate(waiting):
        share = sizes[task] / max(sum(sizes[other] for other in waiting[place:]), 1)
        start, end = (LOOKED + (1 - LOOKED) * (place + step) / len(waiting) for step in (0, 1))
        own = effort.within(start, end, share=share)
        own.tell(f"combining what tells of {task}", 0.0)
        most = None if task == "upsell" else CANDIDATES
        shipped = {name: weight for name, weight in DEFAULT[task].items() if name not in settings.unlinked}
        found = learn(tables.pop(task), shipped, most=most, effort=own)
        learned[task] = effort.checkpoints.keep((task, settings), found)
    return {task: learned[task] for task in DEFAULT}


def _tabulate(
    views: Sequence[_View], settings: Settings, catalogue: Catalogue, tasks: Sequence[str], effort: Effort
) -> dict[str, list[tuple[Span, Table]]]:
    """Per task, of each window there was time for. Only one window is fitted at a time, because tables have an
    upper size and what is fitted grows with the catalogue."""
    tables: dict[str, list[tuple[Span, Table]]] = {task: [] for task in tasks}
    for place, view in enumerate(effort.budget.afford(views if tasks else ())):
        effort.tell(f"looking at past window {place + 1} of {len(views)}", place / len(views))
        fitted = Fitted.fit(view.window.before, settings, catalogue)
        for task, found in tables.items():
            found.append((view.span, view.tabulate(task, fitted)))
    return tables


def _is_choice(kind: str, learned: Mapping[str, Learned]) -> bool:
    """Whether the kind's scores are those of a choice model, which shipped weights are not."""
    task = "next_basket" if kind == Offer.REPLENISH else kind
    return learned[task].what != "default"
