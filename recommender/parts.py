"""What a trained model is made of; on disk and in memory the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np

from recommender.evidence import Counts
from recommender.fitted import STATIC, Asked, Fitted, select
from recommender.interactions import Floats, Ints, Mask
from recommender.pace import Pace
from recommender.sources import Arrays
from recommender.upsell import Ladder

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Parts:
    products: tuple[str, ...]
    fitted: Fitted
    ladder: Ladder
    goes_with: Counts
    """Who bought a product and another on that day or in the 30 days after it."""
    inactive: Ints
    """Codes of the products no longer sold."""
    weights: Mapping[str, Weights]
    """Per task (cross_sell, next_basket, upsell, popular), of each feature."""
    volumes: Mapping[str, float]
    """Per kind, purchases in one past window per customer who came back in it; only where the weights were
    learned as a choice model, so that shares of scores are shares of purchases."""

    pace: Pace
    """How soon people move up."""

    @cached_property
    def code(self) -> dict[str, int]:
        return {product: code for code, product in enumerate(self.products)}

    @cached_property
    def static(self) -> dict[str, Floats]:
        """Per task, the part of every product's score that no history changes."""
        return {
            task: self.fitted.trend.values @ np.array([weights.get(name, 0.0) for name in STATIC])
            for task, weights in self.weights.items()
        }

    @cached_property
    def strike(self) -> Callable[[frozenset[str]], Mask]:
        """Per product, whether it is never to be returned: because it is named, or no longer sold."""

        @lru_cache(maxsize=4)  # what is out of stock is named with every query, for a while
        def strike(named: frozenset[str]) -> Mask:
            struck = np.zeros(len(self.products), np.bool_)
            struck[self.inactive] = True
            struck[[self.code[product] for product in named if product in self.code]] = True
            struck.flags.writeable = False
            return struck

        return strike

    def rank(self, asked: Asked, task: str, struck: Mask) -> Floats:
        """Scores over the pool; never to be returned: -inf."""
        scores = asked.combine(self.weights[task], self.static[task])
        scores[struck if asked.pool is None else struck[asked.pool]] = -np.inf
        return scores

    def document(self) -> dict[str, Any]:
        return {
            "products": self.products,
            "sources": self.fitted.document(),
            "days": self.goes_with.days,
            "customers": self.goes_with.customers,
            "weights": self.weights,
            "volumes": self.volumes,
        }

    def arrays(self) -> Arrays:
        named = {
            "ladder": self.ladder.arrays(),
            "goes-with": self.goes_with.arrays(),
            "pace": self.pace.arrays(),
        }
        return {
            **self.fitted.arrays(),
            **{f"{part}_{name}": values for part, arrays in named.items() for name, values in arrays.items()},
            "inactive": self.inactive,
        }

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self:
        customers = document["customers"]
        return cls(
            products=tuple(document["products"]),
            fitted=Fitted.restore(document["sources"], arrays),
            ladder=Ladder.restore(customers, select(arrays, "ladder")),
            goes_with=Counts.restore(document["days"], customers, select(arrays, "goes-with")),
            inactive=arrays["inactive"],
            weights=document["weights"],
            volumes=document["volumes"],
            pace=Pace.restore(select(arrays, "pace")),
        )


def best_first(scores: Floats, limit: int) -> Ints:
    """Places of the `limit` best that are not -inf; of equals the first."""
    if limit < len(scores):
        bar = np.partition(scores, len(scores) - limit)[len(scores) - limit] if limit > 0 else np.inf
        places = np.flatnonzero(scores >= bar)
    else:
        places = np.arange(len(scores))
    places = places[np.argsort(-scores[places], kind="stable")][: max(limit, 0)]
    return places[scores[places] > -np.inf]
