"""Conditions over facts, in three-valued logic (Kleene): what is not known is neither true nor false."""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from itertools import chain
from typing import Any, NamedTuple, TypeAlias, TypeVar

from personas.facts import FactSet, FactValue, fold

Several: TypeAlias = frozenset[str] | frozenset[int | Decimal] | frozenset[date]
Wanted: TypeAlias = FactValue | Several | tuple[int | Decimal, int | Decimal] | tuple[date, date]
"""A value to compare with; for `in` and `has_any` a frozenset; for `between` a pair, ends included."""


class Truth(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    HAS = "has"
    HAS_ANY = "has_any"
    KNOWN = "known"


class _Node:
    """Where a condition keeps how it is decided, worked out once. It is no part of what the condition is."""

    __slots__ = ("_clauses", "_judge")
    _clauses: tuple["Comparison", ...]
    _judge: "_Judge"


@dataclass(frozen=True, slots=True)
class Comparison(_Node):
    """Texts are compared without regard to case; members of sets are slugs and compared exactly."""

    fact: str
    operator: Operator
    wanted: Wanted
    """Fits the fact's type: seen to where conditions are parsed."""


@dataclass(frozen=True, slots=True)
class AllOf(_Node):
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf(_Node):
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not(_Node):
    part: "Condition"


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not
C = TypeVar("C", Comparison, AllOf, AnyOf, Not, Condition)


class Reason(NamedTuple):
    """One clause of a condition beside what was found."""

    fact: str
    operator: Operator
    wanted: Wanted
    actual: FactValue | None
    truth: Truth


class Outcome(NamedTuple):
    """The truth, and what it takes to say why: of many rules few are asked, and facts never change."""

    truth: Truth
    condition: Condition
    facts: FactSet

    @property
    def trace(self) -> tuple[Reason, ...]:
        """Every clause, in the order of the condition."""
        return tuple([_reason(clause, self.facts) for clause in _prepare(self.condition)._clauses])

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The clauses that made the truth what it is."""
        return tuple(
            [_reason(clause, self.facts) for clause in _deciding(_prepare(self.condition), self.facts.folded)]
        )

    @property
    def missing(self) -> frozenset[str]:
        """The facts that would have to be known to decide; empty where it is decided."""
        if self.truth is not Truth.UNKNOWN:
            return frozenset()
        return frozenset(reason.fact for reason in self.reasons)


def evaluate(condition: Condition, facts: FactSet) -> Outcome:
    try:
        judge = condition._judge
    except AttributeError:
        judge = _prepare(condition)._judge
    return _new(Outcome, (_TRUTHS[judge(facts.folded)], condition, facts))


def compare(clause: Comparison, actual: FactValue | None) -> Truth:
    """One clause beside a value; None is unknown."""
    known = {} if actual is None else {clause.fact: fold(actual)}
    return _TRUTHS[_prepare(clause)._judge(known)]


def passing(clause: Comparison, values: Iterable[FactValue]) -> list[bool]:
    """Whether the clause is YES with each of the values, which are folded."""
    judge = _prepare(clause)._judge
    return [judge({clause.fact: value}) is True for value in values]


def clauses(condition: Condition) -> Iterator[Comparison]:
    """In the order of the condition, which is that of a trace."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            yield from chain.from_iterable(map(clauses, parts))
        case Not(part):
            yield from clauses(part)
        case Comparison():
            yield condition


_Answer: TypeAlias = bool | None
_Judge: TypeAlias = Callable[[Mapping[str, FactValue]], _Answer]
"""From folded facts; None: not known."""
_new = tuple.__new__
"""Of named tuples: their own takes longer than comparing does."""
_TRUTHS: Mapping[_Answer, Truth] = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}


def _prepare(condition: C) -> C:
    """Keeps beside the condition what deciding and explaining it take; frozen is only what it says."""
    if not hasattr(condition, "_judge"):
        object.__setattr__(condition, "_clauses", tuple(clauses(condition)))
        object.__setattr__(condition, "_judge", _judge(condition))
    return condition


def _judge(condition: Condition) -> _Judge:
    match condition:
        case Comparison():
            return _judge_clause(condition)
        case Not(part):
            inner = _prepare(part)._judge
            return lambda known: None if (answer := inner(known)) is None else not answer
        case AllOf(parts):
            return _judge_group(parts, decisive=False)
        case AnyOf(parts):
            return _judge_group(parts, decisive=True)


def _judge_group(parts: Iterable[Condition], *, decisive: bool) -> _Judge:
    """One part that answers `decisive` decides: yes for `any`, no for `all`."""
    judges = [_prepare(part)._judge for part in parts]

    def judge_all(known: Mapping[str, FactValue]) -> _Answer:
        answer: _Answer = not decisive
        for judge in judges:
            found = judge(known)
            if found is decisive:
                return decisive
            if found is None:
                answer = None
        return answer

    return judge_all


def _judge_clause(clause: Comparison) -> _Judge:
    fact, wanted = clause.fact, _folded(clause.wanted)
    if clause.operator is Operator.KNOWN:
        return lambda known: (fact in known) is wanted
    test = _TESTS[clause.operator]
    return lambda known: None if (actual := known.get(fact)) is None else test(actual, wanted)


def _folded(wanted: Any) -> Any:
    return frozenset(map(fold, wanted)) if isinstance(wanted, frozenset) else fold(wanted)


def _reason(clause: Comparison, facts: FactSet) -> Reason:
    """Of a clause that is prepared, as all parts of a prepared condition are."""
    truth = _TRUTHS[clause._judge(facts.folded)]
    return _new(Reason, (clause.fact, clause.operator, clause.wanted, facts.recall(clause.fact), truth))


def _deciding(condition: Condition, known: Mapping[str, FactValue]) -> Iterator[Comparison]:
    """Through the parts that come out as the whole does."""
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from _deciding(part, known)
        case AllOf(parts) | AnyOf(parts):
            answer = condition._judge(known)
            for part in parts:
                if part._judge(known) is answer:
                    yield from _deciding(part, known)


def _is_in(actual: Any, wanted: frozenset[Any]) -> bool:
    return actual in wanted


def _is_between(actual: Any, wanted: Any) -> bool:
    return bool(wanted[0] <= actual <= wanted[1])


def _has_any(actual: frozenset[str], wanted: frozenset[str]) -> bool:
    return not actual.isdisjoint(wanted)


_TESTS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.IS: operator.eq,
    Operator.IS_NOT: operator.ne,
    Operator.IN: _is_in,
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
    Operator.BETWEEN: _is_between,
    Operator.CONTAINS: operator.contains,
    Operator.STARTS_WITH: str.startswith,
    Operator.HAS: operator.contains,
    Operator.HAS_ANY: _has_any,
}
