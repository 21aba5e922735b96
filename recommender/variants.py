"""Which names are variants of each other: they differ in one token, and swapping those two tokens is a habit
of the whole catalogue, not an accident of two names."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise
from math import log
from typing import NamedTuple

import numpy as np

from recommender.interactions import Floats
from recommender.names import Name, is_number, kind_of, size_of
from recommender.upsell import LEAST_STEP, MOST_STEP

MOST_WORDS = 40
"""A frame that more words fill says nothing about them: `… necklace`."""
FEWEST_FRAMES = 2
"""Two words that alternate once may be any two words."""
LEAST_CONSISTENT = 0.5
HANGS_ON = 0.9
MOST_NAMED = 50
"""More products than this no model's name opens: `Pack of 12 …`."""
ACCESSORY = 2.0
"""What is for a product costs at most the price of the cheapest of them through this."""

Trait = tuple[str, str]
"""The kinds of the two tokens that are swapped; "" for a token that only one of the names has."""


class Swap(NamedTuple):
    """Two names, by place, that differ in one token."""

    first: int
    second: int
    trait: Trait
    frame: Name
    """What they share, "" where they differ."""


@dataclass(frozen=True, slots=True)
class Variants:
    swaps: tuple[Swap, ...]
    consistency: dict[Trait, float]
    """0 to 1: how much of the time swapping the two does the same to the price, and how often it was seen."""


def find_variants(names: Sequence[Name], prices: Floats) -> Variants:
    """`names` are distinct, `prices` NaN where unknown: a name without price is nobody's variant."""
    swaps = [swap for frame, fillers in _find_frames(names) for swap in _swap(frame, fillers)]
    change = np.log(prices)
    steps: dict[Trait, list[float]] = defaultdict(list)
    for swap in swaps:
        steps[swap.trait].append(change[swap.second] - change[swap.first])
    consistency = {trait: _judge(trait, np.array(found)) for trait, found in steps.items()}
    held, heads = _Held.by_prices(names, prices), _Heads.by_prices(names, change)
    kept = (
        swap
        for swap in swaps
        if consistency[swap.trait] >= LEAST_CONSISTENT
        and abs(change[swap.first] - change[swap.second]) <= log(MOST_STEP)
        and not (held(swap.first, swap.frame) or held(swap.second, swap.frame))
        and heads.stay(swap)
    )
    return Variants(tuple(kept), consistency)


def _find_frames(names: Sequence[Name]) -> Iterator[tuple[Name, dict[str, int]]]:
    """Names with one token left out, where several tokens fill the gap, with the place of each one's name."""
    place = {name: code for code, name in enumerate(names)}
    frames: dict[Name, dict[str, int]] = defaultdict(dict)
    for name, code in place.items():
        for at, token in enumerate(name):
            rest = (*name[:at], "", *name[at + 1 :])
            if any(word and not is_number(word) for word in rest):
                frames[rest][token] = code
    for frame, fillers in frames.items():
        bare = tuple(token for token in frame if token)
        if bare in place:
            fillers[""] = place[bare]
        if len(fillers) > 1:
            yield frame, fillers


def _swap(frame: Name, fillers: dict[str, int]) -> Iterator[Swap]:
    """Each number with the next larger one of its unit; all words with each other and with one number of
    each unit."""
    numbers = sorted((kind_of(token), size_of(token), token) for token in fillers if is_number(token))
    words = [token for token in fillers if not is_number(token)]
    for kind, found in groupby(numbers, key=lambda number: number[0]):
        rising = [token for _, _, token in found]
        words.append(rising[0])
        for less, more in pairwise(rising):
            yield Swap(fillers[less], fillers[more], (kind, kind), frame)
    if len(words) <= MOST_WORDS:
        for (kind, word), (other, second) in combinations(sorted((kind_of(word), word) for word in words), 2):
            yield Swap(fillers[word], fillers[second], (kind, other), frame)


