"""Families for products whose catalogue names none: proposals, from names, prices and orders, for a person to
approve."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import nan
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.evidence import FEWEST_BUYERS
from recommender.interactions import Floats, Interactions, Ints
from recommender.names import Name, is_number, tokenise
from recommender.variants import Swap, Trait, Variants, find_variants, is_numeric
from recommender.weights import purchase_matrix

SURE = 0.75
"""Confidence from which a family may act where nobody can be asked."""
MOST_MEMBERS = 300
"""What is larger nobody can check; numbers that count products make such: `Part 00471`."""
MOST_TOGETHER = 0.5
"""More often bought together than apart: they go with each other rather than instead of each other."""
SAMPLED = 200
"""Pairs looked up in the orders for each trait."""
SHOWN = 8

_PARTS = re.compile(r"[\W_]+|(?<=\D)(?=\d)|(?<=\d)(?=[^\d.,])")

Habit = Trait | Name
"""What is judged as one by the orders: all swaps of two words, but numbers frame by frame."""


@dataclass(frozen=True, slots=True)
class Proposal:
    name: str
    """What all members' names share; no two proposals have the same."""
    members: tuple[str, ...]
    """Product ids, sorted; two or more, and in no other proposal."""
    confidence: float
    """Above 0, below 1: that of the least certain likeness that the family needs."""
    reason: str


@dataclass(frozen=True, slots=True)
class _Labels:
    """Distinct names, and the products that bear each."""

    names: tuple[Name, ...]
    products: tuple[tuple[str, ...], ...]
    titles: tuple[str, ...]
    """Of each name, as its first product writes it."""
    prices: Floats
    """NaN where unknown; of several products of one name the median."""


@dataclass(frozen=True, slots=True)
class _Group:
    places: tuple[int, ...]
    confidence: float
    together: float


def derive_families(catalogue: Catalogue, data: Interactions) -> tuple[Proposal, ...]:
    """Of all named products of the catalogue whose price is known, whatever family it gives them; the surest
    first. The same for products and purchases in any order."""
    labels = _label(catalogue, data)
    variants = find_variants(labels.names, labels.prices)
    together = _count_together(variants, labels, data)
    swaps = [swap for swap in variants.swaps if together[_habit(swap)] <= MOST_TOGETHER]
    groups = _group(labels.names, swaps, variants.consistency, together)
    found = [
        group for group in groups if sum(len(labels.products[at]) for at in group.places) <= MOST_MEMBERS
    ]
    return _propose(found, labels)


def name_families(catalogue: Catalogue, data: Interactions) -> tuple[Catalogue, tuple[str, ...]]:
    """For where nobody can be asked: the sure ones of the families derived, only where the catalogue names none,
    and a note that says so."""
    if any(item.family for item in catalogue.items.values()):
        return catalogue, ()
    sure = [one for one in derive_families(catalogue, data) if one.confidence >= SURE]
    if not sure:
        return catalogue, ()
    family = {product: one.name for one in sure for product in one.members}
    named = (replace(item, family=family.get(item.product_id)) for item in catalogue.items.values())
    note = f"No product has a family: {len(sure):,} families with {len(family):,} products came from their names."
    return Catalogue(named), (note,)


def _label(catalogue: Catalogue, data: Interactions) -> _Labels:
    items = sorted(catalogue.items.values(), key=lambda item: item.product_id)
    bearers: dict[Name, list[int]] = defaultdict(list)
    for code, name in enumerate(tokenise([item.name for item in items])):
        if name:
            bearers[name].append(code)
    ids = tuple(item.product_id for item in items)
    paid = dict(zip(data.products, data.median_prices().tolist(), strict=True))
    prices = np.array([item.price or paid.get(item.product_id, nan) for item in items], np.float64)
    prices[~(prices > 0)] = nan
    names = tuple(sorted(bearers))
    return _Labels(
        names=names,
        products=tuple(tuple(ids[code] for code in bearers[name]) for name in names),
        titles=tuple(items[bearers[name][0]].name for name in names),
        prices=np.array([_middle(prices[bearers[name]]) for name in names], np.float64),
    )


