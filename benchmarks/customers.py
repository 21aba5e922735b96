"""Made-up customers and what they bought, in pieces, the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.catalogue import CATEGORIES, COMPANIONS, Goods, Ints

PIECE = 20_000
END = np.datetime64("2026-11-01T12:00", "s")
THREE_YEARS = 3 * 365 * 86_400
GAP = 60 * 86_400
"""Mean seconds between two orders of a customer with as many as most have."""
MEAN_ORDERS, MEAN_LINES = 4.0, 2.5
FOLLOWS, LIKES = 0.35, 0.4
"""Shares of lines: bought after a companion product; else of the customer's favourite category."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some customers with their orders and lines."""

    first: int
    """The number of its first customer."""
    count: int
    order_customer: Ints
    """Places among the customers, rising; one per order, as `order_at`."""
    order_at: NDArray[Any]
    line_order: Ints
    """Places among the orders, rising; one per line, as `product` and `quantity`."""
    product: Ints
    quantity: Ints


def make_pieces(
    goods: Goods, *, customers: int, seed: int, mean_orders: float = MEAN_ORDERS
) -> Iterator[Piece]:
    """With more orders a customer orders more often, not for longer."""
    for first in range(0, customers, PIECE):
        rng = np.random.default_rng([seed, 2, first])
        orders = rng.geometric(1 / mean_orders, min(PIECE, customers - first))
        yield _make_piece(goods, rng, first, orders, gap=GAP * MEAN_ORDERS / mean_orders)


def _make_piece(goods: Goods, rng: np.random.Generator, first: int, orders: Ints, *, gap: float) -> Piece:
    count = len(orders)
    customer = np.repeat(np.arange(count), orders)
    start = rng.uniform(0, THREE_YEARS, count)[customer]
    later = rng.exponential(gap, len(customer))
    nth = np.arange(len(customer)) - np.repeat(np.cumsum(orders) - orders, orders)
    at = END - np.maximum(start - nth * later, 0).astype("timedelta64[s]")
    lines = 1 + rng.poisson(MEAN_LINES - 1, len(customer))
    order = np.repeat(np.arange(len(customer)), lines)
    product = _choose(goods, rng, customer[order])
    back = rng.random(len(order)) < 0.01
    quantity = np.where(back, -1, rng.geometric(0.8, len(order)))
    return Piece(first, count, customer, at, order, product, quantity)


def _choose(goods: Goods, rng: np.random.Generator, customer: Ints) -> Ints:
    """A product per line: after another one of the customer's, of their favourite category, or any."""
    favourite = rng.integers(0, CATEGORIES, customer.max(initial=0) + 1)[customer]
    liked = goods.draw(rng.random(len(customer)), within=favourite)
    any_one = goods.draw(rng.random(len(customer)))
    own = np.where(rng.random(len(customer)) < LIKES, liked, any_one)
    before = np.roll(own, 1)
    follows = (np.roll(customer, 1) == customer) & (rng.random(len(customer)) < FOLLOWS)
    after = goods.companions[before, rng.integers(0, COMPANIONS, len(customer))]
    return np.where(follows, after, own)
