"""How soon people move up: the rate by the age of what they own, since nobody replaces last week's phone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.interactions import Floats
from recommender.sources import Arrays
from recommender.upsell import Ladder
from recommender.windows import Case, Window, latest_of_families

EDGES = np.array([30.0, 90.0, 180.0, 365.0, 730.0])
"""Days; ages are told apart by these."""
STEADY = 20.0
"""Owners' worth of the overall rate that steadies an age's own."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Steps up per owner who came back in a past window."""

    rate: Floats
    """Per age between EDGES."""
    overall: float

    def of(self, age: float) -> float:
        """For what is being bought now, age 0, the overall rate: no age speaks for it."""
        return float(self.rate[np.searchsorted(EDGES, age)]) if age > 0 else self.overall

    def arrays(self) -> Arrays:
        return {"rate": self.rate, "overall": np.array([self.overall])}

    @classmethod
    def restore(cls, arrays: Arrays) -> Self:
        return cls(arrays["rate"], float(arrays["overall"][0]))


def measure_pace(
    windows: Sequence[Window], ladders: Sequence[Ladder], cases: Sequence[Sequence[Case]]
) -> Pace:
    """`cases`: all upsell cases of each window."""
    owned, moved = np.zeros(len(EDGES) + 1), np.zeros(len(EDGES) + 1)
    for window, ladder, found in zip(windows, ladders, cases, strict=True):
        owned += _by_age(_anchor_ages(window, ladder))
        moved += _by_age(_age(case) for case in found)
    overall = float(moved.sum() / max(owned.sum(), 1.0))
    return Pace((moved + STEADY * overall) / (owned + STEADY), overall)


def _by_age(ages: Iterator[float]) -> Floats:
    places = np.searchsorted(EDGES, np.fromiter(ages, np.float64))
    return np.bincount(places, minlength=len(EDGES) + 1).astype(np.float64)


def _anchor_ages(window: Window, ladder: Ladder) -> Iterator[float]:
    """Of everything that a returning customer could have moved up from."""
    histories = window.histories()
    climbs = {code: bool(len(ladder.candidates(code))) for code in range(len(ladder.family))}
    for customer in np.intersect1d(window.before.customer, window.after.customer).tolist():
        history = histories.get(customer)
        for anchor in latest_of_families(history, ladder.family).values():
            if climbs[anchor]:
                yield float(history.ages[history.codes == anchor].min())


def _age(case: Case) -> float:
    return float(case.history.ages[case.history.codes == case.anchor].min())
