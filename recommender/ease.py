"""EASE^R, the linear model of all products on each other (Steck 2019, "Embarrassingly shallow autoencoders
for sparse data"), and its neighbourhood form for catalogues too large to be solved whole (Steck 2019,
"Markov random fields for collaborative filtering")."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits

from recommender.interactions import Floats, Interactions, Ints
from recommender.neighbours import Neighbours, NeighbourSettings, find_nearest, keep_largest
from recommender.weights import purchase_matrix, scale_products

ROWS = 512
"""Of the whole matrix, taken at a time."""
SERVED = 0.5
"""Of a product's neighbours the nearest half are solved together with it: Steck's r."""


@dataclass(frozen=True, slots=True)
class EaseSettings(NeighbourSettings):
    regularisation: float = 3.0
    """Steck's λ as a multiple of the average product's decayed number of purchases, so that the same value
    suits small and large shops."""
    most_bytes: int = 1 << 29
    """What the whole matrix, 8 bytes per pair of products, may take: with 512 MB up to 8,192 products. Not
    what is free at the moment, because the same lines are to give the same model."""


class Ease(Neighbours):
    """Kept are the weights furthest from zero. Those below zero stay: they take back what neighbours of
    neighbours say twice. Scores and parts are cut off at zero when asked."""

    name: ClassVar[str] = "ease"
    shape: ClassVar[type[NeighbourSettings]] = EaseSettings
    chosen: EaseSettings

    def fit(self, data: Interactions) -> Self:
        matrix = purchase_matrix(data, self.chosen.fit_half_life, by_order=self.by_order)
        matrix.data = self.weigh(matrix.data)
        whole = 8 * matrix.shape[1] ** 2 <= self.chosen.most_bytes
        penalty = self.chosen.regularisation * (float(matrix.power(2).sum()) / max(matrix.shape[1], 1) or 1.0)
        solve = solve_whole if whole else solve_nearby
        with threadpool_limits(1, "blas"):  # so that the number of cores does not change the result
            self.similarity = solve(matrix, penalty, self.chosen.neighbours)
        return self

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


def solve_nearby(matrix: Any, penalty: float, count: int) -> Any:
    """The same with each product explained by its `count` nearest alone; one small inverse serves a product
    and those of its nearest half that had none yet, the most bought first."""
    columns, size = matrix.tocsc(), matrix.shape[1]
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))]
    for block, served in _blocks(matrix, count):
        inverse = _invert(_multiply(columns[:, block].tocsr()), penalty)
        weights = -inverse[:, served] / inverse.diagonal()[served]
        weights[served, np.arange(len(served))] = 0
        row, column = np.repeat(block, len(served)), np.tile(block[served], len(block))
        found.append((row, column, weights.ravel().astype(np.float32)))
    row, column, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    solved = csr_matrix((values, (row, column)), (size, size))
    solved.eliminate_zeros()
    return keep_largest(solved, count)


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


def _blocks(matrix: Any, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Products to invert together, and the places among them of those that take their weights from it."""
    near = find_nearest(scale_products(matrix), count)
    waiting = np.ones(matrix.shape[1], np.bool_)
    bought = np.asarray(matrix.power(2).sum(axis=0)).ravel()
    for product in np.argsort(-bought, kind="stable").tolist():
        if not waiting[product]:
            continue
        span = slice(near.indptr[product], near.indptr[product + 1])
        order = np.argsort(-near.data[span], kind="stable")
        block = np.concatenate([[product], near.indices[span][order]])
        served = np.flatnonzero(waiting[block[: 1 + int(SERVED * len(order))]])
        waiting[block[served]] = False
        yield block, served
