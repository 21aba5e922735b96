"""Questions about webhooks: whose key it is, which events are news, what is to be looked into now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.webhook import Hint, Webhook
from assist.store.records import LONGEST_REF, clean
from crm_adapters.model import ChangeHint, Kind


@dataclass(frozen=True, slots=True)
class Claim:
    """All hints at one record, or at one kind, that somebody looks into together."""

    connection_id: int
    kind: Kind
    ref: str
    """Empty for a kind."""
    last: int
    """The newest hint of them: what comes after it is looked into anew."""
    attempts: int
    received_at: datetime
    """The oldest."""


def find_connection(session: Session, digest: str) -> Connection | None:
    """The one that is switched on and has a key with this digest; a removed one is not."""
    rows = select(Connection).join(Webhook, Webhook.connection_id == Connection.id)
    return session.scalar(rows.where(Webhook.digest == digest, Connection.enabled))


def lock(session: Session, connection_id: int) -> Webhook:
    """Two deliveries of one event come one after the other."""
    return session.scalars(
        select(Webhook).where(Webhook.connection_id == connection_id).with_for_update()
    ).one()


def add_hints(
    session: Session, connection_id: int, hints: Iterable[ChangeHint], *, at: datetime, due_at: datetime
) -> int:
    """How many were news."""
    rows = {row.event: row for row in (_row(connection_id, hint, at, due_at) for hint in hints)}
    known = select(Hint.event).where(Hint.connection_id == connection_id, Hint.event.in_(rows))
    news = rows.keys() - set(session.scalars(known))
    session.add_all(row for event, row in rows.items() if event in news)
    return len(news)


def forget_read(session: Session, connection_id: int, *, before: datetime) -> None:
    session.execute(delete(Hint).where(Hint.connection_id == connection_id, Hint.read_at < before))


def claim(session: Session, now: datetime, *, lease: timedelta) -> Claim | None:
    """What has waited longest, with all else that is said of the same record; nobody else gets it meanwhile."""
    first = session.scalar(_due(now).limit(1).with_for_update(of=Hint, skip_locked=True))
    if first is None:
        return None
    of = _of(first.connection_id, first.kind, first.ref)
    figures = select(func.max(Hint.id), func.max(Hint.attempts), func.min(Hint.received_at)).where(*of)
    last, attempts, received_at = session.execute(figures).one()
    taken = {"claimed_until": now + lease, "attempts": attempts + 1}
    session.execute(update(Hint).where(*of, Hint.id <= last).values(taken))
    ref = first.ref if first.kind == Kind.CUSTOMERS else ""
    return Claim(first.connection_id, Kind(first.kind), ref, last, attempts + 1, received_at)


def settle(session: Session, done: Claim, now: datetime) -> None:
    _set(session, done, read_at=now, claimed_until=None)


def put_off(session: Session, undone: Claim, until: datetime) -> None:
    _set(session, undone, due_at=until, claimed_until=None)


def count_waiting(session: Session) -> dict[int, int]:
    """By connection."""
    waiting = select(Hint.connection_id, func.count()).where(Hint.read_at.is_(None))
    return dict(session.execute(waiting.group_by(Hint.connection_id)).all())


def _row(connection_id: int, hint: ChangeHint, at: datetime, due_at: datetime) -> Hint:
    """A ref that no record of ours can have tells no more than its kind."""
    ref = hint.ref if len(hint.ref) <= LONGEST_REF and hint.ref == clean(hint.ref) else ""
    return Hint(
        connection_id=connection_id,
        event=_event(hint),
        kind=hint.kind.value,
        ref=ref,
        received_at=at,
        due_at=due_at,
        attempts=0,
    )


def _event(hint: ChangeHint) -> str:
    """An event without an id is news each time."""
    told = f"{hint.kind}\n{hint.ref}\n{hint.id}" if hint.id else uuid4().hex
    return sha256(told.encode("utf-8", "replace")).hexdigest()


def _due(now: datetime) -> Select[Hint]:
    free = or_(Hint.claimed_until.is_(None), Hint.claimed_until <= now)
    answers = or_(Webhook.paused_until.is_(None), Webhook.paused_until <= now)
    due = select(Hint).where(Hint.read_at.is_(None), Hint.due_at <= now, free)
    asked = due.join(Webhook, Webhook.connection_id == Hint.connection_id)
    asked = asked.join(Connection, Connection.id == Hint.connection_id)
    return asked.where(answers, Connection.enabled).order_by(Hint.due_at, Hint.id)


def _of(connection_id: int, kind: str, ref: str) -> tuple[ColumnElement[bool], ...]:
    """What waits of one customer; of the other kinds all that waits, for they are read by one listing."""
    same = (Hint.connection_id == connection_id, Hint.kind == kind, Hint.read_at.is_(None))
    return (*same, Hint.ref == ref) if kind == Kind.CUSTOMERS else same


def _set(session: Session, claimed: Claim, **values: datetime | None) -> None:
    of = _of(claimed.connection_id, claimed.kind, claimed.ref)
    session.execute(update(Hint).where(*of, Hint.id <= claimed.last).values(values))
