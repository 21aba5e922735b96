"""Products that go into one order far more often than by chance: proposals, for a person to approve as relations."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from recommender.catalogue import Catalogue
from recommender.evidence import FEWEST_BUYERS, wilson
from recommender.interactions import Interactions, Ints, Mask
from recommender.weights import number_orders, purchase_matrix

MOST = 200
"""What is more nobody reads."""
LEAST_LIFT = 2.0
"""Surely so many times as often as by chance: the low end of the interval says so."""
LARGEST_ORDER = 50
"""Products; who buys more at once stocks a shop, and says little of what goes with what."""
BLOCK = 2_000
"""Products counted against all others at one time."""


@dataclass(frozen=True, slots=True)
class Pair:
    anchor: str
    """Of the two the one in fewer orders: more of its orders hold the other than the other way round."""
    product: str
    together: int
    """Orders that hold both."""
    orders: int
    """That hold the anchor."""
    also: int
    """That hold the product."""
    every: int
    """All orders."""
    low: float
    """With `high` the Wilson 95 % interval of together / orders."""
    high: float

    @property
    def share(self) -> float:
        return self.together / self.orders

    @property
    def lift(self) -> float:
        """How many times as often as the product is in any order."""
        return self.share * self.every / self.also


def find_pairs(data: Interactions, catalogue: Catalogue, *, most: int = MOST) -> tuple[Pair, ...]:
    """Of products that are sold, of different families and not related yet; the surest first. The same for lines in
    any order."""
    baskets = _Baskets.of(data)
    counts = _count(baskets)
    anchors, products, together = (column[_is_open(data, catalogue, counts)] for column in counts)
    low, high = wilson(together, baskets.orders[anchors])
    shop_wide = baskets.orders[products] / max(len(baskets.customer), 1)
    lift = low / np.maximum(shop_wide, np.finfo(np.float64).tiny)
    ranked = np.lexsort((products, anchors, -np.round(lift, 9)))
    common = (
        Pair(
            anchor=data.products[anchors[at]],
            product=data.products[products[at]],
            together=int(together[at]),
            orders=int(baskets.orders[anchors[at]]),
            also=int(baskets.orders[products[at]]),
            every=len(baskets.customer),
            low=float(low[at]),
            high=float(high[at]),
        )
        for at in ranked[lift[ranked] > LEAST_LIFT]
        if baskets.count_buyers(anchors[at], products[at]) >= FEWEST_BUYERS
    )
    return tuple(islice(common, most))


@dataclass(frozen=True, slots=True)
class _Baskets:
    """Orders × products, 1 where an order holds it, without large orders."""

    by_order: Any
    by_product: Any
    customer: Ints
    """Of each order."""
    orders: Ints
    """Per product."""

    @classmethod
    def of(cls, data: Interactions) -> "_Baskets":
        matrix = purchase_matrix(data, None, by_order=True)
        customer = np.zeros(matrix.shape[0], np.int64)
        customer[number_orders(data)] = data.customer
        small = np.flatnonzero(np.diff(matrix.indptr) <= LARGEST_ORDER)
        by_order = matrix[small]
        by_product = by_order.tocsc()
        return cls(by_order, by_product, customer[small], np.diff(by_product.indptr))

    def count_buyers(self, one: int, other: int) -> int:
        """Customers with an order that holds both: one reseller's habit is none of the shop's."""
        both = np.intersect1d(self._holding(one), self._holding(other), assume_unique=True)
        return len(np.unique(self.customer[both]))

    def _holding(self, product: int) -> Ints:
        start, end = self.by_product.indptr[product : product + 2]
        return np.asarray(self.by_product.indices[start:end])


def _count(baskets: _Baskets) -> tuple[Ints, Ints, Ints]:
    """Anchors, products, and in how many orders both are: of pairs that are in enough."""
    parts = [np.zeros((3, 0), np.int64), *_count_blocks(baskets)]
    one, other, together = np.concatenate(parts, axis=1)
    swapped = baskets.orders[other] < baskets.orders[one]
    return np.where(swapped, other, one), np.where(swapped, one, other), together


def _count_blocks(baskets: _Baskets) -> Iterator[Ints]:
    """Each pair once, the product that comes first in the catalogue first."""
    for start in range(0, len(baskets.orders), BLOCK):
        counts = (baskets.by_product[:, start : start + BLOCK].T @ baskets.by_order).tocoo()
        rows = counts.row.astype(np.int64) + start
        kept = (rows < counts.col) & (counts.data >= FEWEST_BUYERS)
        yield np.array([rows[kept], counts.col[kept], counts.data[kept]]).astype(np.int64)


def _is_open(data: Interactions, catalogue: Catalogue, counts: tuple[Ints, Ints, Ints]) -> Mask:
    """Which pairs somebody could still be asked about."""
    anchors, products, _ = counts
    _, family = catalogue.families(data.products)
    alike = (family[anchors] == family[products]) & (family[anchors] >= 0)
    items = [catalogue.find(product) for product in data.products]
    sold = np.array([item is not None and item.active for item in items], np.bool_)
    related = _are_related(data, catalogue, anchors, products)
    return np.asarray(sold[anchors] & sold[products] & ~alike & ~related)


def _are_related(data: Interactions, catalogue: Catalogue, anchors: Ints, products: Ints) -> Mask:
    place = {product: code for code, product in enumerate(data.products)}
    related = [
        (place[item.product_id], place[link.product_id])
        for item in catalogue.items.values()
        for link in item.related
        if item.product_id in place and link.product_id in place
    ]
    keys = np.array([one * len(place) + other for one, other in related], np.int64)
    either_way = (anchors * len(place) + products, products * len(place) + anchors)
    return np.asarray(np.isin(either_way[0], keys) | np.isin(either_way[1], keys))
