"""Questions about what was given away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from assist.models.decision import Concession, Outcome
from crm_adapters.model import Act

HELD = timedelta(minutes=30)
"""So long a concession waits for its suggestion to be offered; then it is free again."""


def sum_by_agent(
    session: Session, agent_id: int, *, currency: str, since: datetime, now: datetime
) -> Decimal:
    return _sum(session, Concession.agent_id == agent_id, currency=currency, since=since, now=now)


def sum_to_customers(
    session: Session, customer_ids: Sequence[int], *, currency: str, since: datetime, now: datetime
) -> Decimal:
    mine = Concession.customer_id.in_(customer_ids)
    return _sum(session, mine, currency=currency, since=since, now=now)


def find_standing(session: Session, suggestion_id: str) -> Concession | None:
    """The one on a suggestion; there is one at most."""
    mine = select(Concession).where(
        Concession.suggestion_id == suggestion_id, Concession.taken_back_at.is_(None)
    )
    return session.scalars(mine.order_by(Concession.at.desc())).first()


def _sum(
    session: Session, whose: ColumnElement[bool], *, currency: str, since: datetime, now: datetime
) -> Decimal:
    offered = exists().where(
        Outcome.suggestion_id == Concession.suggestion_id,
        Outcome.act.in_((Act.OFFERED.value, Act.ACCEPTED.value)),
        Outcome.undone_at.is_(None),
    )
    standing = select(func.sum(Concession.amount)).where(
        whose,
        Concession.currency == currency,
        Concession.at > since,
        Concession.taken_back_at.is_(None),
        or_(offered, Concession.at > now - HELD),
    )
    return Decimal(session.scalar(standing) or 0)
