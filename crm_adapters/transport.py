"""What the application lends an adapter for talking to its CRM: the purpose, the rules, and what is shared."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol
from uuid import uuid4

from crm_adapters.ledger import Ledger, MemoryLedger
from crm_adapters.network import Network
from crm_adapters.tokens import MemoryTokenStore, TokenStore


class Purpose(StrEnum):
    """Why a CRM is asked; the first goes first where not everybody can be served."""

    INTERACTIVE = "interactive"
    """An agent waits."""
    WRITE_BACK = "write_back"
    BACKGROUND = "background"


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware."""
        ...


class Sleep(Protocol):
    def __call__(self, seconds: float, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Timing:
    clock: Clock
    sleep: Sleep


SYSTEM = Timing(lambda: datetime.now(UTC), time.sleep)


@dataclass(frozen=True, slots=True)
class Limits:
    connect: float = 5.0
    """Seconds."""
    read: float = 20.0
    """Seconds without a byte."""
    whole: float = 60.0
    """Seconds for one answer in all."""
    attempts: int = 4
    pause: float = 0.5
    """Seconds before the second attempt; doubled before each further one."""
    longest_pause: float = 30.0
    """Seconds; asked to wait longer, by the CRM or by our own budget, we give the call back instead."""
    bytes: int = 32 << 20
    redirects: int = 3


PATIENCE: Mapping[Purpose, Limits] = {
    Purpose.INTERACTIVE: Limits(connect=2, read=5, whole=10, attempts=2, pause=0.2, longest_pause=1),
    # The outbox tries again by itself, and takes a delivery that lasts long for dead.
    Purpose.WRITE_BACK: Limits(read=10, whole=15, attempts=2, longest_pause=2),
    Purpose.BACKGROUND: Limits(),
}


def _count_alone() -> Callable[[str], Ledger]:
    ledgers: dict[str, Ledger] = {}
    return lambda name: ledgers.setdefault(name, MemoryLedger())


def _go_ahead() -> None:
    """Nobody minds."""


@dataclass(frozen=True, slots=True)
class Transport:
    """For one connection and one piece of work. As it is without arguments it shares nothing with other
    processes and reaches public hosts only."""

    purpose: Purpose = Purpose.BACKGROUND
    correlation_id: str = field(default_factory=lambda: uuid4().hex)
    """Leads from a call in the CRM's log to what an agent did; each call adds its own number."""
    network: Network = field(default_factory=Network)
    tokens: TokenStore = field(default_factory=MemoryTokenStore, repr=False)
    ledgers: Callable[[str], Ledger] = field(default_factory=_count_alone, repr=False)
    """Where the calls under a pace's name are counted."""
    timing: Timing = SYSTEM
    patience: Mapping[Purpose, Limits] = field(default_factory=lambda: PATIENCE)
    before_write: Callable[[], None] = _go_ahead
    """Called before each attempt at a write that has its effect once more when it is repeated; raises where it may
    not be made any more, as by whoever took so long to read that somebody else has it in hand."""

    @property
    def limits(self) -> Limits:
        return self.patience[self.purpose]
