"""From YAML or JSON to conditions and back; `sentence` has them as text.

all:
  - {fact: order.count_12m, at_least: 3}
  - not: {fact: category.owned, has_any: [plans, insurance]}
"""

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from typing import Any

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator
from personas.content import InvalidContent, clipped, nearest, read_date, read_number
from personas.fact import Fact, FactType
from personas.facts import FACTS, find_fact, slug
from personas.intervals import refuse_contradictions, refuse_out_of_range
from personas.limits import GROUPS, MAX_TEXT, MAX_VALUES, refuse_large
from personas.sensitivity import is_barred

_SINGLE = {Operator.IS, Operator.IS_NOT, Operator.AT_LEAST, Operator.AT_MOST, Operator.HAS}
"""Takes one value of the fact's type."""
MAX_NUMBER = 10**15
"""Up to here YAML and JSON keep 15 digits of any number: IEEE 754, binary64."""
_ORDERED = {Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN}
_EQUAL = {Operator.IS, Operator.IS_NOT, Operator.KNOWN}

OPERATORS: dict[FactType, set[Operator]] = {
    FactType.NUMBER: _EQUAL | _ORDERED | {Operator.IN},
    FactType.DATE: _EQUAL | _ORDERED | {Operator.IN},
    FactType.TEXT: _EQUAL | {Operator.IN, Operator.CONTAINS, Operator.STARTS_WITH},
    FactType.BOOLEAN: _EQUAL,
    FactType.SET: {Operator.HAS, Operator.HAS_ANY, Operator.KNOWN},
}


def parse_condition(
    raw: object, *, path: str = "condition", unlocked: Collection[str] = frozenset()
) -> Condition:
    """Raises InvalidContent with the place of the mistake; `unlocked` names barred facts now approved."""
    refuse_large(raw, path)
    condition = _parse(raw, path, unlocked)
    refuse_contradictions(condition, path)
    return condition


def _parse(raw: object, path: str, unlocked: Collection[str]) -> Condition:
    if not isinstance(raw, dict):
        raise InvalidContent(path, "a condition is wanted: all, any, not, or fact with a comparison")
    if "fact" in raw or raw.keys().isdisjoint(GROUPS):
        return _comparison(raw, path, unlocked)
    group = next(name for name in GROUPS if name in raw)
    if len(raw) > 1:
        raise InvalidContent(path, f"{group} stands alone; nest the rest inside it")
    if group == "not":
        return Not(_parse(raw["not"], f"{path}.not", unlocked))
    return _group(group, raw[group], f"{path}.{group}", unlocked)


def _group(name: str, raw: object, path: str, unlocked: Collection[str]) -> Condition:
    if not isinstance(raw, list) or not raw:
        raise InvalidContent(path, "a list of at least one condition is wanted")
    parts = tuple(_parse(part, f"{path}[{number}]", unlocked) for number, part in enumerate(raw))
    return AllOf(parts) if name == "all" else AnyOf(parts)


def _comparison(raw: dict[Any, Any], path: str, unlocked: Collection[str]) -> Comparison:
    fact = require_fact(raw.get("fact"), path)
    if is_barred(fact.name) and fact.name not in unlocked:
        raise InvalidContent(path, f"{fact.name} is barred from conditions until an approver unlocks it")
    if len(raw) != 2:
        raise InvalidContent(path, f"exactly one comparison is wanted for {fact.name}, found {len(raw) - 1}")
    (word,) = raw.keys() - {"fact"}
    operator = _operator(word, fact, path)
    clause = Comparison(fact.name, operator, _wanted(raw[word], operator, fact, f"{path}.{word}"))
    refuse_out_of_range(clause, fact, path)
    return clause


_BY_WORD = {str(operator): operator for operator in Operator}


def require_fact(name: object, path: str) -> Fact:
    """The declaration, under the very name that was asked for. Raises InvalidContent where there is none."""
    if not isinstance(name, str):
        raise InvalidContent(path, "a comparison names its fact, as fact: order.count")
    fact = find_fact(name) if len(name) <= MAX_TEXT else None
    if fact is None:
        raise InvalidContent(path, f"there is no fact {clipped(name)}.{nearest(name, _spelled(name))}")
    if not fact.is_pattern:
        return fact
    # dataclasses.replace takes longer than all the rest of reading a clause.
    return Fact(
        name,
        fact.type,
        fact.source,
        fact.description,
        fact.unit,
        fact.values,
        fact.low,
        fact.high,
        fact.whole,
    )


