"""What goes wrong between a CRM and us, at calls chosen beforehand."""

from dataclasses import dataclass, field
from enum import StrEnum
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
class Troubles:
    plan: list[Strike] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, strike: Strike) -> None:
        with self._lock:
            self.plan.append(strike)

    def clear(self) -> None:
        with self._lock:
            self.plan.clear()

    def next(self, *, writes: bool) -> Trouble | None:
        """What befalls this call; the first of the plan that does."""
        with self._lock:
            due = [
                strike.trouble for strike in self.plan if _counts(strike, writes=writes) and _is_due(strike)
            ]
        return due[0] if due else None


def _counts(strike: Strike, *, writes: bool) -> bool:
    if strike.writes not in {None, writes}:
        return False
    strike.seen += 1
    return True


def _is_due(strike: Strike) -> bool:
    return strike.seen >= strike.nth and (strike.times is None or strike.seen < strike.nth + strike.times)
