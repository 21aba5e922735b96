"""The words of conditions as text, and the reading of them; `sentence` says what they look like."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from personas.conditions import Operator
from personas.content import InvalidContent, clipped, nearest
from personas.limits import MAX_DEPTH, MAX_NODES, MAX_VALUES
from personas.parse import OPERATORS, require_fact

PHRASES = {operator: operator.replace("_", " ") for operator in Operator} | {
    Operator.HAS_ANY: "has any of",
    Operator.KNOWN: "is known",
}
_OPERATORS = {phrase: operator for operator, phrase in PHRASES.items()} | {"is unknown": Operator.KNOWN}
LISTED = {Operator.IN, Operator.HAS_ANY}
RESERVED = {"and", "or", "not", "all", "any", "of", "known", "unknown", "true", "false"}
_BOOLEANS = {"true": True, "false": False}

_TOKEN = re.compile(
    r'\s*+(?:(?P<mark>[(),])|(?P<quoted>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<word>[^\s(),"]++)|(?P<open>")|\Z)',
    re.DOTALL,
)
_OPERATOR = re.compile(
    r"\s*+(" + "|".join(sorted(_OPERATORS, key=len, reverse=True)).replace(" ", r"\s++") + r')(?![^\s(),"])'
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


class Node(NamedTuple):
    """What `parse_condition` takes, beside where in the text it stands."""

    raw: dict[str, Any]
    at: int
    values_at: tuple[int, ...] = ()
    parts: tuple["Node", ...] = ()


def locate(path: str, text: str, at: int) -> str:
    """`condition, line 1, column 12`, both counted from 1."""
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return f"{path}, line {line}, column {column}"


class _Token(NamedTuple):
    kind: str | None
    """`mark`, `quoted`, `word`, `open` for a quote that never closes; None at the end of the text."""
    text: str
    at: int
    end: int

    @property
    def shown(self) -> str:
        return clipped(self.text) if self.kind else "the end"


class Reader:
    """Reads as far as the first mistake, one token at a time; the work is bounded by MAX_NODES and MAX_VALUES."""

    def __init__(self, text: str, path: str) -> None:
        self._text, self._path = text, path
        self._nodes = self._values = 0
        self._token = self._scan(0)

    def read(self) -> Node:
        node = self._group(depth=1)
        if self._token.kind:
            raise self._no_joint("the end")
        return node

    def _group(self, *, depth: int) -> Node:
        units = [self._unit(depth=depth)]
        joint = self._token
        while self._is_word("and", "or"):
            if self._token.text != joint.text:
                problem = "and meets or: put brackets around what belongs together"
                raise self._mistake(self._token.at, problem)
            self._next()
            units.append(self._unit(depth=depth))
        return units[0] if len(units) == 1 else _grouped("all" if joint.text == "and" else "any", units)

    def _unit(self, *, depth: int) -> Node:
        start = self._token
        self._count(start, depth=depth)
        if self._is_word("not"):
            self._next()
            part = self._unit(depth=depth + 1)
            return Node({"not": part.raw}, start.at, parts=(part,))
        if self._is_mark("("):
            return self._bracketed(depth=depth)
        if not self._is_word("all", "any"):
            return self._comparison()
        self._next()
        self._expect_of(start)
        return _grouped(start.text, [self._bracketed(depth=depth)], start.at)

    def _bracketed(self, *, depth: int) -> Node:
        opened = self._token
        self._next()
        node = self._group(depth=depth + 1)
        if not self._is_mark(")"):
            if not self._token.kind:
                raise self._mistake(opened.at, "this bracket is never closed")
            raise self._no_joint("a closing bracket")
        self._next()
        return node

    def _expect_of(self, start: _Token) -> None:
        if self._is_word("of"):
            self._next()
            if self._is_mark("("):
                return
        raise self._mistake(start.at, f"{start.text} is written as {start.text} of (…), around one condition")

    def _comparison(self) -> Node:
        start = self._token
        if start.kind != "word" or start.text in RESERVED:
            wanted = "a condition is wanted, as order.count_12m at least 3"
            raise self._mistake(start.at, f"{wanted}; found {start.shown}")
        phrase = self._phrase(start)
        operator = _OPERATORS[phrase]
        if operator is Operator.KNOWN:
            return Node({"fact": start.text, "known": phrase == "is known"}, start.at)
        values, places = zip(*self._operands(operator), strict=True)
        raw = list(values) if operator in LISTED or operator is Operator.BETWEEN else values[0]
        return Node({"fact": start.text, str(operator): raw}, start.at, places)

    def _phrase(self, start: _Token) -> str:
        found = _OPERATOR.match(self._text, start.end)
        fact = require_fact(start.text, locate(self._path, self._text, start.at))
        known = [phrase for phrase, operator in _OPERATORS.items() if operator in OPERATORS[fact.type]]
        phrase = " ".join(found[1].split()) if found else ""
        if found and phrase in known:
            self._token = self._scan(found.end())
            return phrase
        self._next()
        written = phrase or self._two_words()
        problem = f"{written} does not go with {fact.name}, a {fact.type}: use {', '.join(sorted(known))}."
        raise self._mistake(self._token.at, problem + nearest(written, known))

    def _two_words(self) -> str:
        following = self._scan(self._token.end)
        words = [token.shown for token in (self._token, following) if token.kind == "word"]
        return " ".join(words) or self._token.shown

    def _operands(self, operator: Operator) -> Iterator[tuple[Any, int]]:
        yield self._value()
        if operator is Operator.BETWEEN:
            if not self._is_word("and"):
                problem = f"between takes two values, as between 2 and 5; found {self._token.shown}"
                raise self._mistake(self._token.at, problem)
            self._next()
            yield self._value()
        while operator in LISTED and self._is_mark(","):
            self._next()
            yield self._value()

    def _value(self) -> tuple[Any, int]:
        token = self._token
        self._values += 1
        if self._values > MAX_VALUES + MAX_NODES:
            raise self._mistake(token.at, f"more than {MAX_VALUES} values; split it in two")
        value = self._quoted(token) if token.kind == "quoted" else self._unquoted(token)
        self._next()
        return value, token.at

    def _quoted(self, token: _Token) -> str:
        try:
            return str(json.loads(token.text, strict=False))
        except ValueError:
            problem = r"what follows a backslash here is not known; write \\ for a backslash"
            raise self._mistake(token.at, problem) from None

    def _unquoted(self, token: _Token) -> bool | int | Decimal | str:
        word = token.text
        if word in _BOOLEANS:
            return _BOOLEANS[word]
        if token.kind != "word" or word in RESERVED:
            problem = f"a value is wanted; put {token.shown} in quotes if it is meant as one"
            raise self._mistake(token.at, problem if token.kind else "a value is wanted, not the end")
        found = _NUMBER.fullmatch(word)
        if not found:
            return word
        return Decimal(word) if found[1] or found[2] else int(word)

    def _count(self, token: _Token, *, depth: int) -> None:
        self._nodes += 1
        if self._nodes > 2 * MAX_NODES:  # brackets count as well
            raise self._mistake(token.at, f"more than {MAX_NODES} parts; split it in two")
        if depth > 2 * MAX_DEPTH:  # `not (` opens two at once
            raise self._mistake(token.at, f"nested deeper than {MAX_DEPTH} levels; split it in two")

    def _no_joint(self, end: str) -> InvalidContent:
        near = nearest(self._token.text.lower(), ("and", "or"))
        return self._mistake(self._token.at, f"and, or, or {end} is wanted, not {self._token.shown}.{near}")

    def _is_word(self, *words: str) -> bool:
        return self._token.kind == "word" and self._token.text in words

    def _is_mark(self, mark: str) -> bool:
        return self._token.kind == "mark" and self._token.text == mark

    def _next(self) -> None:
        self._token = self._scan(self._token.end)

    def _scan(self, start: int) -> _Token:
        found = _TOKEN.match(self._text, start)
        assert found is not None  # noqa: S101 - whatever follows is one of the kinds
        kind = found.lastgroup
        at = found.start(kind) if kind else found.end()
        if kind == "open":
            raise self._mistake(at, "this quote is never closed")
        return _Token(kind, found[kind] if kind else "", at, found.end())

    def _mistake(self, at: int, problem: str) -> InvalidContent:
        return InvalidContent(locate(self._path, self._text, at), problem)


def _grouped(name: str, units: list[Node], at: int | None = None) -> Node:
    raw = {name: [unit.raw for unit in units]}
    return Node(raw, units[0].at if at is None else at, parts=tuple(units))