def _spelled(name: str) -> list[str]:
    """The declared names, and the one asked for with its last part as facts spell it."""
    head, _, tail = name[:MAX_TEXT].rpartition(".")
    short = f"{head}.{slug(tail)}"
    return [fact.name for fact in FACTS] + ([short] if find_fact(short) else [])


def _operator(key: object, fact: Fact, path: str) -> Operator:
    word = key if isinstance(key, str) else "what stands there"
    if word not in OPERATORS[fact.type]:
        known = sorted(OPERATORS[fact.type])
        text = f"{clipped(word)} does not go with {fact.name}, a {fact.type}: use {', '.join(known)}."
        raise InvalidContent(path, text + nearest(word, known))
    return _BY_WORD[word]


def _wanted(raw: object, operator: Operator, fact: Fact, path: str) -> Any:
    if operator in _SINGLE:
        return _READ[fact.type](raw, fact, path)
    match operator:
        case Operator.KNOWN:
            return _boolean(raw, fact, path)
        case Operator.BETWEEN:
            return _pair(raw, fact, path)
        case Operator.CONTAINS | Operator.STARTS_WITH:
            return _any_text(raw, fact, path)
    return frozenset(_values(raw, fact, path))


def _values(raw: object, fact: Fact, path: str) -> list[Any]:
    if not isinstance(raw, list) or not 0 < len(raw) <= MAX_VALUES:
        raise InvalidContent(path, f"a list of 1 to {MAX_VALUES} values is wanted")
    return [_READ[fact.type](one, fact, f"{path}[{number}]") for number, one in enumerate(raw)]


def _pair(raw: object, fact: Fact, path: str) -> tuple[Any, Any]:
    values = _values(raw, fact, path)
    if len(values) != 2 or values[0] > values[1]:
        raise InvalidContent(path, "two values are wanted, the lower first")
    return values[0], values[1]


def _number(raw: object, fact: Fact, path: str) -> int | Decimal:
    value = read_number(raw)
    if value is None:
        raise InvalidContent(path, f"{fact.name} is a number; write it as 12 or 0.5, without quotes")
    exact = isinstance(value, int) or (abs(value) < MAX_NUMBER and Decimal(repr(float(value))) == value)
    if not exact or not -MAX_NUMBER < value < MAX_NUMBER:
        raise InvalidContent(path, "15 digits at most can be kept; round it")
    return value


def _date(raw: object, fact: Fact, path: str) -> date:
    value = read_date(raw)
    if value is None:
        raise InvalidContent(path, f"{fact.name} is a date; write it as 2026-03-31")
    return value


def _boolean(raw: object, fact: Fact, path: str) -> bool:
    if not isinstance(raw, bool):
        raise InvalidContent(path, f"true or false is wanted for {fact.name}")
    return raw


def _any_text(raw: object, fact: Fact, path: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidContent(path, f'{fact.name} is a text; put it in quotes, as "NO"')
    if len(raw) > MAX_TEXT:
        raise InvalidContent(path, f"longer than {MAX_TEXT} letters")
    return raw


def _text(raw: object, fact: Fact, path: str) -> str:
    value = _any_text(raw, fact, path)
    if fact.values and value not in fact.values:
        options = ", ".join(fact.values)
        raise InvalidContent(path, f"{fact.name} is one of {options}.{nearest(value, fact.values)}")
    return value


def _member(raw: object, fact: Fact, path: str) -> str:
    value = _any_text(raw, fact, path)
    if slug(value) != value:
        raise InvalidContent(path, f"{fact.name} holds short names: write {slug(value)}")
    return value


_READ: dict[FactType, Callable[[object, Fact, str], Any]] = {
    FactType.NUMBER: _number,
    FactType.TEXT: _text,
    FactType.BOOLEAN: _boolean,
    FactType.SET: _member,
    FactType.DATE: _date,
}


def dump_condition(condition: Condition) -> dict[str, Any]:
    """What `parse_condition` reads back to an equal condition."""
    match condition:
        case AllOf(parts):
            return {"all": [dump_condition(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [dump_condition(part) for part in parts]}
        case Not(part):
            return {"not": dump_condition(part)}
        case Comparison(fact, operator, wanted):
            return {"fact": fact, str(operator): _dumped(wanted)}


def _dumped(wanted: Any) -> Any:
    match wanted:
        case frozenset():
            return [_dumped(one) for one in sorted(wanted)]
        case tuple():
            return [_dumped(one) for one in wanted]
        case Decimal():
            return float(wanted)
        case date():
            return wanted.isoformat()
        case _:
            return wanted
