"""A shop of any size, poured straight into the mirror's tables of an embedded database."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection as Database
from sqlalchemy import insert

from assist.clock import SystemClock
from assist.models.account import LoginSession, Role, UserAccount
from assist.models.connection import Connection, SyncState
from assist.models.mirror import Customer, CustomerKey, Order, OrderLine, Product
from benchmarks import catalogue
from benchmarks.catalogue import Goods
from benchmarks.customers import Piece, make_pieces

COUNTRIES = (("ES", "es"), ("MX", "es"), ("BR", "pt-BR"), ("US", "en"))
NAMES = ("Ana", "Bruno", "Carla", "Diego", "Eva", "Felipe", "Gloria", "Hugo", "Irene", "João")
STAMP = "2026-11-01 12:00:00.000000"
KINDS = ("products", "customers", "orders", "cases")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Size:
    customers: int
    products: int
    lines: int


def pour(database: Database, goods: Goods, size: Size, *, seed: int) -> int:
    """How many lines there are: what the customers bought, cut at `size.lines`."""
    _begin(database)
    _pour(database, Product, PRODUCT, _product_rows(goods))
    order, left = 0, size.lines
    for piece in make_pieces(goods, customers=size.customers, seed=seed):
        _pour(database, Customer, CUSTOMER, map(_customer_row, _numbers(piece)))
        _pour(database, CustomerKey, KEY, (key for number in _numbers(piece) for key in _key_rows(number)))
        _pour(database, Order, ORDER, _order_rows(piece, order))
        taken = min(left, len(piece.product))
        _pour(database, OrderLine, LINE, _line_rows(piece, goods, order, taken))
        order, left = order + len(piece.order_at), left - taken
    return size.lines - left


def _begin(database: Database) -> None:
    now = SystemClock().now()
    connection = {"id": 1, "name": "shop", "adapter": "csvfiles", "settings": {}, "created_at": now}
    database.execute(insert(Connection), connection)
    states = [{"connection_id": 1, "kind": kind, "finished_at": now, "rows": 0} for kind in KINDS]
    database.execute(insert(SyncState), states)
    add_agent(database)


def add_agent(database: Database) -> None:
    """Number 1, signed in for good."""
    now = SystemClock().now()
    agent = {"id": 1, "email": "agent@example.com", "name": "Agent", "password_hash": "-"}
    database.execute(insert(UserAccount), agent | {"roles": frozenset({Role.AGENT}), "created_at": now})
    session = {"id": 1, "user_id": 1, "token_hash": "-", "address": "-", "browser": "-", "created_at": now}
    database.execute(insert(LoginSession), session | {"last_seen_at": now + timedelta(days=3_650)})


def _pour(database: Database, table: type[Any], columns: str, rows: Iterable[Row]) -> None:
    """By the driver alone: a dictionary for each of ten million rows would take an hour."""
    marks = ", ".join("?" * len(columns.split()))
    names = ", ".join(columns.split())
    cursor = database.connection.cursor()
    cursor.executemany(f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})", rows)  # type: ignore[arg-type]  # sqlite3 takes any iterable


PRODUCT = "id ref digest seen_run deleted connection_id sku name family category tier prices active stock description"
CUSTOMER = (
    "id ref digest seen_run deleted connection_id name given_name language country offers custom refreshed_at"
)
KEY = "customer_id kind value joins"
ORDER = (
    "id ref digest seen_run deleted connection_id customer_ref customer_id number placed_at status raw_status"
)
LINE = "order_id position product_id name quantity unit_price currency"


def _product_rows(goods: Goods) -> Iterator[Row]:
    for product, (price, category) in enumerate(
        zip(goods.price.tolist(), goods.category.tolist(), strict=True)
    ):
        sku, prices = catalogue.sku(product), json.dumps({"EUR": f"{price:.2f}"})
        tier = product % len(catalogue.STEPS) + 1
        named = (catalogue.name(product), catalogue.family(product), catalogue.category(category), tier)
        stock = 0 if product % 25 == 7 else 20
        yield (product + 1, sku, "-", 1, False, 1, sku, *named, prices, product % 33 != 5, stock, "")


def _numbers(piece: Piece) -> range:
    return range(piece.first + 1, piece.first + piece.count + 1)


def _customer_row(number: int) -> Row:
    given, (country, language) = NAMES[number % len(NAMES)], COUNTRIES[number % len(COUNTRIES)]
    offers = None if number % 3 else True
    head = (number, f"C{number:08d}", "-", 1, False, 1)
    return (*head, f"{given} Customer {number}", given, language, country, offers, "{}", STAMP)


def email(number: int) -> str:
    return f"customer{number:08d}@example.com"


def _key_rows(number: int) -> Iterator[Row]:
    yield number, "email", email(number), True
    if number % 2:
        yield number, "phone", f"+346{number:08d}", True


def _order_rows(piece: Piece, first: int) -> Iterator[Row]:
    moments = np.char.replace(np.datetime_as_string(piece.order_at, unit="us"), "T", " ").tolist()
    places = (piece.order_customer + piece.first + 1).tolist()
    for order, (customer, at) in enumerate(zip(places, moments, strict=True), first + 1):
        status = "cancelled" if order % 50 == 3 else "won"
        ref = f"O{order:09d}"
        yield (order, ref, "-", 1, False, 1, f"C{customer:08d}", customer, ref, at, status, status)


def _line_rows(piece: Piece, goods: Goods, first: int, count: int) -> Iterator[Row]:
    orders, products = piece.line_order[:count], piece.product[:count]
    begins = np.searchsorted(orders, orders)
    columns = (orders + first + 1, np.arange(count) - begins, products, piece.quantity[:count])
    prices = goods.price[products].tolist()
    for order, position, product, quantity, price in zip(*(c.tolist() for c in columns), prices, strict=True):
        yield order, position, product + 1, catalogue.name(product), quantity, price, "EUR"


def is_complete(folder: Path, size: Size, *, seed: int) -> bool:
    """Whether the folder holds this shop from an earlier run."""
    path = folder / "shop.json"
    return path.exists() and json.loads(path.read_text()) == _document(size, seed)


def note_complete(folder: Path, size: Size, *, seed: int) -> None:
    (folder / "shop.json").write_text(json.dumps(_document(size, seed)))


def _document(size: Size, seed: int) -> dict[str, int]:
    return {"customers": size.customers, "products": size.products, "lines": size.lines, "seed": seed}
