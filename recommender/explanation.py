"""Why a product is suggested: the purchases that caused its score, and counts from the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.base import Because, Evidence, Support
from recommender.evidence import Counts, wilson
from recommender.fitted import Asked, gain
from recommender.interactions import Floats, Ints, Mask

TOLD = 5
"""Of the purchases that caused a score, the ones that weigh most."""
COUNTED = 2
LOOKED_AT = 10
"""Of a long history, the anchors that counts are looked up for, by share."""


@dataclass(frozen=True, slots=True)
class Causes:
    """The purchases that weigh most in each product's score (row), the largest first."""

    owned: Ints
    """Rows × purchases, codes."""
    parts: Floats
    """The same shape; 0 where a purchase has none."""
    speaking: Mask
    """Whether counts of this purchase may speak for the product."""

    @classmethod
    def of(cls, owned: Ints, parts: Floats) -> "Causes":
        return cls(owned, parts, parts > 0)

    @property
    def known(self) -> list[bool]:
        """Per product, whether any purchase caused its score."""
        return list(np.asarray((self.parts > 0).any(axis=1)).tolist())

    def because(self, row: int, products: tuple[str, ...]) -> tuple[Because, ...]:
        pairs = zip(self.owned[row, :TOLD].tolist(), self.parts[row, :TOLD].tolist(), strict=True)
        found = [(code, part) for code, part in pairs if part > 0]
        total = sum(part for _, part in found)
        return tuple(Because(products[code], part / total) for code, part in found)


def trace(asked: Asked, codes: Ints, weights: Mapping[str, float], *, family: Ints) -> Causes:
    """Counts of purchases of the product's own family speak only where there is no other."""
    parts = attribute(asked, codes, weights)
    best = np.argsort(-parts, axis=1, kind="stable")[:, :LOOKED_AT]
    owned, found = asked.owned[best], np.take_along_axis(parts, best, axis=1)
    speaking = (found > 0) & (owned != codes[:, None])
    other = speaking & ((family[owned] != family[codes][:, None]) | (family[codes] < 0)[:, None])
    return Causes(owned, found, np.where(other.any(axis=1)[:, None], other, speaking))


def attribute(asked: Asked, codes: Ints, weights: Mapping[str, float]) -> Floats:
    """How much of each product's score (row) each distinct product of the history (column) caused."""
    total = np.zeros((len(codes), len(asked.owned)))
    for name, answer in asked.answers.items():
        parts = answer.parts(codes)
        whole = np.maximum(parts.sum(axis=1), 1e-12)
        added = gain(name, np.minimum(whole / asked.tops[name], 1), weights)
        total += parts * (np.maximum(added, 0) / whole)[:, None]
    return total


def share_out(
    asked: Asked, codes: Ints, weights: Mapping[str, float], static: Floats
) -> list[dict[str, float]]:
    """What each source adds to each product's score; the rest is the customer's own habits."""
    added = {
        name: gain(name, answer.scores(codes) / asked.tops[name], weights)
        for name, answer in asked.answers.items()
    }
    added["trend"] = static[codes]
    return [{name: float(values[row]) for name, values in added.items()} for row in range(len(codes))]


@dataclass(frozen=True, slots=True)
class Told:
    """Per product (row) the counts that say most, by the lower end of their interval, the surest first; those
    above the shop-wide share, where there are any."""

    counts: Counts
    codes: Ints
    anchors: Ints
    also: Ints
    low: Floats
    high: Floats
    shown: Mask

    @classmethod
    def of(cls, counts: Counts, causes: Causes, codes: Ints) -> Self:
        also = np.where(causes.speaking, counts.look_up(causes.owned, codes[:, None]), 0)
        low, high = wilson(also, counts.buyers[causes.owned])
        above = also > counts.shop_wide(codes)[:, None] * counts.buyers[causes.owned]
        above &= also > 0
        shown = np.where(above.any(axis=1, keepdims=True), above, also > 0)
        best = np.lexsort((-low, ~shown), axis=-1)[:, :COUNTED]
        columns = (np.take_along_axis(some, best, axis=1) for some in (causes.owned, also, low, high, shown))
        return cls(counts, codes, *columns)

    def supports(self) -> list[Support | None]:
        """Of each product's surest count."""
        if not self.shown.shape[1]:
            return [None] * len(self.codes)
        rows = zip(
            self.low[:, 0].tolist(),
            self.counts.shop_wide(self.codes).tolist(),
            self.shown[:, 0].tolist(),
            strict=True,
        )
        return [Support(low, shop_wide) if shown else None for low, shop_wide, shown in rows]

    def evidence(self, row: int, products: tuple[str, ...]) -> tuple[Evidence, ...]:
        columns = (self.anchors, self.also, self.low, self.high, self.shown)
        return tuple(
            self.counts.tell((owned, products[owned]), int(self.codes[row]), also, interval=(low, high))
            for owned, also, low, high, shown in zip(*(some[row].tolist() for some in columns), strict=True)
            if shown
        )
