"""Neighbours by likeness: products bought by the same customers, or in the same orders, as those in the
history."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from recommender.interactions import Interactions
from recommender.neighbours import NeighbourAnswer, Neighbours, NeighbourSettings, find_nearest
from recommender.weights import Weighting, purchase_matrix, scale_products, weigh_products, weigh_tfidf

__all__ = ["ItemItem", "ItemItemSettings", "NeighbourAnswer", "Together"]


@dataclass(frozen=True, slots=True)
class ItemItemSettings(NeighbourSettings):
    k1: float = 1.2
    b: float = 0.75
    weighting: Weighting = "bm25"
    """What likeness is measured on; `k1` and `b` are BM25's alone."""


class ItemItem(Neighbours):
    """Implicit finds the neighbours of the weighted matrix."""

    name: ClassVar[str] = "itemitem"
    shape: ClassVar[type[NeighbourSettings]] = ItemItemSettings
    chosen: ItemItemSettings

    def fit(self, data: Interactions) -> Self:
        matrix = purchase_matrix(data, self.chosen.fit_half_life, by_order=self.by_order)
        self.similarity = find_nearest(_weigh(matrix, self.chosen), self.chosen.neighbours)
        return self


class Together(ItemItem):
    """Neighbours within orders: what goes into the same basket."""

    name: ClassVar[str] = "together"
    by_order: ClassVar[bool] = True


def _weigh(matrix: Any, chosen: ItemItemSettings) -> Any:
    """Customers (or orders) × products, as sparse as before."""
    if chosen.weighting == "tfidf":
        return weigh_tfidf(matrix)
    if chosen.weighting == "cosine":
        return scale_products(matrix)
    return weigh_products(matrix, chosen.k1, chosen.b)
