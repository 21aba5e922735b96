"""A shop to be served: a data directory made by the commands themselves, on either adapter that ships."""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from crm_adapters.model import Customer, Kind, Order, Product
from crm_adapters.vendors.sample import Adapter
from tests.assist.processes.nursery import Nursery

CUSTOMERS = 150
PASSWORD = re.compile(r"shown this once: (\S+)")
MAPPING = {
    "currency": "EUR",
    "products": {
        "file": "products.csv",
        "columns": {name: name for name in ("id", "sku", "name", "family", "category", "price")},
    },
    "customers": {"file": "customers.csv", "columns": {name: name for name in ("id", "name", "language")}},
    "order_lines": {
        "file": "lines.csv",
        "columns": {
            name: name for name in ("order", "customer", "product", "date", "quantity", "unit_price")
        },
    },
}


@dataclass(frozen=True, slots=True)
class Shop:
    folder: Path
    adapter: str
    password: str
    """Of `admin@example.com`."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Of the environment, beside what every shop has."""

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.folder, **self.more)

    def list_customers(self) -> list[str]:
        """Their ids in the CRM."""
        with closing(sqlite3.connect(self.folder / "assist.sqlite")) as database:
            return [ref for (ref,) in database.execute("SELECT ref FROM customer ORDER BY id")]

    def count_outbox(self) -> Counter[str]:
        """Entries by state, those in a deliverer's hands as `claimed`."""
        question = """SELECT state, claimed_until > strftime('%Y-%m-%d %H:%M:%f', 'now') FROM outbox"""
        with closing(sqlite3.connect(self.folder / "assist.sqlite", timeout=30)) as database:
            return Counter("claimed" if claimed else state for state, claimed in database.execute(question))

    def list_unsettled(self) -> set[str]:
        """Keys of which the outbox does not know that they were delivered."""
        question = "SELECT key FROM outbox WHERE state = 'waiting'"
        with closing(sqlite3.connect(self.folder / "assist.sqlite", timeout=30)) as database:
            return {key for (key,) in database.execute(question)}

    def list_causes(self) -> list[str]:
        """Why what waits was not delivered so far."""
        question = "SELECT cause FROM outbox WHERE state = 'waiting' AND cause IS NOT NULL"
        with closing(sqlite3.connect(self.folder / "assist.sqlite", timeout=30)) as database:
            return [cause for (cause,) in database.execute(question)]

    def forget_deliveries(self) -> None:
        """As after the deliverer died before it could write them down."""
        with closing(sqlite3.connect(self.folder / "assist.sqlite", timeout=30)) as database:
            database.execute("UPDATE outbox SET state = 'waiting', delivered_at = NULL, record_ref = NULL")
            database.commit()

    def count_written(self) -> Counter[str]:
        """How often each key is in the CRM, read past the adapter."""
        if self.adapter == "sample":
            with closing(sqlite3.connect(self.folder / "crm.sqlite", timeout=30)) as crm:
                return Counter(key for (key,) in crm.execute("SELECT key FROM notes"))
        path = self.folder / "exports" / "outcomes.csv"
        if not path.exists():
            return Counter()
        with path.open(encoding="utf-8-sig", newline="") as text:
            return Counter(row["key"] for row in csv.DictReader(text))


def environment_of(folder: Path, **more: str) -> dict[str, str]:
    return {
        "ASSIST_DATA_DIR": str(folder),
        "ASSIST_WEB_WORKERS": "1",
        "ASSIST_UNDO_SECONDS": "1",
        "ASSIST_DELIVERY_LEASE_SECONDS": "1",
    } | more


def open_shop(nursery: Nursery, folder: Path, adapter: str) -> Shop:
    return connect_shop(nursery, folder, adapter, _settings(folder, adapter))


def connect_shop(
    nursery: Nursery, folder: Path, adapter: str, settings: Mapping[str, str], **more: str
) -> Shop:
    """By the commands an admin would type."""
    pairs = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    output = ""
    for arguments in (
        ["db", "upgrade"],
        ["crm", "add", "shop", "--adapter", adapter, "--no-shadow", *pairs],
        ["crm", "sync", "shop"],
        ["setup"],
    ):
        ran = nursery.run(arguments, environment=environment_of(folder, **more), log=folder / "log")
        assert ran.exit_code == 0, ran.output
        output += ran.output
    found = PASSWORD.search(output)
    assert found, output
    return Shop(folder, adapter, found[1], more)


def _settings(folder: Path, adapter: str) -> Mapping[str, str]:
    sample = {"path": str(folder / "crm.sqlite"), "customers": str(CUSTOMERS)}
    if adapter == "sample":
        return sample
    exports = folder / "exports"
    exports.mkdir()
    _export(Adapter(Adapter.load_settings(sample)), exports)
    return {"path": str(exports)}


def _export(crm: Adapter, folder: Path) -> None:
    products = [record for record in _list(crm, Kind.PRODUCTS) if isinstance(record, Product)]
    customers = [record for record in _list(crm, Kind.CUSTOMERS) if isinstance(record, Customer)]
    orders = [record for record in _list(crm, Kind.ORDERS) if isinstance(record, Order)]
    # YAML reads what JSON writes.
    (folder / "mapping.yaml").write_text(json.dumps(MAPPING))
    _write(folder / "products.csv", MAPPING["products"], map(_product, products))
    _write(folder / "customers.csv", MAPPING["customers"], map(_customer, customers))
    _write(folder / "lines.csv", MAPPING["order_lines"], (row for order in orders for row in _lines(order)))


def _list(crm: Adapter, kind: Kind) -> Iterator[object]:
    cursor, more = None, True
    while more:
        page = crm.changes(kind, cursor)
        yield from page.items
        cursor, more = page.next_cursor, page.more


def _write(path: Path, mapping: object, rows: Iterable[tuple[object, ...]]) -> None:
    assert isinstance(mapping, dict)
    with path.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(mapping["columns"])
        writer.writerows(rows)


def _product(one: Product) -> tuple[object, ...]:
    price = one.prices[0].amount if one.prices else ""
    return one.ref, one.sku, one.name, one.family, one.category, price


def _customer(one: Customer) -> tuple[object, ...]:
    return one.ref, one.name, one.language


def _lines(order: Order) -> Iterator[tuple[object, ...]]:
    for line in order.lines:
        price = line.unit_price.amount if line.unit_price else ""
        moment = order.placed_at.isoformat()
        yield order.ref, order.customer_ref, line.product_ref, moment, line.quantity, price
