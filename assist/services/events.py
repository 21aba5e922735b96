"""What an agent saw: recorded once per suggestion, from the first day, so that rates have a denominator."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.decision import Decision, Event, Suggestion
from assist.services.desk import Desk

KINDS = ("shown", "viewed")


def record_seen(desk: Desk, suggestion_ids: Sequence[str], *, kind: str, agent_id: int) -> None:
    """Repeats, unknown suggestions and other agents' are left out."""
    with desk.database.writing() as session:
        new = _own(session, suggestion_ids, agent_id) - _recorded(session, suggestion_ids, kind)
        now = desk.clock.now()
        session.add_all(
            Event(suggestion_id=found, kind=kind, agent_id=agent_id, at=now) for found in sorted(new)
        )


def _own(session: Session, suggestion_ids: Sequence[str], agent_id: int) -> set[str]:
    """Locked, in one order: on PostgreSQL a second request would find nothing recorded and record it again."""
    mine = select(Suggestion.id).join(Decision, Decision.id == Suggestion.decision_id)
    own = mine.where(Suggestion.id.in_(suggestion_ids), Decision.agent_id == agent_id).order_by(Suggestion.id)
    return set(session.scalars(own.with_for_update(of=Suggestion)))


def _recorded(session: Session, suggestion_ids: Sequence[str], kind: str) -> set[str]:
    rows = select(Event.suggestion_id).where(Event.suggestion_id.in_(suggestion_ids), Event.kind == kind)
    return set(session.scalars(rows))
