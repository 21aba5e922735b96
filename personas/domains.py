"""What a condition can tell apart: of each of its facts one value for every way in which its clauses come out.

A **box** says what is left of every dimension: bits of its states. The dimension `(fact, "")` of a number, date, text
or boolean has the fact's values as states, unknown among them. A set is only known or not there, and has one more
dimension for each member, out or in; so that no clause needs all subsets.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain, combinations, pairwise
from math import ceil, floor
from types import MappingProxyType
from typing import Any, TypeAlias

from personas.conditions import Comparison, Condition, Operator, clauses, passing
from personas.fact import Fact, FactType
from personas.facts import FactValue, find_fact, fold
from personas.intervals import bounds

Dimension: TypeAlias = tuple[str, str]
Box: TypeAlias = Mapping[Dimension, int]
State: TypeAlias = FactValue | None
"""None: the fact is not known."""

UNKNOWN, KNOWN = 1, 2
OUT, IN = 1, 2
FAILS, HOLDS = 1, 2

_EQUAL = {Operator.IS, Operator.IS_NOT, Operator.IN}
_PATTERNS = {Operator.CONTAINS, Operator.STARTS_WITH}
_MOST_COMBINED = 5
"""Patterns about one text of which every combination is tried."""


class Domain:
    """Of one fact. Bit n of a box is state n."""

    def __init__(self, fact: Fact, found: tuple[Comparison, ...], actual: State) -> None:
        named, told_apart = _survey(found)
        values: list[Any] = list(told_apart)
        if fact.type is not FactType.SET and actual is not None and actual not in values:
            values.append(actual)
        self.is_ordered = fact.type in {FactType.NUMBER, FactType.DATE}
        """Then the states rise."""
        self.is_open = fact.type is FactType.TEXT and not fact.values
        """Any text may come: one bit more stands for all that are not among the states."""
        self.states: tuple[State, ...] = (None, *(sorted(values) if self.is_ordered else values))
        """Unknown first; of a set nothing else."""
        self._folded = [fold(state) for state in self.states[1:] if state is not None]
        self._places = {state: place for place, state in enumerate(self.states)}
        self.named = tuple(each for each in named if each in self._places)
        """In the order of the condition."""

    def bits(self, clause: Comparison, *, holds: bool) -> int:
        """The states in which the clause is YES; with `holds=False` NO."""
        if clause.operator is Operator.KNOWN:
            return UNKNOWN if clause.wanted is not holds else self._known
        found = self._ordered_bits(clause) if self.is_ordered else self._tried_bits(clause)
        return found if holds else self._known & ~found

    def place(self, state: State) -> int:
        return self._places[state]

    @property
    def _known(self) -> int:
        return (1 << len(self.states)) - 1 & ~UNKNOWN

    def _ordered_bits(self, clause: Comparison) -> int:
        wanted: Any = clause.wanted
        if clause.operator in _EQUAL:
            several = wanted if isinstance(wanted, frozenset) else (wanted,)
            found = sum(1 << self._places[each] for each in several if each in self._places)
            return self._known & ~found if clause.operator is Operator.IS_NOT else found
        low, high = bounds(clause) or (None, None)
        first = 1 if low is None else bisect_left(self.states, low, lo=1)
        after = len(self.states) if high is None else bisect_right(self.states, high, lo=1)
        return (1 << after) - (1 << first) if after > first else 0

    def _tried_bits(self, clause: Comparison) -> int:
        return sum(1 << place for place, passes in enumerate(passing(clause, self._folded), 1) if passes)


class Domains:
    """Of the facts of one condition; what is known already is among the states."""

    def __init__(self, condition: Condition, known: Mapping[str, FactValue] = MappingProxyType({})) -> None:
        found: dict[str, list[Comparison]] = defaultdict(list)
        for clause in clauses(condition):
            found[clause.fact].append(clause)
        self._found, self._known = found, known
        self._domains: dict[str, Domain] = {}
        self.are_apart = all(len(several) == 1 for several in found.values())
        """No two clauses speak of the same fact."""

    def __getitem__(self, fact: str) -> Domain:
        """Made when it is first asked for: of many clauses few are."""
        if fact not in self._domains:
            self._domains[fact] = Domain(_declared(fact), tuple(self._found[fact]), self._known.get(fact))
        return self._domains[fact]

    def ways(self, clause: Comparison, *, holds: bool) -> tuple[Box, ...]:
        """In any of these boxes, and outside of them nowhere, the clause is YES; with `holds=False` NO."""
        if _declared(clause.fact).type is FactType.SET:
            return _set_ways(clause, holds=holds)
        domain = self[clause.fact]
        bits = domain.bits(clause, holds=holds)
        if domain.is_open:
            return _open_ways(clause, bits, 1 << len(domain.states), holds=holds)
        return ({(clause.fact, ""): bits},) if bits else ()


def meet(boxes: Iterable[Box]) -> Box | None:
    """What lies in all of them; None where nothing does."""
    met: dict[Dimension, int] = {}
    for box in boxes:
        for dimension, bits in box.items():
            met[dimension] = met.get(dimension, bits) & bits
    return met if all(met.values()) else None


def _declared(name: str) -> Fact:
    fact = find_fact(name)
    if fact is None:
        raise ValueError(f"{name} is not declared in personas.facts.FACTS")
    return fact


@lru_cache(maxsize=4_096)
def _survey(found: tuple[Comparison, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What clauses about one fact name, and every value that they tell apart, each once.
    Clauses that are equal are also written the same way: see `read_number`."""
    named = tuple(dict.fromkeys(chain.from_iterable(map(_named, found))))
    return named, tuple(dict.fromkeys(_values(_declared(found[0].fact), named, found)))


