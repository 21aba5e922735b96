"""How products of one kind are bought: instead of each other, or several side by side."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.evidence import wilson
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.ordering import distinct, starts

MOSTLY = 0.5
"""Where surely more of those who have several bought two on one day, people have them side by side."""
SHUNNED = 0.5
"""Brought together less than this part of what chance brings: who takes one leaves the others."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the products of each kind are bought; a day is a calendar day (UTC) of one customer."""

    several: Ints
    """Customers who bought two or more of them."""
    together: Ints
    """Of those, who bought two on one day."""
    days: Ints
    """On which two or more of them were bought."""
    chance: Floats
    """Such days there would be if what was bought beside each were drawn from everything sold."""

    @classmethod
    def of(cls, data: Interactions, kind: Ints) -> Self:
        """`kind` per product, -1 where unknown; lines without a date tell nothing."""
        size, products = int(kind.max(initial=-1)) + 1, max(len(data.products), 1)
        customers, day, product = _find_days(data, products)
        amounts = np.bincount(day, minlength=len(customers))
        label = kind[product].astype(np.int64)
        share = np.bincount(label + 1, minlength=size + 1)[1:] / max(len(product), 1)
        day, product, label = (column[label >= 0] for column in (day, product, label))
        of_days, counts = _count(np.sort(day * size + label))
        owned = distinct((customers[day] * size + label) * products + product) // products
        owners, held = _count(owned)
        two = of_days[counts > 1]
        return cls(
            several=np.bincount(owners[held > 1] % size, minlength=size),
            together=np.bincount(distinct(customers[two // size] * size + two % size) % size, minlength=size),
            days=np.bincount(two % size, minlength=size),
            chance=_expect(of_days % size, amounts[of_days // size], share),
        )

    @property
    def apart(self) -> Mask:
        """Per kind, whether its products are bought instead of each other, or nobody can tell yet."""
        surely, _ = wilson(self.together, self.several)
        return (surely <= MOSTLY) | (self.days < SHUNNED * self.chance)

    @property
    def attraction(self) -> Floats:
        """Per kind, how many times as often as by chance two are bought on one day; 1 where little is known."""
        return np.asarray((self.days + 1) / (self.chance + 1))


def _find_days(data: Interactions, products: int) -> tuple[Ints, Ints, Ints]:
    """The customer of each day, and the day and product of everything bought, each once."""
    dated = ~np.isnan(data.day)
    customer, product = data.customer[dated], data.product[dated]
    date = np.floor(data.day[dated])
    changes = np.ones(len(date), np.bool_)
    changes[1:] = (customer[1:] != customer[:-1]) | (date[1:] != date[:-1])
    bought = distinct((np.cumsum(changes) - 1) * products + product)
    return customer[changes].astype(np.int64), bought // products, bought % products


def _count(ordered: Ints) -> tuple[Ints, Ints]:
    """The distinct values and how often each is there."""
    first = starts(ordered)
    return ordered[first], np.diff(first, append=len(ordered))


def _expect(kind: Ints, amounts: Ints, share: Floats) -> Floats:
    """Per kind, on how many of its days, of so many products each, chance would bring a second of them."""
    return np.bincount(kind, 1 - (1 - share[kind]) ** (amounts - 1), len(share))