def is_numeric(trait: Trait) -> bool:
    """One number for another, or a second generation for a first without number."""
    return trait[0] == trait[1] or trait == ("", "#")


def _judge(trait: Trait, steps: Floats) -> float:
    """How much of the time the price stays, or always rises, or always falls; one case more speaks against
    it, so that few cases are never sure. With a larger number it may stay or rise."""
    known = steps[~np.isnan(steps)]
    if not is_numeric(trait) and len(known) < FEWEST_FRAMES:
        return 0.0
    same, up = int((abs(known) <= log(LEAST_STEP)).sum()), int((known > log(LEAST_STEP)).sum())
    best = same + up if is_numeric(trait) else max(same, up, len(known) - same - up)
    return best / (len(known) + 1)


@dataclass(frozen=True, slots=True)
class _Held:
    """Places in names that name another product, as in `Case for Aurora 5`: swapped, it fits another one."""

    places: tuple[frozenset[int], ...]

    def __call__(self, code: int, frame: Name) -> bool:
        return frame.index("") in self.places[code]

    @classmethod
    def by_prices(cls, names: Sequence[Name], prices: Floats) -> "_Held":
        openings: dict[Name, list[int]] = defaultdict(list)
        for code, name in enumerate(names):
            for at, token in enumerate(name):
                if is_number(token):
                    openings[name[: at + 1]].append(code)
        words = [{token for token in name if not is_number(token)} for name in names]

        def names_another(code: int, opening: Name) -> bool:
            own = words[code].difference(opening)
            named = openings.get(opening, ())
            if not own or len(named) > MOST_NAMED:
                return False
            others = [prices[other] for other in named if own.isdisjoint(words[other])]
            return bool(others) and bool(np.nanmin([*others, np.inf]) >= ACCESSORY * prices[code])

        return cls(tuple(frozenset(_held(name, code, names_another)) for code, name in enumerate(names)))


def _held(name: Name, code: int, names_another: Callable[[int, Name], bool]) -> Iterator[int]:
    for end, token in enumerate(name):
        if is_number(token):
            for start in range(end):
                if names_another(code, name[start : end + 1]):
                    yield from range(start, end + 1)


@dataclass(frozen=True, slots=True)
class _Heads:
    """What a product is, is told by the word that tells its price best: swapping that makes another product."""

    holders: dict[str, set[int]]
    spread: dict[str, float]
    """Mean distance from the median of the logarithms of prices, drawn towards that of the whole catalogue."""

    @classmethod
    def by_prices(cls, names: Sequence[Name], change: Floats) -> "_Heads":
        holders: dict[str, set[int]] = defaultdict(set)
        for code, name in enumerate(names):
            for token in name:
                if not is_number(token) and not np.isnan(change[code]):
                    holders[token].add(code)
        known = change[~np.isnan(change)]
        usual = float(_distances(known).mean()) if len(known) else 0.0
        spread = {
            word: (float(_distances(change[sorted(codes)]).sum()) + usual) / (len(codes) + 1)
            for word, codes in holders.items()
        }
        return cls(dict(holders), spread)

    def stay(self, swap: Swap) -> bool:
        """Whether what both names share still says what they are."""
        return is_numeric(swap.trait) or all(self._lead(word, swap.frame) for word in swap.trait)

    def _lead(self, word: str, frame: Name) -> bool:
        if word not in self.spread:
            return True
        others = [other for other in frame if other in self.spread]
        return any(self.spread[other] <= self.spread[word] or self._hangs_on(word, other) for other in others)

    def _hangs_on(self, word: str, other: str) -> bool:
        """Where the one is, the other nearly always is, as `clear` in a shop where only cases are."""
        mine, theirs = self.holders[word], self.holders[other]
        least = HANGS_ON * len(mine)
        return len(theirs) >= least and len(mine & theirs) >= least


def _distances(values: Floats) -> Floats:
    return np.asarray(abs(values - np.median(values)))
