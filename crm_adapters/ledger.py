"""What was asked of a CRM lately, counted together by all processes of a machine, and how many ask right now."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Protocol, TypeVar

from crm_adapters.lockfile import lock, try_lock

Result = TypeVar("Result")


@dataclass(slots=True)
class Reading:
    """A quota as the CRM last told it."""

    limit: float
    remaining: float
    until: float
    """Epoch seconds; afterwards it says nothing any more."""


@dataclass(slots=True)
class Page:
    spent: dict[int, list[float]] = field(default_factory=dict)
    """Per slot of time, what each purpose has spent."""
    closed_until: float = 0.0
    """Epoch seconds."""
    readings: dict[str, Reading] = field(default_factory=dict)


class Ledger(Protocol):
    def change(self, step: Callable[[Page], Result]) -> Result:
        """One step at a time, whoever takes it; what it does to the page is kept."""
        ...

    def take_place(self, count: int) -> Callable[[], None] | None:
        """One of the first `count` places, and how to give it back; None where all are taken."""
        ...


class MemoryLedger:
    """Between the threads of one process."""

    def __init__(self) -> None:
        self._page = Page()
        self._lock = Lock()
        self._taken: set[int] = set()

    def change(self, step: Callable[[Page], Result]) -> Result:
        with self._lock:
            return step(self._page)

    def take_place(self, count: int) -> Callable[[], None] | None:
        with self._lock:
            free = next((number for number in range(count) if number not in self._taken), None)
            if free is None:
                return None
            self._taken.add(free)
        return lambda: self._taken.discard(free)


class FileLedger:
    """Between the processes of one machine, and over their restarts. A file that cannot be read is begun anew:
    the CRM's own answers soon tell again what was lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def change(self, step: Callable[[Page], Result]) -> Result:
        with _opened(self._path) as stream:
            lock(stream)
            page = _read(stream)
            result = step(page)
            stream.seek(0)
            stream.write(json.dumps(asdict(page)).encode())
            stream.truncate()
        return result

    def take_place(self, count: int) -> Callable[[], None] | None:
        """The system gives the place back for whoever dies in it."""
        for number in range(count):
            with ExitStack() as stack:
                stream = stack.enter_context(_opened(self._path.with_suffix(f".{number}")))
                if try_lock(stream):
                    return stack.pop_all().close
        return None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
        yield stream


def _read(stream: BinaryIO) -> Page:
    try:
        stored = json.loads(stream.read())
        return Page(
            spent={int(slot): [float(part) for part in parts] for slot, parts in stored["spent"].items()},
            closed_until=float(stored["closed_until"]),
            readings={name: Reading(**reading) for name, reading in stored["readings"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return Page()
