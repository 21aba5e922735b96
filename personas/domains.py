"""What a condition can tell apart: of each of its facts one value for every way in which its clauses come out.

A **box** says what is left of every dimension: bits of its states. The dimension `(fact, "")` of a number, date, text
or boolean has the fact's values as states, unknown among them. A set is only known or not there, and has one more
dimension for each member, out or in; so that no clause needs all subsets.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, combinations, pairwise
from math import ceil, floor
from types import MappingProxyType
from typing import Any, TypeAlias

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, Truth, compare
from personas.facts import Fact, FactType, FactValue, find_fact

Dimension: TypeAlias = tuple[str, str]
Box: TypeAlias = Mapping[Dimension, int]
State: TypeAlias = FactValue | None
"""None: the fact is not known."""

UNKNOWN, KNOWN = 1, 2
OUT, IN = 1, 2
FAILS, HOLDS = 1, 2

_PATTERNS = {Operator.CONTAINS, Operator.STARTS_WITH}
_MOST_COMBINED = 5
"""Patterns about one text of which every combination is tried."""


class Domains:
    """Of the facts of one condition; what is known already is among the states."""

    def __init__(self, condition: Condition, known: Mapping[str, FactValue] = MappingProxyType({})) -> None:
        found: dict[str, list[Comparison]] = defaultdict(list)
        for clause in clauses(condition):
            found[clause.fact].append(clause)
        self._states = {name: _states(_declared(name), found[name], known.get(name)) for name in found}

    def states(self, fact: str) -> Sequence[State]:
        """Unknown, then what the condition names in its order, then what lies beside and between; not for sets."""
        return self._states[fact]

    def ways(self, clause: Comparison, *, holds: bool) -> tuple[Box, ...]:
        """In any of these boxes, and outside of them nowhere, the clause is YES; with `holds=False` NO."""
        if _declared(clause.fact).type is FactType.SET:
            return _set_ways(clause, holds=holds)
        wanted = Truth.YES if holds else Truth.NO
        states = self._states[clause.fact]
        bits = sum(1 << place for place, state in enumerate(states) if compare(clause, state) is wanted)
        if not self.is_open(clause.fact):
            return ({(clause.fact, ""): bits},) if bits else ()
        return _open_ways(clause, bits, 1 << len(states), holds=holds)

    def is_open(self, fact: str) -> bool:
        """Whether any text may come: then one state more stands for all texts that are not among the states."""
        declared = _declared(fact)
        return declared.type is FactType.TEXT and not declared.values


def clauses(condition: Condition) -> Iterator[Comparison]:
    """In the order of the condition, which is that of an outcome's trace."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            yield from chain.from_iterable(map(clauses, parts))
        case Not(part):
            yield from clauses(part)
        case Comparison():
            yield condition


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


def _states(fact: Fact, found: Sequence[Comparison], actual: State) -> tuple[State, ...]:
    named = list(chain.from_iterable(map(_named, found)))
    match fact.type:
        case FactType.SET:
            return ()
        case FactType.NUMBER:
            values: Iterable[State] = _numbers(fact, named)
        case FactType.DATE:
            values = _dates(named)
        case FactType.BOOLEAN:
            values = (True, False)
        case FactType.TEXT:
            values = fact.values or (*named, "", *_texts(found))
    return tuple(dict.fromkeys((None, *values, actual)))


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
    points = [*named, *ends] or [0]
    beside = chain.from_iterable((ceil(each) - 1, floor(each) + 1) for each in points)
    if not fact.whole:
        close = chain.from_iterable((each - _step(each), each + _step(each)) for each in points)
        beside = chain(close, ((low + high) / Decimal(2) for low, high in pairwise(sorted({*points}))))
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


def _texts(found: Sequence[Comparison]) -> Iterator[str]:
    """A text for each combination of what is to begin or to contain."""
    patterns = list(dict.fromkeys(clause for clause in found if clause.operator in _PATTERNS))
    every = len(patterns) <= _MOST_COMBINED
    for size in range(1, len(patterns) + 1) if every else (1, len(patterns)):
        yield from map(_composed, combinations(patterns, size))


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
