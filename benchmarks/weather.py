"""A vendor's fake with a shop in it, in a process of its own, whose weather can be changed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmarks import catalogue
from benchmarks.catalogue import Goods
from benchmarks.customers import Piece, make_pieces
from benchmarks.shop import COUNTRIES, NAMES, email
from crm_adapters import fakes
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.troubles import Storm, Trouble
from crm_adapters.model import Customer, Email, Money, Order, OrderLine, OrderStatus, Product

WEATHERS: Mapping[str, Trouble | None] = {
    "healthy": None,
    "429": Trouble.LIMITED,
    "500": Trouble.BROKEN,
    "hanging": Trouble.HUNG_AFTER,
}


@dataclass(frozen=True, slots=True)
class Crm:
    settings: dict[str, Any]
    """Of a connection to it."""
    _pipe: Connection

    def become(self, weather: str) -> None:
        self._pipe.send(weather)
        self._pipe.recv()


@contextmanager
def open_crm(vendor: str, goods: Goods, *, customers: int, seed: int) -> Iterator[Crm]:
    fresh = get_context("spawn")
    ours, theirs = fresh.Pipe()
    process = fresh.Process(target=_serve, args=(vendor, goods, customers, seed, theirs))
    process.start()
    try:
        yield Crm(ours.recv(), ours)
    finally:
        ours.send(None)
        process.join()


def _serve(vendor: str, goods: Goods, customers: int, seed: int, pipe: Connection) -> None:
    fake = fakes.load(vendor)()
    fake.fill(_make_seed(goods, customers, seed))
    with serving(fake) as url:
        pipe.send(fake.settings(url))
        while weather := pipe.recv():
            fake.troubles.clear()
            trouble = WEATHERS[weather]
            if trouble:
                fake.brew(Storm({trouble: 1}))
            pipe.send(weather)


def _make_seed(goods: Goods, customers: int, seed: int) -> Seed:
    (piece,) = make_pieces(goods, customers=customers, seed=seed)
    return Seed(
        companies=(),
        products=tuple(_product(goods, number) for number in range(len(goods))),
        customers=tuple(_customer(number) for number in range(piece.count)),
        relations=(),
        orders=tuple(_orders(goods, piece)),
        cases=(),
        deals=(),
    )


def _product(goods: Goods, number: int) -> Product:
    return Product(
        f"p{number}",
        catalogue.sku(number),
        catalogue.name(number),
        family=catalogue.family(number),
        category=catalogue.category(int(goods.category[number])),
        prices=(_price(goods, number),),
    )


def _price(goods: Goods, number: int) -> Money:
    return Money(Decimal(f"{goods.price[number]:.2f}"), "EUR")


def _customer(number: int) -> Customer:
    given, (country, _) = NAMES[number % len(NAMES)], COUNTRIES[number % len(COUNTRIES)]
    family = f"Customer {number}"
    return Customer(
        f"c{number}", f"{given} {family}", given, family, emails=(Email(email(number)),), country=country
    )


def _orders(goods: Goods, piece: Piece) -> Iterator[Order]:
    edges = np.searchsorted(piece.line_order, np.arange(len(piece.order_customer) + 1)).tolist()
    moments = piece.order_at.astype("int64").tolist()
    for number, customer in enumerate(piece.order_customer.tolist()):
        bought = piece.product[edges[number] : edges[number + 1]].tolist()
        lines = tuple(_line(goods, place, product) for place, product in enumerate(bought))
        at = datetime.fromtimestamp(moments[number], UTC)
        yield Order(f"o{number}", f"c{customer}", at, OrderStatus.WON, lines)


def _line(goods: Goods, place: int, product: int) -> OrderLine:
    return OrderLine(str(place), f"p{product}", catalogue.name(product), Decimal(1), _price(goods, product))