def _values(fact: Fact, named: Sequence[Any], clauses_about: Sequence[Comparison]) -> Iterable[State]:
    match fact.type:
        case FactType.SET:
            return ()
        case FactType.NUMBER:
            return _numbers(fact, named)
        case FactType.DATE:
            return _dates(named)
        case FactType.BOOLEAN:
            return (True, False)
        case FactType.TEXT:
            return fact.values or (*named, "", *_texts(clauses_about, {fold(word) for word in named}))


def _named(clause: Comparison) -> Sequence[Any]:
    """The values of numbers, dates and texts that it names."""
    wanted: Any = clause.wanted
    if clause.operator in _PATTERNS or clause.operator is Operator.KNOWN:
        return ()
    if isinstance(wanted, frozenset):
        return sorted(wanted)
    return wanted if isinstance(wanted, tuple) else (wanted,)


def _numbers(fact: Fact, named: Sequence[Any]) -> Iterator[int | Decimal]:
    """What is named, one step beside it, and the middle between each two: within what the fact may be."""
    ends = [end for end in (fact.low, fact.high) if end is not None]
    points = sorted({*named, *ends}) or [0]
    if fact.whole:
        beside = chain.from_iterable((ceil(each) - 1, floor(each) + 1) for each in points)
    else:
        close = chain.from_iterable((each - _step(each), each + _step(each)) for each in points)
        beside = chain(close, ((low + high) / Decimal(2) for low, high in pairwise(points)))
    for value in chain(points, beside):
        in_range = (fact.low is None or value >= fact.low) and (fact.high is None or value <= fact.high)
        if in_range and not (fact.whole and value % 1):
            yield value


def _step(value: int | Decimal) -> int | Decimal:
    """One, or one of the last decimal place."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return Decimal((0, (1,), exponent)) if isinstance(exponent, int) and exponent < 0 else 1


def _dates(named: Sequence[date]) -> Iterator[date]:
    yield from named
    for day in named:
        if day > date.min:
            yield day - timedelta(1)
        if day < date.max:
            yield day + timedelta(1)
    if not named:
        yield date(2000, 1, 1)


def _texts(found: Sequence[Comparison], named: Set[str]) -> Iterator[str]:
    """For each combination of what is to begin or to contain a text that is not named as a whole."""
    patterns = list(dict.fromkeys(clause for clause in found if clause.operator in _PATTERNS))
    every = len(patterns) <= _MOST_COMBINED
    for size in range(1, len(patterns) + 1) if every else (1, len(patterns)):
        for text in map(_composed, combinations(patterns, size)):
            yield text if fold(text) not in named else f"{text} –"


def _composed(patterns: Sequence[Comparison]) -> str:
    starts = [str(one.wanted) for one in patterns if one.operator is Operator.STARTS_WITH]
    inside = [str(one.wanted) for one in patterns if one.operator is Operator.CONTAINS]
    return " ".join([*([max(starts, key=len)] if starts else []), *inside])


def _set_ways(clause: Comparison, *, holds: bool) -> tuple[Box, ...]:
    fact, wanted = clause.fact, clause.wanted
    if clause.operator is Operator.KNOWN:
        return ({(fact, ""): KNOWN if wanted is holds else UNKNOWN},)
    members = sorted(wanted) if isinstance(wanted, frozenset) else [str(wanted)]
    if holds:
        return tuple({(fact, ""): KNOWN, (fact, str(member)): IN} for member in members)
    return ({(fact, ""): KNOWN} | {(fact, str(member)): OUT for member in members},)


def _open_ways(clause: Comparison, bits: int, others: int, *, holds: bool) -> tuple[Box, ...]:
    """Of all other texts nothing is known, but that a pattern both holds and fails of none of them."""
    name = (clause.fact, "")
    match clause.operator:
        case Operator.CONTAINS | Operator.STARTS_WITH:
            pattern = (clause.fact, f"{clause.operator} {str(clause.wanted).casefold()}")
            return ({name: bits | others, pattern: HOLDS if holds else FAILS},)
        case Operator.KNOWN:
            stays = clause.wanted is holds
        case Operator.IS_NOT:
            stays = holds
        case _:
            stays = not holds
    left = bits | others if stays else bits
    return ({name: left},) if left else ()
