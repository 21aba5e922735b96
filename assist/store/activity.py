"""What became of suggestions in a period, as rows to be counted."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.decision import Decision, Event, Outcome, Suggestion
from assist.models.mirror import Product

AT_ONCE = 1_000


class ShownRow(NamedTuple):
    suggestion_id: str
    at: datetime
    persona: str | None
    kind: str
    product: str
    """Its name."""


class ActRow(NamedTuple):
    suggestion_id: str
    act: str
    reason: str | None
    channel: str | None
    at: datetime


def stream_shown(session: Session, since: datetime) -> Iterator[ShownRow]:
    """Suggestions that were first shown since then."""
    rows = (
        select(Suggestion.id, Event.at, Decision.persona, Suggestion.kind, Product.name)
        .select_from(Event)
        .join(Suggestion, Suggestion.id == Event.suggestion_id)
        .join(Decision, Decision.id == Suggestion.decision_id)
        .join(Product, Product.id == Suggestion.product_id)
        .where(Event.kind == "shown", Event.at >= since)
        .execution_options(yield_per=AT_ONCE)
    )
    return (ShownRow._make(row) for row in session.execute(rows))


def stream_acts(session: Session, since: datetime) -> Iterator[ActRow]:
    """Undone ones left out, the oldest first."""
    rows = (
        select(Outcome.suggestion_id, Outcome.act, Outcome.reason, Outcome.channel, Outcome.at)
        .where(Outcome.undone_at.is_(None), Outcome.at >= since)
        .order_by(Outcome.at, Outcome.id)
        .execution_options(yield_per=AT_ONCE)
    )
    return (ActRow._make(row) for row in session.execute(rows))
