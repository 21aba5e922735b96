"""What a query rules out whoever asks, as one mask over all products."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from recommender.base import Query
from recommender.interactions import Ints, Mask

REMEMBERED = 16
"""Masks; what is out of stock, or sold in a region, is named with every query for a while."""

Names = frozenset[str]


class Filter(NamedTuple):
    """As the query has it, in a form that can be remembered by."""

    exclude: Names
    only: Names | None
    families: Names | None
    exclude_families: Names

    @classmethod
    def of(cls, query: Query) -> "Filter":
        return cls(
            frozenset(query.exclude),
            None if query.only is None else frozenset(query.only),
            None if query.families is None else frozenset(query.families),
            frozenset(query.exclude_families),
        )


class Shelf:
    """All products, by their codes and families; `family` and its names as Catalogue.families has them."""

    def __init__(
        self, code: Mapping[str, int], inactive: Ints, family: Ints, families: Collection[str]
    ) -> None:
        self._code = code
        self._inactive = inactive
        self._family = family
        self._families = {name: place for place, name in enumerate(families)}
        self.strike: Callable[[Filter], Mask] = lru_cache(maxsize=REMEMBERED)(self._strike)
        """Per product, whether it is never to be returned; not to be written to."""

    def _strike(self, wanted: Filter) -> Mask:
        struck = self._are_named(wanted.exclude) | self._are_of(wanted.exclude_families)
        struck[self._inactive] = True
        if wanted.only is not None:
            struck |= ~self._are_named(wanted.only)
        if wanted.families is not None:
            struck |= ~self._are_of(wanted.families)
        struck.flags.writeable = False
        return struck

    def _are_named(self, products: Names) -> Mask:
        found = np.zeros(len(self._family), np.bool_)
        found[[self._code[product] for product in products if product in self._code]] = True
        return found

    def _are_of(self, families: Names) -> Mask:
        places = [self._families[name] for name in families if name in self._families]
        return np.isin(self._family, places)