def _middle(prices: Floats) -> float:
    known = np.sort(prices[~np.isnan(prices)])
    return float(known[len(known) // 2]) if len(known) else nan


def _habit(swap: Swap) -> Habit:
    return swap.frame if is_numeric(swap.trait) else swap.trait


def _count_together(variants: Variants, labels: _Labels, data: Interactions) -> dict[Habit, float]:
    """Of the orders with the rarer of two, the share with both; in an order of many products each pair counts
    for one of so many, because who buys for a shop takes all colours. 0 where orders are too few to tell."""
    pairs: dict[Habit, list[Swap]] = defaultdict(list)
    for swap in variants.swaps:
        pairs[_habit(swap)].append(swap)
    looked_at = [(habit, swap) for habit, swaps in pairs.items() for swap in swaps[:SAMPLED]]
    first, second = (np.array([swap[side] for _, swap in looked_at], np.int64) for side in (0, 1))
    both, rarer = _look_up(_orders(labels, data), first, second)
    sums: dict[Habit, Floats] = defaultdict(lambda: np.zeros(2))
    for (habit, _), counts in zip(looked_at, np.stack([both, rarer], axis=1), strict=True):
        sums[habit] += counts
    return {
        habit: float(both / rarer) if rarer >= FEWEST_BUYERS else 0.0 for habit, (both, rarer) in sums.items()
    }


def _orders(labels: _Labels, data: Interactions) -> Any:
    """csc, orders × names, 1 where the order has a product of the name."""
    place = {product: at for at, products in enumerate(labels.products) for product in products}
    column = np.array([place.get(product, -1) for product in data.products], np.int64)
    known = np.flatnonzero(column >= 0)
    which = csr_matrix((np.ones(len(known)), (known, column[known])), (len(data.products), len(labels.names)))
    orders = (purchase_matrix(data, None, by_order=True) @ which).tocsc()
    orders.data[:] = 1
    return orders


def _look_up(orders: Any, first: Ints, second: Ints) -> tuple[Floats, Floats]:
    """Per pair: orders with both, weighted, and orders with the rarer of the two."""
    sizes = np.asarray(orders.sum(axis=1)).ravel()
    weights = 1 / np.maximum(sizes - 1, 1)
    held = np.diff(orders.indptr)
    both = orders[:, first].multiply(orders[:, second])
    return np.asarray(both.T @ weights), np.minimum(held[first], held[second])


def _group(
    names: Sequence[Name],
    swaps: Iterable[Swap],
    consistency: dict[Trait, float],
    together: dict[Habit, float],
) -> list[_Group]:
    """The surest likenesses first; two groups become one while all of their names share a word."""
    shared = [{token for token in name if not is_number(token)} for name in names]
    root = list(range(len(names)))
    told = [(1.0, 0.0)] * len(names)

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = at = root[root[at]]
        return at

    for swap in sorted(swaps, key=lambda swap: (-consistency[swap.trait], swap)):
        low, high = sorted((find(swap.first), find(swap.second)))
        if low != high and shared[low] & shared[high]:
            apart = together[_habit(swap)]
            sure = consistency[swap.trait] * (1 - apart)
            told[low] = min(told[low][0], told[high][0], sure), max(told[low][1], told[high][1], apart)
            root[high], shared[low] = low, shared[low] & shared[high]
    places: dict[int, list[int]] = defaultdict(list)
    for at in range(len(names)):
        places[find(at)].append(at)
    return [_Group(tuple(found), *told[at]) for at, found in places.items() if len(found) > 1]


def _propose(groups: Iterable[_Group], labels: _Labels) -> tuple[Proposal, ...]:
    groups = sorted(groups, key=lambda group: (-group.confidence, group.places))
    spelled = _spell(labels.titles[group.places[0]] for group in groups)
    taken: set[str] = set()
    found = []
    for group in groups:
        title = _free(_title(group, labels, spelled), taken)
        taken.add(title)
        members = sorted(product for at in group.places for product in labels.products[at])
        found.append(Proposal(title, tuple(members), group.confidence, _explain(group, labels)))
    return tuple(found)


def _spell(titles: Iterable[str]) -> dict[str, Name]:
    """The tokens of each word, and of each part of a word, as it is written."""
    words = {word for title in titles for word in title.split()}
    every = sorted(words.union(*(_PARTS.split(word) for word in words)))
    return dict(zip(every, tokenise(every), strict=True))


def _shared(group: _Group, labels: _Labels) -> set[str]:
    return reduce(set.intersection, (set(labels.names[at]) for at in group.places))


def _title(group: _Group, labels: _Labels, spelled: dict[str, Name]) -> str:
    """The words of the first member's name that all have, as it writes them, or the parts of a word that all
    have: `Road` of `Road-150`."""
    first, shared = group.places[0], _shared(group, labels)
    known = shared.union(*(_PARTS.split(token) for token in shared))

    def keep(word: str) -> bool:
        return bool(spelled[word]) and known.issuperset(spelled[word])

    words = labels.titles[first].split()
    kept = [part for word in words for part in ([word] if keep(word) else _PARTS.split(word)) if keep(part)]
    return " ".join(kept).strip(" ,;:-–/") or "".join(
        token for token in labels.names[first] if token in shared
    )


def _free(title: str, taken: set[str]) -> str:
    if title not in taken:
        return title
    return next(name for number in range(2, len(taken) + 3) if (name := f"{title} ({number})") not in taken)


def _explain(group: _Group, labels: _Labels) -> str:
    shared = _shared(group, labels)
    told = dict.fromkeys(token for at in group.places for token in labels.names[at] if token not in shared)
    shown = ", ".join([*list(told)[:SHOWN], *(["…"] if len(told) > SHOWN else [])])
    prices = labels.prices[list(group.places)]
    low, high = np.nanmin(prices), np.nanmax(prices)
    cost = f"all at {low:.2f}" if low == high else f"prices from {low:.2f} to {high:.2f}"
    return f"Names differ in {shown}; {cost}; in one order {group.together:.0%}"
