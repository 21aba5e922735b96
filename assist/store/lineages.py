"""Questions about what became of offers: one row per outcome, and which offers ended in a purchase."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from assist.models.decision import Decision, Outcome, Suggestion
from assist.models.mirror import Customer, Order, OrderLine, Product
from assist.store.training import SOLD

AT_ONCE = 5_000


class OutcomeRow(NamedTuple):
    """A standing outcome with the offer it is about."""

    suggestion_id: str
    sku: str
    kind: str
    """As a candidate's: `popular` too."""
    persona: str | None
    act: str
    reason: str | None
    at: datetime


def stream_outcomes(session: Session) -> Iterator[OutcomeRow]:
    """Undone ones left out; those of one suggestion together, the oldest first."""
    popular = Suggestion.shown["popular"].as_boolean()
    rows = (
        select(
            Outcome.suggestion_id,
            Product.sku,
            Suggestion.kind,
            popular,
            Decision.persona,
            Outcome.act,
            Outcome.reason,
            Outcome.at,
        )
        .select_from(Outcome)
        .join(Suggestion, Suggestion.id == Outcome.suggestion_id)
        .join(Decision, Decision.id == Suggestion.decision_id)
        .join(Product, Product.id == Suggestion.product_id)
        .where(Outcome.undone_at.is_(None))
        .order_by(Outcome.suggestion_id, Outcome.at, Outcome.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for suggestion, sku, kind, is_popular, persona, act, reason, at in session.execute(rows):
        yield OutcomeRow(suggestion, sku, "popular" if is_popular else kind, persona, act, reason, at)


def list_bought(session: Session, within: timedelta) -> set[str]:
    """Ids of suggestions whose product the same person ordered so soon after an outcome."""
    offered, bought, buyer = aliased(Product), aliased(Product), aliased(Customer)
    same = or_(buyer.id == Customer.id, buyer.person_id == Customer.person_id)
    rows = (
        select(Outcome.suggestion_id, Outcome.at, Order.placed_at)
        .select_from(Outcome)
        .join(Suggestion, Suggestion.id == Outcome.suggestion_id)
        .join(offered, offered.id == Suggestion.product_id)
        .join(Customer, Customer.id == Suggestion.customer_id)
        .join(buyer, same)
        .join(Order, Order.customer_id == buyer.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(bought, bought.id == OrderLine.product_id)
        .where(Outcome.undone_at.is_(None), bought.sku == offered.sku, OrderLine.quantity > 0)
        .where(Order.placed_at >= Outcome.at, Order.deleted.is_(False), Order.status.in_(SOLD))
        .execution_options(yield_per=AT_ONCE)
    )
    return {suggestion for suggestion, at, placed in session.execute(rows) if placed - at <= within}
