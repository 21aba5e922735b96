"""The outbox as people search it: by state, age, attempts and cause, newest first, by keyset pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.mirror import Customer
from assist.models.outbox import DeliveryAttempt, OutboxEntry

PAGE = 50


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    state: str | None = None
    until: datetime | None = None
    """Written at or before."""
    attempts: int = 0
    """At least as many."""
    cause: str | None = None
    """The kind of failure, as `Unavailable`."""
    before: int | None = None
    """The id to page on from."""


def search(session: Session, wanted: OutboxFilter) -> Sequence[tuple[OutboxEntry, str, Connection]]:
    """With the customer's name and the connection; one more than a page where there is a next one."""
    query = (
        select(OutboxEntry, Customer.name, Connection)
        .join(Customer, Customer.id == OutboxEntry.customer_id)
        .join(Connection, Connection.id == OutboxEntry.connection_id)
        .where(OutboxEntry.attempts >= wanted.attempts)
    )
    if wanted.state:
        query = query.where(OutboxEntry.state == wanted.state)
    if wanted.until:
        query = query.where(OutboxEntry.created_at <= wanted.until)
    if wanted.cause:
        query = query.where(OutboxEntry.cause.startswith(wanted.cause, autoescape=True))
    if wanted.before:
        query = query.where(OutboxEntry.id < wanted.before)
    return session.execute(query.order_by(OutboxEntry.id.desc()).limit(PAGE + 1)).all()


def list_causes(session: Session) -> list[str]:
    """The kinds of failure of what waits or is dead, sorted."""
    causes = select(OutboxEntry.cause).where(
        OutboxEntry.cause.is_not(None), OutboxEntry.state.in_(("waiting", "dead"))
    )
    return sorted({cause.partition(":")[0] for cause in session.scalars(causes.distinct()) if cause})


def find_oldest_waiting(session: Session) -> datetime | None:
    return session.scalar(select(func.min(OutboxEntry.created_at)).where(OutboxEntry.state == "waiting"))


def count_dead(session: Session) -> Sequence[Row[str, bool, str | None, int, datetime]]:
    """By connection and cause: its name, whether it is in shadow mode, the cause, how many, since when."""
    dead = select(
        Connection.name,
        Connection.shadow,
        OutboxEntry.cause,
        func.count(),
        func.min(OutboxEntry.created_at),
    ).join(Connection, Connection.id == OutboxEntry.connection_id)
    grouped = dead.where(OutboxEntry.state == "dead").group_by(
        Connection.name, Connection.shadow, OutboxEntry.cause
    )
    return session.execute(grouped.order_by(func.count().desc())).all()


def list_attempts(session: Session, entry_id: int, *, limit: int = 100) -> Sequence[DeliveryAttempt]:
    """Latest first."""
    mine = select(DeliveryAttempt).where(DeliveryAttempt.entry_id == entry_id)
    return session.scalars(mine.order_by(DeliveryAttempt.id.desc()).limit(limit)).all()
