"""The release in force, as every process has it within seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from assist.clock import Clock
from assist.db import Database
from assist.models.release import StoredRelease
from assist.store.releases import find_in_force
from personas.catalogue import Catalogue
from personas.content import InvalidContent
from personas.release import Release, shipped

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    digest: str
    catalogue: Catalogue


class ReleaseShelf:
    """Looks for another one every few seconds. What cannot be read, as after a step back to an older version of the
    program, is passed over: the one before it stays in force."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._seconds = seconds
        self._monotonic = monotonic
        self._looked_at: float | None = None
        self._shipped = self._current = InForce(shipped().digest, shipped().catalogue)
        self._lock = threading.Lock()

    def current(self) -> InForce:
        with self._lock:
            now = self._monotonic()
            if self._looked_at is None or now - self._looked_at >= self._seconds:
                self._looked_at = now
                self._current = self._look()
            return self._current

    def look_again(self) -> None:
        """At the next question, without waiting for the seconds to pass."""
        with self._lock:
            self._looked_at = None

    def _look(self) -> InForce:
        with self._database.reading() as session:
            step = find_in_force(session, self._clock.now())
            if step is None or step.digest is None:
                return self._shipped
            if step.digest == self._current.digest:
                return self._current
            row = session.get_one(StoredRelease, step.digest)
        try:
            found = Release.of(row.document)
        except InvalidContent as error:
            log.error("release_refused", release=row.digest, cause=str(error))  # noqa: TRY400 - the cause is the whole story
            return self._current
        return InForce(found.digest, found.catalogue)
