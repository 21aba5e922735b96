"""What goes wrong between a CRM and us: at calls chosen beforehand, or by chance for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random
from threading import Lock


class Trouble(StrEnum):
    EXPIRED = "401: the token is no longer good"
    LIMITED = "429 with seconds to wait"
    LIMITED_UNTIL = "429 with a date to wait for"
    LIMITED_MUTE = "429 that does not say for how long"
    REFUSED = "400 that repeats what was sent"
    BROKEN = "500 before anything is done"
    BROKEN_AFTER = "500 after all was done"
    AWAY = "503 with seconds to wait, nothing done"
    LOST = "the line is cut before anything is done"
    LOST_AFTER = "the line is cut after all was done"
    HUNG_AFTER = "no answer comes, after all was done"
    TRUNCATED = "the answer breaks off"
    GARBLED = "half an answer that says it is whole"
    REPEATED = "the answer to the same path before, since the strike was planned"


BEFORE = frozenset(
    {
        Trouble.EXPIRED,
        Trouble.LIMITED,
        Trouble.LIMITED_UNTIL,
        Trouble.LIMITED_MUTE,
        Trouble.REFUSED,
        Trouble.BROKEN,
        Trouble.AWAY,
        Trouble.LOST,
    }
)
"""Nothing is done at the CRM; with the others all is."""
SHORT = frozenset({Trouble.TRUNCATED, Trouble.GARBLED})


@dataclass(slots=True)
class Strike:
    trouble: Trouble
    writes: bool | None = None
    """Only calls that write, or only calls that read; None: all."""
    nth: int = 1
    """The first such call from now on that is struck, counting from 1."""
    times: int | None = 1
    """How many in a row; None: all from then on."""
    seen: int = 0


@dataclass(slots=True)
class Storm:
    """Befalls every call until it is over, that for a token too, of which nothing is ever done: it would be lost."""

    weights: Mapping[Trouble | None, float]
    """How likely each trouble is beside the others; None: the call is spared."""
    writes: bool | None = None
    """See `Strike.writes`."""
    until: datetime | None = None
    """By the fake's clock; None: until it is calmed."""
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - guards nothing

    def draw(self, *, writes: bool, free: bool, now: datetime) -> Trouble | None:
        if self.writes not in {None, writes} or (self.until and now >= self.until):
            return None
        (trouble,) = self.chance.choices([*self.weights], [*self.weights.values()])
        return None if free and trouble not in BEFORE else trouble


@dataclass(slots=True)
class Troubles:
    plan: list[Strike] = field(default_factory=list)
    storm: Storm | None = None
    _lock: Lock = field(default_factory=Lock)

    def add(self, strike: Strike) -> None:
        with self._lock:
            self.plan.append(strike)

    def clear(self) -> None:
        with self._lock:
            self.plan.clear()
            self.storm = None

    def next(self, *, writes: bool, free: bool, now: datetime) -> Trouble | None:
        """What befalls this call: the first of the plan that does, or else the storm. A `free` one is in no plan."""
        with self._lock:
            plan = [] if free else [strike for strike in self.plan if _counts(strike, writes=writes)]
            due = [strike.trouble for strike in plan if _is_due(strike)]
            if due or self.storm is None:
                return due[0] if due else None
            return self.storm.draw(writes=writes, free=free, now=now)


def _counts(strike: Strike, *, writes: bool) -> bool:
    if strike.writes not in {None, writes}:
        return False
    strike.seen += 1
    return True


def _is_due(strike: Strike) -> bool:
    return strike.seen >= strike.nth and (strike.times is None or strike.seen < strike.nth + strike.times)
