"""What is known about a customer, and what closes the gate, over all connections of the person."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from assist.services.card import make_card
from assist.services.desk import Desk
from assist.services.facts import Dossier, find_gate, know, open_dossier
from assist.services.sync import sync
from assist.services.views import Card, Gate
from assist.store.customers import find_customer
from crm_adapters.errors import Unavailable
from crm_adapters.model import Consent, Money, OrderLine, OrderStatus
from crm_adapters.testing import Fault
from personas.facts import FactSet
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import find_id


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", email="ana@x.com"), product("P1"), product("P2"))
    return shop


def read(desk: Desk, ref: str = "C1") -> Dossier:
    sync(desk, "shop")
    return reread(desk, ref)


def reread(desk: Desk, ref: str = "C1") -> Dossier:
    with desk.database.reading() as session:
        found = find_customer(session, find_id(desk, ref))
        assert found is not None
        return open_dossier(session, found, desk.clock.now())


def facts(desk: Desk) -> FactSet:
    return know(desk, read(desk))


def card(desk: Desk, ref: str = "C1") -> Card:
    dossier = reread(desk, ref)
    with desk.database.reading() as session:
        return make_card(desk, session, dossier, matched_on="ref", language="en")


@on_both_databases
def test_an_open_complaint_closes_the_gate_until_it_is_closed(desk: Desk, shop: World) -> None:
    shop.put(complaint("K1", "C1"))
    gate = find_gate(read(desk))
    assert gate == Gate("open_complaint", "The screen is broken", 28)
    shop.put(complaint("K1", "C1", is_open=False))
    assert find_gate(read(desk)) is None


def test_a_question_is_no_complaint(desk: Desk, shop: World) -> None:
    shop.put(replace(complaint("K1", "C1"), complaint=False))
    assert find_gate(read(desk)) is None


def test_a_late_order_closes_the_gate_until_it_is_delivered(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    late = order("O1", "C1", "P1", status=OrderStatus.OPEN, number="4411")
    shop.put(replace(late, promised_at=clock.now() - timedelta(hours=23)))
    assert find_gate(read(desk)) is None, "not a whole day yet"
    clock.pass_time(hours=49)
    assert find_gate(reread(desk)) == Gate("late_order", "4411", 3)
    shop.put(replace(late, promised_at=clock.now() - timedelta(days=3), delivered_at=clock.now()))
    assert find_gate(read(desk)) is None


def test_trouble_with_a_deleted_order_is_no_trouble(desk: Desk, shop: World, clock: HandClock) -> None:
    promised = clock.now() - timedelta(days=9)
    shop.put(order("O1", "C1", "P1", status=OrderStatus.OPEN, promised_at=promised))
    assert find_gate(read(desk))
    shop.put(order("O1", "C1", "P1", status=OrderStatus.CANCELLED, promised_at=promised))
    assert find_gate(read(desk)) is None


def test_what_was_paid_in_two_currencies_has_no_sum(desk: Desk, shop: World) -> None:
    shop.put(order("O1", "C1", "P1"))
    assert Decimal(str(facts(desk)["order.value_12m"])) == 10
    dollars = OrderLine("L", "P2", "Product P2", Decimal(1), Money(Decimal("9.00"), "USD"))
    shop.put(order("O2", "C1", lines=(dollars,), days=1))
    known = facts(desk)
    assert "order.value_12m" not in known
    assert known["order.count"] == 2


@on_both_databases
def test_an_objection_in_one_connection_counts_in_all(desk: Desk, shop: World) -> None:
    helpdesk = connect(desk, "helpdesk")
    helpdesk.put(customer("H1", email="ana@x.com", consents=(Consent("offers", granted=False),)))
    shop.put(customer("C1", email="ana@x.com", consents=(Consent("offers", granted=True),)))
    assert read(desk).offers is True
    sync(desk, "helpdesk")
    assert reread(desk).offers is False


def test_purchases_and_complaints_of_all_connections_are_one_persons(desk: Desk, shop: World) -> None:
    shop.put(order("O1", "C1", "P1", days=1))
    helpdesk = connect(desk, "helpdesk")
    helpdesk.put(customer("H1", email="ana@x.com"), order("O1", "H1", "P1", days=2), complaint("K1", "H1"))
    sync(desk, "helpdesk")
    dossier = read(desk)
    assert [row.placed_at.day for row in dossier.purchases] == [3, 2], "newest first"
    assert find_gate(dossier)


def test_the_card_is_as_old_as_the_oldest_crm_behind_it(desk: Desk, shop: World, clock: HandClock) -> None:
    connect(desk, "helpdesk").put(customer("H1", email="ana@x.com"))
    sync(desk, "helpdesk")
    long_ago = clock.now()
    clock.pass_time(minutes=30)
    sync(desk, "shop")
    freshness = card(desk).freshness
    assert freshness is not None
    assert (freshness.synced_at, freshness.crm_down) == (long_ago, False)


def test_a_sync_that_finds_nothing_new_makes_the_card_fresh(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    sync(desk, "shop")
    clock.pass_time(minutes=30)
    sync(desk, "shop")
    freshness = card(desk).freshness
    assert freshness is not None
    assert freshness.synced_at == clock.now()


def test_a_crm_that_is_away_leaves_the_card_as_old_as_it_is(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    sync(desk, "shop")
    synced = clock.now()
    clock.pass_time(minutes=30)
    shop.faults.plan = (Fault("changes", Unavailable("away"), times=None),)
    with pytest.raises(Unavailable):
        sync(desk, "shop")
    freshness = card(desk).freshness
    assert freshness is not None
    assert (freshness.synced_at, freshness.crm_down) == (synced, True)


def test_the_history_says_what_became_of_each_line(desk: Desk, shop: World, clock: HandClock) -> None:
    back = OrderLine("L", "P1", "Product P1", Decimal(-1), Money(Decimal("10.00"), "EUR"))
    late = order(
        "O3", "C1", "P1", days=3, status=OrderStatus.OPEN, promised_at=clock.now() - timedelta(days=2)
    )
    shop.put(order("O1", "C1", "P1", days=1), order("O2", "C1", days=2, lines=(back,)), late)
    sync(desk, "shop")
    shown = card(desk).history
    assert [(line.status, int(line.quantity)) for line in shown] == [("late", 1), ("returned", 1), ("won", 1)]
