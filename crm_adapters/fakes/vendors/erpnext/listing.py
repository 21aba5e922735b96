"""Which documents a list means, as MariaDB compares: letters' case and accents make no difference, nor do blanks at
the end, and in `like` the signs % and _ stand for others, which Frappe lets nobody escape (*source*: each backslash is
doubled)."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import ge, gt, le, lt
from typing import Any

ORDERING: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


def fold(value: Any) -> Any:
    return _fold(value) if isinstance(value, str) else value


@cache
def _fold(value: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", value) if not unicodedata.combining(sign))
    return plain.casefold().rstrip(" ")


def holds(held: Any, operator: str, value: Any) -> bool:
    """Nothing is like nothing, equal to it, before or after it."""
    if held is None:
        return False
    if operator in ORDERING:
        return bool(ORDERING[operator](fold(held), fold(value)))
    if operator == "in":
        return fold(held) in [fold(one) for one in value]
    if operator == "like":
        return bool(_pattern(fold(value)).fullmatch(fold(str(held))))
    if operator != "=":
        raise ValueError(f"Operator must be one of =, in, like, ..., not {operator}")
    return bool(fold(held) == fold(value))


def split_condition(condition: Sequence[Any]) -> tuple[str, str, str, Any]:
    """The doctype, empty for the list's own, the field, the operator and the value."""
    if len(condition) == 3:
        return "", condition[0], condition[1], condition[2]
    doctype, field, operator, value = condition
    return doctype, field, operator, value


def _pattern(value: str) -> re.Pattern[str]:
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(sign, re.escape(sign)) for sign in value), re.DOTALL)
