"""Static checks of conditions: bounds that no value can meet."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator
from personas.content import InvalidContent
from personas.fact import Fact, FactType
from personas.facts import find_fact

_BOUNDED = {FactType.NUMBER, FactType.DATE}


def bounds(clause: Comparison) -> tuple[Any, Any] | None:
    """Lowest and highest value that pass, None for an open end; None alone for what bounds nothing."""
    wanted: Any = clause.wanted
    match clause.operator:
        case Operator.IS:
            return wanted, wanted
        case Operator.IN:
            return min(wanted), max(wanted)
        case Operator.AT_LEAST:
            return wanted, None
        case Operator.AT_MOST:
            return None, wanted
        case Operator.BETWEEN:
            return wanted[0], wanted[1]
        case _:
            return None


def refuse_out_of_range(clause: Comparison, fact: Fact, path: str) -> None:
    """Raises InvalidContent where the fact can never have a value that passes."""
    found = bounds(clause) if fact.type is FactType.NUMBER else None
    if found is None:
        return
    low, high = found
    if (fact.high is not None and low is not None and low > fact.high) or (
        fact.low is not None and high is not None and high < fact.low
    ):
        allowed = f"from {fact.low}" + (f" to {fact.high}" if fact.high is not None else "")
        raise InvalidContent(path, f"{fact.name} is {allowed}: this can never be true")


def refuse_contradictions(condition: Condition, path: str) -> None:
    """Raises InvalidContent where clauses that must all hold leave no value for a number or date."""
    match condition:
        case AllOf(parts):
            _refuse_empty(condition, path)
            children, place = parts, "all"
        case AnyOf(parts):
            children, place = parts, "any"
        case Not(part):
            return refuse_contradictions(part, f"{path}.not")
        case Comparison():
            return None
    for number, child in enumerate(children):
        refuse_contradictions(child, f"{path}.{place}[{number}]")
    return None


def _refuse_empty(condition: AllOf, path: str) -> None:
    lows: dict[str, list[Any]] = defaultdict(list)
    highs: dict[str, list[Any]] = defaultdict(list)
    for clause in _joined(condition):
        low, high = bounds(clause) or (None, None)
        lows[clause.fact] += [low] if low is not None else []
        highs[clause.fact] += [high] if high is not None else []
    for fact in lows.keys() & highs.keys():
        if lows[fact] and highs[fact] and max(lows[fact]) > min(highs[fact]):
            problem = f"at least {max(lows[fact])} and at most {min(highs[fact])} can never both be true"
            raise InvalidContent(path, f"{fact}: {problem}")


def _joined(condition: Condition) -> Iterator[Comparison]:
    """The clauses on numbers and dates that hold together, through groups of `all` inside `all`."""
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _joined(part)
    elif isinstance(condition, Comparison) and _is_bounded(condition.fact):
        yield condition


def _is_bounded(name: str) -> bool:
    fact = find_fact(name)
    return fact is not None and fact.type in _BOUNDED
