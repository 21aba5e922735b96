"""COQL as far as conditions on one module go. §1."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_ROWS, MOST_FIELDS, MOST_CONDITIONS, MOST_IN = 2_000, 50, 25, 50
STATEMENT = re.compile(r"select (.+?) from (\w+) where (.+) order by id asc limit (\d+), (\d+)", re.DOTALL)
TOKEN = re.compile(r"\s*('(?:\\.|[^'\\])*'|[(),]|[<>=!]+|[\w.]+)")
Values = dict[str, Any]
Fits = Callable[[Values], bool]


class Invalid(Exception):  # noqa: N818 - what Zoho calls it
    """INVALID_QUERY or SYNTAX_ERROR."""


@dataclass(frozen=True, slots=True)
class Query:
    fields: list[str]
    module: str
    fits: Fits
    start: int
    limit: int


def read_query(text: str) -> Query:
    """A condition is required. Raises Invalid."""
    found = STATEMENT.fullmatch(text)
    if not found:
        raise Invalid(text)
    fields, start, limit = found[1].split(", "), int(found[4]), int(found[5])
    tokens = TOKEN.findall(found[3])
    count = sum(token in {"=", ">", ">=", "<", "<=", "like", "in"} for token in tokens)
    if len(fields) > MOST_FIELDS or limit > MOST_ROWS or count > MOST_CONDITIONS:
        raise Invalid("too much")
    rest = iter([*tokens, ""])
    fits = _condition(next(rest), rest)
    if next(rest):
        raise Invalid("conditions must be bracketed in pairs")
    return Query(fields, found[2], fits, start, limit)


def _condition(first: str, rest: Iterator[str]) -> Fits:
    """One comparison, or two conditions in brackets."""
    if first != "(":
        return _comparison(first, next(rest), rest)
    left = _condition(next(rest), rest)
    word = next(rest)
    right = _condition(next(rest), rest)
    if word not in {"and", "or"} or next(rest) != ")":
        raise Invalid("conditions must be bracketed in pairs")
    if word == "and":
        return lambda values: left(values) and right(values)
    return lambda values: left(values) or right(values)


def _comparison(name: str, operator: str, rest: Iterator[str]) -> Fits:
    if operator == "in":
        wanted = _list(rest)
        return lambda values: _held(values, name) in wanted
    text = _text(next(rest))
    if operator == "like":
        pattern = ".*".join(map(re.escape, text.split("%")))
        return lambda values: bool(re.fullmatch(pattern, str(_held(values, name) or ""), re.DOTALL))
    if operator == "=":
        return lambda values: str(_held(values, name) or "").lower() == text.lower()
    if operator == ">" and name == "id":
        return lambda values: int(values["id"]) > int(text)
    if operator == ">=":
        return lambda values: str(_held(values, name)) >= text
    raise Invalid(operator)


def _list(rest: Iterator[str]) -> set[str]:
    if next(rest) != "(":
        raise Invalid("in")
    found: set[str] = set()
    while True:
        found.add(_text(next(rest)))
        if next(rest) == ")":
            break
    if len(found) > MOST_IN:
        raise Invalid("too many values")
    return found


def _text(token: str) -> str:
    if not token.startswith("'"):
        raise Invalid(token)
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _held(values: Values, name: str) -> Any:
    value = values.get(name)
    return value["id"] if isinstance(value, dict) else value
