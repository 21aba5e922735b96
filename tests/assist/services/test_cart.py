"""What the request says is being bought."""

from decimal import Decimal

import pytest

from assist.services.cart import read_cart
from assist.services.desk import Desk
from assist.services.facts import know, open_dossier
from assist.services.sync import sync
from assist.store.customers import find_customer
from personas.cart import Cart
from personas.facts import FactSet
from tests.assist.crms import connect, customer, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import find_id


@pytest.fixture(autouse=True)
def _shop(desk: Desk) -> None:
    shop = connect(desk)
    shop.put(
        customer("C1"),
        product("CASE", price="19.90", category="Cases", stock=3),
        product("CABLE", price="9.90", category="Cables", stock=0),
    )
    sync(desk, "shop")


def read(desk: Desk, *basket: str) -> tuple[Cart | None, FactSet]:
    with desk.database.reading() as session:
        found = find_customer(session, find_id(desk, "C1"))
        assert found is not None
        dossier = open_dossier(session, found, desk.clock.now())
        cart = read_cart(session, dossier, basket)
        return cart, know(desk, dossier, cart)


@on_both_databases
def test_a_basket_is_priced_and_counted(desk: Desk) -> None:
    _, known = read(desk, "CASE", "CABLE", "CASE")
    assert known["cart.count"] == 3
    assert (known["cart.value"], known["cart.currency"]) == (Decimal("49.70"), "EUR")
    assert known["cart.categories"] == frozenset({"cases", "cables"})
    assert known["cart.in_stock"] is False


def test_without_a_basket_nothing_is_known_of_one(desk: Desk) -> None:
    cart, known = read(desk)
    assert cart is None
    assert not [name for name in known if name.startswith("cart.")]


def test_a_product_that_the_mirror_does_not_hold_has_no_price(desk: Desk) -> None:
    _, known = read(desk, "CASE", "NOPE")
    assert known["cart.count"] == 2
    assert not {"cart.value", "cart.currency", "cart.in_stock"} & set(known)
