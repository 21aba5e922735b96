"""What the recommender is trained on, and the versions it left."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assist.models.account import AuditEntry, UserAccount
from assist.models.mirror import Customer, Order, OrderLine, Product
from assist.models.training import ModelVersion
from assist.store.families import approved_families

SOLD = ("won", "open", "unknown")
"""Statuses that count as bought: a cancelled or refunded order says nothing about taste."""

PROMOTIONS = ("model.promoted", "model.rolled_back")
"""What the audit calls it when a version is made to serve."""


class SoldLine(NamedTuple):
    customer: str
    """One per person, over all connections."""
    order: str
    at: datetime
    sku: str
    quantity: Decimal
    unit_price: Decimal | None


class SoldProduct(NamedTuple):
    sku: str
    name: str
    family: str | None
    category: str | None
    tier: int | None
    prices: dict[str, str]
    active: bool


def stream_sold_lines(session: Session) -> Iterator[SoldLine]:
    """Every line of every order that was not called off, returns included with their negative quantity."""
    rows = (
        select(
            func.coalesce(-Customer.person_id, Customer.id),
            Order.id,
            Order.placed_at,
            Product.sku,
            OrderLine.quantity,
            OrderLine.unit_price,
        )
        .select_from(Customer)
        .join(Order, Order.customer_id == Customer.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(Order.status.in_(SOLD), Order.deleted.is_(False), Customer.deleted.is_(False))
        .execution_options(yield_per=20_000)
    )
    for customer, order, at, sku, quantity, price in session.execute(rows):
        yield SoldLine(str(customer), str(order), at, sku, quantity, price)


def list_products(session: Session) -> list[SoldProduct]:
    """With the CRM's family, else the one that somebody approved."""
    approved = approved_families()
    rows = select(
        Product.sku,
        Product.name,
        func.coalesce(Product.family, approved.c.name),
        Product.category,
        Product.tier,
        Product.prices,
        Product.active & Product.deleted.is_(False),
    ).outerjoin(approved, approved.c.sku == Product.sku)
    return [SoldProduct(*row) for row in session.execute(rows.order_by(Product.id))]


def find_serving_versions(session: Session) -> list[str]:
    """Promoted versions, the latest first: that one serves, the others stand by."""
    promoted = select(ModelVersion.version).where(ModelVersion.promoted_at.is_not(None))
    return list(session.scalars(promoted.order_by(ModelVersion.promoted_at.desc()).limit(5)))


def list_versions(session: Session) -> list[ModelVersion]:
    return list(session.scalars(select(ModelVersion).order_by(ModelVersion.trained_at.desc())))


def list_promotions(session: Session, version: str) -> list[tuple[AuditEntry, str | None]]:
    """Each time the version was made to serve, the latest first, with the name of who was signed in."""
    rows = (
        select(AuditEntry, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == AuditEntry.actor_id)
        .where(AuditEntry.subject == f"model:{version}", AuditEntry.event.in_(PROMOTIONS))
        .order_by(AuditEntry.id.desc())
    )
    return [(entry, name) for entry, name in session.execute(rows)]
