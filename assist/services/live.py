"""Questions to a CRM while an agent waits: in threads of their own, and not to one that keeps failing."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Answer = TypeVar("Answer")

FAILURES_TO_OPEN = 3
SECONDS_OPEN = 30.0


class Breaker:
    """Spares a CRM that failed several times in a row: nobody waits for it again for a while."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures: dict[int, int] = {}
        self._open_until: dict[int, float] = {}
        self._lock = threading.Lock()

    def allows(self, connection_id: int) -> bool:
        with self._lock:
            return self._monotonic() >= self._open_until.get(connection_id, float("-inf"))

    def note(self, connection_id: int, *, failed: bool) -> None:
        with self._lock:
            failures = self._failures.get(connection_id, 0) + 1 if failed else 0
            self._failures[connection_id] = failures
            if failures >= FAILURES_TO_OPEN:
                self._open_until[connection_id] = self._monotonic() + SECONDS_OPEN


class LiveCRM:
    """Asks CRMs in threads of its own, so that a slow one costs a request no more than the deadline."""

    def __init__(self, breaker: Breaker | None = None, *, threads: int = 8) -> None:
        self.breaker = breaker or Breaker()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="live-crm")

    def start(self, question: Callable[[], Answer]) -> Future[Answer]:
        return self._pool.submit(copy_context().run, question)
