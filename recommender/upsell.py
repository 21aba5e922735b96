"""Dearer products of the same family as one owned or in the basket."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from recommender.catalogue import Catalogue
from recommender.curated import Upgrades, weigh_links
from recommender.evidence import Counts, count
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.sources import Arrays

LEAST_STEP, MOST_STEP = 1.05, 5.0
DAYS = 730
"""Moving up takes as long as the product lasts."""
STORED = 50
STEADY = 10
STEP = ("moved up", "moved up most", "step", "step squared")


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
    links: Ints
    """anchor · products + product of the steps that somebody keeps in the catalogue, int64, ascending; of any
    family."""

    @classmethod
    def fit(cls, data: Interactions, catalogue: Catalogue) -> Self:
        _, family = catalogue.families(data.products)
        price = catalogue.prices(data)

        def dearer(anchor: Ints, product: Ints) -> Mask:
            return is_step(price[anchor], price[product])

        moves = count(data, DAYS, wanted=dearer, within=family)
        links = find_links(data.products, catalogue, price)
        return cls(family, price, _climb(family, price), moves.trimmed(STORED), links)

    @cached_property
    def _families(self) -> Ints:
        return np.asarray(self.family[self.order])

    @cached_property
    def _starts(self) -> Ints:
        """Products that links lead from."""
        return np.asarray(np.unique(self.links // max(len(self.family), 1)))

    def candidates(self, anchor: int) -> Ints:
        """Codes of the steps up from here, sorted."""
        steps = self._climb_from(anchor)
        return np.union1d(steps, self.linked(np.array([anchor]))) if len(self.links) else steps

    def _climb_from(self, anchor: int) -> Ints:
        """None where family or price is unknown."""
        family, price = self.family[anchor], self.price[anchor]
        if family < 0 or np.isnan(price):
            return np.zeros(0, np.int64)
        low, high = np.searchsorted(self._families, [family, family + 1])
        members = self.order[low:high]
        return np.sort(members[is_step(np.full(len(members), price), self.price[members])])

    def linked(self, anchors: Ints) -> Ints:
        """Codes of the steps up that somebody keeps in the catalogue from any of these."""
        low, high = np.searchsorted(self.links, np.stack([anchors, anchors + 1]) * len(self.family))
        found = [self.links[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True)]
        return np.concatenate([np.zeros(0, np.int64), *found]) % max(len(self.family), 1)

    def leads(self, anchors: Ints, codes: Ints) -> Mask:
        """Elementwise, whether somebody keeps the step in the catalogue."""
        if not len(self.links):
            return np.zeros(len(codes), np.bool_)
        return np.isin(np.asarray(anchors, np.int64) * len(self.family) + codes, self.links)

    def group(self, codes: Ints) -> Ints:
        """What the products are steps within: the family, else what links lead from is alone; -1 for nothing."""
        family = self.family[codes]
        if not len(self.links):
            return np.asarray(family)
        return np.where((family < 0) & np.isin(codes, self._starts), len(self.family) + codes, family)

    def moved(self, anchors: Ints, codes: Ints) -> dict[str, Floats]:
        """What is known of the step itself, elementwise; equal anchors side by side."""
        also = self.moves.look_up(anchors, codes)
        step = np.nan_to_num(np.log(self.price[codes] / self.price[anchors]))
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
        named = {"family": self.family, "price": self.price, "order": self.order, "links": self.links}
        return {**named, **moves}

    @classmethod
    def restore(cls, customers: int, arrays: Arrays) -> Self:
        moves = {name.removeprefix("moves_"): arrays[name] for name in arrays if name.startswith("moves_")}
        counts = Counts.restore(DAYS, customers, moves)
        return cls(arrays["family"], arrays["price"], arrays["order"], counts, arrays["links"])


def find_links(products: tuple[str, ...], catalogue: Catalogue, price: Floats) -> Ints:
    """As the ladder has them: to what is no cheaper, as far as is known."""
    linked = weigh_links(products, catalogue, Upgrades().weight)
    anchors, others = np.array(list(linked), np.int64).reshape(-1, 2).T
    dearer = ~(price[others] < price[anchors])
    return np.sort(anchors[dearer] * len(products) + others[dearer])


def is_step(price: Floats, dearer: Floats) -> Mask:
    return np.asarray((dearer >= LEAST_STEP * price) & (dearer <= MOST_STEP * price))


def _climb(family: Ints, price: Floats) -> Ints:
    known = np.flatnonzero((family >= 0) & ~np.isnan(price))
    return known[np.lexsort((price[known], family[known]))]
