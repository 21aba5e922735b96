"""Counts that a person can check in the order lines, made from the data and never from a score."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.base import Evidence
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.ordering import distinct, falling, sort_rows, starts
from recommender.sources import Arrays

FEWEST_BUYERS = 10
CHUNK = 2_000_000
SPARSE = 32
"""Places of a sieve per pair that it lets through."""
Wanted = Callable[[Ints, Ints], Mask]
"""Which pairs (anchors, products) to count, elementwise."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the customers who bought an anchor, how many bought a product on the same calendar day (UTC) or
    in the `days` days after it."""

    days: int
    customers: int
    buyers: Ints
    """Per product, customers who ever bought it."""
    pairs: Ints
    """anchor · products + product of each counted pair, int64, ascending; unknown pairs are absent."""
    also: Ints
    """Per pair."""

    def look_up(self, anchors: Ints, products: Ints) -> Ints:
        """Elementwise, broadcast; 0 where no pair is known or the anchor has too few buyers."""
        keys = np.asarray(anchors, np.int64) * len(self.buyers) + products
        if not len(self.pairs):
            return np.zeros(keys.shape, np.int64)
        place = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        known = (self.pairs[place] == keys) & (self.buyers[anchors] >= FEWEST_BUYERS)
        return np.where(known, self.also[place], 0)

    def shop_wide(self, products: Ints) -> Floats:
        """Shares of all customers who ever bought the product."""
        return np.asarray(self.buyers[products] / max(self.customers, 1))

    def tell(
        self, anchor: tuple[int, str], product: int, also: int, *, interval: tuple[float, float]
    ) -> Evidence:
        code, name = anchor
        shop_wide = float(self.buyers[product]) / max(self.customers, 1)
        return Evidence(name, int(self.buyers[code]), also, self.days, shop_wide, *interval)

    def trimmed(self, most: int) -> Self:
        """The `most` largest of each anchor."""
        anchor = self.pairs // max(len(self.buyers), 1)
        order = np.lexsort((-self.also, anchor))
        start = np.searchsorted(anchor, anchor)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        kept = rank - start < most
        return replace(self, pairs=self.pairs[kept], also=self.also[kept])

    def arrays(self) -> Arrays:
        return {"buyers": self.buyers, "pairs": self.pairs, "also": self.also}

    @classmethod
    def restore(cls, days: int, customers: int, arrays: Arrays) -> Self:
        return cls(days, customers, arrays["buyers"], arrays["pairs"], arrays["also"])


def wilson(hits: Ints, of: Ints, *, z: float = 1.96) -> tuple[Floats, Floats]:
    """The 95 % score interval of a share (Wilson 1927), elementwise."""
    known = np.maximum(of, 1)
    share, scale = hits / known, 1 + z * z / known
    middle = (share + z * z / (2 * known)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / known + z * z / (4 * known * known))
    # Rounding must not push the share itself out of its interval.
    low, high = (
        np.maximum(0, np.minimum(share, middle - half)),
        np.minimum(1, np.maximum(share, middle + half)),
    )
    return low, np.where(of, high, 1.0)


def count(
    data: Interactions, days: int, *, wanted: Wanted, within: Ints | None = None, chunk: int = CHUNK
) -> Counts:
    """`within` gives each product's group; only pairs of one group are looked at, about `chunk` at a time."""
    size = len(data.products)
    events = _Events.of(data, within)
    found: list[tuple[Ints, Ints]] = []
    for anchor, product, customer in events.followers(days, chunk):
        kept = (anchor != product) & wanted(anchor, product)
        pair = anchor[kept] * size + product[kept]
        once = distinct(pair * len(data.customers) + customer[kept]) // len(data.customers)
        first = starts(once)
        found.append((once[first], np.diff(first, append=len(once))))
    keys = np.concatenate([np.zeros(0, np.int64), *(pair[0] for pair in found)])
    counts = np.concatenate([np.zeros(0, np.int64), *(pair[1] for pair in found)])
    pairs, place = np.unique(keys, return_inverse=True)
    also = np.bincount(place, counts, len(pairs)).astype(np.int32)
    customers = int(np.count_nonzero(np.bincount(data.customer)))
    return Counts(days, customers, buyers(data), pairs, also)


