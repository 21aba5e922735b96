"""Filters as Dataverse takes them, as far as they are asked here. §1, §3, §5."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from crm_adapters.fakes.vendors.dynamics365.answers import invalid

TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:''|[^'])*')|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_@][\w.@]*)|(?P<sign>[(),=\[\]]))"
)
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge,
}  # fmt: skip
Values = Mapping[str, Any]
Fits = Callable[[Values], bool]


def read_filter(text: str, columns: Sequence[str]) -> Fits:
    """Raises Refused."""
    parser = Parser(text, columns)
    found = parser.any()
    if parser.peek()[0] != "end":
        raise invalid("Syntax error in the filter", "0x80060888")
    return found


class Parser:
    def __init__(self, text: str, columns: Sequence[str]) -> None:
        self._columns = columns
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        place = 0
        while place < len(text.rstrip()):
            match = TOKEN.match(text, place)
            if match is None:
                raise invalid("Syntax error in the filter")
            self._tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            place = match.end()
        self._tokens.append(("end", ""))

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._place]

    def any(self) -> Fits:
        """`and` binds closer."""
        parts = [self._all()]
        while self._try("or"):
            parts.append(self._all())
        return lambda values: any(part(values) for part in parts)

    def _all(self) -> Fits:
        parts = [self._one()]
        while self._try("and"):
            parts.append(self._one())
        return lambda values: all(part(values) for part in parts)

    def _one(self) -> Fits:
        if self._try("("):
            found = self.any()
            self._take(")")
            return found
        name = self._next()
        if name == "contains":
            return self._contains()
        if name == "Microsoft.Dynamics.CRM.In":
            return self._among()
        column = self._column(name)
        sign, wanted = self._next(), self._literal()
        if sign not in COMPARISONS:
            raise invalid(f"Unknown operator {sign}")
        compare = COMPARISONS[sign]
        return lambda values: values[column] is not None and compare(_plain(values[column]), _plain(wanted))

    def _contains(self) -> Fits:
        """§1: what stands for anything in a pattern does so here too."""
        self._take("(")
        column = self._column(self._next())
        self._take(",")
        wanted = str(self._literal())
        self._take(")")
        pattern = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in str(_plain(wanted)))
        return lambda values: (
            bool(values[column]) and re.search(pattern, str(_plain(values[column]))) is not None
        )

    def _among(self) -> Fits:
        """§3: a lookup by its plain name."""
        self._take("(", "PropertyName", "=")
        column = self._column(str(self._literal()))
        self._take(",", "PropertyValues", "=", "[")
        values = {_plain(self._literal())}
        while self._try(","):
            values.add(_plain(self._literal()))
        self._take("]", ")")
        return lambda held: held[column] is not None and _plain(held[column]) in values

    def _column(self, name: str) -> str:
        for one in (name, f"_{name}_value"):
            if one in self._columns:
                return one
        raise invalid(f"Could not find a property named '{name}'")

    def _literal(self) -> Any:
        kind, text = self.peek()
        self._place += 1
        match kind:
            case "string":
                return text[1:-1].replace("''", "'")
            case "guid":
                return text.lower()
            case "number":
                return float(text)
            case "word" if text in {"true", "false", "null"}:
                return {"true": True, "false": False, "null": None}[text]
        raise invalid("Syntax error in the filter")

    def _next(self) -> str:
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _try(self, word: str) -> bool:
        kind, text = self.peek()
        found = kind != "string" and text == word
        self._place += found
        return found

    def _take(self, *words: str) -> None:
        for word in words:
            if not self._try(word):
                raise invalid("Syntax error in the filter")


def _plain(value: Any) -> Any:
    """§1: without regard to case and accents."""
    if not isinstance(value, str):
        return value
    parts = unicodedata.normalize("NFD", value.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
