"""Whether one condition says less than another: seen from how they are written, without any facts."""

from typing import Any

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, Truth, evaluate
from personas.facts import FactSet
from personas.intervals import bounds

_EXACT = (Operator.IS, Operator.IN)
_SETS = (Operator.HAS, Operator.HAS_ANY)
_INTERVALS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN)


def implies(given: Condition, then: Condition) -> bool:
    """Whether `then` holds wherever `given` does. No says only that it could not be seen."""
    if given == then:
        return True
    match given, then:
        case AnyOf(parts), _:
            return all(implies(part, then) for part in parts)
        case _, AllOf(parts):
            return all(implies(given, part) for part in parts)
        case Not(part), Not(other):
            return implies(other, part)
        case Comparison(), Comparison():
            return _clause_implies(given, then)
    return _some_part_implies(given, then)


def _some_part_implies(given: Condition, then: Condition) -> bool:
    if isinstance(given, AllOf) and any(implies(part, then) for part in given.parts):
        return True
    return isinstance(then, AnyOf) and any(implies(given, part) for part in then.parts)


def _clause_implies(given: Comparison, then: Comparison) -> bool:
    if given.fact != then.fact or given.operator is Operator.KNOWN:
        return False
    if then.operator is Operator.KNOWN:
        return then.wanted is True
    if given.operator in _EXACT:
        values = (FactSet({given.fact: value}) for value in _members(given.wanted))
        return all(evaluate(then, known).truth is Truth.YES for known in values)
    if given.operator in _SETS and then.operator in _SETS:
        return _members(given.wanted) <= _members(then.wanted)
    return given.operator in _INTERVALS and then.operator in _INTERVALS and _lies_within(given, then)


def _members(wanted: Any) -> frozenset[Any]:
    return wanted if isinstance(wanted, frozenset) else frozenset({wanted})


def _lies_within(inner: Comparison, outer: Comparison) -> bool:
    low, high = bounds(inner) or (None, None)
    least, most = bounds(outer) or (None, None)
    reaches_down = least is None or (low is not None and low >= least)
    return reaches_down and (most is None or (high is not None and high <= most))
