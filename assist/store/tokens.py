"""Questions about connections' tokens: what they are, and who may get another one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from assist.models.connection import ConnectionToken


@dataclass(frozen=True, slots=True)
class Lease:
    holder: str
    until: datetime


def find_sealed(session: Session, connection_id: int) -> bytes | None:
    return session.scalar(
        select(ConnectionToken.sealed).where(ConnectionToken.connection_id == connection_id)
    )


def keep(session: Session, connection_id: int, sealed: bytes) -> None:
    mine = update(ConnectionToken).where(ConnectionToken.connection_id == connection_id)
    session.execute(mine.values(sealed=sealed))


def drop(session: Session, connection_id: int) -> None:
    mine = update(ConnectionToken).where(ConnectionToken.connection_id == connection_id)
    session.execute(mine.values(sealed=None))


def take(session: Session, connection_id: int, lease: Lease, *, now: datetime) -> bool:
    """False while somebody else holds it."""
    free = or_(ConnectionToken.holder.is_(None), ConnectionToken.held_until < now)
    taken = (
        update(ConnectionToken)
        .where(ConnectionToken.connection_id == connection_id, free)
        .values(holder=lease.holder, held_until=lease.until)
        .returning(ConnectionToken.connection_id)
    )
    return session.scalar(taken) is not None


def release(session: Session, connection_id: int, holder: str) -> None:
    mine = update(ConnectionToken).where(
        ConnectionToken.connection_id == connection_id, ConnectionToken.holder == holder
    )
    session.execute(mine.values(holder=None, held_until=None))
