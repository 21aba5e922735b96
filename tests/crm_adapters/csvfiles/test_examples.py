"""The example mappings against the data they were written for, where that lies beside the project."""

from collections import Counter
from pathlib import Path

import pytest

from crm_adapters.model import CustomerKey, KeyKind, Kind, OrderStatus
from crm_adapters.testing.listing import list_pages
from crm_adapters.vendors.csvfiles import Adapter

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
EXAMPLES = {
    "adventureworks": "adventureworks",
    "online_retail": "online_retail",
    "online_retail_raw": "online_retail",
}

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the data does not lie beside the project")


def open_example(name: str, tmp_path: Path) -> Adapter:
    settings = {
        "path": str(DATA / EXAMPLES[name]),
        "mapping": str(ROOT / "docs" / "examples" / f"{name}.yaml"),
        "cache": str(tmp_path),
        "outcomes": str(tmp_path / "outcomes.csv"),
    }
    return Adapter(Adapter.load_settings(settings))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fits_its_data(name: str, tmp_path: Path) -> None:
    health = open_example(name, tmp_path).check()
    assert health.ok, [finding for finding in health.findings if not finding.ok]


@pytest.mark.long
def test_people_and_shops_with_their_orders(tmp_path: Path) -> None:
    adapter = open_example("adventureworks", tmp_path)
    orders = list_pages(adapter, Kind.ORDERS)
    assert orders[0].total_hint == sum(page.rows_read for page in orders) == 121_253
    (match,) = adapter.find_customers(CustomerKey(KeyKind.EMAIL, "JON24@adventure-works.com"))
    assert (match.customer.ref, match.customer.country) == ("C11000", "AU")
    bought = {line.name for order in adapter.orders("C14501") for line in order.lines}
    assert {name.split(" ")[0] for name in bought} == {"Road-650", "Mountain-200"}


@pytest.mark.long
def test_raw_lines_with_returns_and_without_customers(tmp_path: Path) -> None:
    adapter = open_example("online_retail_raw", tmp_path)
    pages = list_pages(adapter, Kind.ORDERS)
    reasons = Counter(row.reason for page in pages for row in page.rejected)
    assert sum(page.rows_read for page in pages) == pages[0].total_hint == 541_909
    assert reasons["has no customer number"] == 135_080
    assert reasons["POST is no product, says skip_products"] == 1_196
    orders = [item for page in pages for item in page.items]
    returned = [order for order in orders if order.ref.startswith("C")]
    assert len(returned) == 3_383
    assert all(getattr(order, "status", None) is OrderStatus.REFUNDED for order in returned)
