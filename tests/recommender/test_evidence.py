from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.base import Offer, Owned, Query
from recommender.catalogue import read_catalogue
from recommender.evidence import Counts, count, pairs_of, wilson
from recommender.interactions import Ints, Mask, Purchase, from_purchases
from recommender.model import SalesModel
from recommender.purchases import read_purchases

START = datetime(2024, 3, 1, tzinfo=UTC)
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "adventureworks"

Line = tuple[int, int, int]
"""Customer, product, hours since START."""
lines = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 24 * 60)), max_size=60)


def count_all(found: list[Line], days: int, *, chunk: int = 1_000) -> tuple[Counts, tuple[str, ...]]:
    data = from_purchases(
        Purchase(f"c{customer}", f"{hours}", START + timedelta(hours=hours), f"p{product}")
        for customer, product, hours in found
    )

    def every(anchor: Ints, _product: Ints) -> Mask:
        return np.ones(len(anchor), np.bool_)

    return count(data, days, wanted=every, chunk=chunk), data.products


def recount(found: list[Line], anchor: str, product: str, days: int) -> int:
    """Customers who bought the product on the day of the anchor or in the days after, one by one."""
    return len(
        {
            customer
            for customer, one, hours in found
            for other_customer, other, later in found
            if customer == other_customer
            and f"p{one}" == anchor
            and f"p{other}" == product
            and 0 <= later // 24 - hours // 24 <= days
        }
    )


@given(lines, st.integers(0, 40))
def test_counts_are_what_a_person_would_count(found: list[Line], days: int) -> None:
    counts, products = count_all(found, days)
    table = np.zeros((len(products), len(products)), np.int64)
    table.flat[counts.pairs] = counts.also
    for row, anchor in enumerate(products):
        bought = {customer for customer, product, _ in found if f"p{product}" == anchor}
        assert counts.buyers[row] == len(bought)
        for column, product in enumerate(products):
            expected = 0 if row == column else recount(found, anchor, product, days)
            assert table[row, column] == expected


def test_pieces_do_not_count_a_customer_twice() -> None:
    found = [(n % 3, n % 5, n * 7) for n in range(200)]
    whole, _ = count_all(found, 30)
    pieces, _ = count_all(found, 30, chunk=50)
    assert (whole.pairs.tolist(), whole.also.tolist()) == (pieces.pairs.tolist(), pieces.also.tolist())


cells = st.sets(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=40)


@given(st.lists(cells, min_size=1, max_size=3))
def test_only_pairs_that_some_matrix_holds_are_wanted(held: list[set[tuple[int, int]]]) -> None:
    matrices = []
    for some in held:
        row, column = np.array(sorted(some), np.int64).reshape(-1, 2).T
        matrices.append(csr_matrix((np.ones(len(row)), (row, column)), (100, 100)))
    shuffled = np.random.default_rng(0).permutation(10_000)
    anchor, product = np.divmod(shuffled, 100)
    wanted = pairs_of(tuple(matrices), 100)(anchor, product)
    found = set(zip(anchor[wanted].tolist(), product[wanted].tolist(), strict=True))
    assert found == set().union(*held)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(hits: int, more: int) -> None:
    low, high = wilson(np.array([hits]), np.array([hits + more]))
    assert 0 <= low[0] <= hits / (hits + more) <= high[0] <= 1


def test_few_buyers_prove_nothing() -> None:
    found = [(customer, product, 0) for customer in range(9) for product in (0, 1)]
    counts, _ = count_all(found, 30)
    assert counts.look_up(np.array([0]), np.array([1])).tolist() == [0]
    more, _ = count_all([*found, (9, 0, 0), (9, 1, 0)], 30)
    assert more.look_up(np.array([0]), np.array([1])).tolist() == [10]


@pytest.mark.long
@pytest.mark.skipif(not SHARED.is_dir(), reason="the AdventureWorks sample is not here")
def test_a_bicycle_owner_is_offered_a_dearer_one_and_what_goes_with_it() -> None:
    data = read_purchases(SHARED / "sales.csv.gz")
    catalogue = read_catalogue(SHARED / "products.csv.gz")
    model = SalesModel.train(data, catalogue)
    history = (
        Owned("336", datetime(2017, 7, 1, tzinfo=UTC)),
        Owned("363", datetime(2019, 12, 14, tzinfo=UTC)),
    )
    up = model.recommend(Query(history=history), kind=Offer.UPSELL)
    beside = model.recommend(Query(history=history), kind=Offer.CROSS_SELL)
    families = {
        one.product_id: item.family for one in (*up, *beside) if (item := catalogue.find(one.product_id))
    }
    assert any(families[one.product_id] == "Road Bikes" and one.anchor == "336" for one in up)
    kinds = {"Helmets", "Tires and Tubes", "Bottles and Cages"}
    assert any(families[one.product_id] in kinds and one.evidence for one in beside)
    day = np.floor(data.day)
    for one in (*up, *beside):
        for told in one.evidence:
            anchor, product = data.products.index(told.anchor), data.products.index(one.product_id)
            bought = [np.flatnonzero(data.product == code) for code in (anchor, product)]
            after = day[bought[1]][None, :] - day[bought[0]][:, None]
            same = data.customer[bought[0]][:, None] == data.customer[bought[1]][None, :]
            hit = same & (after >= 0) & (after <= told.days)
            assert told.also == len(np.unique(data.customer[bought[0]][hit.any(axis=1)]))
            assert told.buyers == len(np.unique(data.customer[bought[0]]))
