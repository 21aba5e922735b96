"""A made-up catalogue of any size: families of ten products in five price steps, and what sells with what."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

PER_FAMILY = 10
CATEGORIES = 40
COMPANIONS = 5
STEPS = np.array([1.0, 1.3, 1.7, 2.2, 3.0])
Ints = NDArray[Any]


@dataclass(frozen=True)
class Goods:
    category: Ints
    """One per product, as all columns below; products of a category lie together."""
    price: NDArray[Any]
    weight: NDArray[Any]
    """How much of what is sold it is: few products sell most."""
    companions: Ints
    """Products × COMPANIONS: what is often bought after it."""

    @classmethod
    def make(cls, count: int, *, seed: int) -> "Goods":
        rng = np.random.default_rng([seed, 1])
        families = -(-count // PER_FAMILY)
        product = np.arange(count)
        base = np.exp(rng.uniform(np.log(5), np.log(400), families))[product // PER_FAMILY]
        price = np.round(base * STEPS[product % len(STEPS)]) - 0.1
        weight = 1 / (rng.permutation(count) + 10.0) ** 0.9
        weight /= weight.sum()
        category = (product // PER_FAMILY) * CATEGORIES // families
        companions = rng.choice(count, (count, COMPANIONS), p=weight)
        return cls(category, np.maximum(price, 0.9), weight, companions)

    def __len__(self) -> int:
        return len(self.price)

    @cached_property
    def heap(self) -> NDArray[Any]:
        """The running total of the weights: a product is drawn by searching a number in it."""
        return np.cumsum(self.weight)

    def draw(self, share: NDArray[Any], *, within: Ints | None = None) -> Ints:
        """Products by shares between 0 and 1, of these categories where any are given."""
        low, high = np.zeros(1), self.heap[-1:]
        if within is not None:
            borders = np.searchsorted(self.category, np.arange(CATEGORIES + 1))
            edges = np.concatenate([[0.0], self.heap])[borders]
            low, high = edges[within], edges[within + 1]
        found = np.searchsorted(self.heap, low + share * (high - low), "right")
        return np.asarray(np.minimum(found, len(self) - 1))


def sku(product: int) -> str:
    return f"SKU-{product:06d}"


def name(product: int) -> str:
    return f"Product {product:06d} of family {product // PER_FAMILY}"


def family(product: int) -> str:
    return f"Family {product // PER_FAMILY}"


def category(code: int) -> str:
    return f"Category {code}"
