"""Links that people keep between products, in two sources: what goes with a product, and what comes after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.interactions import Interactions
from recommender.neighbours import Neighbours, NeighbourSettings, keep_largest

STEPS: Mapping[str, float] = {"upsell": 1.0, "upgrade": 1.0, "replacement": 1.0}
COMPANIONS: Mapping[str, float] = {"accessory": 1.0, "cross_sell": 1.0}
LOOSE = 0.5
"""Of a link that only says that two products have to do with each other."""


Links = Mapping[tuple[int, int], float]
"""By the places of both products, the one that leads first."""


class Curated(Neighbours):
    """A product's score is the decayed number of purchases in the history whose product leads to it. Purchases
    teach this source nothing: a link counts from the day on which it is made."""

    name: ClassVar[str] = "curated"

    def __init__(self, chosen: NeighbourSettings | None = None, catalogue: Catalogue | None = None) -> None:
        super().__init__(chosen)
        self._catalogue = catalogue or Catalogue()

    def weight(self, kind: str) -> float:
        """0: not this source's matter."""
        return 0.0 if kind in STEPS else COMPANIONS.get(kind, LOOSE)

    def fit(self, data: Interactions) -> Self:
        links = weigh_links(data.products, self._catalogue, self.weight)
        rows, columns = np.array(list(links), np.int64).reshape(-1, 2).T
        values = np.array(list(links.values()), np.float32)
        matrix = csr_matrix((values, (rows, columns)), (len(data.products),) * 2)
        matrix.sort_indices()
        self.similarity = keep_largest(matrix, self.chosen.neighbours)
        return self


class Upgrades(Curated):
    """What a person would move up to, or buy when the old one is done."""

    name: ClassVar[str] = "upgrades"

    def weight(self, kind: str) -> float:
        return STEPS.get(kind, 0.0)


KINDS: Mapping[str, type[Curated]] = {kind.name: kind for kind in (Curated, Upgrades)}


def weigh_links(products: Sequence[str], catalogue: Catalogue, weigh: Callable[[str], float]) -> Links:
    """Between these products; of several links between two the strongest counts. `weigh` takes a link's kind."""
    place = {product: code for code, product in enumerate(products)}
    links: dict[tuple[int, int], float] = {}
    for product, code in place.items():
        item = catalogue.find(product)
        for link in item.related if item else ():
            weight, other = weigh(link.kind), place.get(link.product_id, code)
            if weight and other != code:
                links[code, other] = max(weight, links.get((code, other), 0.0))
    return links


def find_linked(products: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Of KINDS, those that have a link to go by."""
    return tuple(name for name, kind in KINDS.items() if weigh_links(products, catalogue, kind().weight))


def add_linked(data: Interactions, catalogue: Catalogue) -> Interactions:
    """The same purchases among more products: those that links lead from or to and that nobody has bought yet."""
    linked = {link.product_id for item in catalogue.items.values() for link in item.related}
    linked |= {item.product_id for item in catalogue.items.values() if item.related}
    products = tuple(sorted({*data.products, *(product for product in linked if catalogue.find(product))}))
    place = {product: code for code, product in enumerate(products)}
    codes = np.array([place[product] for product in data.products], data.product.dtype)
    # Ids stay sorted, so rows keep their order.
    return replace(data, products=products, product=codes[data.product])
