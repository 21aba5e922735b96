"""How much a purchase counts: less when it is old, less when its product or its customer is in every list."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.sparse import csr_matrix

from recommender.interactions import Floats, Interactions, Ints
from recommender.ordering import starts

FLOOR = 0.1
Weighting = Literal["bm25", "tfidf", "cosine"]


def decay(ages: Floats, half_life: float | None) -> Floats:
    """1 for today, 1/2 after `half_life` days; always 1 for None."""
    return np.ones(len(ages)) if half_life is None else np.exp2(-ages / half_life)


def purchase_matrix(data: Interactions, half_life: float | None, *, by_order: bool = False) -> Any:
    """float64 csr_matrix, customers (or orders) × products: the decayed number of orders that hold it.
    Both types are what implicit takes everywhere."""
    values = decay(data.ages(data.end), half_life)
    rows, height = data.customer, len(data.customers)
    if by_order:
        rows = number_orders(data)
        height = int(rows.max()) + 1 if len(rows) else 0
    return csr_matrix((values, (rows, data.product)), (height, len(data.products)), np.float64)


def number_orders(data: Interactions) -> Ints:
    """0, 1, 2… by first appearance, so that the numbers do not hang on how ids were hashed."""
    order = data.customer.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + data.order.astype(np.uint64)
    begun = starts(order)  # of lines of one order that stand together the first is enough
    _, first, place = np.unique(order[begun], return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int64)
    number[np.argsort(first)] = np.arange(len(first))
    return np.asarray(np.repeat(number[place], np.diff(begun, append=len(order))))


def weigh_products(matrix: Any, k1: float, b: float) -> Any:
    """BM25 with products as documents and customers as terms: what neighbours are found by."""
    sums = np.asarray(matrix.sum(axis=0), np.float64).ravel()
    length = (1 - b) + b * sums / (sums.mean() or 1.0)
    values = matrix.data * (k1 + 1) / (k1 * length[matrix.indices] + matrix.data) * _rarity(matrix)
    return csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)


def weigh_tfidf(matrix: Any) -> Any:
    """TF-IDF as implicit has it, roots of the weights times customers' rarity, of unit length per product."""
    values = np.sqrt(matrix.data) * _rarity(matrix)
    return scale_products(csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape))


def scale_products(matrix: Any) -> Any:
    """Each product at unit length, so that multiplying two gives the cosine of their angle."""
    lengths = np.sqrt(np.asarray(matrix.power(2).sum(axis=0), np.float64).ravel())
    values = matrix.data / lengths[matrix.indices]
    return csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)


def _rarity(matrix: Any) -> Floats:
    """Per entry: the logarithm of products / the products of its customer."""
    held = np.diff(matrix.indptr)
    return np.repeat(np.maximum(np.log((1 + matrix.shape[1]) / (1 + held)), FLOOR), held)


@dataclass(frozen=True, slots=True)
class Bm25:
    """Okapi BM25 with customers as documents and products as terms: what factors are fitted to."""

    k1: float
    b: float
    mean: float
    """Purchases of the average customer."""
    rarity: Floats
    """Per product: the logarithm of customers / its customers."""

    @classmethod
    def of(cls, matrix: Any, k1: float, b: float) -> "Bm25":
        height = matrix.shape[0]
        holders = np.bincount(matrix.indices, minlength=matrix.shape[1])
        # What everyone bought still counts a little; below zero implicit reads dislike.
        rarity = np.maximum(np.log((1 + height) / (1 + holders)), FLOOR)
        return cls(k1, b, float(matrix.sum() / max(height, 1)) or 1.0, rarity)

    def weigh_matrix(self, matrix: Any) -> Any:
        totals = np.asarray(matrix.sum(axis=1), np.float64).ravel()
        values = self._weigh(matrix.indices, matrix.data, np.repeat(totals, np.diff(matrix.indptr)))
        return csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)

    def weigh_history(self, codes: Ints, counts: Floats) -> Floats:
        """What a row of the matrix with these distinct products would get."""
        return self._weigh(codes, counts, counts.sum())

    def _weigh(self, codes: Ints, counts: Floats, totals: Floats) -> Floats:
        length = (1 - self.b) + self.b * totals / self.mean
        return np.asarray(counts * (self.k1 + 1) / (self.k1 * length + counts) * self.rarity[codes])
