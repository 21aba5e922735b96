"""All customers in one run: the same facts as of each alone, now and looking back."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from assist.models.mirror import Customer, Order, OrderLine, Product, ServiceCase
from assist.services import figures
from assist.services.desk import Desk
from assist.services.facts import derive, open_dossier
from assist.services.figures import FiguresShelf
from assist.services.population import Known, all_facts, past_facts
from assist.services.sync import sync
from assist.store import histories
from assist.store.customers import LONGEST_HISTORY
from crm_adapters.model import OrderStatus
from personas.facts import FactSet
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.services.crowds import make_crowd


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """People are in two chunks, and the last chunk is not full."""
    monkeypatch.setattr(histories, "CHUNK", 13)


def one_by_one(desk: Desk, session: Session, now: datetime) -> dict[int, FactSet]:
    """With figures computed for that moment."""
    measured = FiguresShelf(desk.database).current()
    customers = session.scalars(select(Customer).where(Customer.deleted.is_(False)))
    return {one.id: derive(open_dossier(session, one, now), measured) for one in customers}


def by_customer(population: Iterator[Known]) -> dict[int, FactSet]:
    found = list(population)
    assert len({one.dossier.customer.id for one in found}) == len(found)
    return {one.dossier.customer.id: one.facts for one in found}


@on_both_databases
@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_is_known_as_one_alone_is(desk: Desk, seed: int) -> None:
    make_crowd(desk, seed)
    now = desk.clock.now()
    figures.compute(desk.database, now)
    with desk.database.reading() as session:
        alone = one_by_one(desk, session, now)
        together = by_customer(all_facts(desk, session, now))
    assert together == alone
    assert len(together) > 70
    assert {"rfm.r", "rfm.m", "consent.offers", "case.open_complaint", "crm.level"} <= set().union(
        *together.values()
    )


@on_both_databases
@pytest.mark.parametrize("seed", [3, 4])
def test_looking_back_is_as_if_what_came_later_had_not_happened(desk: Desk, seed: int) -> None:
    make_crowd(desk, seed, closed_cases=False)
    then = desk.clock.now() - timedelta(days=200)
    figures.compute(desk.database, desk.clock.now())
    with desk.database.reading() as session:
        looking_back = by_customer(past_facts(desk, session, then))
    _forget(desk, after=then)
    figures.compute(desk.database, then)
    with desk.database.reading() as session:
        at_the_time = one_by_one(desk, session, then)
    assert looking_back == at_the_time
    assert any("rfm.m" in known for known in looking_back.values())


def _forget(desk: Desk, *, after: datetime) -> None:
    with desk.database.writing() as session:
        late = select(Order.id).where(Order.placed_at > after)
        session.execute(delete(OrderLine).where(OrderLine.order_id.in_(late)))
        session.execute(delete(Order).where(Order.placed_at > after))
        session.execute(update(Order).where(Order.delivered_at > after).values(delivered_at=None))
        session.execute(delete(ServiceCase).where(ServiceCase.opened_at > after))


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", email="ana@x.com"), product("P1"), complaint("K1", "C1", is_open=False))
    sync(desk, "shop")
    return shop


def facts_of(desk: Desk, then: datetime | None = None) -> Mapping[str, object]:
    now = desk.clock.now()
    with desk.database.reading() as session:
        found = past_facts(desk, session, then) if then else all_facts(desk, session, now)
        return next(found).facts


def test_whether_a_closed_case_was_open_then_is_unknown(desk: Desk, shop: World, clock: HandClock) -> None:
    """It was opened on the first of February."""
    assert facts_of(desk)["case.open_complaint"] is False
    assert facts_of(desk)["case.open_count"] == 0
    week_ago, before = clock.now() - timedelta(days=7), clock.now() - timedelta(days=60)
    assert not {"case.open_complaint", "case.open_count"} & set(facts_of(desk, week_ago))
    assert facts_of(desk, before)["case.open_count"] == 0


def test_an_open_complaint_is_no_news_before_it_was_made(desk: Desk, shop: World, clock: HandClock) -> None:
    shop.put(complaint("K2", "C1"))
    sync(desk, "shop")
    assert facts_of(desk, clock.now() - timedelta(days=7))["case.open_complaint"] is True
    assert facts_of(desk, clock.now() - timedelta(days=60))["case.open_complaint"] is False


def test_a_delivery_that_was_to_come_is_not_known(desk: Desk, shop: World, clock: HandClock) -> None:
    shop.put(
        order(
            "O1",
            "C1",
            "P1",
            status=OrderStatus.OPEN,
            promised_at=clock.now() - timedelta(days=10),
            delivered_at=clock.now() - timedelta(days=2),
        )
    )
    sync(desk, "shop")
    assert facts_of(desk)["order.has_open"] is False
    assert facts_of(desk, clock.now() - timedelta(days=7))["order.late_days"] == 3


def test_a_person_is_counted_once(desk: Desk, shop: World) -> None:
    connect(desk, "helpdesk").put(customer("H1", email="ana@x.com"), customer("H2", email="eva@x.com"))
    sync(desk, "helpdesk")
    with desk.database.reading() as session:
        found = list(all_facts(desk, session, desk.clock.now()))
    assert [(one.dossier.customer.ref, one.is_first) for one in found] == [
        ("C1", True),
        ("H1", False),
        ("H2", True),
    ]
    assert found[0].person == found[1].person != found[2].person


def test_of_a_long_history_the_newest_part_is_read(desk: Desk, shop: World) -> None:
    shop.put(customer("C2"))
    sync(desk, "shop")
    connect(desk, "helpdesk").put(customer("H1", email="ana@x.com"))
    sync(desk, "helpdesk")
    with desk.database.writing() as session:
        _sell(desk, session, lines=LONGEST_HISTORY + 100)
    with desk.database.reading() as session:
        alone = one_by_one(desk, session, desk.clock.now())
        assert by_customer(all_facts(desk, session, desk.clock.now())) == alone
        assert {known["order.count"] for known in alone.values()} == {LONGEST_HISTORY}


def _sell(desk: Desk, session: Session, *, lines: int) -> None:
    """To each customer, one line an order, some on the same day."""
    product_id = session.scalars(select(Product.id)).one()
    orders, sold = [], []
    for one in session.scalars(select(Customer)):
        for number in range(lines):
            key = one.id * 10 * lines + number
            at = desk.clock.now() - timedelta(hours=number // 2 * 2)
            orders.append(
                {
                    "id": key, "connection_id": one.connection_id, "ref": str(key), "digest": "", "number": "",
                    "customer_ref": one.ref, "customer_id": one.id, "placed_at": at, "status": "won",
                    "raw_status": "", "seen_run": 0, "deleted": False,
                }
            )  # fmt: skip
            sold.append(
                {
                    "order_id": key, "position": 0, "product_id": product_id, "name": "", "currency": "EUR",
                    "quantity": Decimal(1), "unit_price": Decimal(number),
                }
            )  # fmt: skip
    session.execute(insert(Order), orders)
    session.execute(insert(OrderLine), sold)
