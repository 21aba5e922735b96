"""A small shop as it would be after some syncs and some work: one connection, two customers of one e-mail."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from assist.models.connection import Connection, RejectedRecord, SyncState
from assist.models.decision import Decision, Outcome, Suggestion
from assist.models.mirror import Customer, CustomerKey, Order, OrderLine, Product
from assist.models.outbox import OutboxEntry
from assist.services.desk import Desk

NAMES = {"C1": "Ana <Ruiz>", "C2": "Bruno Díaz"}


def open_shop(desk: Desk) -> Connection:
    now = desk.clock.now()
    with desk.database.writing() as session:
        shop = Connection(name="shop", adapter="sample", settings={}, created_at=now)
        session.add(shop)
        session.flush()
        for kind, rejected in (("customers", 0), ("orders", 2)):
            state = SyncState(connection_id=shop.id, kind=kind, rows=1234, rejected=rejected)
            state.finished_at = now - timedelta(minutes=5)
            session.add(state)
        session.add_all(
            RejectedRecord(
                connection_id=shop.id,
                kind="orders",
                source="orders.csv",
                line=line,
                reason=f"quantity <b>{line}x</b> is not a number",
            )
            for line in (7, 8)
        )
        for ref, name in NAMES.items():
            customer = Customer(
                connection_id=shop.id, ref=ref, digest="", name=name, refreshed_at=now, country="MX"
            )
            session.add(customer)
            session.flush()
            for email in (f"{ref}@example.com".lower(), "family@example.com"):
                session.add(CustomerKey(customer_id=customer.id, kind="email", value=email))
    return shop


def sell(desk: Desk, shop: Connection, *, days_ago: int, name: str) -> None:
    """A purchase of the first customer's."""
    with desk.database.writing() as session:
        customer_id = session.scalars(select(Customer.id).order_by(Customer.id)).first()
        order = Order(
            connection_id=shop.id,
            ref=f"O{days_ago}",
            digest="",
            customer_ref="C1",
            customer_id=customer_id,
            number=str(4000 + days_ago),
            placed_at=desk.clock.now() - timedelta(days=days_ago),
            status="won",
        )
        session.add(order)
        session.flush()
        line = OrderLine(order_id=order.id, position=0, name=name, quantity=Decimal(1), currency="MXN")
        line.unit_price = Decimal(499)
        session.add(line)


def write_back(
    desk: Desk, shop: Connection, number: int, *, state: str, at: datetime, cause: str = ""
) -> None:
    """An entry of the outbox about the first customer, with all that stands behind one."""
    with desk.database.writing() as session:
        customer_id = session.scalars(select(Customer.id).order_by(Customer.id)).first()
        assert customer_id
        product = Product(connection_id=shop.id, ref=f"P{number}", digest="", sku=f"S{number}", name="Case")
        session.add(product)
        session.add(
            Decision(id=f"d{number}", customer_id=customer_id, agent_id=1, context="c", decided_at=at)
        )
        session.flush()
        suggestion = Suggestion(
            id=f"s{number}",
            decision_id=f"d{number}",
            customer_id=customer_id,
            position=1,
            product_id=product.id,
            kind="cross_sell",
            score=1.0,
            expected_value=1.0,
            shown={},
        )
        session.add(suggestion)
        session.flush()
        outcome = Outcome(
            id=f"o{number}", suggestion_id=f"s{number}", agent_id=1, act="offered", at=at, undo_until=at
        )
        session.add(outcome)
        session.flush()
        entry = OutboxEntry(
            key=f"k{number}",
            connection_id=shop.id,
            customer_ref="C1",
            customer_id=customer_id,
            outcome_id=f"o{number}",
            payload={"act": "offered", "product_name": f"Case {number}"},
            state=state,
            created_at=at,
            due_at=at,
            attempts=number,
            cause=cause or None,
        )
        session.add(entry)
