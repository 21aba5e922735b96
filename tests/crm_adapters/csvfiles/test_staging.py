"""What the index is made of: usual prices, and memory that does not grow with the files."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.model import Money
from crm_adapters.vendors.csvfiles.staging import usual_prices
from tests.crm_adapters.csvfiles.shop import LINES_ONLY, Shop, open_shop


@given(st.dictionaries(st.integers(1, 99), st.integers(1, 5), min_size=1))
def test_the_usual_price_is_the_lower_median_of_what_was_paid(times: dict[int, int]) -> None:
    paid = sorted(price for price, many in times.items() for _ in range(many))
    sold = [("P1", "EUR", str(price), many) for price, many in sorted(times.items(), key=str)]
    assert usual_prices(sold) == {"P1": (Money(Decimal(paid[(len(paid) - 1) // 2]), "EUR"),)}


def test_the_currency_most_sold_in_comes_first(tmp_path: Path) -> None:
    shop = open_shop(
        tmp_path,
        LINES_ONLY.replace("currency: EUR", "").replace(
            "unit_price: price", "unit_price: price, currency: state"
        ),
    )
    shop.lines(
        "1,c,2026-01-01,P1,1,9,EUR",
        "2,c,2026-01-01,P1,1,10,USD",
        "3,c,2026-01-01,P1,1,10,usd",
        "4,c,2026-01-01,P1,1,0,EUR",
    )
    (product,) = shop.products()
    assert [price.currency for price in product.prices] == ["USD", "EUR"]
    assert [str(price.amount) for price in product.prices] == ["10", "9"]


def test_a_price_without_currency_is_rejected(tmp_path: Path) -> None:
    shop = open_shop(
        tmp_path,
        LINES_ONLY.replace("currency: EUR", "").replace(
            "unit_price: price", "unit_price: price, currency: state"
        ),
    )
    shop.lines("1,c,2026-01-01,P1,1,9,", "2,c,2026-01-01,P1,1,9,euro")
    assert shop.rejected() == [
        (2, "unit_price (column price) has no currency beside it"),
        (3, "unit_price (column price) is not a currency code of three letters"),
    ]


MEASURE = """
import resource, sys
from crm_adapters.model import Kind
from crm_adapters.testing.listing import list_pages
from crm_adapters.vendors.csvfiles import Adapter
adapter = Adapter(Adapter.load_settings({"path": sys.argv[1]}))
cursor, rows, more = None, 0, True
while more:
    page = adapter.changes(Kind.ORDERS, cursor)
    cursor, rows, more = page.next_cursor, rows + page.rows_read, page.more
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.long
def test_a_million_lines_are_read_in_bounded_memory(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, LINES_ONLY)
    write_lines(shop, 1_000_000)
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, measured.stdout.split())
    assert rows == 1_000_000
    assert megabytes < 250


def write_lines(shop: Shop, many: int) -> None:
    """Three lines to an order, in no order of customers, products or time."""
    with (shop.folder / "lines.csv").open("w") as text:
        text.write("order,customer,date,sku,qty,price,state\n")
        for number in range(many):
            order = number // 3
            day = f"2025-{order % 12 + 1:02}-{order % 28 + 1:02}"
            text.write(
                f"{order},{order * 7919 % 200_000},{day},P{number * 31 % 20_000},1,{number % 997}.99,x\n"
            )
