"""Latent factors: implicit fits them, a history is folded in by solving the same least-squares system
(Hu, Koren, Volinsky 2008), which also says how much of a score each purchase caused."""

from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.linalg import cho_factor, cho_solve
from threadpoolctl import threadpool_limits

from recommender.interactions import Floats, Interactions, Ints
from recommender.sources import Arrays, History, Narrowed, Source
from recommender.weights import Bm25, purchase_matrix

MANY_LINES = 500_000
"""From here on threads gain more than they cost."""


@dataclass(frozen=True, slots=True)
class AlsSettings:
    factors: int = 64
    regularisation: float = 20.0
    alpha: float = 2.0
    iterations: int = 15
    k1: float = 1.2
    b: float = 0.75
    fit_half_life: float | None = None
    """Days; of the purchases fitted on."""
    query_half_life: float | None = None
    """Days; of the history asked with."""
    seed: int = 0
    begun_on: int = 500_000
    """Lines of some of the customers. Factors of more than twice as many are fitted to these first; on all it
    then takes half the iterations, in which a start from chance would be left behind."""


class Als(Source):
    name: ClassVar[str] = "als"
    factors: Floats
    """Products × factors, float32."""
    gram: Floats
    """Factors × factors: FᵀF plus the regularisation."""
    weighting: Bm25

    def __init__(self, chosen: AlsSettings | None = None) -> None:
        self.chosen = chosen or AlsSettings()

    def fit(self, data: Interactions) -> Self:
        chosen = self.chosen
        matrix = purchase_matrix(data, chosen.fit_half_life)
        self.weighting = Bm25.of(matrix, chosen.k1, chosen.b)
        self._keep(np.ascontiguousarray(factorise(self.weighting.weigh_matrix(matrix), chosen)))
        return self

    def _keep(self, factors: Floats) -> None:
        self.factors = factors
        wide = factors.astype(np.float64)
        self.gram = wide.T @ wide + self.chosen.regularisation * np.eye(factors.shape[1])

    def ask(self, history: History) -> "FoldedIn":
        codes, counts = history.counts(self.chosen.query_half_life)
        confidence = self.chosen.alpha * self.weighting.weigh_history(codes, counts)
        liked = self.factors[codes].astype(np.float64)
        system = self.gram + (liked.T * (confidence - 1)) @ liked
        solved = cho_solve(cho_factor(system, check_finite=False), (liked.T * confidence), check_finite=False)
        return FoldedIn(self.factors, solved.astype(np.float32))

    def asked_with(self, half_life: float | None) -> Self:
        twin = copy(self)
        twin.chosen = replace(self.chosen, query_half_life=half_life)
        return twin

    def settings(self) -> dict[str, Any]:
        return asdict(self.chosen) | {"mean": self.weighting.mean}

    def arrays(self) -> Arrays:
        return {"factors": self.factors, "gram": self.gram, "rarity": self.weighting.rarity}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Arrays) -> Self:
        mean = settings["mean"]
        source = cls(AlsSettings(**{name: value for name, value in settings.items() if name != "mean"}))
        source.factors, source.gram = arrays["factors"], arrays["gram"]
        source.weighting = Bm25(source.chosen.k1, source.chosen.b, mean, arrays["rarity"])
        return source


def factorise(weighed: Any, chosen: AlsSettings) -> Floats:
    """Products × factors, float32."""
    if weighed.nnz <= 2 * chosen.begun_on:
        return _iterate(weighed, chosen)
    part = _draw(weighed, chosen)
    share = part.nnz / weighed.nnz
    # Penalties on customers and on products act through their product: for a part of the customers either is
    # less by the root of the share, and both sides of the factors take an equal part in the change of scale.
    begun = _iterate(part, replace(chosen, regularisation=chosen.regularisation * share**0.5))
    return _iterate(weighed, replace(chosen, iterations=chosen.iterations // 2), begun * share**-0.25)


def _draw(weighed: Any, chosen: AlsSettings) -> Any:
    """The rows of random customers, until they hold as many values as are begun on."""
    order = np.random.default_rng(chosen.seed).permutation(weighed.shape[0])
    reached = np.cumsum(np.diff(weighed.indptr)[order])
    return weighed[np.sort(order[: np.searchsorted(reached, chosen.begun_on) + 1])]


def _iterate(weighed: Any, chosen: AlsSettings, begun: Floats | None = None) -> Floats:
    """From products' factors, where there are any, else from chance."""
    with threadpool_limits(1, "blas"):  # implicit's constructor looks at the limit already
        model = AlternatingLeastSquares(
            factors=chosen.factors,
            regularization=chosen.regularisation,
            alpha=chosen.alpha,
            iterations=chosen.iterations,
            # Rows are solved one by one, so the number of threads does not change the result.
            num_threads=0 if weighed.nnz > MANY_LINES else 1,
            random_state=chosen.seed,
        )
        if begun is not None:
            model.item_factors = begun.astype(np.float32)
        model.fit(weighed, show_progress=False)
    return np.asarray(model.item_factors)


@dataclass(frozen=True, slots=True)
class FoldedIn:
    factors: Floats
    solved: Floats
    """Factors × distinct products of the history: their sum is the customer's vector."""

    def scores(self, pool: Ints | None) -> Floats:
        factors = self.factors if pool is None else self.factors[pool]
        return np.asarray(np.maximum(factors @ self.solved.sum(axis=1), 0))

    def parts(self, codes: Ints) -> Floats:
        return np.asarray(np.maximum(self.factors[codes] @ self.solved, 0))

    def narrow(self, pool: Ints) -> Narrowed:
        return Narrowed(self, pool)
