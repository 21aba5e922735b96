"""What a rule found wrong, as a removal tells it: the clause, the actual value, the one that would have passed."""

from collections.abc import Set
from typing import NamedTuple

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, Truth
from personas.facts import FactSet, FactValue
from personas.misses import Change, nearest_miss
from personas.sentence import write_condition

LONGEST = 60
"""Letters of one value: what a CRM holds in a text has no end."""


class Shortfall(NamedTuple):
    """Several clauses are told in one line, each with its values in the same place."""

    clause: str
    actual: str
    wanted: str


def let_pass(condition: Condition, denying: Set[Truth]) -> Condition:
    """A condition that is YES exactly where this one is none of `denying`, of which one is YES or NO."""
    holds = Truth.NO in denying
    if Truth.UNKNOWN in denying:
        return condition if holds else Not(condition)
    return _unless_known(condition, holds=holds)


def _unless_known(condition: Condition, *, holds: bool) -> Condition:
    """YES where the condition comes out so, or is not decided."""
    match condition:
        case Comparison(fact, operator):
            decided = condition if holds else Not(condition)
            unknown = Comparison(fact, Operator.KNOWN, wanted=False)
            return decided if operator is Operator.KNOWN else AnyOf((decided, unknown))
        case Not(part):
            return _unless_known(part, holds=not holds)
        case AllOf(parts) | AnyOf(parts):
            kind = AllOf if isinstance(condition, AllOf) is holds else AnyOf
            return kind(tuple(_unless_known(part, holds=holds) for part in parts))


def find_shortfall(condition: Condition, facts: FactSet, denying: Set[Truth]) -> Shortfall:
    """The fewest clauses, and the nearest values, between the facts and the condition being none of `denying`."""
    miss = nearest_miss(let_pass(condition, denying), facts)
    if miss is None:
        return Shortfall(_clipped(write_condition(condition)), "", "")
    changes = miss.changes
    return Shortfall(
        "; ".join(_clipped(write_condition(each.clause)) for each in changes),
        "; ".join(_found(each) for each in changes),
        "; ".join(_needed(each) for each in changes),
    )


def _found(change: Change) -> str:
    return f"missing: {change.clause.fact}" if change.actual is None else _told(change, change.actual)


def _needed(change: Change) -> str:
    if change.needed == "":
        return "something else"
    return "unknown" if change.needed is None else _told(change, change.needed)


def _told(change: Change, value: FactValue) -> str:
    """Of a set, the members that the clause asks about."""
    if not isinstance(value, frozenset):
        return _clipped(str(value).lower() if isinstance(value, bool) else str(value))
    asked = change.clause.wanted if isinstance(change.clause.wanted, frozenset) else {change.clause.wanted}
    members = value if change.clause.operator is Operator.KNOWN else value & asked
    return _clipped(", ".join(sorted(members))) or "none"


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
