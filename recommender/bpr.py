"""Bayesian personalised ranking (Rendle, Freudenthaler, Gantner, Schmidt-Thieme 2009): implicit fits the factors;
a history is folded in by a linear map from the mean of its products' factors to the customer's."""

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from implicit.cpu.bpr import BayesianPersonalizedRanking
from scipy.sparse import csr_matrix

from recommender.als import FoldedIn
from recommender.interactions import Floats, Interactions
from recommender.sources import Arrays, History, Source
from recommender.weights import decay, purchase_matrix

RIDGE = 1e-3
"""Of the map, as a share of the mean square of what it maps from."""


@dataclass(frozen=True, slots=True)
class BprSettings:
    factors: int = 64
    learning_rate: float = 0.05
    regularisation: float = 0.01
    iterations: int = 100
    fit_half_life: float | None = None
    """Days; of the purchases fitted on."""
    query_half_life: float | None = None
    """Days; of the history asked with."""
    seed: int = 0


class Bpr(Source):
    name: ClassVar[str] = "bpr"
    factors: Floats
    """Products × factors, float32. Without the products' biases, the same for everybody: no purchase causes
    them, and what sells to everybody is another source's matter."""
    fold: Floats
    """Factors × factors: from the mean of a history's products to the customer."""

    def __init__(self, chosen: BprSettings | None = None) -> None:
        self.chosen = chosen or BprSettings()

    def fit(self, data: Interactions) -> Self:
        matrix = purchase_matrix(_thin_out(data, self.chosen), None)
        model = BayesianPersonalizedRanking(
            factors=self.chosen.factors,
            learning_rate=self.chosen.learning_rate,
            regularization=self.chosen.regularisation,
            iterations=self.chosen.iterations,
            # Threads overwrite each other's steps: with more than one no two fits are the same.
            num_threads=1,
            random_state=self.chosen.seed,
        )
        model.fit(matrix.astype(np.float32), show_progress=False)
        self.factors = np.ascontiguousarray(model.item_factors[:, :-1])
        self.fold = _fit_fold(matrix, self.factors, model.user_factors[:, :-1])
        return self

    def ask(self, history: History) -> FoldedIn:
        codes, counts = history.counts(self.chosen.query_half_life)
        share = counts / max(counts.sum(), 1e-300)
        solved = self.fold.T @ (self.factors[codes].astype(np.float64).T * share)
        return FoldedIn(self.factors, solved.astype(np.float32))

    def asked_with(self, half_life: float | None) -> Self:
        twin = copy(self)
        twin.chosen = replace(self.chosen, query_half_life=half_life)
        return twin

    def settings(self) -> dict[str, Any]:
        return asdict(self.chosen)

    def arrays(self) -> Arrays:
        return {"factors": self.factors, "fold": self.fold}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Arrays) -> Self:
        source = cls(BprSettings(**settings))
        source.factors, source.fold = arrays["factors"], arrays["fold"]
        return source


def _thin_out(data: Interactions, chosen: BprSettings) -> Interactions:
    """Implicit draws all purchases alike and knows no weights; so each stays with its weight as its chance."""
    weights = decay(data.ages(data.end), chosen.fit_half_life)
    return data.rows(np.random.default_rng(chosen.seed).random(len(data)) < weights)


def _fit_fold(matrix: Any, products: Floats, customers: Floats) -> Floats:
    """Ridge least squares over the customers fitted on, of whom nothing else is kept."""
    held = np.diff(matrix.indptr)
    share = csr_matrix((1 / np.repeat(held, held), matrix.indices, matrix.indptr), matrix.shape)
    means = share @ products.astype(np.float64)
    square = means.T @ means
    penalty = RIDGE * max(float(np.trace(square)) / max(len(square), 1), 1e-12)
    wanted = means.T @ customers.astype(np.float64)
    return np.asarray(np.linalg.solve(square + penalty * np.eye(len(square)), wanted))
