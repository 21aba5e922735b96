"""What a trained model is made of; on disk and in memory the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from recommender.evidence import Counts
from recommender.features import HABITS, describe
from recommender.filters import Shelf
from recommender.fitted import STATIC, Asked, Fitted, gather, select
from recommender.interactions import Floats, Ints, Mask
from recommender.kinds import Kinds
from recommender.pace import Pace
from recommender.ranker import CANDIDATES, Ranker, order
from recommender.sources import Arrays
from recommender.tables import best_first
from recommender.upsell import Ladder

Weights = Mapping[str, float]
HABIT = frozenset(HABITS)


@dataclass(frozen=True)
class Parts:
    products: tuple[str, ...]
    families: tuple[str, ...]
    """Names, by the ladder's numbers."""
    fitted: Fitted
    kinds: Kinds
    ladder: Ladder
    goes_with: Counts
    """Who bought a product and another on that day or in the 30 days after it."""
    inactive: Ints
    """Codes of the products no longer sold."""
    weights: Mapping[str, Weights]
    """Per task (cross_sell, next_basket, upsell, popular), of each feature."""
    rankers: Mapping[str, Ranker]
    """Of the tasks whose best candidates are put in order by trees."""
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
    def shelf(self) -> Shelf:
        return Shelf(self.code, self.inactive, self.ladder.family, self.families)

    def rank(self, asked: Asked, task: str, struck: Mask) -> Floats:
        """Scores over the pool; never to be returned: -inf."""
        scores = asked.combine(self.weights[task], self.static[task])
        scores[struck if asked.pool is None else struck[asked.pool]] = -np.inf
        return scores

    def rerank(self, asked: Asked, task: str, scores: Floats) -> Floats:
        """The best candidates by these scores in the ranker's order, before all others in theirs."""
        ranker = self.rankers.get(task)
        if ranker is None or not len(asked.history):
            return scores
        found = gather(asked, scores == -np.inf)
        best = np.sort(found[best_first(scores[found], CANDIDATES)])
        if not len(best):
            return scores
        described = describe(asked, asked.codes(best), again=not HABIT.isdisjoint(ranker.names))
        ranked = order(ranker, described, scores[best], np.zeros(len(best), np.int64))
        rest = scores.copy()
        rest[best] = -np.inf
        top = rest.max()
        rest += ranked.min() - top if top > -np.inf else 0.0
        rest[best] = ranked
        return rest

    def voices(self, task: str) -> Weights:
        """What each source counts for where a product's score is explained by purchases."""
        return self.rankers[task].voices if task in self.rankers else self.weights[task]

    def document(self) -> dict[str, Any]:
        rankers = {
            task: {"names": one.names, "temperature": one.temperature} for task, one in self.rankers.items()
        }
        return {
            "rankers": rankers,
            "products": self.products,
            "families": self.families,
            "sources": self.fitted.document(),
            "days": self.goes_with.days,
            "customers": self.goes_with.customers,
            "weights": self.weights,
            "volumes": self.volumes,
        }

    def arrays(self) -> Arrays:
        named = {
            "kinds": self.kinds.arrays(),
            "ladder": self.ladder.arrays(),
            "goes-with": self.goes_with.arrays(),
            "pace": self.pace.arrays(),
        }
        return {
            **self.fitted.arrays(),
            **{f"{part}_{name}": values for part, arrays in named.items() for name, values in arrays.items()},
            "inactive": self.inactive,
            **{f"ranker-{task}": _write(one.text) for task, one in self.rankers.items()},
        }

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self:
        customers = document["customers"]
        return cls(
            products=tuple(document["products"]),
            families=tuple(document["families"]),
            fitted=Fitted.restore(document["sources"], arrays),
            kinds=Kinds.restore(select(arrays, "kinds")),
            ladder=Ladder.restore(customers, select(arrays, "ladder")),
            goes_with=Counts.restore(document["days"], customers, select(arrays, "goes-with")),
            inactive=arrays["inactive"],
            weights=document["weights"],
            rankers={
                task: Ranker(_read(arrays[f"ranker-{task}"]), tuple(kept["names"]), kept["temperature"])
                for task, kept in document["rankers"].items()
            },
            volumes=document["volumes"],
            pace=Pace.restore(select(arrays, "pace")),
        )


def _write(text: str) -> Ints:
    return np.frombuffer(text.encode(), np.uint8)


def _read(array: Ints) -> str:
    return array.tobytes().decode()
