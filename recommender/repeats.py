"""What the customer buys again: how often, how lately, and whether its time has come."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.ordering import sort_rows
from recommender.sources import Arrays, History

FEATURES = ("bought lately", "bought often", "bought again by others", "due")
LATELY, OFTEN = 30.0, 180.0
"""Half-lives in days."""
PRIOR = 5.0
"""Buyers' worth of the shop's mean that steadies a product's own repeat rate."""


class Repeats:
    name: ClassVar[str] = "repeats"
    rate: Floats
    """Per product: the share of its buyers who bought it on another day too."""
    cycle: Floats
    """Per product: median days between two purchases by one customer; the shop's where it has none."""

    def fit(self, data: Interactions) -> Self:
        size = len(data.products)
        table = _days_of_purchase(data)
        product = table[1]
        again = (table[0, 1:] == table[0, :-1]) & (product[1:] == product[:-1])
        gaps, repeated = np.diff(table[2])[again], product[1:][again]
        self.rate = _steady(table, again, size)
        self.cycle = _medians(repeated, gaps, size)
        return self

    def ask(self, history: History) -> Floats:
        """Distinct products of the history, sorted × FEATURES, each from 0 to 1."""
        codes, lately = history.counts(LATELY)
        _, often = history.counts(OFTEN)
        last = np.full(len(codes), np.inf)
        np.minimum.at(last, history.distinct[1], history.ages)
        cycles = (last + 1) / (self.cycle[codes] + 1)
        due = np.minimum(cycles, 1 / cycles)
        return np.stack([_share(lately), _share(often), self.rate[codes], due], axis=1)

    def settings(self) -> dict[str, Any]:
        return {}

    def arrays(self) -> Arrays:
        return {"rate": self.rate, "cycle": self.cycle}

    @classmethod
    def restore(cls, _settings: Mapping[str, Any], arrays: Arrays) -> Self:
        repeats = cls()
        repeats.rate, repeats.cycle = arrays["rate"], arrays["cycle"]
        return repeats


def _days_of_purchase(data: Interactions) -> Ints:
    """Customer, product and calendar day of what was bought, as rows; columns sorted, each once."""
    day = np.floor(np.nan_to_num(data.day)).astype(np.int64)
    table = np.stack([data.customer, data.product, day])[:, sort_rows(data.customer, data.product, day)]
    first = np.ones(table.shape[1], np.bool_)
    first[1:] = (table[:, 1:] != table[:, :-1]).any(axis=0)
    return np.asarray(table[:, first])


def _share(values: Floats) -> Floats:
    return np.asarray(values / max(values.max(initial=0), 1e-12))


def _steady(table: Ints, again: Mask, size: int) -> Floats:
    first = np.ones(table.shape[1], np.bool_)
    first[1:] = ~again
    owners = np.bincount(table[1][first], minlength=size)
    once_more = np.zeros(table.shape[1], np.bool_)
    once_more[:-1] = first[:-1] & again
    repeaters = np.bincount(table[1][once_more], minlength=size)
    mean = repeaters.sum() / max(owners.sum(), 1)
    return np.asarray((repeaters + PRIOR * mean) / (owners + PRIOR))


def _medians(products: Ints, gaps: Floats, size: int) -> Floats:
    if not len(gaps):
        return np.full(size, 365.0)
    result = np.full(size, float(np.median(gaps)))
    order = np.lexsort((gaps, products))
    codes, start, count = np.unique(products[order], return_index=True, return_counts=True)
    result[codes] = gaps[order][start + count // 2]
    return result
