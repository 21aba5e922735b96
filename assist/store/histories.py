"""What the mirror holds on all customers, some at a time, so that a shop of any size fits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from assist.models.mirror import Customer, Order, OrderLine, Product, ServiceCase
from assist.store.customers import LONGEST_HISTORY, PURCHASE, CaseRow, PurchaseRow
from assist.store.people import parts
from assist.store.training import SOLD

SPARSE = 4
"""Ids per customer from which customers are asked for one by one, not as a range."""
CHUNK = 1_000
"""Customers read at once."""
PAGE = 5_000
"""Order lines fetched at once: one customer may have more than memory holds."""
_BY_PAGE = {"yield_per": PAGE}
_LINES = (
    select(Order.customer_id, *PURCHASE)
    .join(OrderLine, OrderLine.order_id == Order.id)
    .outerjoin(Product, Product.id == OrderLine.product_id)
    .where(Order.deleted.is_(False))
    .order_by(Order.customer_id.desc(), Order.placed_at.desc(), Order.id.desc(), OrderLine.position)
)
_CASES = (
    select(
        ServiceCase.customer_id,
        ServiceCase.open,
        ServiceCase.subject,
        ServiceCase.complaint,
        ServiceCase.opened_at,
    )
    .where(ServiceCase.deleted.is_(False))
    .order_by(ServiceCase.opened_at)
)


class Sibling(NamedTuple):
    """A customer of some person."""

    id: int
    person_id: int | None
    offers: bool | None


def stream_customers(session: Session, *, every: int = 1) -> Iterator[Sequence[Customer]]:
    """In the order of their ids, CHUNK at a time; only every so manieth id, where a sample is enough."""
    last = 0
    rows = select(Customer).where(Customer.deleted.is_(False)).order_by(Customer.id).limit(CHUNK)
    if every > 1:
        rows = rows.where(Customer.id % every == 0)
    while chunk := session.scalars(rows.where(Customer.id > last)).all():
        yield chunk
        last = chunk[-1].id


def count_customers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Customer).where(Customer.deleted.is_(False))) or 0


def list_siblings(session: Session, customers: Sequence[Customer]) -> Mapping[int, list[Sibling]]:
    """By the person's id, all customers of the persons that these customers are."""
    persons = sorted({one.person_id for one in customers if one.person_id})
    found: dict[int, list[Sibling]] = defaultdict(list)
    for part in parts(persons):
        rows = select(Customer.id, Customer.person_id, Customer.offers)
        mine = rows.where(Customer.person_id.in_(part), Customer.deleted.is_(False)).order_by(Customer.id)
        for row in session.execute(mine):
            found[row.person_id or 0].append(Sibling._make(row))
    return found


def list_histories(
    session: Session, customers: Sequence[Customer], others: Iterable[int], *, placed_by: datetime | None
) -> Mapping[int | None, list[PurchaseRow]]:
    """By customer, as `list_purchases` has them; of these customers, in the order of their ids, and of some others.
    Only what was placed by then, where that is told."""
    found: dict[int | None, list[PurchaseRow]] = defaultdict(list)
    placed = Order.placed_at <= placed_by if placed_by else true()
    for mine in _of(Order.customer_id, customers, others):
        for row in session.connection().execute(_LINES.where(mine, placed), execution_options=_BY_PAGE):
            history = found[row[0]]
            if len(history) < LONGEST_HISTORY:
                history.append(PurchaseRow._make(row[1:]))
    return found


def list_cases(
    session: Session, customers: Sequence[Customer], others: Iterable[int], *, opened_by: datetime | None
) -> Mapping[int | None, list[tuple[bool, CaseRow]]]:
    """By customer, the oldest first, each with whether it is open now: all that are, and, where a moment is told,
    whatever was opened by then."""
    kept = ServiceCase.opened_at <= opened_by if opened_by else ServiceCase.open.is_(True)
    found: dict[int | None, list[tuple[bool, CaseRow]]] = defaultdict(list)
    for mine in _of(ServiceCase.customer_id, customers, others):
        for row in session.connection().execute(_CASES.where(mine, kept)):
            found[row[0]].append((row[1], CaseRow(*row[2:])))
    return found


def list_buyers(session: Session, *, after: datetime, until: datetime) -> set[int]:
    """Persons who placed an order in that time that was not called off, each by one number."""
    rows = (
        select(func.coalesce(-Customer.person_id, Customer.id))
        .join(Order, Order.customer_id == Customer.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.placed_at > after,
            Order.placed_at <= until,
            Order.status.in_(SOLD),
            OrderLine.quantity > 0,
            Order.deleted.is_(False),
            Customer.deleted.is_(False),
        )
        .distinct()
    )
    return set(session.scalars(rows))


def _of(
    customer_id: InstrumentedAttribute[Any], customers: Sequence[Customer], others: Iterable[int]
) -> Iterator[ColumnElement[bool]]:
    mine = {one.id for one in customers}
    if customers[-1].id - customers[0].id < SPARSE * len(customers):
        yield customer_id.between(customers[0].id, customers[-1].id)
        mine = set()
    for part in parts(sorted(mine.union(others))):
        yield customer_id.in_(part)
