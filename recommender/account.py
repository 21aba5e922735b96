"""What a training did and could not do, in words for a person and in figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

from recommender.budget import Budget
from recommender.interactions import Interactions
from recommender.learning import Learned
from recommender.lookback import Past
from recommender.parts import Parts


@dataclass(frozen=True, slots=True)
class Account:
    """Without any figure of the clock or the machine, so that the same training gives the same account."""

    data: Interactions
    lines: int
    """Looked back on."""
    windows: int
    """There were to look at."""
    past: Past
    budget: Budget

    def report(self) -> dict[str, Any]:
        learned, tuned = self.past.learned, self.past.tuned
        searches = {**tuned.searches} | {task: one.search for task, one in learned.items() if one.search.of}
        return {
            "settings": tuned.settings.document()
            | {task: dict(one.chosen) for task, one in learned.items() if one.chosen},
            "search_space": {name: search.document() for name, search in searches.items()},
            "looked_back": {
                "lines": self.lines,
                "of_lines": len(self.data),
                "windows": self._looked_at,
                "of_windows": self.windows,
                "budget": self.budget.seconds if self._has_end else None,
            },
            "weights": {task: one.weights for task, one in learned.items()},
            "quality": {task: one.quality for task, one in learned.items()},
            "volumes": self.past.volumes,
        }

    def notes(self, parts: Parts) -> Iterator[str]:
        if str(self.data.left_out):
            yield f"Not counted as purchases: {self.data.left_out}."
        if not (parts.ladder.family >= 0).any():
            yield "No product has a family: no upsell until the catalogue names families."
        if not self.windows:
            yield "The purchases span too few days to look back: nothing could be tuned."
        if self.lines < len(self.data):
            yield f"Settings and weights were learned on {self.lines:,} of {len(self.data):,} lines."
        left_out = list(self._list_left_out())
        if left_out:
            yield f"To keep to {self.budget.seconds:g} seconds there was left out: {', '.join(left_out)}."
        yield from (_fallback(task, one) for task, one in self.past.learned.items() if _is_fallback(one))

    def _list_left_out(self) -> Iterator[str]:
        searches = self.past.tuned.searches.values()
        tried, of = sum(one.tried for one in searches), sum(one.of for one in searches)
        if tried < of:
            yield f"{of - tried} of {of} settings"
        if self._looked_at < self.windows:
            yield f"{self.windows - self._looked_at} of {self.windows} past windows"
        without = [task for task, one in self.past.learned.items() if one.search.tried < one.search.of]
        if without:
            yield f"trees for {' and '.join(without)}"

    @property
    def _has_end(self) -> bool:
        return self.budget.seconds < inf

    @property
    def _looked_at(self) -> int:
        return max(one.windows for one in self.past.learned.values())


def _is_fallback(one: Learned) -> bool:
    return one.what not in ("ranker", "blend")


def _fallback(task: str, one: Learned) -> str:
    if one.what == "default":
        return f"{task}: {one.cases} past cases are too few to learn from; shipped weights are used."
    return f"{task}: on {one.cases} past cases no combination was better than {one.what!r} alone."
