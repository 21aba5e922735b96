"""The right to sync a connection: one process at a time, and nobody's for longer than a dead one may hold it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.services.desk import Desk
from assist.store import mirror

LIFE = timedelta(minutes=2)


class SyncRunning(Exception):  # noqa: N818 - named for what it says
    """Another process syncs this connection; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Lease:
    desk: Desk
    connection_id: int
    token: str
    whole: bool = True

    def renew(self, session: Session) -> None:
        """In each transaction that writes. Raises SyncRunning where another process has taken over."""
        connection = mirror.lock(session, self.connection_id)
        if connection.sync_token != self.token:
            raise SyncRunning(f"Another process went on with the sync of {connection.name}; let it finish.")
        connection.sync_until = self.desk.clock.now() + LIFE


@contextmanager
def hold(desk: Desk, connection_id: int, *, whole: bool = True) -> Iterator[Lease]:
    """`whole`: for a sync of every kind, after which none is due for a while. Raises SyncRunning while another
    process syncs the connection."""
    lease = Lease(desk, connection_id, uuid4().hex, whole)
    with desk.database.writing() as session:
        connection = mirror.lock(session, connection_id)
        _refuse_while_held(connection, desk)
        connection.sync_token, connection.sync_until = lease.token, desk.clock.now() + LIFE
        _note(lease, connection)
    try:
        yield lease
    finally:
        _release(lease)


def _refuse_while_held(connection: Connection, desk: Desk) -> None:
    now = desk.clock.now()
    if connection.sync_until is not None and connection.sync_until > now:
        seconds = (connection.sync_until - now).total_seconds()
        raise SyncRunning(
            f"A sync of {connection.name} is running. Wait for it; if it was killed, try again in {seconds:.0f} s."
        )


def _release(lease: Lease) -> None:
    with lease.desk.database.writing() as session:
        connection = mirror.lock(session, lease.connection_id)
        if connection.sync_token == lease.token:
            connection.sync_token = connection.sync_until = None
            _note(lease, connection)


def _note(lease: Lease, connection: Connection) -> None:
    if lease.whole:
        connection.last_sync_at = lease.desk.clock.now()
