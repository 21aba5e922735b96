"""Reads the files once, row by row, into a small index in which a customer's orders can be found.

Memory stays bounded because SQLite sorts on disk.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from crm_adapters.model import Customer, Kind, Money, Product
from crm_adapters.phones import match_key
from crm_adapters.vendors.csvfiles import statements
from crm_adapters.vendors.csvfiles.cells import CellError
from crm_adapters.vendors.csvfiles.lines import LineReader
from crm_adapters.vendors.csvfiles.mapping import FilesMapping
from crm_adapters.vendors.csvfiles.records import CustomerReader, ProductReader
from crm_adapters.vendors.csvfiles.storage import dump_customer, dump_product
from crm_adapters.vendors.csvfiles.table import Reject, Table, open_table

T = TypeVar("T")


def build_index(path: Path, folder: Path, mapping: FilesMapping) -> None:
    """Raises BadSettings or Unavailable as `open_table` and its rows do; a half-built file stays behind."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(statements.SCHEMA)
        connection.execute("BEGIN")
        Staging(connection, folder, mapping).run()
        connection.execute("COMMIT")


@dataclass(slots=True)
class Staging:
    connection: sqlite3.Connection
    folder: Path
    mapping: FilesMapping

    def run(self) -> None:
        products, customers, lines = (
            [open_table(self.folder, one) for one in files]
            for files in (self.mapping.products, self.mapping.customers, self.mapping.order_lines)
        )
        for table in products:
            self._load_products(table)
        for table in customers:
            self._load_customers(table)
        for table in lines:
            self._load_lines(table)
        self._gather_orders()
        self._complete_products()
        self._complete_customers()
        self._count()

    def _load_products(self, table: Table) -> None:
        reject = self._rejecter(Kind.PRODUCTS, table)
        for line, product in parse_rows(table, ProductReader(table), reject):
            if not self._add_product(product):
                reject(line, "has the number of an earlier product")

    def _load_customers(self, table: Table) -> None:
        reject = self._rejecter(Kind.CUSTOMERS, table)
        remark = self._rejecter(Kind.CUSTOMERS, table, kept=True)
        read = CustomerReader(table, self.mapping.countries)
        for line, (customer, remarks) in parse_rows(table, read, reject):
            if not self._add_customer(customer):
                reject(line, "has the number of an earlier customer")
                continue
            for text in remarks:
                remark(line, text)

    def _load_lines(self, table: Table) -> None:
        reject = self._rejecter(Kind.ORDERS, table)
        source = self.connection.execute(statements.ADD_SOURCE, (table.mapping.file,)).lastrowid
        parsed = parse_rows(table, LineReader(table, self.mapping), reject)
        self.connection.executemany(statements.ADD_LINE, ((source, line, *row) for line, row in parsed))

    def _gather_orders(self) -> None:
        for statement in statements.GATHER_ORDERS:
            self.connection.execute(statement)

    def _complete_products(self) -> None:
        if self.mapping.products:
            self.connection.execute(statements.REMARK_UNKNOWN_PRODUCTS)
            return
        prices = usual_prices(self.connection.execute(statements.PRICES_OF_LINES))
        for ref, name, _ in self.connection.execute(statements.PRODUCTS_OF_LINES):
            self._add_product(Product(ref, ref, name or ref, prices=prices.get(ref, ())))

    def _complete_customers(self) -> None:
        self.connection.create_function("bare_customer", 2, _bare_customer)
        self.connection.execute(statements.STRANGERS)
        if self.mapping.customers:
            self.connection.execute(statements.REMARK_STRANGERS)
        self.connection.execute(statements.ADD_STRANGERS)

    def _count(self) -> None:
        for kind, statement in statements.COUNTS.items():
            kept = self.connection.execute(statement).fetchone()[0]
            lost = self.connection.execute(statements.COUNT_REJECTED, (kind,)).fetchone()[0]
            self.connection.execute(statements.SET_META, (f"rows of {kind}", kept + lost))

    def _add_product(self, product: Product) -> bool:
        row = (product.ref, product.name, dump_product(product))
        return self.connection.execute(statements.ADD_PRODUCT, row).rowcount > 0

    def _add_customer(self, customer: Customer) -> bool:
        row = (customer.ref, dump_customer(customer))
        added = self.connection.execute(statements.ADD_CUSTOMER, row).rowcount > 0
        if added:
            self.connection.executemany(statements.ADD_KEY, keys(customer))
        return added

    def _rejecter(self, kind: Kind, table: Table, *, kept: bool = False) -> Reject:
        def reject(line: int, reason: str) -> None:
            self.connection.execute(statements.REJECT, (kind.value, table.mapping.file, line, reason, kept))

        return reject


def parse_rows(table: Table, parse: Callable[[list[str]], T], reject: Reject) -> Iterator[tuple[int, T]]:
    for line, cells in table.rows(reject):
        try:
            yield line, parse(cells)
        except CellError as error:
            reject(line, str(error))


def keys(customer: Customer) -> Iterator[tuple[str, str, str]]:
    """(kind, value, ref) under which the customer is found; the ref itself is the record's own key."""
    for email in customer.emails:
        yield "email", email.value, customer.ref
    for phone in customer.phones:
        if phone.e164:
            yield "phone", match_key(phone.e164), customer.ref


def usual_prices(sold: Iterable[tuple[str, str, str, int]]) -> dict[str, tuple[Money, ...]]:
    """For each product its middle price in each currency, the currency most sold in first.

    From (product, currency, price, times sold), sorted by product and currency.
    """
    usual: dict[str, tuple[Money, ...]] = {}
    for product, rows in groupby(sold, key=itemgetter(0)):
        by_currency = [
            _middle(currency, [(Decimal(price), times) for _, _, price, times in same])
            for currency, same in groupby(rows, key=itemgetter(1))
        ]
        by_currency.sort(key=itemgetter(0), reverse=True)
        usual[product] = tuple(money for _, money in by_currency)
    return usual


def _middle(currency: str, prices: list[tuple[Decimal, int]]) -> tuple[int, Money]:
    """(times sold, the median price): the lower of two, one that somebody paid."""
    total = sum(times for _, times in prices)
    place = 0
    for price, times in sorted(prices):
        place += times
        if 2 * place >= total:
            return total, Money(price, currency)
    raise AssertionError("a product that was sold has a price")


def _bare_customer(ref: str, country: str | None) -> str:
    return dump_customer(Customer(ref, name=ref, country=country))
