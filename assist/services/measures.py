"""Shares and means with 95 % intervals, as JSON can hold them. Money is added as Decimal: in any order, on any
machine, the sum is the same."""

from collections import defaultdict
from decimal import Decimal
from math import sqrt
from typing import Any

import numpy as np

from recommender.evidence import wilson

FEWEST = 30
"""Below so many, a mean has no interval and nothing is ranked."""
Z = 1.96
CENT = Decimal("0.01")
NO_CURRENCY = "unknown"
"""Of amounts whose currency nobody knows."""


def share(count: int, of: int) -> dict[str, Any]:
    """With Wilson's interval; None for a share of nothing."""
    if not of:
        return {"count": count, "of": of, "share": None, "low": None, "high": None}
    low, high = wilson(np.array([count]), np.array([of]))
    return {
        "count": count,
        "of": of,
        "share": round(count / of, 4),
        "low": round(float(low[0]), 4),
        "high": round(float(high[0]), 4),
    }


class Mean:
    """Of amounts in one currency."""

    def __init__(self) -> None:
        self.count = 0
        self.total = Decimal(0)
        self._squares = Decimal(0)

    def add(self, amount: Decimal) -> None:
        self.count += 1
        self.total += amount
        self._squares += amount * amount

    def document(self) -> dict[str, Any]:
        mean = self.total / self.count if self.count else Decimal(0)
        found: dict[str, Any] = {"n": self.count, "sum": cents(self.total), "mean": cents(mean)}
        if self.count < FEWEST:
            return found | {"low": None, "high": None}
        spread = max(self._squares / self.count - mean * mean, Decimal(0)) * self.count / (self.count - 1)
        half = Decimal(Z * sqrt(spread / self.count))
        return found | {"low": cents(mean - half), "high": cents(mean + half)}


class Money:
    """A mean for each currency: amounts in different ones are never added."""

    def __init__(self) -> None:
        self._means: defaultdict[str, Mean] = defaultdict(Mean)

    def add(self, amount: Decimal, currency: str | None) -> None:
        self._means[currency or NO_CURRENCY].add(amount)

    def document(self) -> dict[str, Any]:
        return {currency: mean.document() for currency, mean in sorted(self._means.items())}


def cents(amount: Decimal) -> str:
    return str(amount.quantize(CENT))
