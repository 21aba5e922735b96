"""The conformance suite against the sample CRM, and what that CRM promises beyond it."""

import shutil
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings, Merged, NotFound, Unavailable, ValidationFailed, VendorChanged
from crm_adapters.fakes.seed import Record
from crm_adapters.model import (
    Act,
    Case,
    Customer,
    CustomerKey,
    KeyKind,
    Kind,
    Money,
    NewLine,
    Order,
    Product,
    SyncCursor,
    SyncPage,
)
from crm_adapters.testing import AdapterContract, Stage, World, make_outcome
from crm_adapters.testing.listing import list_pages
from crm_adapters.vendors.sample import Adapter, records

TODAY = "2026-03-02"


def connect(path: Path, *, busy_seconds: float = 5, customers: int = 600) -> Adapter:
    settings = {"path": str(path), "today": TODAY, "busy_seconds": busy_seconds, "customers": customers}
    return Adapter(Adapter.load_settings(settings))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once; tests work on copies."""
    path = tmp_path_factory.mktemp("sample") / "shop.sqlite"
    assert connect(path).check().ok
    return path


@pytest.fixture
def sample(filled: Path, tmp_path: Path) -> Adapter:
    return connect(Path(shutil.copy(filled, tmp_path / "shop.sqlite")))


def read_refs(path: Path, kind: Kind) -> frozenset[str]:
    """From the file itself: what a listing loses would be missed in another of the same kind too."""
    question = "SELECT ref FROM records WHERE kind = ? AND body IS NOT NULL"
    with closing(sqlite3.connect(path)) as connection:
        return frozenset(ref for (ref,) in connection.execute(question, (kind,)))


@pytest.fixture(scope="session")
def known(filled: Path) -> World:
    sample = connect(filled)
    return World(
        refs={kind: read_refs(filled, kind) for kind in Kind},
        customer_ref="C-0002",
        name="João Silva",
        keys=(
            CustomerKey(KeyKind.EMAIL, "joao.silva@example.com"),
            CustomerKey(KeyKind.PHONE, "+5511987654321"),
            CustomerKey(KeyKind.REF, "C-0002"),
        ),
        order_refs=tuple(order.ref for order in sample.orders("C-0002")),
        shared_key=CustomerKey(KeyKind.EMAIL, "familia.mendoza@example.com"),
        shared_refs=frozenset({"C-0006", "C-0007"}),
        related_product="P007",
        product_ref="P007",
    )


class TestSampleCRM(AdapterContract):
    adapter_class = Adapter

    @pytest.fixture
    def adapter(self, sample: Adapter) -> CRMAdapter:
        return sample

    @pytest.fixture
    def world(self, known: World) -> World:
        return known

    @pytest.fixture
    def stage(self, sample: Adapter) -> Stage:
        return ShopStage(sample)


class ShopStage(Stage):
    """The shop's people at work."""

    def __init__(self, sample: Adapter) -> None:
        self.sample = sample
        self.path = Path(sample.settings["path"])

    def put(self, record: Record) -> str:
        assert isinstance(record, Customer), "only customers are put by the suite"
        with closing(sqlite3.connect(self.path)) as connection, connection:
            (count,) = connection.execute("SELECT count(*) FROM records").fetchone()
            named = replace(record, ref=record.ref or f"new-{count}")
            records.put(connection, named)
        return named.ref

    def delete(self, kind: Kind, ref: str) -> None:
        if kind is Kind.CUSTOMERS:
            return self.sample.delete_customer(ref)
        with closing(sqlite3.connect(self.path)) as connection, connection:
            records.remove(connection, kind, ref)
        return None

    def merge(self, ref: str, *, into: str) -> None:
        self.sample.merge_customers(ref, into=into)

    def close_deal(self, ref: str) -> None:
        self.sample.close_deal(ref)

    def count_lines(self, key: str) -> int:
        with closing(sqlite3.connect(self.path)) as connection:
            return sum(1 for (written,) in connection.execute("SELECT key FROM deal_lines") if written == key)

    def count_written(self, key: str | None = None) -> int:
        with closing(sqlite3.connect(self.path)) as connection:
            keys = [written for (written,) in connection.execute("SELECT key FROM notes")]
        return len(keys) if key is None else keys.count(key)


def drain(adapter: Adapter, kind: Kind) -> SyncCursor:
    return list_pages(adapter, kind)[-1].next_cursor


def test_settings_name_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"path.*customers"):
        Adapter.load_settings({"customers": 3})


def test_the_day_of_the_shop_is_the_day_of_its_making(tmp_path: Path) -> None:
    adapter = Adapter(Adapter.load_settings({"path": str(tmp_path / "new.sqlite"), "customers": 40}))
    newest = max(order.placed_at for page in list_pages(adapter, Kind.ORDERS) for order in orders_of(page))
    assert timedelta(0) <= datetime.now(UTC) - newest < timedelta(days=60)


