"""The words of conditions as text, and the reading of them; `sentence` says what they look like."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from personas.conditions import Operator
from personas.content import InvalidContent, clipped, nearest
from personas.facts import find_fact
from personas.limits import MAX_DEPTH, MAX_NODES, MAX_TEXT, MAX_VALUES
from personas.parse import OPERATORS, require_fact

PHRASES = {operator: operator.replace("_", " ") for operator in Operator} | {
    Operator.HAS_ANY: "has any of",
    Operator.KNOWN: "is known",
}
_OPERATORS = {phrase: operator for operator, phrase in PHRASES.items()} | {"is unknown": Operator.KNOWN}
LISTED = {Operator.IN, Operator.HAS_ANY}
RESERVED = {"and", "or", "not", "all", "any", "of", "known", "unknown", "true", "false"}
_NO_WORDS = RESERVED | {"(", ")", ",", ""}
_LONGEST_PHRASE = 3
"""Words."""
_BOOLEANS = {"true": True, "false": False}

_QUOTED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(rf'\s*+([(),]|{_QUOTED.pattern}|".*+|[^\s(),"]++|\Z)', re.DOTALL)
"""A mark, a quoted text, all the rest where a quote is never closed, a word, or nothing: the end."""
_MOST_TOKENS = 4_000
"""Far more than MAX_NODES and MAX_VALUES leave room for."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


class Node(NamedTuple):
    """What `parse_condition` takes, beside where in the text it stands, as the number of a token."""

    raw: dict[str, Any]
    at: int
    values_at: Sequence[int] = ()
    parts: Sequence["Node"] = ()