def buyers(data: Interactions) -> Ints:
    """Per product, distinct customers."""
    size = max(len(data.products), 1)
    pairs = distinct(data.customer.astype(np.int64) * size + data.product)
    return np.bincount(pairs % size, minlength=len(data.products))


def pairs_of(matrices: tuple[Any, ...], size: int) -> Wanted:
    """The pairs that any of the sparse matrices holds."""
    keys = distinct(np.concatenate([_keys(matrix) for matrix in matrices]))
    bits = (SPARSE * len(keys)).bit_length()
    held = np.zeros(1 << bits, np.bool_)
    held[_scatter(keys, bits)] = True

    def wanted(anchor: Ints, product: Ints) -> Mask:
        pair = anchor * size + product
        # Nearly all pairs fall through this sieve: a look into a table costs a tenth of a search.
        maybe = np.flatnonzero(held[_scatter(pair, bits)])
        maybe = maybe[np.argsort(pair[maybe])]
        place = np.minimum(np.searchsorted(keys, pair[maybe]), len(keys) - 1)
        found = np.zeros(len(pair), np.bool_)
        found[maybe[keys[place] == pair[maybe]]] = True
        return found

    return wanted


def _scatter(keys: Ints, bits: int) -> Ints:
    """Whole numbers below 2 to the power of `bits`, evenly (Fibonacci hashing: Knuth, TAOCP 3, 6.4)."""
    mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((mixed >> np.uint64(64 - bits)).view(np.int64))


def _keys(matrix: Any) -> Ints:
    found = matrix.tocoo()
    return np.asarray(found.row.astype(np.int64) * matrix.shape[0] + found.col)


@dataclass(frozen=True, slots=True)
class _Events:
    """Dated purchases, one per customer, product and calendar day, sorted by group and day."""

    customer: Ints
    group: Ints
    product: Ints
    day: Ints

    @classmethod
    def of(cls, data: Interactions, within: Ints | None) -> "_Events":
        dated = ~np.isnan(data.day)
        if within is not None:
            dated &= within[data.product] >= 0
        customer, product = data.customer[dated].astype(np.int64), data.product[dated].astype(np.int64)
        day = np.floor(data.day[dated]).astype(np.int64)
        group = customer
        if within is not None:
            group = customer * (int(within.max(initial=0)) + 1) + within[product]
        order = sort_rows(group, day, product)
        columns = [column[order] for column in (customer, group, product, day)]
        kept = np.ones(len(order), np.bool_)
        kept[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
        return cls(*(column[kept] for column in columns))

    def followers(self, days: int, chunk: int) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Anchors, products and customers of all pairs in the window, in bounded pieces; what one customer
        bought after one anchor is in one piece."""
        if not len(self.day):
            return
        span = int(np.ptp(self.day)) + days + 2
        moment = self.group * span + (self.day - self.day.min())
        start = np.searchsorted(moment, moment, "left")
        length = np.searchsorted(moment, moment + days, "right") - start
        order = sort_rows(self.group, self.product)
        for piece in self._pieces(order, length[order], chunk):
            many = length[piece]
            before = np.cumsum(many) - many
            follower = np.arange(many.sum()) + np.repeat(start[piece] - before, many)
            anchor, customer = (np.repeat(column[piece], many) for column in (self.product, self.customer))
            yield anchor, self.product[follower], customer

    def _pieces(self, order: Ints, length: Ints, chunk: int) -> Iterator[Ints]:
        group, product = self.group[order], self.product[order]
        total = np.cumsum(length)
        change = np.flatnonzero((np.diff(group) != 0) | (np.diff(product) != 0)) + 1
        ends = np.append(change, len(order))
        reached = total[ends - 1]
        begin = 0
        while begin < len(order):
            done = total[begin - 1] if begin else 0
            place = int(np.searchsorted(reached, done + chunk, "right"))
            least = int(np.searchsorted(ends, begin, "right"))
            end = int(ends[min(max(place - 1, least), len(ends) - 1)])
            yield order[begin:end]
            begin = end


def trim(matrix: Any, most: int) -> Any:
    """The `most` largest values of each row of a csr_matrix; of equals the first."""
    lengths = np.diff(matrix.indptr)
    row = np.repeat(np.arange(matrix.shape[0]), lengths)
    order = sort_rows(row, falling(matrix.data))
    rank = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], lengths)
    kept = order[rank < most]
    return csr_matrix((matrix.data[kept], (row[kept], matrix.indices[kept])), matrix.shape)
