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
    anchors: Ints
    """Rows × purchases that it may be said to go with, codes."""
    speaking: Mask
    """The same shape; False where there are no more."""

    @classmethod
    def of(cls, owned: Ints, parts: Floats) -> "Causes":
        return cls(owned, parts, owned, parts > 0)

    @property
    def known(self) -> list[bool]:
        """Per product, whether any purchase caused its score."""
        return list(np.asarray((self.parts > 0).any(axis=1)).tolist())

    def because(self, row: int, products: tuple[str, ...]) -> tuple[Because, ...]:
        pairs = zip(self.owned[row].tolist(), self.parts[row].tolist(), strict=True)
        found = [(code, part) for code, part in pairs if part > 0]
        total = sum(part for _, part in found)
        return tuple(Because(products[code], part / total) for code, part in found)

    def anchor(self, row: int, products: tuple[str, ...]) -> str | None:
        """Of the purchases that it may be said to go with, the one that weighs most."""
        return products[self.anchors[row, 0]] if self.speaking[row].any() else None


def trace(asked: Asked, codes: Ints, weights: Mapping[str, float], *, family: Ints) -> Causes:
    """A product may be said to go with one of its own family only where none of another caused it."""
    parts, owned = attribute(asked, codes, weights), asked.owned
    best = _find_largest(parts, TOLD)
    beside = np.where(owned == codes[:, None], 0, parts)
    other = np.where(is_akin(family, codes, owned), 0, beside)
    voices = np.where(other.any(axis=1, keepdims=True), other, beside)
    first = _find_largest(voices, LOOKED_AT)
    speaking = np.take_along_axis(voices, first, axis=1) > 0
    return Causes(owned[best], np.take_along_axis(parts, best, axis=1), owned[first], speaking)


def is_akin(family: Ints, codes: Ints, others: Ints) -> Mask:
    """Codes × others: whether two are of one family."""
    mine = family[codes][:, None]
    return np.asarray((mine == family[others]) & (mine >= 0))


def _find_largest(parts: Floats, most: int) -> Ints:
    return np.asarray(np.argsort(-parts, axis=1, kind="stable")[:, :most])


def find_links(asked: Asked, codes: Ints, family: Ints) -> list[int]:
    """Per product, the purchase of another family whose link leads to it, where several do the one that weighs
    most; -1 for none."""
    answer = asked.answers.get("curated")
    if answer is None or not len(codes):
        return [-1] * len(codes)
    parts = np.where(is_akin(family, codes, asked.owned), 0, answer.parts(codes))
    return list(np.where(parts.any(axis=1), asked.owned[parts.argmax(axis=1)], -1).tolist())


def attribute(asked: Asked, codes: Ints, weights: Mapping[str, float]) -> Floats:
    """How much of each product's score (row) each distinct product of the history (column) caused."""
    total = np.zeros((len(codes), len(asked.owned)))
    known, places = asked.holding(codes)
    answers = asked.answers if known is None else known.near
    for name, answer in answers.items():
        parts = answer.parts(places)
        whole = np.maximum(parts.sum(axis=1), 1e-12)
        added = gain(name, np.minimum(whole / asked.tops[name], 1), weights)
        total += parts * (np.maximum(added, 0) / whole)[:, None]
    return total


def share_out(
    asked: Asked, codes: Ints, weights: Mapping[str, float], static: Floats
) -> list[dict[str, float]]:
    """What each source adds to each product's score; the rest is the customer's own habits."""
    scores = asked.over(np.sort(codes)).scores
    place = np.argsort(np.argsort(codes))
    added = {name: gain(name, some[place] / asked.tops[name], weights) for name, some in scores.items()}
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
        also = np.where(causes.speaking, counts.look_up(causes.anchors, codes[:, None]), 0)
        low, high = wilson(also, counts.buyers[causes.anchors])
        above = also > counts.shop_wide(codes)[:, None] * counts.buyers[causes.anchors]
        above &= also > 0
        shown = np.where(above.any(axis=1, keepdims=True), above, also > 0)
        best = np.lexsort((-low, ~shown), axis=-1)[:, :COUNTED]
        columns = (
            np.take_along_axis(some, best, axis=1) for some in (causes.anchors, also, low, high, shown)
        )
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
