"""Questions to the outbox: what is due, who has it in hand, what came of it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from assist.models.connection import Connection
from assist.models.outbox import OutboxEntry

WAITING, DELIVERED, DEAD, CANCELLED = "waiting", "delivered", "dead", "cancelled"
SHADOW = "shadow"
"""Kept and never due, since its connection was in shadow mode."""
IN_CLAUSE = 5_000  # SQLite takes 32,766 parameters in one statement
STATES = (WAITING, DEAD, DELIVERED, SHADOW, CANCELLED)
NOTE, LINE, FIELD = "note", "line", "field"

_STATES = (
    select(OutboxEntry.state, func.count(), func.max(OutboxEntry.delivered_at))
    .where(OutboxEntry.customer_id.in_(bindparam("customers", expanding=True)))
    .group_by(OutboxEntry.state)
)


class StateRow(NamedTuple):
    state: str
    entries: int
    delivered_at: datetime | None
    """Of the last one."""


def first_state(connection: Connection) -> str:
    """Of an entry for this connection, which is locked until the entry is there: shadow mode that is switched on
    meanwhile would overlook it."""
    return SHADOW if connection.shadow else WAITING


def lock_connection(session: Session, connection_id: int) -> Connection:
    """Against switching its mode, not against other entries."""
    return session.get_one(Connection, connection_id, with_for_update={"read": True, "key_share": True})


def claim(session: Session, now: datetime, *, lease: float) -> OutboxEntry | None:
    """Take the oldest entry that is due; nobody else gets it for `lease` seconds.

    An entry waits for earlier ones of its customer, so that the CRM reads them in order.
    """
    entry = session.scalar(_due(now).limit(1).with_for_update(skip_locked=True))
    if entry is not None:
        entry.claimed_until = now + timedelta(seconds=lease)
        entry.attempts += 1
    return entry


def cancel_outcome(session: Session, outcome_id: str) -> bool:
    """Take back the writes of an outcome; False, and nothing changed, where a deliverer was faster."""
    mine = select(OutboxEntry).where(OutboxEntry.outcome_id == outcome_id, OutboxEntry.state != CANCELLED)
    entries = session.scalars(mine.with_for_update()).all()
    if any(entry.state not in (WAITING, SHADOW) or entry.attempts for entry in entries):
        return False
    for entry in entries:
        entry.state = CANCELLED
    return True


def _due(now: datetime) -> Select[OutboxEntry]:
    earlier = aliased(OutboxEntry)
    blocked = (
        select(earlier.id)
        .where(
            earlier.connection_id == OutboxEntry.connection_id,
            earlier.customer_ref == OutboxEntry.customer_ref,
            earlier.id < OutboxEntry.id,
            earlier.state == WAITING,
        )
        .exists()
    )
    free = or_(OutboxEntry.claimed_until.is_(None), OutboxEntry.claimed_until <= now)
    due = select(OutboxEntry).where(OutboxEntry.state == WAITING, OutboxEntry.due_at <= now, free, ~blocked)
    return due.order_by(OutboxEntry.due_at, OutboxEntry.id)


def count_states(session: Session) -> dict[str, int]:
    counts = select(OutboxEntry.state, func.count()).group_by(OutboxEntry.state)
    return dict(session.execute(counts).all())


def count_by_connection(session: Session) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    counts = select(OutboxEntry.connection_id, OutboxEntry.state, func.count())
    for connection_id, state, entries in session.execute(
        counts.group_by(OutboxEntry.connection_id, OutboxEntry.state)
    ):
        found.setdefault(connection_id, {})[state] = entries
    return found


def list_states(session: Session, customer_ids: Sequence[int]) -> list[StateRow]:
    """What stands for some customers, one row per state there is."""
    return [StateRow._make(row) for row in session.execute(_STATES, {"customers": customer_ids})]


def list_entries(
    session: Session,
    *,
    state: str | None = None,
    connection_id: int | None = None,
    limit: int = 50,
) -> list[OutboxEntry]:
    """Newest first."""
    rows = select(OutboxEntry)
    if state:
        rows = rows.where(OutboxEntry.state == state)
    if connection_id is not None:
        rows = rows.where(OutboxEntry.connection_id == connection_id)
    return list(session.scalars(rows.order_by(OutboxEntry.id.desc()).limit(limit)))


def replay(
    session: Session,
    now: datetime,
    *,
    entry_id: int | None = None,
    connection_id: int | None = None,
    cause: str | None = None,
) -> list[int]:
    """Make dead letters due again under the same keys: one, those of a connection, those of a kind of failure,
    or all. Which they were; a connection in shadow mode has none that could be delivered."""
    silent = select(Connection.id).where(Connection.shadow)
    dead = select(OutboxEntry.id).where(OutboxEntry.state == DEAD, OutboxEntry.connection_id.not_in(silent))
    if entry_id is not None:
        dead = dead.where(OutboxEntry.id == entry_id)
    if connection_id is not None:
        dead = dead.where(OutboxEntry.connection_id == connection_id)
    if cause is not None:
        dead = dead.where(OutboxEntry.cause.startswith(cause, autoescape=True))
    ids = list(session.scalars(dead))
    again = {"state": WAITING, "attempts": 0, "due_at": now, "claimed_until": None}
    for start in range(0, len(ids), IN_CLAUSE):
        part = OutboxEntry.id.in_(ids[start : start + IN_CLAUSE])
        session.execute(update(OutboxEntry).where(part).values(again))
    return ids


def count_in_hand(session: Session, connection_id: int, now: datetime) -> int:
    """Entries that a deliverer is at just now."""
    mine = (OutboxEntry.connection_id == connection_id, OutboxEntry.state == WAITING)
    held = select(func.count()).select_from(OutboxEntry)
    return session.scalar(held.where(*mine, OutboxEntry.claimed_until > now)) or 0


def move(session: Session, connection_id: int, now: datetime, *, of: Collection[str], to: str) -> int:
    """Entries of a connection from some states to another, but for what a deliverer has in hand. How many."""
    free = or_(OutboxEntry.claimed_until.is_(None), OutboxEntry.claimed_until <= now)
    mine = update(OutboxEntry).where(
        OutboxEntry.connection_id == connection_id, OutboxEntry.state.in_(of), free
    )
    again = {"attempts": 0} if to == WAITING else {}
    moved = mine.values(state=to, claimed_until=None, **again).returning(OutboxEntry.id)
    return len(session.scalars(moved.execution_options(synchronize_session=False)).all())
