"""Removing a connection: its secrets, its copy of the CRM, and what it was still to be told."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.outbox import OutboxEntry
from assist.services import figures
from assist.services.audit import COMMAND_LINE, Actor, record
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.lease import hold
from assist.store import outbox
from assist.store import removal as store

CAUSE = "The connection was removed."
UNDELIVERED = (outbox.WAITING, outbox.DEAD)


class StillWaiting(Exception):  # noqa: N818 - named for what it says
    """The CRM was not told everything yet; the message says what can be done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would go with a connection."""

    connection: str
    adapter: str
    mirror: Mapping[str, int]
    """Records by kind."""
    waiting: int
    """Writes the CRM was not told yet, dead letters among them."""
    kept: int
    """Writes kept in shadow mode."""
    objections: int
    """People who want no offers, and whom no other connection knows."""


def plan(desk: Desk, name: str) -> Plan:
    """Raises UnknownConnection."""
    with desk.database.reading() as session:
        return _plan(session, get_connection(session, name))


def remove(desk: Desk, name: str, *, force: bool = False, actor: Actor = COMMAND_LINE) -> Plan:
    """What went. Decisions and outcomes stay, and with them products, and customers whom nothing names any more.
    Killed on the way, it is finished by the next removal.

    Raises UnknownConnection, SyncRunning, and StillWaiting while writes wait, unless they may be given up.
    """
    _purge(desk)
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    with hold(desk, connection.id, whole=False), desk.database.writing() as session:
        gone = _take_away(desk, session, connection.id, force=force, actor=actor)
    _delete_ledgers(desk, connection.id)
    _purge(desk)
    figures.compute(desk.database, desk.clock.now())
    return gone


def _plan(session: Session, connection: Connection) -> Plan:
    counts = outbox.count_by_connection(session).get(connection.id, {})
    return Plan(
        connection=connection.name,
        adapter=connection.adapter,
        mirror=store.count_mirror(session, connection.id),
        waiting=sum(counts.get(state, 0) for state in UNDELIVERED),
        kept=counts.get(outbox.SHADOW, 0),
        objections=store.count_objections(session, connection.id),
    )


def _take_away(desk: Desk, session: Session, connection_id: int, *, force: bool, actor: Actor) -> Plan:
    now = desk.clock.now()
    connection = session.get_one(Connection, connection_id, with_for_update=True, populate_existing=True)
    gone = _plan(session, connection)
    if gone.waiting and not force:
        raise StillWaiting(
            f"{gone.waiting:,} outcomes wait to be written to {connection.name}, or are dead letters. Have them "
            "delivered, or give them up with --force."
        )
    undelivered = update(OutboxEntry).where(
        OutboxEntry.connection_id == connection_id, OutboxEntry.state.in_((*UNDELIVERED, outbox.SHADOW))
    )
    session.execute(undelivered.values(state=outbox.CANCELLED, cause=CAUSE, claimed_until=None))
    store.hide(session, connection_id)
    counted = {"waiting": gone.waiting, "kept": gone.kept, **gone.mirror}
    event = actor.entry("connection.removed", f"connection:{connection_id}")
    record(session, event, at=now, name=gone.connection, adapter=gone.adapter, forced=force, **counted)
    connection.name = f"{connection.name[:50]} (removed {connection_id})"
    connection.settings, connection.sealed, connection.removed_at = {}, None, now
    connection.former_sealed = connection.former_until = connection.hosts = None
    connection.enabled = connection.writes = connection.shadow = connection.notes_first = False
    return gone


def _purge(desk: Desk) -> None:
    with desk.database.reading() as session:
        unfinished = store.find_unfinished(session)
    for connection_id in unfinished:
        more = True
        while more:
            with desk.database.writing() as session:
                more = store.purge_part(session, connection_id)


def _delete_ledgers(desk: Desk, connection_id: int) -> None:
    """Of this machine. One that is held now is made again by whoever holds it, and means nothing."""
    for file in (desk.config.data_dir / "calls").glob(f"{connection_id}-*"):
        with suppress(OSError):
            file.unlink()
