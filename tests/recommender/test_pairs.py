"""Pairs: planted ones are found with counts that can be checked by hand, and chance makes none."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import pairs
from recommender.catalogue import Catalogue, CatalogueItem, Related
from recommender.interactions import Purchase, from_purchases
from recommender.pairs import LARGEST_ORDER, Pair, find_pairs

THEN = datetime(2025, 1, 1, tzinfo=UTC)
ITEMS = {name: CatalogueItem(name, name) for name in ("phone", "case", "lamp", "mug")}


def lines(*baskets: Iterable[str], one_customer: bool = False) -> list[Purchase]:
    """An order each, of a customer of its own."""
    return [
        Purchase("c" if one_customer else f"c{number}", f"o{number}", THEN + timedelta(number), name)
        for number, basket in enumerate(baskets)
        for name in basket
    ]


SHOP = [*[("phone", "case")] * 12, *[("phone",)] * 8, *[("case",)] * 18, *[("lamp",)] * 80, *[("mug",)] * 82]


def find(purchases: Iterable[Purchase], *items: CatalogueItem) -> tuple[Pair, ...]:
    known = {**ITEMS, **{one.product_id: one for one in items}}
    return find_pairs(from_purchases(purchases), Catalogue(known.values()))


def test_a_pair_is_told_with_counts_and_leads_from_the_product_in_fewer_orders() -> None:
    (found,) = find(lines(*SHOP))
    assert (found.anchor, found.product) == ("phone", "case")
    assert (found.together, found.orders, found.also, found.every) == (12, 20, 30, 200)
    assert (found.share, round(found.lift, 9)) == (0.6, 4.0)
    assert found.low < found.share < found.high
    assert (round(found.low, 4), round(found.high, 4)) == (0.3866, 0.7812)


ONLY = [*[("phone", "case")] * 10, *[("lamp",)] * 90]


def test_the_same_orders_without_a_margin_for_chance_are_no_pair() -> None:
    assert find(lines(*ONLY))
    assert not find(lines(*ONLY[1:])), "in nine orders"
    assert not find(lines(*ONLY[:25])), "not surely twice as often as by chance"


@pytest.mark.parametrize(
    "item",
    [
        CatalogueItem("case", active=False),
        CatalogueItem("case", related=(Related("phone", "anything"),)),
        CatalogueItem("phone", related=(Related("case", "accessory"),)),
    ],
    ids=["not sold", "related the other way round", "related"],
)
def test_what_nobody_needs_to_be_asked_about_is_left_out(item: CatalogueItem) -> None:
    assert not find(lines(*ONLY), item)


def test_alternatives_are_no_pair() -> None:
    family = [replace(ITEMS[name], family="things") for name in ("phone", "case")]
    assert not find(lines(*ONLY), *family)
    assert find(lines(*ONLY), family[0])


def test_one_reseller_makes_no_pair_and_neither_do_large_orders() -> None:
    assert not find(lines(*ONLY, one_customer=True))
    stock = tuple(f"p{number}" for number in range(LARGEST_ORDER))
    assert not find(lines(*[("phone", "case", *stock)] * 10, *[("lamp",)] * 90))


def test_nothing_comes_of_nothing() -> None:
    assert find([]) == ()


@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_the_order_of_lines_and_the_size_of_blocks_make_no_difference(seed: int) -> None:
    chance = Random(seed)
    names = list(ITEMS)
    baskets = [chance.sample(names, chance.randint(1, 2)) for _ in range(150)] + [["phone", "case"]] * 30
    bought = lines(*baskets)
    found = find(bought)
    chance.shuffle(bought)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "BLOCK", 1)
        assert find(bought) == found