def orders_of(page: SyncPage) -> list[Order]:
    return [item for item in page.items if isinstance(item, Order)]


def test_processes_that_start_at_once_share_one_shop(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        cursors = list(executor.map(_first_cursor, [path] * 4))
    assert len(set(cursors)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["new.sqlite"]


def _first_cursor(path: Path) -> str:
    settings = Adapter.load_settings({"path": str(path), "customers": 40, "today": TODAY})
    return Adapter(settings).changes(Kind.PRODUCTS, None).next_cursor.value


def test_a_note_keeps_the_outcome(sample: Adapter) -> None:
    outcome = replace(make_outcome("C-0001"), act=Act.DECLINED, reason="too_expensive", price=None)
    written = sample.log_outcome(outcome, key="key-1")
    (note,) = sample.notes("C-0001")
    assert (note.ref, note.key, note.outcome) == (written.ref, "key-1", outcome)


def test_an_order_is_seen_at_once_and_by_the_next_sync(sample: Adapter) -> None:
    cursor = drain(sample, Kind.ORDERS)
    order = sample.place_order("C-0001", ["CASE-AUR6-CLR"])
    assert next(sample.orders("C-0001")) == order
    (line,) = order.lines
    assert line.unit_price == Money(Decimal("15.00"), "EUR") or order.placed_at.month == 11
    page = sample.changes(Kind.ORDERS, cursor)
    assert (page.items, page.snapshot, page.more) == ((order,), False, False)


@pytest.mark.parametrize("skus", [[], ["NONE"], ["PLB-FLEET"]])
def test_an_order_needs_products_with_a_price(sample: Adapter, skus: list[str]) -> None:
    with pytest.raises(ValidationFailed):
        sample.place_order("C-0001", skus)


def test_a_closed_case_is_listed_again(sample: Adapter) -> None:
    cursor = drain(sample, Kind.CASES)
    sample.close_case("S-DEMO1")
    (case,) = sample.changes(Kind.CASES, cursor).items
    assert isinstance(case, Case)
    assert (case.ref, case.open) == ("S-DEMO1", False)


def test_a_product_is_taken_off_sale(sample: Adapter) -> None:
    cursor = drain(sample, Kind.PRODUCTS)
    sample.set_active("P001", active=False)
    (product,) = sample.changes(Kind.PRODUCTS, cursor).items
    assert isinstance(product, Product)
    assert (product.ref, product.active) == ("P001", False)


def test_a_deleted_customer_is_gone_with_everything(sample: Adapter) -> None:
    customers, orders = drain(sample, Kind.CUSTOMERS), drain(sample, Kind.ORDERS)
    theirs = {order.ref for order in sample.orders("C-0001")}
    sample.log_outcome(make_outcome("C-0001"), key="key-1")
    sample.delete_customer("C-0001")
    with pytest.raises(NotFound):
        sample.get_customer("C-0001")
    assert sample.find_customers(CustomerKey(KeyKind.EMAIL, "ana.ruiz@example.com")) == []
    assert (list(sample.orders("C-0001")), sample.notes("C-0001")) == ([], [])
    assert sample.changes(Kind.CUSTOMERS, customers).deleted_refs == ("C-0001",)
    assert "599 customers" in sample.check().findings[0].message
    assert set(sample.changes(Kind.ORDERS, orders).deleted_refs) == theirs


def test_a_merged_customer_lives_on_in_the_other(sample: Adapter) -> None:
    cursor = drain(sample, Kind.CUSTOMERS)
    together = {order.ref for ref in ("C-0006", "C-0007") for order in sample.orders(ref)}
    sample.log_outcome(make_outcome("C-0007"), key="key-1")
    sample.merge_customers("C-0007", into="C-0006")
    with pytest.raises(Merged) as refusal:
        sample.get_customer("C-0007")
    assert refusal.value.new_ref == "C-0006"
    assert {order.ref for order in sample.orders("C-0006")} == together
    (match,) = sample.find_customers(CustomerKey(KeyKind.PHONE, "+525555000007"))
    assert match.customer.ref == "C-0006"
    assert [note.key for note in sample.notes("C-0006")] == ["key-1"]
    page = sample.changes(Kind.CUSTOMERS, cursor)
    assert ({item.ref for item in page.items}, page.deleted_refs) == ({"C-0006"}, ())
    assert page.merged == {"C-0007": "C-0006"}


def test_quotes_move_with_a_merge_and_go_with_a_deletion(sample: Adapter) -> None:
    assert [deal.ref for deal in sample.open_deals("C-0010")] == ["Q-0305", "Q-0306"], "latest change first"
    sample.merge_customers("C-0010", into="C-0001")
    assert {deal.ref for deal in sample.open_deals("C-0001")} == {"Q-0301", "Q-0305", "Q-0306"}
    sample.delete_customer("C-0001")
    assert sample.open_deals("C-0001") == []


def test_a_line_takes_its_price_from_the_list_in_the_quotes_currency(sample: Adapter) -> None:
    (before,) = sample.open_deals("C-0001")
    sample.add_line("Q-0301", NewLine("P007", Decimal(2)), key="line-1")
    (after,) = sample.open_deals("C-0001")
    added = after.lines[-1].unit_price
    assert before.amount
    assert after.amount
    assert added
    assert added.currency == "EUR"
    assert after.amount.amount == before.amount.amount + 2 * added.amount


def test_a_file_from_before_there_were_quotes_has_none(sample: Adapter, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection, connection:
        connection.execute("DROP TABLE deals")
    assert sample.open_deals("C-0001") == []
    with pytest.raises(NotFound):
        sample.add_line("Q-0301", NewLine("P007"), key="line-1")
    sample.merge_customers("C-0010", into="C-0001")
    sample.delete_customer("C-0001")


def test_a_merge_into_the_merged_leads_to_the_last(sample: Adapter) -> None:
    sample.merge_customers("C-0007", into="C-0006")
    sample.merge_customers("C-0006", into="C-0001")
    with pytest.raises(Merged) as refusal:
        sample.log_outcome(make_outcome("C-0007"), key="key-1")
    assert refusal.value.new_ref == "C-0001"
    assert sample.find_outcome("key-1", customer_ref="C-0001") is None


def test_a_customer_is_not_merged_into_itself(sample: Adapter) -> None:
    with pytest.raises(ValidationFailed):
        sample.merge_customers("C-0001", into="C-0001")
    assert sample.get_customer("C-0001").name == "Ana Ruiz"


def test_every_writable_field_is_written(sample: Adapter) -> None:
    writable = {field.mapped for field in sample.describe_fields(Kind.CUSTOMERS) if field.writable}
    special = {"country": "MX", "register": "informal", "offers_consent": "objected"}
    after = sample.update_customer("C-0001", {name: f"some {name}" for name in writable} | special)
    assert after == sample.get_customer("C-0001")
    assert [consent.granted for consent in after.consents] == [False]
    for name in writable - {"offers_consent"}:
        custom = name.removeprefix("crm.")
        value = after.custom[custom] if custom in after.custom else getattr(after, name)
        assert value == special.get(name, f"some {name}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("emails", "x@example.com"),
        ("register", "rude"),
        ("country", "Spain"),
        ("name", " "),
        ("offers_consent", "maybe"),
    ],
)
def test_a_refused_patch_changes_nothing(sample: Adapter, name: str, value: str) -> None:
    before = sample.get_customer("C-0001")
    with pytest.raises(ValidationFailed) as refusal:
        sample.update_customer("C-0001", {"company": "Other", name: value})
    assert refusal.value.fields.keys() == {name}
    assert value.strip() == "" or value not in str(refusal.value)
    assert sample.get_customer("C-0001") == before


def test_an_emptied_field_is_unknown(sample: Adapter) -> None:
    after = sample.update_customer("C-0001", {"register": "", "offers_consent": ""})
    assert (after.register, after.consents) == (None, ())


def test_a_new_file_lists_everything_whatever_the_cursor(sample: Adapter, tmp_path: Path) -> None:
    cursor = drain(sample, Kind.PRODUCTS)
    other = connect(tmp_path / "other.sqlite", customers=13)
    page = other.changes(Kind.PRODUCTS, cursor)
    assert page.snapshot
    assert len(page.items) == 180


def test_an_older_copy_lists_everything(sample: Adapter, filled: Path, tmp_path: Path) -> None:
    sample.update_customer("C-0001", {"company": "Other"})
    cursor = drain(sample, Kind.CUSTOMERS)
    restored = connect(Path(shutil.copy(filled, tmp_path / "restored.sqlite")))
    assert restored.changes(Kind.CUSTOMERS, cursor).snapshot


def test_a_missing_folder_is_a_crm_that_does_not_answer(tmp_path: Path) -> None:
    adapter = connect(tmp_path / "nowhere" / "shop.sqlite")
    with pytest.raises(Unavailable, match="folder"):
        adapter.get_customer("C-0001")
    assert not adapter.check().ok


def test_a_locked_file_can_be_read_and_is_written_later(sample: Adapter, tmp_path: Path) -> None:
    hurried = connect(tmp_path / "shop.sqlite", busy_seconds=0)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            hurried.log_outcome(make_outcome("C-0001"), key="key-1")
        assert hurried.get_customer("C-0001").name == "Ana Ruiz"
        assert not hurried.check().ok
    assert hurried.log_outcome(make_outcome("C-0001"), key="key-1").created


@pytest.mark.parametrize("content", [b"", b"customer_id,name\n1,Ana\n" * 50])
def test_another_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    with pytest.raises(VendorChanged, match=r"customers\.csv"):
        connect(path).get_customer("C-0001")
    assert path.read_bytes() == content
