"""Questions by one id: whatever is stored under it, or hangs on what is."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from assist.db import Base
from assist.models.account import AuditEntry, UserAccount
from assist.models.decision import Decision, Outcome, Suggestion
from assist.models.outbox import DeliveryAttempt, OutboxEntry

MOST = 100
"""Of each kind: an id that leads to more is no one's click."""

Record = TypeVar("Record", bound=Base)


def find_outcomes(session: Session, ids: Collection[str]) -> Sequence[Outcome]:
    """Theirs, of these requests, or of these suggestions or decisions."""
    of_decision = select(Suggestion.id).where(Suggestion.decision_id.in_(ids))
    wanted = or_(
        Outcome.id.in_(ids),
        Outcome.request_id.in_(ids),
        Outcome.suggestion_id.in_(ids),
        Outcome.suggestion_id.in_(of_decision),
    )
    return _first(session, Outcome, wanted)


def find_entries(
    session: Session, ids: Collection[str], outcome_ids: Collection[str]
) -> Sequence[OutboxEntry]:
    wanted = or_(
        OutboxEntry.key.in_(ids),
        OutboxEntry.request_id.in_(ids),
        OutboxEntry.outcome_id.in_([*ids, *outcome_ids]),
    )
    return _first(session, OutboxEntry, wanted)


def find_decisions(
    session: Session, ids: Collection[str], outcome_ids: Collection[str]
) -> Sequence[Decision]:
    """Theirs, of these requests, or what these outcomes are about."""
    behind = (
        select(Suggestion.decision_id)
        .join(Outcome, Outcome.suggestion_id == Suggestion.id)
        .where(Outcome.id.in_(outcome_ids))
    )
    wanted = or_(Decision.id.in_(ids), Decision.request_id.in_(ids), Decision.id.in_(behind))
    return _first(session, Decision, wanted)


def find_attempts(session: Session, entry_ids: Collection[int]) -> Sequence[DeliveryAttempt]:
    return _first(session, DeliveryAttempt, DeliveryAttempt.entry_id.in_(entry_ids))


def find_audits(
    session: Session, ids: Collection[str], subjects: Collection[str]
) -> Sequence[tuple[AuditEntry, str | None]]:
    """With the name of who did it."""
    rows = select(AuditEntry, UserAccount.name).outerjoin(UserAccount, UserAccount.id == AuditEntry.actor_id)
    named = or_(AuditEntry.request_id.in_(ids), AuditEntry.subject.in_(subjects))
    found = session.execute(rows.where(named).order_by(AuditEntry.id).limit(MOST))
    return [(entry, name) for entry, name in found]


def find_products(session: Session, suggestion_ids: Collection[str]) -> dict[str, Any]:
    """What each suggestion showed."""
    rows = select(Suggestion.id, Suggestion.shown).where(Suggestion.id.in_(suggestion_ids))
    return dict(session.execute(rows).all())


def _first(session: Session, kind: type[Record], wanted: ColumnElement[bool]) -> Sequence[Record]:
    return session.scalars(select(kind).where(wanted).limit(MOST)).all()
