import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.interactions import Interactions, Purchase, from_purchases

START = datetime(2024, 1, 1, tzinfo=UTC)

purchases = st.builds(
    Purchase,
    customer_id=st.sampled_from(["a", "b", "ção", ""]),
    order_id=st.sampled_from(["1", "2", None]),
    at=st.one_of(st.none(), st.integers(0, 9).map(lambda days: START + timedelta(days=days))),
    product_id=st.sampled_from(["p", "q", "产品", None]),
    quantity=st.integers(-2, 3),
    unit_price=st.one_of(st.none(), st.integers(0, 9)),
)


def list_rows(data: Interactions) -> list[tuple[str, str, float]]:
    return [
        (data.customers[customer], data.products[product], float(np.nan_to_num(day, nan=-1)))
        for customer, product, day in zip(data.customer, data.product, data.day, strict=True)
    ]


@given(st.lists(purchases, max_size=30), st.randoms())
def test_the_order_of_lines_changes_nothing(lines: list[Purchase], random: Random) -> None:
    shuffled = random.sample(lines, len(lines))
    first, second = from_purchases(lines), from_purchases(shuffled)
    assert list_rows(first) == list_rows(second)
    assert first.quantity.tolist() == second.quantity.tolist()
    assert np.array_equal(first.price, second.price, equal_nan=True)
    assert first.left_out == second.left_out


@given(st.lists(purchases, max_size=30))
def test_every_line_is_a_purchase_or_counted_as_left_out(lines: list[Purchase]) -> None:
    data = from_purchases(lines)
    left = data.left_out.returns + data.left_out.no_customer + data.left_out.no_product
    kept = [line for line in lines if line.customer_id and line.product_id and float(line.quantity) > 0]
    assert left == len(lines) - len(kept)
    assert data.quantity.sum() == sum(float(line.quantity) for line in kept)


@given(st.lists(purchases, max_size=30))
def test_a_products_price_is_the_median_of_those_paid(lines: list[Purchase]) -> None:
    data = from_purchases(lines)
    paid = [data.price[(data.product == code) & (data.price > 0)] for code in range(len(data.products))]
    expected = [float(np.median(some)) if len(some) else np.nan for some in paid]
    assert np.array_equal(data.median_prices(), np.array(expected), equal_nan=True)


def test_rows_of_a_customer_lie_between_bounds() -> None:
    lines = [Purchase(f"c{n % 3}", f"{n}", START, f"p{n}") for n in range(9)]
    data = from_purchases(lines)
    assert data.bounds().tolist() == [0, 3, 6, 9]


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        from_purchases([Purchase("c", "1", datetime(2024, 1, 1), "p")])  # noqa: DTZ001 - the point of the test


def test_a_line_without_date_is_as_old_as_the_oldest() -> None:
    lines = [Purchase("c", "1", START, "p"), Purchase("c", "2", START + timedelta(days=5), "q")]
    data = from_purchases([*lines, Purchase("c", "3", None, "r")])
    assert data.ages(data.end).tolist() == [5, 0, 5]
    assert len(data.before(data.end)) == 2


ORDERS_OF_ONE_MOMENT = """
from recommender.interactions import from_purchases
data = from_purchases(("c", f"order {n}", None, product, 1, 1) for n in range(9) for product in f"p{n}")
print(data.order.tolist(), data.product.tolist())
"""


def test_every_process_gives_the_same_numbers() -> None:
    """Where one process hashes texts unlike another."""
    said = [
        subprocess.run(
            [sys.executable, "-c", ORDERS_OF_ONE_MOMENT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]


def test_of_two_prices_for_one_line_the_same_counts_in_any_order() -> None:
    lines = [Purchase("c", "1", START, "p", 1, price) for price in (9, 5)]
    assert from_purchases(lines).price.tolist() == from_purchases(lines[::-1]).price.tolist() == [5]
