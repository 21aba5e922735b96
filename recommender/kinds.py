"""What kind each product is of, and how those of one kind get along in one list."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log
from typing import Self

import numpy as np

from recommender.catalogue import Catalogue
from recommender.habits import Habits
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.sources import Arrays

SHOWN = 5
"""Places that people look at together."""
NEARLY = 0.5
"""What is at least this part as likely is nearly as good."""
LESS = log(NEARLY)


@dataclass(frozen=True)
class Kinds:
    label: Ints
    """Per product, its family, else its category; -1 where neither is known."""
    alternative: Mask
    """Per product, whether its family's products are bought instead of each other."""
    crowding: Floats
    """Per kind, the natural logarithm, 0 or less, of what one that is shown leaves of another's likelihood; one
    more place, the last, for unknown."""

    @classmethod
    def fit(cls, data: Interactions, catalogue: Catalogue) -> Self:
        return cls.of(data.products, catalogue, lambda label: Habits.of(data, label))

    @classmethod
    def of(cls, products: tuple[str, ...], catalogue: Catalogue, count: Callable[[Ints], Habits]) -> Self:
        """`count` takes a label per product."""
        names, family = catalogue.families(products)
        _, category = catalogue.categories(products)
        label = np.where((family < 0) & (category >= 0), len(names) + category, family)
        habits = count(label)
        apart = np.append(habits.apart, False)[label] & (family >= 0)
        crowding = np.log(np.clip(habits.attraction, NEARLY, 1.0))
        return cls(label, apart, np.append(crowding, 0.0))

    def vary(self, scores: Floats, codes: Ints) -> list[int]:
        """Places, the best first, of products with these falling scores, which are a choice model's. Each of the
        first SHOWN counts for less by those of its kind before it, and the last of all by its kind alone."""
        labels = self.label[codes]
        rows = list(zip(scores.tolist(), labels.tolist(), self.crowding[labels].tolist(), strict=True))
        left, first, held = list(range(len(rows))), list[int](), Counter[int]()
        for _ in range(min(SHOWN, len(rows))):
            best, most = left[0], -inf
            for place in left:
                score, label, crowd = rows[place]
                if score <= most:
                    break
                worth = score + crowd * held[label] + _monotony(held[label], label)
                if worth > most:
                    best, most = place, worth
            left.remove(best)
            first.append(best)
            held[rows[best][1]] += 1
        return first + left

    def arrays(self) -> Arrays:
        return {"label": self.label, "alternative": self.alternative, "crowding": self.crowding}

    @classmethod
    def restore(cls, arrays: Arrays) -> Self:
        return cls(arrays["label"], arrays["alternative"], arrays["crowding"])


def _monotony(held: int, label: int) -> float:
    """What being of one kind with all others that are shown takes off the last."""
    return LESS if held == SHOWN - 1 and label >= 0 else 0.0
