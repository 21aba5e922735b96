"""What a query rules out is left out before lists are cut, so that as many come as there are."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.base import Offer, Owned, Query, Task
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Purchase, from_purchases
from recommender.model import SalesModel
from recommender.testing import START, checkerboard, history_of

SIZE, GROUPS = 24, 4
FAMILIES = frozenset(f"family {place}" for place in range(GROUPS))
NAMES = [f"product {place}" for place in range(SIZE)]
LINES = checkerboard(SIZE)
AGAIN = [
    Purchase("customer 1", f"again {day}", START + timedelta(days=day), f"product {place}", 1, 11)
    for day in (50, 60, 70)
    for place in (1, 3, 5)
]
SHELF = Catalogue(
    CatalogueItem(name, price=10 + place, family=f"family {place % GROUPS}" if place < 20 else None)
    for place, name in enumerate(NAMES)
)
OPEN = Query(history=history_of(1, [*LINES[11:17], *AGAIN]), limit=SIZE, now=START + timedelta(days=80))

filters = st.builds(
    lambda **chosen: replace(OPEN, **chosen),
    only=st.none() | st.sets(st.sampled_from([*NAMES, "unknown"])),
    families=st.none() | st.sets(st.sampled_from(sorted({*FAMILIES, "unknown"}))),
    exclude_families=st.sets(st.sampled_from(sorted(FAMILIES)), max_size=2),
    exclude=st.sets(st.sampled_from(NAMES), max_size=4),
    limit=st.integers(0, 8),
)


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(from_purchases([*LINES, *AGAIN]), SHELF)


def allows(query: Query, product: str) -> bool:
    item = SHELF.find(product)
    family = item.family if item else None
    return (
        product not in query.exclude
        and (query.only is None or product in query.only)
        and (query.families is None or family in query.families)
        and family not in query.exclude_families
    )


def ask(model: SalesModel, query: Query) -> Iterator[list[str]]:
    """By every way that there is."""
    for kind in (None, *Offer):
        yield [one.product_id for one in model.recommend(query, kind=kind)]
    yield [one.product_id for one in model.next_basket(query)]
    yield [one.product_id for one in model.upsell("product 0", query)]
    for task in Task:
        yield [product for product, _ in model.rank(query, task, anchor="product 0")]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=filters)
def test_what_is_allowed_comes_and_nothing_else(model: SalesModel, query: Query) -> None:
    for found, every in zip(ask(model, query), ask(model, OPEN), strict=True):
        assert all(allows(query, product) for product in found)
        assert len(found) == len(set(found)) == min(query.limit, sum(allows(query, one) for one in every))


def test_every_kind_has_something_to_leave_out(model: SalesModel) -> None:
    assert [len(found) for found in ask(model, OPEN) if len(found) < 3] == []


def test_saving_keeps_the_families_names(model: SalesModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    query = replace(OPEN, families=["family 2"])
    found = list(ask(SalesModel.load(tmp_path / "model"), query))
    assert found == list(ask(model, query))
    assert any(found)


LARGE = 6_000


@pytest.fixture(scope="module")
def large() -> SalesModel:
    """What is before 5,900 sells better, and is of one family of alternatives; without dates nothing is tuned."""
    lines = [
        Purchase(f"c{n % 400}", f"o{n // 3}", None, f"p{product}", 1, 1)
        for n, product in enumerate([*range(LARGE), *range(5_900)])
    ]
    items = [
        CatalogueItem(f"p{place}", price=1.0, family="phone" if place < 5_900 else None)
        for place in range(LARGE)
    ]
    return SalesModel.train(from_purchases(lines), Catalogue(items), budget=1e-9)


def test_the_few_that_are_allowed_are_found_in_a_large_catalogue(large: SalesModel) -> None:
    allowed = frozenset(f"p{place}" for place in range(5, LARGE, 1_200))
    query = Query(history=(Owned("p5950", START), Owned("p5951", START)), only=allowed, limit=4)
    assert large.shortlist(replace(query, only=None)).asked.size < LARGE
    for found in (large.recommend(query, kind=Offer.CROSS_SELL), large.next_basket(query)):
        assert len({one.product_id for one in found} & allowed) == 4
    assert {product for product, _ in large.rank(replace(query, limit=9), Task.CROSS_SELL)} == allowed


def test_what_is_no_alternative_is_found_in_a_large_catalogue(large: SalesModel) -> None:
    """Nearly all of what is looked at first would stand in for the phone."""
    found = large.recommend(Query(history=(Owned("p7", START),), limit=90), kind=Offer.CROSS_SELL)
    assert len(found) == 90
    assert all(int(one.product_id[1:]) >= 5_900 for one in found)
