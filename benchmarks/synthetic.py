"""Made-up purchases of a wanted size, as the recommender takes them."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import catalogue
from benchmarks.catalogue import Goods, Ints
from benchmarks.customers import END, MEAN_LINES, Piece, make_pieces
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import SECONDS_A_DAY, Interactions

SPARE = 1.5
"""More is made than wanted by so much: returns are left out, and orders that would come after the end."""


def make_interactions(goods: Goods, *, customers: int, lines: int, seed: int) -> Interactions:
    """Exactly so many lines, each the only one of its order with its product."""
    mean_orders = max(SPARE * lines / customers / MEAN_LINES, 1.0)
    pieces = make_pieces(goods, customers=customers, seed=seed, mean_orders=mean_orders)
    columns = [np.concatenate(column) for column in zip(*_number(pieces), strict=True)]
    customer, order, day, product, quantity = columns
    kept = _choose(order * len(goods) + product, lines, seed)
    kept = kept[np.lexsort((product[kept], day[kept], customer[kept]))]
    return Interactions(
        customers=tuple(f"C{number:08d}" for number in range(customers)),
        products=tuple(map(catalogue.sku, range(len(goods)))),
        customer=customer[kept].astype(np.int32),
        product=product[kept].astype(np.int32),
        order=order[kept],
        day=day[kept],
        quantity=quantity[kept].astype(np.float64),
        price=goods.price[product[kept]],
    )


def make_catalogue(goods: Goods) -> Catalogue:
    return Catalogue(_items(goods))


def _number(pieces: Iterable[Piece]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Customer, order, day, product and quantity of the lines of each piece; orders count on from the last."""
    begun = 0
    for piece in pieces:
        kept = (piece.order_at < END)[piece.line_order] & (piece.quantity > 0)
        order = piece.line_order[kept]
        day = (piece.order_at.astype(np.int64) / SECONDS_A_DAY)[order]
        customer = piece.first + piece.order_customer[order]
        yield customer, begun + order, day, piece.product[kept], piece.quantity[kept]
        begun += len(piece.order_at)


def _choose(key: Ints, count: int, seed: int) -> Ints:
    """So many lines at random, of those with the same key only the first."""
    _, distinct = np.unique(key, return_index=True)
    if len(distinct) < count:
        raise SystemExit(f"Only {len(distinct):,} different lines: ask for fewer lines or more products.")
    return np.random.default_rng([seed, 3]).permutation(distinct)[:count]


def _items(goods: Goods) -> Iterator[CatalogueItem]:
    for product, price in enumerate(goods.price.tolist()):
        yield CatalogueItem(
            product_id=catalogue.sku(product),
            name=catalogue.name(product),
            price=price,
            family=catalogue.family(product),
            category=catalogue.category(int(goods.category[product])),
            active=product % 33 != 5,
        )
