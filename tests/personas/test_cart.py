from decimal import Decimal

from personas.cart import Cart, CartLine, cart_facts
from personas.facts import FactSet

CASE = CartLine("Cases", Decimal("19.90"), 4)
CABLE = CartLine("Cables", Decimal("9.90"), 1)


def facts(*lines: CartLine) -> FactSet:
    return FactSet(cart_facts(Cart(lines, "EUR")))


def test_without_a_cart_nothing_is_known_of_one() -> None:
    assert not FactSet(cart_facts(None))


def test_a_cart_is_counted_by_pieces() -> None:
    assert facts(CASE, CASE, CABLE) == {
        "cart.count": 3,
        "cart.value": Decimal("49.70"),
        "cart.currency": "EUR",
        "cart.categories": frozenset({"cases", "cables"}),
        "cart.in_stock": True,
    }


def test_one_unknown_price_makes_the_value_unknown() -> None:
    known = facts(CASE, CABLE._replace(price=None))
    assert not {"cart.value", "cart.currency"} & set(known)
    assert known["cart.count"] == 2


def test_what_is_sold_out_decides_and_what_nobody_counts_leaves_it_open() -> None:
    uncounted, sold_out = CABLE._replace(stock=None), CABLE._replace(stock=0)
    assert "cart.in_stock" not in facts(CASE, uncounted)
    assert facts(uncounted, sold_out)["cart.in_stock"] is False


def test_a_product_that_the_mirror_does_not_hold_is_a_piece() -> None:
    assert facts(CartLine()) == {"cart.count": 1, "cart.categories": frozenset()}
