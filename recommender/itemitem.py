"""Neighbours: products bought by the same customers, or in the same orders, as those in the history."""

import warnings
from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recommender.interactions import Floats, Interactions, Ints
from recommender.sources import Arrays, History, Source
from recommender.weights import purchase_matrix, weigh_products


@dataclass(frozen=True, slots=True)
class ItemItemSettings:
    neighbours: int = 200
    k1: float = 1.2
    b: float = 0.75
    fit_half_life: float | None = None
    """Days; of the purchases fitted on."""
    query_half_life: float | None = None
    """Days; of the history asked with."""


class ItemItem(Source):
    """Implicit finds the neighbours of the BM25-weighted matrix; scoring a history is a sum of its rows."""

    name: ClassVar[str] = "itemitem"
    by_order: ClassVar[bool] = False
    similarity: Any

    def __init__(self, chosen: ItemItemSettings | None = None) -> None:
        self.chosen = chosen or ItemItemSettings()

    def fit(self, data: Interactions) -> Self:
        matrix = purchase_matrix(data, self.chosen.fit_half_life, by_order=self.by_order)
        weighted = weigh_products(matrix, self.chosen.k1, self.chosen.b)
        self.similarity = _neighbours(weighted, min(self.chosen.neighbours + 1, len(data.products)))
        return self

    def ask(self, history: History) -> "NeighbourAnswer":
        codes, weights = history.counts(self.chosen.query_half_life)
        starts = self.similarity.indptr[codes].astype(np.int64)
        counts = self.similarity.indptr[codes + 1] - starts
        place = np.repeat(np.arange(len(codes)), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = starts[place] + within
        return NeighbourAnswer(
            products=self.similarity.shape[0],
            width=len(codes),
            place=place,
            codes=self.similarity.indices[rows],
            values=self.similarity.data[rows] * weights[place],
        )

    def asked_with(self, half_life: float | None) -> Self:
        twin = copy(self)
        twin.chosen = replace(self.chosen, query_half_life=half_life)
        return twin

    def settings(self) -> dict[str, Any]:
        return asdict(self.chosen)

    def arrays(self) -> Arrays:
        matrix = self.similarity
        return {"indptr": matrix.indptr, "indices": matrix.indices, "data": matrix.data}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Arrays) -> Self:
        source = cls(ItemItemSettings(**settings))
        size = len(arrays["indptr"]) - 1
        source.similarity = csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]), (size, size), copy=False
        )
        return source


class Together(ItemItem):
    """Neighbours within orders: what goes into the same basket."""

    name: ClassVar[str] = "together"
    by_order: ClassVar[bool] = True


@dataclass(frozen=True)
class NeighbourAnswer:
    products: int
    width: int
    place: Ints
    """Which of the history's distinct products each value comes from."""
    codes: Ints
    values: Floats

    def scores(self, pool: Ints | None) -> Floats:
        return self.total if pool is None else np.asarray(self.total[pool])

    @cached_property
    def total(self) -> Floats:
        return np.bincount(self.codes, self.values, self.products)

    def parts(self, codes: Ints) -> Floats:
        order = np.argsort(codes)
        found = np.searchsorted(codes, self.codes, sorter=order)
        row = order[np.minimum(found, len(codes) - 1)]
        hit = codes[row] == self.codes
        flat = row[hit] * self.width + self.place[hit]
        total = np.bincount(flat, self.values[hit], len(codes) * self.width)
        return total.reshape(len(codes), self.width)


def _neighbours(weighted: Any, count: int) -> Any:
    """csr float32, products × products, without the diagonal: having bought it is another source's matter."""
    model = ItemItemRecommender(K=count)
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        # implicit 0.7.3 hands a COO matrix to its own checks
        warnings.simplefilter("ignore")
        model.fit(weighted, show_progress=False)
    found = model.similarity.tocoo()
    kept = (found.row != found.col) & (found.data > 0)
    shape = (weighted.shape[1], weighted.shape[1])
    matrix = csr_matrix((found.data[kept].astype(np.float32), (found.row[kept], found.col[kept])), shape)
    matrix.sort_indices()
    return matrix
