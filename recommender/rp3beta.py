"""Random walks of three steps, from product to customer to product, the popular ones held back
(RP3beta: Paudel, Christoffel, Newell, Bernstein 2017)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.interactions import Floats, Interactions
from recommender.neighbours import Neighbours, NeighbourSettings, find_nearest
from recommender.weights import purchase_matrix


@dataclass(frozen=True, slots=True)
class Rp3betaSettings(NeighbourSettings):
    alpha: float = 1.0
    """Power of each step's probability."""
    beta: float = 0.5
    """Power of the popularity that a product's score is divided by."""


class Rp3beta(Neighbours):
    name: ClassVar[str] = "rp3beta"
    shape: ClassVar[type[NeighbourSettings]] = Rp3betaSettings
    chosen: Rp3betaSettings

    def fit(self, data: Interactions) -> Self:
        matrix = purchase_matrix(data, self.chosen.fit_half_life, by_order=self.by_order)
        every = purchase_matrix(data, None, by_order=self.by_order)
        self.similarity = walk(matrix, every, self.chosen)
        return self


def walk(matrix: Any, every: Any, chosen: Rp3betaSettings) -> Any:
    """csr float32, products × products without the diagonal. With x the weights, and c and p the purchases
    by customer and by product in `every`, faded or not, walking from i to j scores
    Σ (x_ui / p_i)^α (x_uj / c_u)^α / p_j^β: walks through what faded lead nowhere, and what nobody buys any
    more is not taken for rare. That is a matrix times itself, Σ y_ui y_uj with
    y_ui = x_ui^α c_u^(-α/2) p_i^(-β), but for a factor p_i^(β-α) of each row, which does not change what is
    nearest."""
    customers, products = (np.asarray(every.sum(axis=axis), np.float64).ravel() for axis in (1, 0))
    left = np.repeat(_raise(customers, -chosen.alpha / 2), np.diff(matrix.indptr))
    held_back = _raise(products, -chosen.beta)
    values = matrix.data**chosen.alpha * left * held_back[matrix.indices]
    weighted = csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)
    near = find_nearest(weighted, chosen.neighbours)
    near.data *= np.repeat(_raise(products, chosen.beta - chosen.alpha), np.diff(near.indptr))
    return near


def _raise(sums: Floats, power: float) -> Floats:
    return np.power(sums, power, out=np.zeros(len(sums)), where=sums > 0)
