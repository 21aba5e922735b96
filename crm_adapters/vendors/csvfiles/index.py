"""The index of the files, read: customers by key, orders by customer, and pages of everything."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from crm_adapters.model import (
    Customer,
    Kind,
    Money,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    RejectedRow,
)
from crm_adapters.vendors.csvfiles import statements
from crm_adapters.vendors.csvfiles.cells import show_moment
from crm_adapters.vendors.csvfiles.storage import load_customer, load_product

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Rejects:
    rows: tuple[RejectedRow, ...]
    last: int
    lost: int
    """How many of them are in no record; the others were kept with a remark."""


@dataclass(frozen=True, slots=True)
class Index:
    path: Path
    fingerprint: str
    """Of the mapping and all files: equal means that nothing changed."""

    def find(self, kind: str, value: str, *, limit: int) -> list[Customer]:
        with self._connect() as connection:
            rows = connection.execute(statements.CUSTOMERS_BY_KEY, (kind, value, limit)).fetchall()
        return [load_customer(body) for (body,) in rows]

    def customer(self, ref: str) -> Customer | None:
        with self._connect() as connection:
            row = connection.execute(statements.CUSTOMER, (ref,)).fetchone()
        return load_customer(row[0]) if row else None

    def orders_of(self, customer_ref: str, *, since: int) -> Iterator[Order]:
        """Newest first; `since` in microseconds."""
        with self._connect() as connection:
            for row in connection.execute(statements.ORDERS_OF_CUSTOMER, (customer_ref, since)):
                lines = connection.execute(statements.LINES_OF_ORDERS, (row[0], row[0]))
                yield _order(row, lines.fetchall())

    def page(
        self, kind: Kind, *, after: int, limit: int
    ) -> tuple[list[Customer | Product | Order], int, int]:
        """The records after that place, the last one's place, and how many rows of the files they are."""
        with self._connect() as connection:
            if kind is Kind.ORDERS:
                return _orders_page(connection, after, limit)
            rows = connection.execute(statements.PAGE[kind], (after, limit)).fetchall()
        load = load_product if kind is Kind.PRODUCTS else load_customer
        return [load(body) for _, body in rows], rows[-1][0] if rows else after, len(rows)

    def rejects(self, kind: Kind, *, after: int, limit: int) -> Rejects:
        with self._connect() as connection:
            rows = connection.execute(statements.REJECTED_PAGE, (kind, after, limit)).fetchall()
        told = tuple(RejectedRow(file, line, reason) for _, file, line, reason, _ in rows)
        return Rejects(told, rows[-1][0] if rows else after, sum(not row[-1] for row in rows))

    def count(self, kind: Kind) -> int:
        """All rows of the files behind a kind, refused ones included."""
        with self._connect() as connection:
            return int(connection.execute(statements.COUNT, (f"rows of {kind}",)).fetchone()[0])

    def _connect(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True))


def _orders_page(
    connection: sqlite3.Connection, after: int, limit: int
) -> tuple[list[Customer | Product | Order], int, int]:
    rows = connection.execute(statements.ORDERS_PAGE, (after, limit)).fetchall()
    if not rows:
        return [], after, 0
    lines = connection.execute(statements.LINES_OF_ORDERS, (rows[0][0], rows[-1][0])).fetchall()
    by_order = {order: list(group) for order, group in groupby(lines, key=itemgetter(0))}
    return [_order(row, by_order[row[0]]) for row in rows], rows[-1][0], len(lines)


def _order(row: Row, lines: list[Row]) -> Order:
    _, ref, customer_ref, placed_at, status, raw_status, promised_at, delivered_at, updated_at = row
    return Order(
        ref=ref,
        customer_ref=customer_ref,
        placed_at=show_moment(placed_at),
        status=OrderStatus(status),
        lines=tuple(_lines(lines)),
        number=ref,
        raw_status=raw_status,
        promised_at=_moment(promised_at),
        delivered_at=_moment(delivered_at),
        updated_at=_moment(updated_at),
    )


def _lines(rows: list[Row]) -> Iterator[OrderLine]:
    used: set[str] = set()
    for place, (_, line_ref, product_ref, written, name, quantity, price, currency) in enumerate(rows, 1):
        ref = line_ref or str(place)
        if ref in used:
            ref = f"{ref}#{place}"
        used.add(ref)
        yield OrderLine(ref, product_ref, name or written, _number(quantity), _money(price, currency))


@lru_cache(1 << 12)
def _number(text: str) -> Decimal:
    return Decimal(text)


@lru_cache(1 << 14)
def _money(amount: str | None, currency: str) -> Money | None:
    return None if amount is None else Money(Decimal(amount), currency)


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else show_moment(microseconds)
