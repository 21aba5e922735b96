"""Conditions over facts, in three-valued logic (Kleene): what is not known is neither true nor false."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, TypeAlias

from personas.facts import FactSet, FactValue

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """Texts are compared without regard to case; members of sets are slugs and compared exactly."""

    fact: str
    operator: Operator
    wanted: Wanted
    """Fits the fact's type: seen to where conditions are parsed."""


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause of a condition beside what was found."""

    fact: str
    operator: Operator
    wanted: Wanted
    actual: FactValue | None
    truth: Truth


@dataclass(frozen=True, slots=True)
class Outcome:
    truth: Truth
    reasons: tuple[Reason, ...]
    """The clauses that made the truth what it is."""
    trace: tuple[Reason, ...]
    """Every clause, in the order of the condition."""

    @property
    def missing(self) -> frozenset[str]:
        """The facts that would have to be known to decide; empty where it is decided."""
        if self.truth is not Truth.UNKNOWN:
            return frozenset()
        return frozenset(reason.fact for reason in self.reasons)


def evaluate(condition: Condition, facts: FactSet) -> Outcome:
    match condition:
        case Comparison():
            reason = _compare(condition, facts.get(condition.fact))
            return Outcome(reason.truth, (reason,), (reason,))
        case Not(part):
            outcome = evaluate(part, facts)
            return Outcome(_NEGATED[outcome.truth], outcome.reasons, outcome.trace)
        case AllOf(parts):
            return _join(tuple(evaluate(part, facts) for part in parts), _conjunction)
        case AnyOf(parts):
            return _join(tuple(evaluate(part, facts) for part in parts), _disjunction)


def _join(outcomes: tuple[Outcome, ...], rule: Callable[[set[Truth]], Truth]) -> Outcome:
    truth = rule({outcome.truth for outcome in outcomes})
    deciding = (outcome.reasons for outcome in outcomes if outcome.truth is truth)
    return Outcome(truth, sum(deciding, ()), sum((outcome.trace for outcome in outcomes), ()))


def _conjunction(truths: set[Truth]) -> Truth:
    if Truth.NO in truths:
        return Truth.NO
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.YES


def _disjunction(truths: set[Truth]) -> Truth:
    if Truth.YES in truths:
        return Truth.YES
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.NO


_NEGATED = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}


def _compare(clause: Comparison, actual: FactValue | None) -> Reason:
    return Reason(clause.fact, clause.operator, clause.wanted, actual, compare(clause, actual))


def compare(clause: Comparison, actual: FactValue | None) -> Truth:
    """One clause beside a value; None is unknown."""
    if clause.operator is Operator.KNOWN:
        return Truth.YES if (actual is not None) is clause.wanted else Truth.NO
    if actual is None:
        return Truth.UNKNOWN
    holds = _TESTS[clause.operator](_plain(actual), _plain(clause.wanted))
    return Truth.YES if holds else Truth.NO


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _is_in(actual: Any, wanted: frozenset[Any]) -> bool:
    return any(actual == _plain(one) for one in wanted)


_TESTS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.IS: lambda actual, wanted: bool(actual == wanted),
    Operator.IS_NOT: lambda actual, wanted: bool(actual != wanted),
    Operator.IN: _is_in,
    Operator.AT_LEAST: lambda actual, wanted: bool(actual >= wanted),
    Operator.AT_MOST: lambda actual, wanted: bool(actual <= wanted),
    Operator.BETWEEN: lambda actual, wanted: bool(wanted[0] <= actual <= wanted[1]),
    Operator.CONTAINS: lambda actual, wanted: wanted in actual,
    Operator.STARTS_WITH: lambda actual, wanted: bool(actual.startswith(wanted)),
    Operator.HAS: lambda actual, wanted: wanted in actual,
    Operator.HAS_ANY: lambda actual, wanted: not actual.isdisjoint(wanted),
}
