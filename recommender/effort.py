"""How a training goes about its work."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from recommender.budget import Budget
from recommender.checkpoints import NONE, Checkpoints

Progress = Callable[[str, float], None]
"""Told what is being done and the share of the whole that is done."""


def keep_quiet(_what: str, _done: float) -> None:
    pass


def within(progress: Progress, start: float, end: float) -> Progress:
    """A part of the work tells how far the whole is."""
    return lambda what, done: progress(what, start + (end - start) * done)


@dataclass(frozen=True, slots=True)
class Effort:
    """Of all this only a budget changes what comes of the work."""

    budget: Budget = field(default_factory=Budget)
    checkpoints: Checkpoints = NONE
    tell: Progress = keep_quiet

    def within(self, start: float, end: float, *, share: float = 1.0) -> Self:
        """For a part of the work: where it begins and ends on the whole's scale, and its share of the time left."""
        return replace(self, budget=self.budget.share(share), tell=within(self.tell, start, end))
