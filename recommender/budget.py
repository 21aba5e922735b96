"""Time that work may take, by a clock that is handed in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Self, TypeVar

Clock = Callable[[], float]
"""Seconds since any moment."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Budget:
    """What was begun is finished: one piece of work may overrun it."""

    seconds: float = inf
    begun: float = 0.0
    clock: Clock = monotonic

    @classmethod
    def of(cls, given: timedelta | float | None, *, clock: Clock = monotonic) -> Self:
        """Seconds from now on; None: without end."""
        seconds = given.total_seconds() if isinstance(given, timedelta) else given
        return cls(inf if seconds is None else seconds, clock(), clock)

    def share(self, part: float) -> Self:
        """Of the time that is left; none of what was overrun."""
        now = self.clock()
        left = max(self.begun + self.seconds - now, 0.0)
        return type(self)(part * left, now, self.clock)

    def afford(self, pieces: Iterable[T]) -> Iterator[T]:
        """As many, in their order, as there is time for: each is expected to take as long as the longest before
        it, the first no time at all. A piece takes as long as the caller works on it."""
        longest = 0.0
        for piece in pieces:
            begun = self.clock()
            if begun + longest >= self.begun + self.seconds:
                return
            yield piece
            longest = max(longest, self.clock() - begun)
