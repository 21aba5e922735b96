"""Dot-and-whisker charts of figures with intervals: where things stand on an axis, in percent of its length."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from assist.services.quality import Figure

MARGIN = 2.0
"""Percent left free at both ends, so that no dot is cut."""
STEPS = (1, 2, 2.5, 5, 10)
MOST_TICKS = 6
CLOSE = 5


@dataclass(frozen=True, slots=True)
class Axis:
    low: float
    high: float
    ticks: tuple[float, ...]

    @property
    def labelled(self) -> tuple[float, ...]:
        """All ticks, or every other one where they stand close; zero is among them."""
        if len(self.ticks) <= CLOSE:
            return self.ticks
        return self.ticks[self.ticks.index(0.0) % 2 :: 2]

    def place(self, value: float) -> str:
        """As `37.5%`; what lies beyond an end is put on it."""
        share = (value - self.low) / (self.high - self.low)
        return f"{MARGIN + (100 - 2 * MARGIN) * min(max(share, 0.0), 1.0):.2f}%"


def axis_of(figures: Iterable[Figure | None]) -> Axis:
    """Round ticks, zero among them, and everything in between."""
    known = [one for one in figures if one]
    ends = [end for one in known for end in (one.mean, one.low, one.high) if end is not None]
    low, high = min((0.0, *ends)), max((0.0, *ends))
    step = _step((high - low) or 1.0)
    first, last = floor(low / step + 1e-9), max(ceil(high / step - 1e-9), 1 if low == high else 0)
    return Axis(first * step, last * step, tuple(round(tick * step, 10) for tick in range(first, last + 1)))


def _step(span: float) -> float:
    """The smallest round step of which so few are enough; one more may be needed on each side of zero."""
    rough = span / (MOST_TICKS - 1)
    size = 10.0 ** floor(log10(rough))
    return next(factor * size for factor in STEPS if factor * size >= rough * (1 - 1e-9))
