"""Shops nobody has seen before: small and large, old and young, drawn with everything that makes shops differ."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.catalogue import Ints
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Interactions, Purchase, from_purchases, moment

END = 20_700.0
"""The day up to which all of them sell."""


@dataclass(frozen=True, slots=True)
class Temper:
    """What makes a shop what it is; shares are between 0 and 1."""

    customers: int
    products: int
    days: int
    orders: float
    """Per customer, at the mean; most have fewer."""
    lines: float
    """Per order."""
    steepness: float
    """Of popularity: 0 is even, above 1 a few products sell nearly everything."""
    kinds: int
    """Tastes; a product is of one, a customer has one or two."""
    taste: float
    """Share of lines by the customer's taste."""
    follows: float
    """Share of lines that go with the one before."""
    again: float
    """Share of lines that buy the same once more."""
    turnover: float
    """Share of the catalogue that comes and goes while the shop is open."""
    season: float
    """How much a product's sales swing within the year."""
    described: bool
    """Whether names, families and prices are known."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Temper":
        return cls(
            customers=_spread(rng, 1, 3_000),
            products=_spread(rng, 1, 1_500),
            days=_spread(rng, 3, 1_500),
            orders=1 + 6 * rng.random() ** 2,
            lines=1 + 5 * rng.random() ** 2,
            steepness=1.4 * rng.random(),
            kinds=_spread(rng, 1, 40),
            taste=rng.random(),
            follows=0.7 * rng.random() ** 2,
            again=0.8 * rng.random() ** 2,
            turnover=rng.random() ** 2,
            season=rng.random() ** 2,
            described=bool(rng.random() < 0.6),
        )


@dataclass(frozen=True, slots=True)
class Stranger:
    temper: Temper
    purchases: Interactions
    catalogue: Catalogue

    @classmethod
    def make(cls, seed: int) -> "Stranger":
        """The same for the same seed."""
        rng = np.random.default_rng([20_267, seed])
        temper = Temper.draw(rng)
        goods = _Goods.draw(temper, rng)
        lines = [line for number in range(temper.customers) for line in _live(number, temper, goods, rng)]
        return cls(temper, from_purchases(lines), goods.catalogue() if temper.described else Catalogue())


@dataclass(frozen=True, slots=True)
class _Goods:
    kind: Ints
    price: Ints
    weight: Ints
    begins: Ints
    """The day from which a product is sold, and below the one until."""
    ends: Ints
    phase: Ints
    companion: Ints
    season: float

    @classmethod
    def draw(cls, temper: Temper, rng: np.random.Generator) -> "_Goods":
        size, start = temper.products, END - temper.days
        comes = rng.random(size) < temper.turnover
        begins = np.where(comes, start + temper.days * rng.uniform(-0.3, 0.9, size), start - 1)
        ends = np.where(comes, begins + temper.days * rng.uniform(0.1, 1.0, size), END + 1)
        return cls(
            kind=rng.integers(0, temper.kinds, size),
            price=np.round(np.exp(rng.normal(3, 1, size)), 2) + 0.5,
            weight=1 / (rng.permutation(size) + 1.0) ** temper.steepness,
            begins=begins,
            ends=ends,
            phase=rng.random(size),
            companion=rng.integers(0, size, size),
            season=temper.season,
        )

    def sold(self, day: float) -> Ints:
        """Weights of what sells on that day."""
        swing = 1 + self.season * np.sin(2 * np.pi * (day / 365 + self.phase))
        return self.weight * swing * ((self.begins <= day) & (day <= self.ends))

    def catalogue(self) -> Catalogue:
        return Catalogue(
            CatalogueItem(
                product_id=f"P{code}",
                name=f"Thing {code} of sort {kind}",
                price=float(self.price[code]),
                family=f"Sort {kind} {'abc'[code % 3]}",
                category=f"Sort {kind}",
            )
            for code, kind in enumerate(self.kind.tolist())
        )


def _live(number: int, temper: Temper, goods: _Goods, rng: np.random.Generator) -> Iterator[Purchase]:
    """Everything one customer buys."""
    tastes = rng.integers(0, temper.kinds, rng.integers(1, 3))
    owned: list[int] = []
    days = np.sort(END - temper.days * rng.random(rng.geometric(1 / temper.orders)))
    for order, day in enumerate(days.tolist()):
        for code in _fill_basket(temper, goods, rng, owned, tastes, day):
            owned.append(code)
            yield Purchase(
                f"C{number}", f"{number}-{order}", moment(day), f"P{code}", 1, float(goods.price[code])
            )


def _fill_basket(
    temper: Temper, goods: _Goods, rng: np.random.Generator, owned: list[int], tastes: Ints, day: float
) -> Iterator[int]:
    sold = goods.sold(day)
    liked = np.where(np.isin(goods.kind, tastes), sold, 0)
    for _ in range(1 + rng.poisson(temper.lines - 1)):
        by = rng.random()
        if owned and by < temper.again:
            yield owned[int(rng.integers(len(owned)))]
        elif owned and by < temper.again + temper.follows and sold[goods.companion[owned[-1]]] > 0:
            yield int(goods.companion[owned[-1]])
        else:
            weights = liked if rng.random() < temper.taste and liked.any() else sold
            if weights.any():
                yield int(rng.choice(len(weights), p=weights / weights.sum()))


def _spread(rng: np.random.Generator, least: int, most: int) -> int:
    """As likely to lie between 10 and 100 as between 100 and 1,000."""
    return int(np.exp(rng.uniform(np.log(least), np.log(most))).round())