class Reader:
    """Reads as far as the first mistake; the work is bounded by MAX_NODES and MAX_VALUES."""

    def __init__(self, text: str, path: str) -> None:
        self._text, self._path = text, path
        self._tokens = [found[1] for found in islice(_TOKEN.finditer(text), _MOST_TOKENS)]
        self._tokens += [""] * _LONGEST_PHRASE
        self._at = self._nodes = self._values = 0

    def locate(self, at: int) -> str:
        """`condition, line 1, column 12`, both counted from 1."""
        start = next(islice(_TOKEN.finditer(self._text), at, None)).start(1)
        line = self._text.count("\n", 0, start) + 1
        return f"{self._path}, line {line}, column {start - self._text.rfind(chr(10), 0, start)}"

    def read(self) -> Node:
        node = self._group(depth=1)
        if self._here:
            raise self._no_joint("the end")
        return node

    @property
    def _here(self) -> str:
        return self._tokens[self._at]

    def _group(self, *, depth: int) -> Node:
        units = [self._unit(depth=depth)]
        joint = self._here
        while self._here in {"and", "or"}:
            if self._here != joint:
                raise self._mistake("and meets or: put brackets around what belongs together")
            self._at += 1
            units.append(self._unit(depth=depth))
        return units[0] if len(units) == 1 else _grouped("all" if joint == "and" else "any", units)

    def _unit(self, *, depth: int) -> Node:
        start, token = self._at, self._here
        self._count(depth=depth)
        match token:
            case "not":
                self._at += 1
                part = self._unit(depth=depth + 1)
                return Node({"not": part.raw}, start, parts=(part,))
            case "(":
                return self._bracketed(depth=depth)
            case "all" | "any":
                if self._tokens[start + 1 : start + 3] != ["of", "("]:
                    raise self._mistake(f"{token} is written as {token} of (…), around one condition")
                self._at += 2
                return _grouped(token, [self._bracketed(depth=depth)], start)
        return self._comparison()

    def _bracketed(self, *, depth: int) -> Node:
        opened = self._at
        self._at += 1
        node = self._group(depth=depth + 1)
        if self._here != ")":
            if not self._here:
                raise self._mistake("this bracket is never closed", opened)
            raise self._no_joint("a closing bracket")
        self._at += 1
        return node

    def _comparison(self) -> Node:
        start, name = self._at, self._here
        if not _is_word(name):
            wanted = "a condition is wanted, as order.count_12m at least 3"
            raise self._mistake(f"{wanted}; found {_shown(name)}")
        self._at += 1
        phrase = self._phrase(name)
        operator = _OPERATORS[phrase]
        if operator is Operator.KNOWN:
            return Node({"fact": name, "known": phrase == "is known"}, start)
        values, places = self._operands(operator)
        raw = values if operator in LISTED or operator is Operator.BETWEEN else values[0]
        return Node({"fact": name, operator.value: raw}, start, places)

    def _phrase(self, name: str) -> str:
        fact = find_fact(name) if len(name) <= MAX_TEXT else None
        if fact is None:
            fact = require_fact(name, self.locate(self._at - 1))
        for words in range(_LONGEST_PHRASE, 0, -1):
            phrase = " ".join(self._tokens[self._at : self._at + words])
            if phrase in _OPERATORS:
                break
        if _OPERATORS.get(phrase) in OPERATORS[fact.type]:
            self._at += words
            return phrase
        known = [word for word, operator in _OPERATORS.items() if operator in OPERATORS[fact.type]]
        written = phrase if phrase in _OPERATORS else self._two_words()
        problem = f"{written} does not go with {name}, a {fact.type}: use {', '.join(sorted(known))}."
        raise self._mistake(problem + nearest(written, known))

    def _two_words(self) -> str:
        first, second = self._tokens[self._at : self._at + 2]
        return (
            f"{clipped(first)} {clipped(second)}" if _is_word(first) and _is_word(second) else _shown(first)
        )

    def _operands(self, operator: Operator) -> tuple[list[Any], list[int]]:
        places, values = [self._at], [self._value()]
        between = operator is Operator.BETWEEN
        if between and self._here != "and":
            problem = f"between takes two values, as between 2 and 5; found {_shown(self._here)}"
            raise self._mistake(problem)
        while between or (operator in LISTED and self._here == ","):
            between = False
            self._at += 1
            places.append(self._at)
            values.append(self._value())
        return values, places

    def _value(self) -> Any:
        token = self._here
        self._values += 1
        if self._values > MAX_VALUES + MAX_NODES:
            raise self._mistake(f"more than {MAX_VALUES} values; split it in two")
        if token in _BOOLEANS:
            value: Any = _BOOLEANS[token]
        elif token.startswith('"'):
            value = self._quoted(token)
        elif _is_word(token):
            value = _number(token)
        elif token:
            raise self._mistake(f"a value is wanted; put {_shown(token)} in quotes if it is meant as one")
        else:
            raise self._mistake("a value is wanted, not the end")
        self._at += 1
        return value

    def _quoted(self, token: str) -> str:
        if not _QUOTED.fullmatch(token):
            raise self._mistake("this quote is never closed")
        try:
            return str(json.loads(token, strict=False))
        except ValueError:
            problem = r"what follows a backslash here is not known; write \\ for a backslash"
            raise self._mistake(problem) from None

    def _count(self, *, depth: int) -> None:
        self._nodes += 1
        if self._nodes > 2 * MAX_NODES:  # brackets count as well
            raise self._mistake(f"more than {MAX_NODES} parts; split it in two")
        if depth > 2 * MAX_DEPTH:  # `not (` opens two at once
            raise self._mistake(f"nested deeper than {MAX_DEPTH} levels; split it in two")

    def _no_joint(self, end: str) -> InvalidContent:
        near = nearest(self._here.lower(), ("and", "or"))
        return self._mistake(f"and, or, or {end} is wanted, not {_shown(self._here)}.{near}")

    def _mistake(self, problem: str, at: int | None = None) -> InvalidContent:
        return InvalidContent(self.locate(self._at if at is None else at), problem)


def _is_word(token: str) -> bool:
    return token not in _NO_WORDS and token[0] != '"'


def _shown(token: str) -> str:
    return clipped(token) if token else "the end"


def _number(word: str) -> int | Decimal | str:
    """The word itself where it is no number."""
    found = _NUMBER.fullmatch(word)
    if not found:
        return word
    return Decimal(word) if found[1] or found[2] else int(word)


def _grouped(name: str, units: list[Node], at: int | None = None) -> Node:
    raw = {name: [unit.raw for unit in units]}
    return Node(raw, units[0].at if at is None else at, parts=tuple(units))
