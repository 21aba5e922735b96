"""The adapter against the conformance suite, and what is its own: files that change, pages, damage."""

import gzip
import os
from decimal import Decimal
from pathlib import Path

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings, Unavailable
from crm_adapters.model import CustomerKey, KeyKind, Kind, Money, OrderStatus
from crm_adapters.testing import AdapterContract, Stage, World
from crm_adapters.testing.listing import list_pages
from crm_adapters.vendors.csvfiles import Adapter
from crm_adapters.vendors.csvfiles.adapter import PAGE, REJECTED_PAGE
from tests.crm_adapters.csvfiles.shop import LINES, LINES_ONLY, Shop, open_shop
from tests.crm_adapters.csvfiles.stage import FilesStage


class TestContract(AdapterContract):
    adapter_class = Adapter

    @pytest.fixture
    def adapter(self, shop: Shop) -> CRMAdapter:
        return shop.adapter()

    @pytest.fixture
    def world(self) -> World:
        return World(
            refs={
                Kind.PRODUCTS: frozenset({"P1", "P2"}),
                Kind.CUSTOMERS: frozenset({"c1", "c2", "c3"}),
                Kind.ORDERS: frozenset({"o1", "o2", "o3"}),
            },
            customer_ref="c1",
            name="Ana Núñez",
            keys=(
                CustomerKey(KeyKind.EMAIL, "ana@example.com"),
                CustomerKey(KeyKind.PHONE, "+5511991234567"),
                CustomerKey(KeyKind.REF, "c1"),
            ),
            order_refs=("o2", "o1"),
            shared_key=CustomerKey(KeyKind.EMAIL, "both@example.com"),
            shared_refs=frozenset({"c2", "c3"}),
        )

    @pytest.fixture
    def stage(self, shop: Shop) -> Stage:
        return FilesStage(shop.folder)


def test_what_is_missing_is_unknown(shop: Shop) -> None:
    phone, case = shop.products()
    assert phone.prices == (Money(Decimal("500.00"), "EUR"),)
    assert case.prices == ()
    assert [order.status for order in shop.orders()] == [
        OrderStatus.WON,
        OrderStatus.REFUNDED,
        OrderStatus.UNKNOWN,
    ]
    assert shop.orders()[2].raw_status == "odd"


def test_without_other_files_all_comes_from_the_lines(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, LINES_ONLY)
    assert [(product.ref, product.prices) for product in shop.products()] == [
        ("P1", (Money(Decimal("500.00"), "EUR"),)),
        ("P2", (Money(Decimal("19.90"), "EUR"),)),
    ]
    assert [customer.ref for customer in shop.customers()] == ["c1", "c2"]
    assert [order.ref for order in shop.orders()] == ["o1", "o2", "o3"]


def test_lines_of_an_order_need_not_stand_together(shop: Shop) -> None:
    shop.lines("o1,c1,2026-01-05,P1,1,5,", "o2,c1,2026-01-06,P1,1,5,", "o1,c1,2026-01-04,P2,1,5,")
    first, second = shop.orders()
    assert [line.product_ref for line in first.lines] == ["P1", "P2"]
    assert first.placed_at.day == 4
    assert len(second.lines) == 1


