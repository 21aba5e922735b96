"""Learned pairs: what was proposed, and what a person decided about it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from assist.models.catalogue import LearnedPair
from assist.models.mirror import Product

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
EXPIRED: Final = "expired"
STATES = (PROPOSED, APPROVED, REJECTED, EXPIRED)


class Named(NamedTuple):
    row: LearnedPair
    anchor: str
    product: str
    """Names; "" where no product has the SKU any more."""


def list_pairs(session: Session, state: str | None = None) -> list[Named]:
    """The surest first."""
    first, other = _names("first"), _names("other")
    rows = (
        select(LearnedPair, func.coalesce(first.c.name, ""), func.coalesce(other.c.name, ""))
        .outerjoin(first, first.c.sku == LearnedPair.anchor)
        .outerjoin(other, other.c.sku == LearnedPair.sku)
        .order_by((LearnedPair.low * LearnedPair.every / LearnedPair.also).desc(), LearnedPair.id)
    )
    if state is not None:
        rows = rows.where(LearnedPair.state == state)
    return [Named(*row) for row in session.execute(rows)]


def list_approved(session: Session) -> Sequence[tuple[str, str]]:
    """SKUs: what leads, and what it leads to."""
    rows = select(LearnedPair.anchor, LearnedPair.sku).where(LearnedPair.state == APPROVED)
    return session.execute(rows.order_by(LearnedPair.anchor, LearnedPair.sku)).all()


def _names(alias: str) -> Subquery:
    return (
        select(Product.sku, func.min(Product.name).label("name"))
        .where(Product.sku.in_(select(LearnedPair.anchor).union(select(LearnedPair.sku))))
        .group_by(Product.sku)
        .subquery(alias)
    )
