"""The ICP held against the past, on a shop whose answer is known."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from assist.services import releases
from assist.services.backtest import PastIcp, backtest_icp
from assist.services.connect import UnknownConnection
from assist.services.desk import Desk
from assist.services.sync import sync
from crm_adapters.model import Order, OrderLine, OrderStatus
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.crms import THEN, World, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import put_in_force

NAME = {"en": "Fit", "es": "Ajuste", "pt-BR": "Ajuste"}
BY_ORDERS = {
    "name": NAME,
    "dimensions": [
        {
            "key": "orders",
            "name": NAME,
            "most": 100,
            "criteria": [
                {"if": {"fact": "order.count", "at_least": 1}, "points": 40},
                {"if": {"fact": "order.count", "at_least": 2}, "points": 60},
            ],
        }
    ],
    "disqualifiers": [{"fact": "crm.level", "is": "staff"}],
    "tiers": {"A": 0.9, "B": 0.6, "C": 0.3},
    "minimum_coverage": 0.5,
}
DAYS = 20
"""Held out: from the ninth day after the first orders on."""


@pytest.fixture
def shop(desk: Desk) -> World:
    """Twelve who had ordered twice, nine of whom did again; twelve who had once, three of whom did."""
    shop = connect(desk)
    shop.put(product("P1"))
    for number in range(24):
        ref = f"C{number}"
        shop.put(customer(ref), order(f"{ref}-1", ref, "P1"))
        if number < 12:
            shop.put(order(f"{ref}-2", ref, "P1", days=2))
        if number < 9 or number >= 21:
            shop.put(order(f"{ref}-3", ref, "P1", days=15))
    release = Release.of({**shipped().document, "icp.yaml": BY_ORDERS})
    put_in_force(desk, release)
    desk.releases.look_again()
    return shop


def run(desk: Desk) -> PastIcp:
    for name in ("shop", "helpdesk"):
        with suppress(UnknownConnection):
            sync(desk, name)
    return backtest_icp(desk, days=DAYS)


def tiers(found: PastIcp) -> dict[str, tuple[int, int]]:
    return {one.label: (one.customers, one.buyers) for one in found.result.tiers if one.customers}


@on_both_databases
def test_who_was_rated_how_and_who_bought(desk: Desk, shop: World, clock: HandClock) -> None:
    found = run(desk)
    assert tiers(found) == {"A": (12, 9), "C": (12, 3)}
    assert found.result.auc is not None
    assert found.result.auc.value == 0.75, "108 of 144 pairs, ties counted half"
    assert not found.result.inversions
    assert (found.rated_at, found.until) == (clock.now() - timedelta(days=DAYS), clock.now())
    assert found.release == desk.releases.current().digest


def test_whoever_came_only_later_is_left_out(desk: Desk, shop: World) -> None:
    shop.put(customer("NEW"), order("NEW-1", "NEW", "P1", days=15))
    shop.put(customer("KNOWN", created_at=THEN), order("KNOWN-1", "KNOWN", "P1", days=15))
    found = run(desk)
    assert found.left_out == 1
    assert tiers(found)["D"] == (1, 1), "on record then, though without an order"


@pytest.mark.parametrize(
    "later",
    [
        order("L1", "C20", "P1", days=15, status=OrderStatus.CANCELLED),
        order("L1", "C20", "P1", days=15, status=OrderStatus.REFUNDED),
        order("L1", "C20", days=15, lines=(OrderLine("L", "P1", "Product P1", Decimal(-1)),)),
        order("L1", "C20", "P1", days=60),
    ],
    ids=["cancelled", "refunded", "returned", "after today"],
)
def test_what_is_no_purchase_makes_no_buyer(desk: Desk, shop: World, later: Order) -> None:
    shop.put(later)
    assert tiers(run(desk)) == {"A": (12, 9), "C": (12, 3)}


def test_a_person_of_two_connections_is_counted_once(desk: Desk, shop: World) -> None:
    shop.put(customer("C20", email="ana@x.com"))
    helpdesk = connect(desk, "helpdesk")
    helpdesk.put(product("P1"), customer("H1", email="ana@x.com"), order("H1-1", "H1", "P1", days=15))
    assert tiers(run(desk)) == {"A": (12, 9), "C": (12, 4)}


def test_what_is_known_as_of_today_only_is_named(desk: Desk, shop: World) -> None:
    assert run(desk).not_rewound == ("crm.level",)


def test_a_release_that_is_not_in_force_can_be_tried(desk: Desk, shop: World) -> None:
    run(desk)
    found = backtest_icp(desk, days=DAYS, release=releases.SHIPPED)
    assert found.release == shipped().digest
    assert "crm.level" not in found.not_rewound
    assert tiers(found) != {"A": (12, 9), "C": (12, 3)}
