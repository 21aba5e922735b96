"""Which rows a domain means. §1, *seen*: `ilike` and `=ilike` take `_` and `%` for wildcards."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

Read = Callable[[str], Any]
"""A row's value by its field."""
ORDERING = {">": gt, ">=": ge, "<": lt, "<=": le}
OPERATORS = frozenset({*ORDERING, "=", "!=", "in", "not in", "ilike", "=ilike"})
STAMP = "%Y-%m-%d %H:%M:%S"


def fits(domain: Sequence[Any], read: Read) -> bool:
    """Polish notation, with a silent "and" between terms. Raises ValueError for what is none."""
    rest = list(domain)
    found = True
    while rest:
        held, rest = _term(rest, read)
        found = found and held
    return found


def _term(terms: list[Any], read: Read) -> tuple[bool, list[Any]]:
    first, *rest = terms
    if first == "!":
        held, rest = _term(rest, read)
        return not held, rest
    if first in ("|", "&"):
        one, rest = _term(rest, read)
        other, rest = _term(rest, read)
        return (one or other if first == "|" else one and other), rest
    name, operator, value = first
    if operator not in OPERATORS:
        raise ValueError(f"Invalid operator {operator!r} in domain term")
    return _holds(read(name), operator, value), rest


def _holds(held: Any, operator: str, value: Any) -> bool:
    if operator in ORDERING:
        return held not in (None, False) and bool(ORDERING[operator](held, _as(held, value)))
    if operator in {"in", "not in"}:
        return (held in value) == (operator == "in")
    if operator in {"=", "!="}:
        return (_as(held, value) == held or (not held and not value)) == (operator == "=")
    whole = operator == "=ilike"
    return isinstance(held, str) and bool(_pattern(str(value), whole=whole).fullmatch(held))


def _as(held: Any, value: Any) -> Any:
    """Moments come as text, and the database keeps more of them than it shows."""
    if not isinstance(held, datetime) or not isinstance(value, str):
        return value
    return datetime.strptime(value, STAMP).replace(tzinfo=held.tzinfo)


def _pattern(value: str, *, whole: bool) -> re.Pattern[str]:
    """PostgreSQL's: a backslash takes the meaning of the sign behind it."""
    signs = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", value if whole else f"%{value}%", re.DOTALL)
    text = "".join(
        re.escape(part[1:]) if len(part) > 1 else signs.get(part, re.escape(part)) for part in parts
    )
    return re.compile(text, re.IGNORECASE | re.DOTALL)
