"""Questions about customers: who carries a key, what they bought, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from assist.db import fetch
from assist.models.connection import Connection, SyncState
from assist.models.mirror import Customer, CustomerKey, Order, OrderLine, Product, ServiceCase

LONGEST_HISTORY = 2_000
"""Order lines read for one customer, newest first: wholesale customers have tens of thousands."""


class PurchaseRow(NamedTuple):
    """One order line with its order and, where it is known, its product."""

    order_id: int
    number: str
    placed_at: datetime
    status: str
    promised_at: datetime | None
    delivered_at: datetime | None
    name: str
    quantity: Decimal
    unit_price: Decimal | None
    currency: str | None
    product_id: int | None
    sku: str | None
    category: str | None
    family: str | None
    tier: int | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    subject: str
    complaint: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A connection this customer is known to."""

    connection_id: int
    connection: str
    adapter: str
    writes: bool
    shadow: bool
    notes_first: bool
    synced_at: datetime | None
    """When its slowest kind was; None where one never was."""
    error: str | None


# An agent waits for these, and building a statement takes several times as long as running it.
_CUSTOMER = select(Customer).where(Customer.id == bindparam("id"), Customer.deleted.is_(False))
_HOLDERS = (
    select(Customer)
    .join(CustomerKey, CustomerKey.customer_id == Customer.id)
    .where(
        CustomerKey.kind == bindparam("kind"),
        CustomerKey.value == bindparam("value"),
        Customer.deleted.is_(False),
    )
    .order_by(Customer.id)
    .limit(bindparam("limit"))
)
PURCHASE = (
    Order.id,
    Order.number,
    Order.placed_at,
    Order.status,
    Order.promised_at,
    Order.delivered_at,
    OrderLine.name,
    OrderLine.quantity,
    OrderLine.unit_price,
    OrderLine.currency,
    Product.id,
    Product.sku,
    Product.category,
    Product.family,
    Product.tier,
)
"""The columns of a PurchaseRow."""
_PURCHASES = (
    select(*PURCHASE)
    .join(OrderLine, OrderLine.order_id == Order.id)
    .outerjoin(Product, Product.id == OrderLine.product_id)
    .where(Order.customer_id.in_(bindparam("customers", expanding=True)), Order.deleted.is_(False))
    .order_by(Order.placed_at.desc(), Order.id.desc(), OrderLine.position)
    .limit(LONGEST_HISTORY)
)
_OPEN_CASES = (
    select(ServiceCase.subject, ServiceCase.complaint, ServiceCase.opened_at)
    .where(
        ServiceCase.customer_id.in_(bindparam("customers", expanding=True)),
        ServiceCase.open,
        ServiceCase.deleted.is_(False),
    )
    .order_by(ServiceCase.opened_at)
)

_FINISHED = func.count(SyncState.finished_at) == func.count(SyncState.kind)
_SOURCES = (
    select(
        Connection.id,
        Connection.name,
        Connection.adapter,
        Connection.writes,
        Connection.shadow,
        Connection.notes_first,
        case((_FINISHED, func.min(SyncState.finished_at))),
        func.max(SyncState.error),
    )
    .join(Customer, Customer.connection_id == Connection.id)
    .outerjoin(SyncState, SyncState.connection_id == Connection.id)
    .where(Customer.id.in_(bindparam("customers", expanding=True)))
    .group_by(Connection.id)
    .order_by(Connection.id)
)


def find_customers(session: Session, kind: str, value: str, *, limit: int = 6) -> list[Customer]:
    """`value` normalised as it was stored: lower case, or the phone's match key."""
    return list(session.scalars(_HOLDERS, {"kind": kind, "value": value, "limit": limit}))


def find_customers_by_ref(session: Session, ref: str, *, limit: int = 6) -> list[Customer]:
    anywhere = Customer.connection_id.in_(select(Connection.id))  # leads the index over (connection, ref)
    rows = select(Customer).where(anywhere, Customer.ref == ref, Customer.deleted.is_(False))
    return list(session.scalars(rows.order_by(Customer.id).limit(limit)))


def find_customer(session: Session, customer_id: int) -> Customer | None:
    return session.scalar(_CUSTOMER, {"id": customer_id})


def list_purchases(session: Session, customer_ids: Sequence[int]) -> list[PurchaseRow]:
    """Newest order first."""
    return [PurchaseRow._make(row) for row in fetch(session, _PURCHASES, {"customers": customer_ids})]


def list_open_cases(session: Session, customer_ids: Sequence[int]) -> list[CaseRow]:
    return [CaseRow(*row) for row in fetch(session, _OPEN_CASES, {"customers": customer_ids})]


def list_wishes(session: Session, customer_ids: Sequence[int]) -> Sequence[bool | None]:
    """What each said about being offered things; None where nobody asked."""
    return session.scalars(select(Customer.offers).where(Customer.id.in_(customer_ids))).all()


def list_sources(session: Session, customer_ids: Sequence[int]) -> list[SourceRow]:
    return [SourceRow(*row) for row in fetch(session, _SOURCES, {"customers": customer_ids})]


def find_last_orders(session: Session, customer_ids: Sequence[int]) -> dict[int, datetime]:
    last = select(Order.customer_id, func.max(Order.placed_at)).where(
        Order.customer_id.in_(customer_ids), Order.deleted.is_(False)
    )
    rows = session.execute(last.group_by(Order.customer_id))
    return {customer_id: at for customer_id, at in rows if customer_id is not None}


def list_connection_names(session: Session, customer_ids: Sequence[int]) -> dict[int, str]:
    rows = select(Customer.id, Connection.name).join(Connection, Connection.id == Customer.connection_id)
    return dict(session.execute(rows.where(Customer.id.in_(customer_ids))).all())
