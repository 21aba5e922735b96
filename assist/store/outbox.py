"""Questions to the outbox: what is due, who has it in hand, what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from assist.models.mirror import Customer
from assist.models.outbox import OutboxEntry

WAITING, DELIVERED, DEAD, CANCELLED = "waiting", "delivered", "dead", "cancelled"
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


def claim(session: Session, now: datetime, *, lease: float) -> OutboxEntry | None:
    """Take the oldest entry that is due; nobody else gets it for `lease` seconds.

    An entry waits for earlier ones of its customer, so that the CRM reads them in order.
    """
    entry = session.scalar(_due(now).limit(1).with_for_update(skip_locked=True))
    if entry is not None:
        entry.claimed_until = now + timedelta(seconds=lease)
        entry.attempts += 1
    return entry


def cancel(session: Session, outcome_id: str) -> bool:
    """Take back the writes of an outcome; False, and nothing changed, where a deliverer was faster."""
    mine = select(OutboxEntry).where(OutboxEntry.outcome_id == outcome_id, OutboxEntry.state != CANCELLED)
    entries = session.scalars(mine.with_for_update()).all()
    if any(entry.state != WAITING or entry.attempts for entry in entries):
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


def list_states(session: Session, customer_ids: Sequence[int]) -> list[StateRow]:
    """What stands for some customers, one row per state there is."""
    return [StateRow._make(row) for row in session.execute(_STATES, {"customers": customer_ids})]


def list_entries(
    session: Session, *, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[tuple[OutboxEntry, str]]:
    """Newest first, each with its customer's name; `before` is the id to page on from."""
    rows = select(OutboxEntry, Customer.name).join(Customer, Customer.id == OutboxEntry.customer_id)
    if state:
        rows = rows.where(OutboxEntry.state == state)
    if before:
        rows = rows.where(OutboxEntry.id < before)
    found = session.execute(rows.order_by(OutboxEntry.id.desc()).limit(limit))
    return list(found)


def replay(session: Session, now: datetime, *, entry_id: int | None = None) -> int:
    """Make one dead letter, or all, due again under the same key. How many there were."""
    dead = select(OutboxEntry.id).where(OutboxEntry.state == DEAD)
    if entry_id is not None:
        dead = dead.where(OutboxEntry.id == entry_id)
    ids = list(session.scalars(dead))
    again = {"state": WAITING, "attempts": 0, "due_at": now, "claimed_until": None}
    session.execute(update(OutboxEntry).where(OutboxEntry.id.in_(ids)).values(again))
    return len(ids)
