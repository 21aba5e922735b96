"""The log of decisions, searched; the latest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from assist.models.decision import Decision, Suggestion
from assist.models.mirror import Customer, Product

PAGE = 50


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    persona: str = ""
    silence: str = ""
    sku: str = ""
    """Of something that was suggested."""
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    """Where the page before ended: when, and its id."""


def search_decisions(
    session: Session, wanted: DecisionFilter
) -> tuple[Sequence[tuple[Decision, str]], tuple[datetime, str] | None]:
    """Each with the customer's name, and where the next page begins."""
    newest = Decision.decided_at.desc(), Decision.id.desc()
    found = session.execute(_select(wanted).order_by(*newest).limit(PAGE + 1)).all()
    rows = [(row[0], row[1]) for row in found[:PAGE]]
    last = rows[-1][0] if len(found) > PAGE else None
    return rows, (last.decided_at, last.id) if last else None


def list_suggested(session: Session, decisions: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    """By decision: SKU, name and kind of what was suggested, in order."""
    rows = (
        select(Suggestion.decision_id, Product.sku, Product.name, Suggestion.kind)
        .join(Product, Product.id == Suggestion.product_id)
        .where(Suggestion.decision_id.in_(decisions))
        .order_by(Suggestion.decision_id, Suggestion.position)
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for decision, sku, name, kind in session.execute(rows):
        found.setdefault(decision, []).append((sku or "", name, kind))
    return found


def _select(wanted: DecisionFilter) -> Select[Decision, str]:
    query = select(Decision, Customer.name).join(Customer, Customer.id == Decision.customer_id)
    if wanted.persona:
        query = query.where(Decision.persona == wanted.persona)
    if wanted.silence:
        query = query.where(Decision.silence == wanted.silence)
    if wanted.sku:
        suggested = exists().where(
            Suggestion.decision_id == Decision.id,
            Product.id == Suggestion.product_id,
            Product.sku == wanted.sku,
        )
        query = query.where(suggested)
    if wanted.since:
        query = query.where(Decision.decided_at >= wanted.since)
    if wanted.until:
        query = query.where(Decision.decided_at < wanted.until)
    if wanted.before:
        at, last = wanted.before
        query = query.where(
            or_(Decision.decided_at < at, and_(Decision.decided_at == at, Decision.id < last))
        )
    return query
