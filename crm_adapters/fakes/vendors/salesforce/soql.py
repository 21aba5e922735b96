"""Salesforce's query language, as far as it is asked here; strict where the real one is. §1, §3, §4."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.salesforce.answers import invalid
from crm_adapters.fakes.vendors.salesforce.org import TYPES, Org, widen

TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:\\.|[^'\\\n])*')|(?P<stamp>\d{4}-\d\d-\d\dT[\d:.]+Z)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|[=<>(),]))"
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
MOST_ALL_FIELDS = 200
SHORT_ID = 15
Fits = Callable[[Row], bool]
Token = tuple[str, str]


@dataclass(slots=True)
class Select:
    name: str
    fields: list[str]
    fits: Fits
    order: list[tuple[str, bool]] = field(default_factory=list)
    """Fields, and whether downwards."""
    limit: int | None = None


def read_select(org: Org, text: str) -> Select:
    """Raises Refused."""
    parser = Parser(org, _tokens(text))
    found = parser.select()
    parser.expect_end()
    return found


def run(org: Org, select: Select, *, deleted: bool) -> list[Row]:
    table = org.tables[select.name]
    rows = [row for row in (table.rows.values() if deleted else table.live()) if select.fits(row)]
    for name, down in reversed(select.order):
        rows.sort(key=lambda row, name=name: _sortable(org.read(select.name, row, name)), reverse=down)  # type: ignore[misc]  # a default keeps the name
    return rows[: select.limit]


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(text.rstrip()):
        match = TOKEN.match(text, place)
        if match is None:
            raise invalid("MALFORMED_QUERY", "unexpected token")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        place = match.end()
    return found


class Parser:
    def __init__(self, org: Org, tokens: Sequence[Token]) -> None:
        self._org = org
        self._tokens = [*tokens, ("end", "")]
        self._place = 0

    def select(self) -> Select:
        self._take("SELECT")
        fields = self._fields()
        self._take("FROM")
        name = self._next()[1]
        known = self._org.names(name)
        everything = fields == ["FIELDS(ALL)"]
        fields = known if everything else fields
        self._check_fields(name, fields)
        found = Select(name, fields, self._any(name) if self._try("WHERE") else lambda _: True)
        if self._try("ORDER"):
            self._take("BY")
            found.order = self._orders()
        found.limit = int(self._next()[1]) if self._try("LIMIT") else None
        if everything and not 0 < (found.limit or 0) <= MOST_ALL_FIELDS:
            raise invalid("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
        return found

    def _check_fields(self, name: str, fields: Sequence[str]) -> None:
        if len({one.lower() for one in fields}) < len(fields):
            raise invalid("INVALID_FIELD", "duplicate field selected")
        empty = Row("", {}, self._org.now(), self._org.now())
        for one in fields:
            self._org.read(name, empty, one) if "." not in one else self._check_path(name, one)

    def _check_path(self, name: str, path: str) -> None:
        relation, _, rest = path.partition(".")
        if f"{relation}Id" not in self._org.names(name) or rest not in self._org.names(relation):
            raise invalid("INVALID_FIELD", f"Didn't understand relationship '{relation}' in field path.")

    def _fields(self) -> list[str]:
        found = [self._next()[1]]
        if found == ["FIELDS"]:
            self._take("(", "ALL", ")")
            return ["FIELDS(ALL)"]
        while self._try(","):
            found.append(self._next()[1])
        return found

    def _orders(self) -> list[tuple[str, bool]]:
        found: list[tuple[str, bool]] = []
        while not found or self._try(","):
            name = self._next()[1]
            found.append((name, self._try("DESC")))
        return found

    def _any(self, name: str) -> Fits:
        """Without brackets either ANDs or ORs, not both."""
        parts = [self._one(name)]
        joint = next((word for word in ("AND", "OR") if self._peek().upper() == word), "")
        while joint and self._try(joint):
            parts.append(self._one(name))
        if self._peek().upper() in {"AND", "OR"}:
            raise invalid("MALFORMED_QUERY", f"unexpected token: {self._peek()}")
        if joint == "OR":
            return lambda row: any(part(row) for part in parts)
        return lambda row: all(part(row) for part in parts)

    def _one(self, name: str) -> Fits:
        if self._try("("):
            found = self._any(name)
            self._take(")")
            return found
        path = self._next()[1]
        self._check_path(name, path) if "." in path else self._check_fields(name, [path])
        if TYPES.get(path) == "textarea" and name == "Task":
            told = f"field '{path}' can not be filtered in a query call"
            raise invalid("INVALID_FIELD", told)
        if self._try("IN"):
            return self._among(name, path)
        like = self._try("LIKE")
        sign = "" if like else self._next()[1]
        wanted = self._literal(path)
        fits = _like(wanted) if like else _compare(sign, wanted)
        return lambda row: fits(self._org.read(name, row, path))

    def _among(self, name: str, path: str) -> Fits:
        self._take("(")
        if self._peek().upper() == "SELECT":
            inner = self.select()
            rows = run(self._org, inner, deleted=False)
            values = {self._org.read(inner.name, row, inner.fields[0]) for row in rows}
        else:
            values = {self._literal(path)}
            while self._try(","):
                values.add(self._literal(path))
        self._take(")")
        return lambda row: self._org.read(name, row, path) in values

    def _literal(self, path: str) -> Any:
        kind, text = self._next()
        moment = TYPES.get(path.rpartition(".")[2]) in {"datetime", "date"}
        if moment and kind == "string":
            told = f"value of filter criterion for field '{path}' must be of type dateTime and should not be quoted"
            raise invalid("INVALID_FIELD", told)
        match kind:
            case "string":
                held = re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[0][-1]), text[1:-1])
                return widen(held) if path.endswith("Id") and len(held) == SHORT_ID else held
            case "stamp":
                return datetime.fromisoformat(text)
            case "number":
                return float(text)
        words = {"true": True, "false": False, "null": None}
        if text.lower() not in words:
            raise invalid("MALFORMED_QUERY", "unexpected token")
        return words[text.lower()]

    def _peek(self) -> str:
        return self._tokens[self._place][1]

    def _next(self) -> Token:
        self._place += 1
        if self._tokens[self._place - 1][0] == "end":
            raise invalid("MALFORMED_QUERY", "unexpected token: <EOF>")
        return self._tokens[self._place - 1]

    def _try(self, word: str) -> bool:
        kind, text = self._tokens[self._place]
        found = kind != "string" and text.upper() == word
        self._place += found
        return found

    def _take(self, *words: str) -> None:
        for word in words:
            if not self._try(word):
                raise invalid("MALFORMED_QUERY", f"unexpected token: {self._peek()}")

    def expect_end(self) -> None:
        if self._tokens[self._place][0] != "end":
            raise invalid("MALFORMED_QUERY", "unexpected token")


def _compare(sign: str, wanted: Any) -> Callable[[Any], bool]:
    """§1: text without regard to case."""
    if sign not in COMPARISONS:
        raise invalid("MALFORMED_QUERY", "unexpected token")

    def fits(held: Any) -> bool:
        if held is None or wanted is None:
            return COMPARISONS[sign](held, wanted) if sign in {"=", "!="} else False
        if isinstance(wanted, datetime):
            return COMPARISONS[sign](datetime.fromisoformat(held), wanted)
        if isinstance(wanted, str):
            return COMPARISONS[sign](str(held).lower(), wanted.lower())
        return COMPARISONS[sign](held, wanted)

    return fits


def _like(wanted: str) -> Callable[[Any], bool]:
    """§1: % and _ stand for anything; what was escaped in the literal has lost its backslash by now."""
    pattern = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in wanted)
    return lambda held: (
        held is not None and re.fullmatch(pattern, held, re.IGNORECASE | re.DOTALL) is not None
    )


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing comes first."""
    return value is not None, value