class TestChangedFiles:
    def test_the_next_run_lists_everything_again(self, shop: Shop) -> None:
        done = list_pages(shop.adapter(), Kind.ORDERS)[-1].next_cursor
        shop.write("lines.csv", LINES.replace("o3,c2", "o4,c2"))
        pages = list_pages(shop.adapter(), Kind.ORDERS, done)
        assert [item.ref for page in pages for item in page.items] == ["o1", "o2", "o4"]
        assert all(page.snapshot for page in pages)

    def test_touching_a_file_changes_nothing(self, shop: Shop) -> None:
        done = list_pages(shop.adapter(), Kind.ORDERS)[-1].next_cursor
        os.utime(shop.folder / "lines.csv", (1, 1))
        assert shop.adapter().changes(Kind.ORDERS, done).items == ()

    def test_a_changed_mapping_lists_everything_again(self, shop: Shop) -> None:
        done = list_pages(shop.adapter(), Kind.ORDERS)[-1].next_cursor
        shop.write("mapping.yaml", (shop.folder / "mapping.yaml").read_text().replace("EUR", "USD"))
        (page,) = list_pages(shop.adapter(), Kind.ORDERS, done)
        assert page.snapshot
        assert len(page.items) == 3

    def test_a_change_during_a_run_is_caught_up_by_the_next(self, shop: Shop) -> None:
        shop.lines(*(f"o{number},c1,2026-01-05,P1,1,5," for number in range(PAGE + 1)))
        halfway = shop.adapter().changes(Kind.ORDERS, None).next_cursor
        shop.lines(*(f"n{number},c1,2026-01-05,P1,1,5," for number in range(PAGE + 1)))
        rest = list_pages(shop.adapter(), Kind.ORDERS, halfway)
        assert sum(len(page.items) for page in rest) == PAGE + 1
        clean = list_pages(shop.adapter(), Kind.ORDERS, rest[-1].next_cursor)
        assert sum(len(page.items) for page in clean) == PAGE + 1
        assert clean[0].snapshot
        assert shop.adapter().changes(Kind.ORDERS, clean[-1].next_cursor).items == ()


def test_pages_hold_all_rejected_rows(shop: Shop) -> None:
    shop.lines(
        *(f"o{number},,2026-01-05,P1,1,5," for number in range(REJECTED_PAGE + 5)), "o1,c1,2026-01-05,P1,1,5,"
    )
    pages = list_pages(shop.adapter(), Kind.ORDERS)
    assert [len(page.rejected) for page in pages] == [REJECTED_PAGE, 5]
    assert sum(page.rows_read for page in pages) == pages[0].total_hint == REJECTED_PAGE + 6


def test_a_damaged_index_is_built_anew(shop: Shop) -> None:
    shop.orders()
    (index,) = (shop.folder / ".assist-index").glob("*.sqlite")
    whole = index.read_bytes()
    index.write_bytes(whole[: 3 * 4096] + b"x" * (len(whole) - 3 * 4096))
    with pytest.raises(Unavailable, match="was damaged"):
        shop.orders()
    assert len(shop.orders()) == 3


def test_a_torn_download_is_not_taken_for_the_whole(shop: Shop) -> None:
    packed = gzip.compress(LINES.encode() * 50)
    shop.write("lines.csv.gz", packed[: len(packed) // 2])
    shop.write(
        "mapping.yaml", (shop.folder / "mapping.yaml").read_text().replace("lines.csv", "lines.csv.gz")
    )
    with pytest.raises(Unavailable, match="ends too early"):
        shop.orders()


def test_the_index_can_live_elsewhere(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = tmp_path_factory.mktemp("cache") / "index"
    list_pages(shop.adapter(cache=str(cache)), Kind.ORDERS)
    assert list(cache.glob("*.sqlite"))
    assert cache.stat().st_mode & 0o077 == 0
    assert not (shop.folder / ".assist-index").exists()


def test_relative_settings_are_made_absolute(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.folder.parent)
    settings = Adapter.load_settings({"path": shop.folder.name})
    assert settings["path"] == str(shop.folder.resolve())


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(BadSettings, match=r"pth.*path"):
        Adapter.load_settings({"pth": "x"})


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("+55 11 99123-4567", "+551191234567"),
        ("(11) 9123-4567", "+5511991234567"),
        ("0055 11 99123 4567", "+5511991234567"),
    ],
)
def test_brazils_ninth_digit_matches_both_ways(shop: Shop, written: str, asked: str) -> None:
    shop.write("customers.csv", f"id,name,email,phone,country\nc1,Ana,,{written},\n")
    (found,) = shop.adapter().find_customers(CustomerKey(KeyKind.PHONE, asked))
    assert found.customer.ref == "c1"


def test_fields_are_described_by_the_mapping(shop: Shop) -> None:
    fields = {field.name: field for field in shop.adapter().describe_fields(Kind.CUSTOMERS)}
    assert fields["email"].personal
    assert fields["country"].type == "choice"
    assert shop.adapter().describe_fields(Kind.CASES) == []
