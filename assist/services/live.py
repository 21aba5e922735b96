"""Questions to a CRM while an agent waits: in threads of their own, and not to one that keeps failing."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Answer = TypeVar("Answer")

FAILURES_TO_OPEN = 3
SECONDS_OPEN = 30.0


class Breaker:
    """Spares a CRM that failed several times in a row: nobody waits for it again for a while. What is asked is a
    connection's id, or a part of what it can do."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures: dict[Hashable, int] = {}
        self._open_until: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def allows(self, asked: Hashable) -> bool:
        with self._lock:
            return self._monotonic() >= self._open_until.get(asked, float("-inf"))

    def note(self, asked: Hashable, *, failed: bool) -> None:
        with self._lock:
            failures = self._failures.get(asked, 0) + 1 if failed else 0
            self._failures[asked] = failures
            if failures >= FAILURES_TO_OPEN:
                self._open_until[asked] = self._monotonic() + SECONDS_OPEN


class LiveCRM:
    """Asks CRMs in threads of its own, so that a slow one costs a request no more than the deadline."""

    def __init__(self, breaker: Breaker | None = None, *, threads: int = 8) -> None:
        self.breaker = breaker or Breaker()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="live-crm")

    def start(self, question: Callable[[], Answer]) -> Future[Answer]:
        return self._pool.submit(copy_context().run, question)
