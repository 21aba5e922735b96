"""EASE^R, the linear model of all products on each other (Steck 2019, "Embarrassingly shallow autoencoders
for sparse data"), and its neighbourhood form for catalogues too large to be solved whole, where products are
selected by likeness before they are weighed (as in fsSLIM: Ning, Karypis 2011, "SLIM: sparse linear methods
for top-N recommender systems")."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any, ClassVar, Self

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits

from recommender.interactions import Floats, Interactions, Ints
from recommender.neighbours import Neighbours, NeighbourSettings, keep_largest
from recommender.weights import purchase_matrix

ROWS = 512
"""Of the whole matrix, taken at a time."""


@dataclass(frozen=True, slots=True)
class EaseSettings(NeighbourSettings):
    regularisation: float = 3.0
    """Steck's λ as a multiple of the average product's decayed number of purchases, so that the same value
    suits small and large shops."""
    most_bytes: int = 1 << 29
    """What the whole matrix, 8 bytes per pair of products, may take: with 512 MB up to 8,192 products. Not
    what is free at the moment, because the same lines are to give the same model."""
    nearest: int = 64
    """Of a larger catalogue, what each product is explained by: the most alike among the most bought, as
    many of which as may be taken whole."""


class Ease(Neighbours):
    """Kept are the weights furthest from zero. Those below zero stay: they take back what neighbours of
    neighbours say twice. Scores and parts are cut off at zero when asked."""

    name: ClassVar[str] = "ease"
    shape: ClassVar[type[NeighbourSettings]] = EaseSettings
    chosen: EaseSettings

    def fit(self, data: Interactions) -> Self:
        matrix = purchase_matrix(data, self.chosen.fit_half_life, by_order=self.by_order)
        matrix.data = self.weigh(matrix.data)
        penalty = self.chosen.regularisation * (float(matrix.power(2).sum()) / max(matrix.shape[1], 1) or 1.0)
        with threadpool_limits(1, "blas"):  # so that the number of cores does not change the result
            self.similarity = self._solve(matrix, penalty)
        return self

    def _solve(self, matrix: Any, penalty: float) -> Any:
        most, count = isqrt(self.chosen.most_bytes // 8), self.chosen.neighbours
        if matrix.shape[1] <= most:
            return solve_whole(matrix, penalty, count)
        weights = solve_nearby(matrix, penalty, self.chosen.nearest, most=most)
        return keep_largest(weights, count)

    def weigh(self, counts: Floats) -> Floats:
        """The root, so that squares add up to the decayed numbers of purchases."""
        return np.sqrt(counts)


class EaseTogether(Ease):
    """On orders: what completes a basket."""

    name: ClassVar[str] = "ease together"
    by_order: ClassVar[bool] = True


def solve_whole(matrix: Any, penalty: float, count: int) -> Any:
    """csr float32, products × products, `count` weights per row: w_ij = -p_ij / p_jj with P the inverse of
    XᵀX + penalty · I."""
    inverse = _invert(_multiply(matrix), penalty)
    diagonal = inverse.diagonal().copy()
    kept = [csr_matrix((0, len(diagonal)))]
    for start in range(0, len(diagonal), ROWS):
        rows = -inverse[start : start + ROWS] / diagonal
        rows[np.arange(len(rows)), np.arange(start, start + len(rows))] = 0
        kept.append(keep_largest(csr_matrix(rows), count))
    return vstack(kept, "csr")


def solve_nearby(matrix: Any, penalty: float, nearest: int, *, most: int) -> Any:
    """csr, products × products: column j is the ridge regression of product j on the `nearest` with the highest
    cosine among the `most` most bought, without j itself."""
    head = _Head.of(matrix, penalty, most)
    size, nearest = matrix.shape[1], min(nearest, len(head.codes) - 1)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for codes, together in head.meet(matrix) if nearest > 0 else ():
        near, weights = head.explain(codes, together, nearest)
        found.append((near.ravel(), np.repeat(codes, nearest), weights.ravel()))
    row, column, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return csr_matrix((values, (row, column)), (size, size))


@dataclass(frozen=True, slots=True)
class _Head:
    """The most bought products, the most bought first, so that what is added to most lies together in memory."""

    codes: Ints
    place: Ints
    """Per product, its place among these; -1 for all others."""
    held: Any
    """Their columns of the matrix."""
    gram: Floats
    """How often two were bought by the same, the penalty added on the diagonal."""
    lengths: Floats

    @classmethod
    def of(cls, matrix: Any, penalty: float, most: int) -> "_Head":
        bought = np.asarray(matrix.power(2).sum(axis=0)).ravel()
        codes = np.argsort(-bought, kind="stable")[: min(most, np.count_nonzero(bought))]
        place = np.full(len(bought), -1)
        place[codes] = np.arange(len(codes))
        held = matrix[:, codes]
        gram = _multiply(held).T
        gram[np.diag_indices_from(gram)] += penalty
        return cls(codes, place, held, gram, np.sqrt(bought[codes]))

    def meet(self, matrix: Any) -> Iterator[tuple[Ints, Floats]]:
        """Every product that was bought, some at a time, with the products of its column and each of these."""
        for start in range(0, len(self.codes), ROWS):
            yield self.codes[start : start + ROWS], self.gram[start : start + ROWS]
        turned = matrix.T.tocsr()
        rest = np.flatnonzero((self.place < 0) & (np.diff(turned.indptr) > 0))
        for start in range(0, len(rest), ROWS):
            codes = rest[start : start + ROWS]
            yield codes, (turned[codes] @ self.held).toarray()

    def explain(self, codes: Ints, together: Floats, nearest: int) -> tuple[Ints, Floats]:
        """The products that each is regressed on, and their weights; codes × nearest."""
        # Its own length does not change what is nearest to a product.
        away = (together / -self.lengths).astype(np.float32)
        own = np.flatnonzero(self.place[codes] >= 0)
        away[own, self.place[codes[own]]] = np.inf
        near = np.argpartition(away, nearest - 1, axis=1)[:, :nearest]
        places = near[:, :, None] * len(self.gram) + near[:, None, :]
        system = self.gram.reshape(-1).take(places)  # a third of what two indices cost
        wanted = np.take_along_axis(together, near, axis=1)
        return self.codes[near], np.linalg.solve(system, wanted[:, :, None])[:, :, 0]


def _multiply(matrix: Any) -> Floats:
    """XᵀX, dense, filled in by rows because as a sparse product it would take more."""
    turned, size = matrix.T.tocsr(), matrix.shape[1]
    product = np.empty((size, size), order="F")
    for start in range(0, size, ROWS):
        product[:, start : start + ROWS] = (turned[start : start + ROWS] @ matrix).toarray().T
    return product


def _invert(gram: Floats, penalty: float) -> Floats:
    """In place, by Cholesky's factor."""
    gram[np.diag_indices_from(gram)] += penalty
    factor, _ = lapack.dpotrf(gram, lower=True, overwrite_a=True)
    inverse, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)
    for start in range(0, len(inverse), ROWS):  # LAPACK leaves the upper half as it was
        stop = start + ROWS
        inverse[:start, start:stop] = inverse[start:stop, :start].T
        corner = inverse[start:stop, start:stop]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
    return np.asarray(inverse)
