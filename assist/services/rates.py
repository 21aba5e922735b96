"""How often something was asked of this process in the current minute: a bound for what anybody may ask."""

from datetime import datetime
from threading import Lock

MOST_SUBJECTS = 10_000


class Rates:
    """`limit` for each subject and minute; of very many subjects, the later ones get none."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._minute = 0
        self._counts: dict[str, int] = {}
        self._lock = Lock()

    def allows(self, subject: str, at: datetime) -> bool:
        """And counts it."""
        minute = int(at.timestamp() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            if len(self._counts) >= MOST_SUBJECTS and subject not in self._counts:
                return False
            self._counts[subject] = self._counts.get(subject, 0) + 1
            return self._counts[subject] <= self._limit
