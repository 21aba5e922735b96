"""A small shop of chance, straight in the mirror: two connections, people who are customers in both, and everything
that orders and cases may be."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from assist.models.connection import Connection, SyncState
from assist.models.mirror import Customer, Order, OrderLine, Person, Product, ServiceCase
from assist.services.desk import Desk
from crm_adapters.model import Kind

CUSTOMERS = 50
"""Of each connection."""


def make_crowd(desk: Desk, seed: int, *, closed_cases: bool = True) -> None:
    """Orders up to today; the second connection shows no cases."""
    crowd = Crowd(Random(seed), desk.clock.now())
    with desk.database.writing() as session:
        crowd.fill(session, closed_cases=closed_cases)


class Crowd:
    def __init__(self, random: Random, now: datetime) -> None:
        self.random = random
        self.now = now

    def fill(self, session: Session, *, closed_cases: bool) -> None:
        persons = [Person() for _ in range(10)]
        shops = [Connection(name=name, adapter="tested", settings={}, created_at=self.now) for name in "ab"]
        session.add_all([*persons, *shops])
        session.flush()
        session.add(SyncState(connection_id=shops[0].id, kind=Kind.CASES, finished_at=self.now))
        for shop in shops:
            products = [self.product(shop, number) for number in range(8)]
            customers = [self.customer(shop, number, persons) for number in range(CUSTOMERS)]
            session.add_all([*products, *customers])
            session.flush()
            for customer in customers:
                session.add_all(self.orders(customer, products))
                if shop is shops[0]:
                    session.add_all(self.cases(customer, closed=closed_cases))

    def product(self, shop: Connection, number: int) -> Product:
        return Product(
            connection_id=shop.id, ref=f"P{number}", digest="", sku=f"SKU-{number}", name="A product", prices={},
            category=self.random.choice(["Cases", "Audio", "Cables", None]),
            family=self.random.choice(["Aurora", None]), tier=self.random.choice([1, 2, None]),
        )  # fmt: skip

    def customer(self, shop: Connection, number: int, persons: list[Person]) -> Customer:
        choose = self.random.choice
        return Customer(
            connection_id=shop.id, ref=f"C{number}", digest="", name="Somebody",
            person_id=persons[number].id if number < len(persons) else None,
            deleted=self.random.random() < 0.1, offers=choose([None, True, False]),
            country=choose([None, "ES", "BR"]), language=choose([None, "es"]), company=choose([None, "Ipê"]),
            custom=choose([{}, {"Level": "Gold"}, {"Level": "", "Age": "40"}]),
            created_at=choose([None, self.ago(700)]), refreshed_at=self.now,
        )  # fmt: skip

    def orders(self, customer: Customer, products: list[Product]) -> list[Order]:
        return [self.order(customer, number, products) for number in range(self.random.randint(0, 6))]

    def order(self, customer: Customer, number: int, products: list[Product]) -> Order:
        choose, placed_at = self.random.choice, self.ago(700)
        return Order(
            connection_id=customer.connection_id, ref=f"{customer.ref}-{number}", digest="",
            customer_ref=customer.ref, customer_id=customer.id, placed_at=placed_at,
            status=choose(["won", "won", "won", "open", "cancelled", "refunded", "unknown"]),
            deleted=self.random.random() < 0.05,
            promised_at=choose([None, placed_at + timedelta(days=5)]),
            delivered_at=choose([None, min(placed_at + timedelta(days=30), self.now)]),
            lines=[self.line(place, products) for place in range(self.random.randint(0, 3))],
        )  # fmt: skip

    def line(self, position: int, products: list[Product]) -> OrderLine:
        choose = self.random.choice
        return OrderLine(
            position=position, product_id=choose([*(one.id for one in products), None]), name="A product",
            quantity=Decimal(choose(["1", "1", "2", "0.5", "-1"])),
            unit_price=choose([None, *[Decimal("9.90"), Decimal(100)] * 15]),
            currency=choose(["USD", *["EUR"] * 30]),
        )  # fmt: skip

    def cases(self, customer: Customer, *, closed: bool) -> list[ServiceCase]:
        return [
            ServiceCase(
                connection_id=customer.connection_id, ref=f"{customer.ref}-{number}", digest="",
                customer_ref=customer.ref, customer_id=customer.id, subject="A case",
                complaint=self.random.random() < 0.5, open=not closed or self.random.random() < 0.5,
                opened_at=self.ago(700),
            )
            for number in range(self.random.choice([0, 0, 0, 1, 2]))
        ]  # fmt: skip

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=self.random.randint(0, days), seconds=self.random.randint(0, 86_400))
