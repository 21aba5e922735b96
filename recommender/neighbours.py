"""What sources have in common that keep a few neighbours of each product: scoring a history is a sum of rows."""

import warnings
from abc import abstractmethod
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
from recommender.sources import Answer, Arrays, History, Source

FEW = 500
"""Products that are looked for one by one; for more, the scores of all are added up."""
LISTED = 200_000
"""Products, up to which listing them all costs less than searching among some."""


@dataclass(frozen=True, slots=True)
class NeighbourSettings:
    neighbours: int = 200
    """Kept per product; more make the artifact larger and answers slower."""
    fit_half_life: float | None = None
    """Days; of the purchases fitted on."""
    query_half_life: float | None = None
    """Days; of the history asked with."""


class Neighbours(Source):
    shape: ClassVar[type[NeighbourSettings]] = NeighbourSettings
    by_order: ClassVar[bool] = False
    """Whether orders, not customers, are what products have in common."""
    similarity: Any
    """csr float32, products × products: what each product of a history (row) adds to others' scores."""

    def __init__(self, chosen: NeighbourSettings | None = None) -> None:
        self.chosen = chosen or self.shape()

    @abstractmethod
    def fit(self, data: Interactions) -> Self: ...

    def weigh(self, counts: Floats) -> Floats:
        """What decayed numbers of purchases count as, elementwise."""
        return counts

    def ask(self, history: History) -> "NeighbourAnswer":
        codes, counted = history.counts(self.chosen.query_half_life)
        weights = self.weigh(counted)
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

    def ask_part(self, part: History, whole: History, answer: Answer, pool: Ints | None) -> Answer:
        """Each row of the sum by how much of its weight is the part's."""
        if not isinstance(answer, NeighbourAnswer):
            return super().ask_part(part, whole, answer, pool)
        codes, counted = whole.counts(self.chosen.query_half_life)
        weights = self.weigh(counted)
        mine, counted = part.counts(self.chosen.query_half_life)
        share, at = np.zeros(len(codes)), np.searchsorted(codes, mine)
        share[at] = self.weigh(counted) / np.maximum(weights[at], 1e-300)
        return replace(answer, values=answer.values * share[answer.place])

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
        source = cls(cls.shape(**settings))
        size = len(arrays["indptr"]) - 1
        source.similarity = csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]), (size, size), copy=False
        )
        return source


@dataclass(frozen=True)
class NeighbourAnswer:
    """A sum of rows. Where rows hold negative values, what is for a product and what is against it are
    netted first and the sum is cut off at 0: below it is no opinion."""

    products: int
    width: int
    place: Ints
    """Which of the history's distinct products each value comes from."""
    codes: Ints
    values: Floats

    def scores(self, pool: Ints | None) -> Floats:
        if pool is None or len(pool) > FEW or "total" in vars(self):
            return self.total if pool is None else np.asarray(self.total[pool])
        kept, row = self._find(pool)
        return np.asarray(np.maximum(np.bincount(row, self.values[kept], len(pool)), 0))

    def narrow(self, pool: Ints) -> "NeighbourAnswer":
        kept, row = self._find(pool)
        return NeighbourAnswer(len(pool), self.width, self.place[kept], row, self.values[kept])

    @cached_property
    def total(self) -> Floats:
        total = np.bincount(self.codes, self.values, self.products).astype(np.float64, copy=False)
        return np.maximum(total, 0, out=total)  # another array of all products would cost as much again

    def best(self, most: int) -> Ints:
        """The neighbours that most of a score comes from, by the largest single values, in no order; at most
        so many, some perhaps twice."""
        if len(self.codes) <= most:
            return self.codes
        return np.asarray(self.codes[np.argpartition(-self.values, most)[:most]])

    def parts(self, codes: Ints) -> Floats:
        """What speaks against a product causes nothing, so parts may add up to more than the score."""
        if not len(codes):
            return np.zeros((0, self.width))
        kept, row = self._find(codes)
        flat = row * self.width + self.place[kept]
        total = np.bincount(flat, self.values[kept], len(codes) * self.width)
        return np.asarray(np.maximum(total, 0).reshape(len(codes), self.width))

    def _find(self, codes: Ints) -> tuple[Ints, Ints]:
        """The values of these distinct products, and each one's product's place among them."""
        if self.products <= LISTED:
            listed = np.zeros(self.products, np.int32)  # half of what int64 costs to clear
            listed[codes] = np.arange(1, len(codes) + 1)
            found = listed[self.codes]
            # Mostly few: to take them by their places costs a third of three masks over all.
            kept = np.flatnonzero(found)
            return kept, found[kept].astype(np.int64) - 1
        if not len(codes):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        order = np.argsort(codes)
        row = order[np.minimum(np.searchsorted(codes, self.codes, sorter=order), len(codes) - 1)]
        kept = np.flatnonzero(codes[row] == self.codes)
        return kept, row[kept]


def keep_largest(matrix: Any, count: int) -> Any:
    """Of each row of a csr matrix the `count` values furthest from zero, as float32."""
    size = np.abs(matrix.data)
    places = [np.zeros(0, np.int64)]
    for start, end in zip(matrix.indptr[:-1].tolist(), matrix.indptr[1:].tolist(), strict=True):
        most = min(count, end - start)
        best = np.argpartition(-size[start:end], most - 1)[:most] if most < end - start else np.arange(most)
        places.append(np.sort(start + best))
    kept = np.concatenate(places)
    indptr = np.cumsum([0, *map(len, places[1:])])
    values = matrix.data[kept].astype(np.float32)
    return csr_matrix((values, matrix.indices[kept].astype(np.int32), indptr.astype(np.int32)), matrix.shape)


def find_nearest(weighted: Any, count: int) -> Any:
    """csr float32, products × products: of weightedᵀ · weighted the `count` largest of each row that are
    above zero, without the diagonal: having bought it is another source's matter."""
    model = ItemItemRecommender(K=min(count + 1, max(weighted.shape[1], 1)))
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
