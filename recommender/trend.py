"""What sells lately, to whom does not matter: also the answer for a customer we know nothing of."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from recommender.evidence import buyers
from recommender.interactions import Floats, Interactions, Mask
from recommender.sources import Arrays

SOLD = (7, 21, 60)
FIRST = (3, 7, 21, 60)
FEATURES = (
    *(f"sold in {days} days" for days in SOLD),
    *(f"first bought in {days} days" for days in FIRST),
    *(f"share of first bought in {days} days" for days in FIRST),
    "sold ever",
    "new",
)


class Trend:
    """Per product and window the customers who bought it, and those who bought it for the first time;
    and how new it is."""

    name: ClassVar[str] = "trend"
    values: Floats
    """Products × FEATURES, float32, each from 0 to 1."""

    def fit(self, data: Interactions) -> Self:
        age, first = data.ages(data.end), _first_bought(data)
        sold = [buyers(data.rows(age <= days)) for days in SOLD]
        new = [buyers(data.rows(first & (age <= days))) for days in FIRST]
        ever = buyers(data)
        columns = [_scale(np.log1p(counts)) for counts in (*sold, *new)]
        columns += [_scale(counts) for counts in new]
        columns += [_scale(np.log1p(ever)), _newness(data, age)]
        self.values = np.stack(columns, axis=1).astype(np.float32)
        return self

    def settings(self) -> dict[str, Any]:
        return {}

    def arrays(self) -> Arrays:
        return {"values": self.values}

    @classmethod
    def restore(cls, _settings: Mapping[str, Any], arrays: Arrays) -> Self:
        trend = cls()
        trend.values = arrays["values"]
        return trend


def _first_bought(data: Interactions) -> Mask:
    """Per row, whether it is its customer's first purchase of its product."""
    pair = data.customer.astype(np.int64) * len(data.products) + data.product
    first = np.zeros(len(pair), np.bool_)
    first[np.unique(pair, return_index=True)[1]] = True
    return first


def _scale(values: Floats) -> Floats:
    return np.asarray(values / max(values.max(initial=0), 1e-12))


def _newness(data: Interactions, age: Floats) -> Floats:
    """1 for a product first sold today, 1/2 for one first sold 30 days ago."""
    first = np.zeros(len(data.products))
    np.maximum.at(first, data.product, age)
    return np.asarray(30 / (30 + first))
