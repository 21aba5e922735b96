"""What is known of each product, whoever asks: its name, price and quantities, and how it sells lately."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.content import vectorise
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.sources import Arrays

YEAR = 365.0
SEASON = 28.0
"""Days that are looked at a year ago."""
RECENT = 60.0
STEADY = 5.0
"""Purchases' worth of the shop's mean that steadies a product's own."""
PRICE, QUANTITY = 0, 1
FACTS = (
    "price",
    "quantity",
    "spread of quantity",
    "size of buyers",
    "share of first orders",
    "days unsold",
    "days on sale",
    "bought a year ago",
    "first bought a year ago",
    "rise in 7 days",
    "rise in 21 days",
    "first bought fading in 14 days",
    "first bought fading in 45 days",
)


@dataclass(frozen=True)
class Facts:
    words: Any
    """Products × words, as content.vectorise makes them."""
    family: Ints
    """Per product; -1 where unknown, as is `category`."""
    category: Ints
    values: Floats
    """Products × FACTS, float32, NaN where unknown; price, quantity and days as logarithms."""

    @classmethod
    def fit(cls, data: Interactions, catalogue: Catalogue) -> Self:
        prices = catalogue.prices(data)
        sales = _Sales(data)
        columns = [np.log(prices, out=np.full(len(prices), np.nan), where=prices > 0)]
        columns += [*sales.quantities(), sales.sizes(), sales.openings(), *sales.days(), *sales.year_ago()]
        columns += [*sales.rises(), *(sales.fading(days) for days in (14.0, 45.0))]
        values = np.stack(columns, axis=1).astype(np.float32)
        _, family = catalogue.families(data.products)
        _, category = catalogue.categories(data.products)
        return cls(vectorise(data.products, catalogue), family, category, values)

    def arrays(self) -> Arrays:
        words = {name: getattr(self.words, name) for name in ("indptr", "indices", "data")}
        width = np.array([self.words.shape[1]])
        named = {"family": self.family, "category": self.category, "values": self.values}
        return {**named, **words, "width": width}

    @classmethod
    def restore(cls, arrays: Arrays) -> Self:
        shape = (len(arrays["indptr"]) - 1, int(arrays["width"][0]))
        words = csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape, copy=False)
        return cls(words, arrays["family"], arrays["category"], arrays["values"])


class _Sales:
    """The columns of FACTS that the order lines give."""

    def __init__(self, data: Interactions) -> None:
        self._data = data
        self._size = len(data.products)
        self._age = data.ages(data.end)
        pair = data.customer.astype(np.int64) * self._size + data.product
        self._first = np.zeros(len(data), np.bool_)
        """Per line, whether it is its customer's first purchase of its product."""
        self._first[np.unique(pair, return_index=True)[1]] = True

    def _sum(self, rows: Mask, values: Floats | None = None) -> Floats:
        weights = None if values is None else values[rows]
        return np.bincount(self._data.product[rows], weights, self._size).astype(np.float64)

    def _mean(self, rows: Mask, values: Floats) -> Floats:
        mean = float(values[rows].mean()) if rows.any() else 0.0
        return (self._sum(rows, values) + STEADY * mean) / (self._sum(rows) + STEADY)

    def quantities(self) -> tuple[Floats, Floats]:
        amount, all_rows = np.log(np.maximum(self._data.quantity, 1e-3)), np.ones(len(self._data), np.bool_)
        mean, squares = self._mean(all_rows, amount), self._mean(all_rows, amount**2)
        return mean, np.sqrt(np.maximum(squares - mean**2, 0))

    def sizes(self) -> Floats:
        """How many products those have who bought it lately, as a logarithm."""
        owned = np.bincount(self._data.customer[self._first], minlength=len(self._data.customers))
        return self._mean(self._first & (self._age <= RECENT), np.log1p(owned)[self._data.customer])

    def openings(self) -> Floats:
        """The share of its lines that are of customers' first days."""
        oldest = np.zeros(len(self._data.customers))
        np.maximum.at(oldest, self._data.customer, self._age)
        opening = self._age > oldest[self._data.customer] - 1
        return self._mean(np.ones(len(self._data), np.bool_), opening.astype(np.float64))

    def days(self) -> tuple[Floats, Floats]:
        newest, oldest = np.full(self._size, np.inf), np.zeros(self._size)
        np.minimum.at(newest, self._data.product, self._age)
        np.maximum.at(oldest, self._data.product, self._age)
        unsold = np.isinf(newest)
        newest[unsold] = oldest[unsold] = np.nan
        return np.log1p(newest), np.log1p(oldest)

    def year_ago(self) -> tuple[Floats, Floats]:
        """Of what is to come, what sold in the same days a year before; unknown where data are shorter."""
        if self._age.max(initial=0) < YEAR:
            return np.full(self._size, np.nan), np.full(self._size, np.nan)
        rows = (self._age <= YEAR) & (self._age > YEAR - SEASON)
        counts = [np.log1p(self._sum(some)) for some in (rows, rows & self._first)]
        return counts[0] / max(counts[0].max(), 1), counts[1] / max(counts[1].max(), 1)

    def rises(self) -> list[Floats]:
        """First purchases of the last days against what the days before would give."""
        sums = [self._sum(self._first & (self._age <= days)) for days in (7, 21, 60)]
        pairs = ((sums[0], sums[1] * 7 / 21), (sums[1], sums[2] * 21 / 60))
        return [np.log((after + 1) / (before + 1)) for after, before in pairs]

    def fading(self, half_life: float) -> Floats:
        """As a share of the most, so that a shop of any size has the same scale."""
        sums = np.log1p(self._sum(self._first, np.exp2(-self._age / half_life)))
        return np.asarray(sums / max(sums.max(initial=0), 1e-12))
