"""What somebody has switched off for everybody, as every process has it within a second."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assist.db import Database
from assist.store import switches as store

log = structlog.get_logger(__name__)


class Switch(StrEnum):
    WRITES = "writes"
    """To CRMs: outcomes are stored, and wait."""
    SUGGESTIONS = "suggestions"
    """Nothing is offered; cards are shown."""
    EVERYTHING = "everything"
    """No sidebar, no API, no call to a CRM; the console stays."""


STOP_WRITES = (Switch.WRITES, Switch.EVERYTHING)


@dataclass(frozen=True, slots=True)
class Thrown:
    switch: Switch
    reason: str
    by: str | None
    """The name of who switched it off; None at the command line."""
    at: datetime


class SwitchBoard:
    """Looks once a second at most. While the database does not answer, all stays as it was."""

    def __init__(
        self, database: Database, *, seconds: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._monotonic = monotonic
        self._looked_at: float | None = None
        self._thrown: Mapping[Switch, Thrown] = {}
        self._lock = threading.Lock()

    def current(self) -> Mapping[Switch, Thrown]:
        """Those that are off."""
        with self._lock:
            now = self._monotonic()
            if self._looked_at is None or now - self._looked_at >= self._seconds:
                self._looked_at = now
                self._look()
            return self._thrown

    def find(self, switch: Switch) -> Thrown | None:
        """What stops it: itself, or everything being off."""
        thrown = self.current()
        return thrown.get(Switch.EVERYTHING) or thrown.get(switch)

    def look_again(self) -> None:
        """At the next question, without waiting for the second to pass."""
        with self._lock:
            self._looked_at = None

    def _look(self) -> None:
        try:
            with self._database.reading() as session:
                self._thrown = list_thrown(session)
        except SQLAlchemyError as error:
            log.warning("switches_not_read", cause=type(error).__name__)


def list_thrown(session: Session) -> dict[Switch, Thrown]:
    rows = ((Switch(row.name), row, by) for row, by in store.list_thrown(session))
    return {switch: Thrown(switch, row.reason, by, row.thrown_at) for switch, row, by in rows}
