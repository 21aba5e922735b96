"""The sample shop's quotes: what somebody asked the price of and has not bought yet, one row each."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from crm_adapters.errors import Conflict, NotFound, ValidationFailed
from crm_adapters.model import Kind, Money, NewLine, OpenDeal, OrderLine, Product, WriteResult
from crm_adapters.vendors.sample import documents
from crm_adapters.vendors.sample.records import find_record

TABLES = """
CREATE TABLE deals (
  ref TEXT PRIMARY KEY, customer_ref TEXT NOT NULL, open INTEGER NOT NULL DEFAULT 1, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX deals_of_customer ON deals (customer_ref);
CREATE TABLE deal_lines (key TEXT PRIMARY KEY, ref TEXT NOT NULL) WITHOUT ROWID;
"""


def add_deals(connection: sqlite3.Connection, deals: Iterable[OpenDeal]) -> None:
    rows = ((deal.ref, deal.customer_ref, documents.write(deal)) for deal in deals)
    connection.executemany("INSERT INTO deals (ref, customer_ref, body) VALUES (?, ?, ?)", rows)


def list_open(connection: sqlite3.Connection, customer_ref: str) -> list[OpenDeal]:
    """Latest change first. Files that were made before there were quotes have none."""
    if not _are_kept(connection):
        return []
    question = "SELECT body FROM deals WHERE customer_ref = ? AND open"
    found = [documents.read_deal(body) for (body,) in connection.execute(question, (customer_ref,))]
    return sorted(found, key=lambda deal: (str(deal.updated_at), deal.ref), reverse=True)


def add_line(
    connection: sqlite3.Connection, deal_ref: str, line: NewLine, *, key: str, at: datetime
) -> WriteResult:
    """Inside a transaction. Raises NotFound, Conflict where the quote was closed, ValidationFailed for the product."""
    deal = _get_open(connection, deal_ref, key)
    if isinstance(deal, WriteResult):
        return deal
    product = find_record(connection, Kind.PRODUCTS, line.product_ref)
    if not isinstance(product, Product):
        raise ValidationFailed("The sample CRM has no such product", fields={"product": "unknown"})
    currency = deal.amount.currency if deal.amount else ""
    listed = next((price for price in product.prices if price.currency == currency), None)
    ref = f"{deal.ref}-{len(deal.lines) + 1}"
    added = OrderLine(ref, product.ref, product.name, line.quantity, line.unit_price or listed)
    _put(connection, _with_lines(deal, (*deal.lines, added), at))
    connection.execute("INSERT INTO deal_lines VALUES (?, ?)", (key, ref))
    return WriteResult(ref, created=True)


def close(connection: sqlite3.Connection, ref: str) -> None:
    connection.execute("UPDATE deals SET open = 0 WHERE ref = ?", (ref,))


def move(connection: sqlite3.Connection, customer_ref: str, *, into: str) -> None:
    if _are_kept(connection):
        moved = [replace(deal, customer_ref=into) for deal in list_open(connection, customer_ref)]
        for deal in moved:
            _put(connection, deal)


def forget(connection: sqlite3.Connection, customer_ref: str) -> None:
    if _are_kept(connection):
        connection.execute("DELETE FROM deals WHERE customer_ref = ?", (customer_ref,))


def total(lines: Iterable[OrderLine], currency: str) -> Money:
    """Of the lines that have a price in it."""
    priced = ((line.quantity, line.unit_price) for line in lines if line.unit_price)
    amounts = (quantity * price.amount for quantity, price in priced if price.currency == currency)
    return Money(sum(amounts, Decimal(0)), currency)


def _get_open(connection: sqlite3.Connection, ref: str, key: str) -> OpenDeal | WriteResult:
    """What was written under the key before, where it was."""
    if not _are_kept(connection):
        raise NotFound("The sample CRM has no such quote")
    written = connection.execute("SELECT ref FROM deal_lines WHERE key = ?", (key,)).fetchone()
    if written:
        return WriteResult(written[0], created=False)
    row = connection.execute("SELECT open, body FROM deals WHERE ref = ?", (ref,)).fetchone()
    if row is None:
        raise NotFound("The sample CRM has no such quote")
    if not row[0]:
        raise Conflict("The quote was closed")
    return documents.read_deal(row[1])


def _with_lines(deal: OpenDeal, lines: tuple[OrderLine, ...], at: datetime) -> OpenDeal:
    amount = total(lines, deal.amount.currency) if deal.amount else None
    return replace(deal, lines=lines, amount=amount, updated_at=at)


def _put(connection: sqlite3.Connection, deal: OpenDeal) -> None:
    row = (deal.customer_ref, documents.write(deal), deal.ref)
    connection.execute("UPDATE deals SET customer_ref = ?, body = ? WHERE ref = ?", row)


def _are_kept(connection: sqlite3.Connection) -> bool:
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'deals'"
    return connection.execute(table).fetchone() is not None
