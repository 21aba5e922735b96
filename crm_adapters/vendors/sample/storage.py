"""The sample CRM's file: an SQLite database made and filled once, shared by every process that opens it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from crm_adapters.errors import CRMError, Unavailable, VendorChanged
from crm_adapters.model import Kind
from crm_adapters.vendors.sample import deals, records
from crm_adapters.vendors.sample.shop import Shop, build_shop

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE merges (ref TEXT PRIMARY KEY, new_ref TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE relations (product_ref TEXT NOT NULL, related_ref TEXT NOT NULL, kind TEXT NOT NULL);
CREATE INDEX relations_of_product ON relations (product_ref);
CREATE TABLE notes (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, customer_ref TEXT NOT NULL, body TEXT NOT NULL,
  written_at TEXT NOT NULL
);
CREATE INDEX notes_of_customer ON notes (customer_ref);
"""


@dataclass(frozen=True, slots=True)
class ShopFile:
    path: Path
    seed: int
    today: datetime | None
    """The day on which the shop's past ends; None: the day on which the file is made."""
    customers: int
    busy_seconds: float

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Raises Unavailable where the file cannot be opened or made, VendorChanged where it is not ours."""
        self._make()
        try:
            with closing(self._connect()) as connection:
                yield connection
        except sqlite3.DatabaseError as error:
            raise _translated(error, self.path) from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or nothing where the body raises."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise

    def _connect(self) -> sqlite3.Connection:
        """`mode=rw` opens what is there, and makes no empty file where ours has gone."""
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=self.busy_seconds, isolation_level=None)

    def _make(self) -> None:
        """Fills a new file beside `path` and links it there: two processes starting at once both go on
        with the file of the first, and nobody ever sees half of one."""
        try:
            if self.path.exists():
                return
            with TemporaryDirectory(prefix=".sample-", dir=self.path.parent) as folder:
                made = Path(folder) / "made"
                today = self.today or _midnight(datetime.now(UTC))
                fill(made, build_shop(self.seed, today, customers=self.customers))
                _link(made, self.path)
        except (OSError, sqlite3.OperationalError) as error:
            message = f"The sample CRM's file {self.path} cannot be made ({type(error).__name__}): "
            raise Unavailable(message + "does its folder exist, with room in it?") from None


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def fill(path: Path, shop: Shop) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(TABLES + records.TABLES + deals.TABLES)
        connection.execute("BEGIN")
        connection.execute("INSERT INTO about VALUES ('shop', ?)", (uuid4().hex,))
        records.add_all(connection, Kind.PRODUCTS, shop.products)
        records.add_all(connection, Kind.CUSTOMERS, shop.customers)
        records.add_all(connection, Kind.ORDERS, shop.orders)
        records.add_all(connection, Kind.CASES, shop.cases)
        deals.add_deals(connection, shop.deals)
        links = ((link.product_ref, link.related_ref, link.kind) for link in shop.relations)
        connection.executemany("INSERT INTO relations VALUES (?, ?, ?)", links)
        connection.execute("COMMIT")


def _link(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        return


def _translated(error: sqlite3.DatabaseError, path: Path) -> CRMError:
    ours = isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error)
    if ours:
        return Unavailable(f"The sample CRM's file {path} does not answer: {error}")
    return VendorChanged(f"{path} is not a sample CRM's file ({error}): move it away or choose another path")
