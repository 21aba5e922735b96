"""Dearer products of the same family as one owned or in the basket."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from recommender.catalogue import Catalogue
from recommender.evidence import Counts, count
from recommender.fitted import PERSONAL, STATIC
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.sources import Arrays

LEAST_STEP, MOST_STEP = 1.05, 5.0
DAYS = 730
"""Moving up takes as long as the product lasts."""
STORED = 50
STEADY = 10
STEP = ("moved up", "moved up most", "step", "step squared")
FEATURES = (*STEP, *STATIC, *PERSONAL)


@dataclass(frozen=True)
class Ladder:
    """The price steps within each family."""

    family: Ints
    """Per product; -1 where unknown."""
    price: Floats
    """NaN where unknown."""
    order: Ints
    """Products with family and price, by family and price."""
    moves: Counts
    """Of the buyers of a product, how many bought a dearer one of its family on that day or later."""

    @classmethod
    def fit(cls, data: Interactions, catalogue: Catalogue) -> Self:
        _, family = catalogue.families(data.products)
        price = catalogue.prices(data)

        def dearer(anchor: Ints, product: Ints) -> Mask:
            return is_step(price[anchor], price[product])

        moves = count(data, DAYS, wanted=dearer, within=family)
        return cls(family, price, _climb(family, price), moves.trimmed(STORED))

    @cached_property
    def _families(self) -> Ints:
        return np.asarray(self.family[self.order])

    def candidates(self, anchor: int) -> Ints:
        """Codes of the steps up from here, sorted; none where family or price is unknown."""
        family, price = self.family[anchor], self.price[anchor]
        if family < 0 or np.isnan(price):
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(self._families, [family, family + 1])
        members = self.order[low:high]
        return np.sort(members[is_step(np.full(len(members), price), self.price[members])])

    def moved(self, anchors: Ints, codes: Ints) -> dict[str, Floats]:
        """What is known of the step itself, elementwise; equal anchors side by side."""
        also = self.moves.look_up(anchors, codes)
        step = np.log(self.price[codes] / self.price[anchors])
        starts = np.flatnonzero(np.diff(anchors, prepend=-1))
        most = np.repeat(np.maximum.reduceat(also, starts), np.diff(starts, append=len(anchors)))
        return {
            "moved up": also / (self.moves.buyers[anchors] + STEADY),
            "moved up most": also / np.maximum(most, 1),
            "step": step,
            "step squared": step * step,
        }

    def arrays(self) -> Arrays:
        moves = {f"moves_{name}": values for name, values in self.moves.arrays().items()}
        return {"family": self.family, "price": self.price, "order": self.order, **moves}

    @classmethod
    def restore(cls, customers: int, arrays: Arrays) -> Self:
        moves = {name.removeprefix("moves_"): arrays[name] for name in arrays if name.startswith("moves_")}
        counts = Counts.restore(DAYS, customers, moves)
        return cls(arrays["family"], arrays["price"], arrays["order"], counts)


def is_step(price: Floats, dearer: Floats) -> Mask:
    return np.asarray((dearer >= LEAST_STEP * price) & (dearer <= MOST_STEP * price))


def _climb(family: Ints, price: Floats) -> Ints:
    known = np.flatnonzero((family >= 0) & ~np.isnan(price))
    return known[np.lexsort((price[known], family[known]))]
