"""A form as a page shows it: what stands in its fields, and what is wrong with which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assist.web.forms.fields import MISSING, Field, Group, Rows, count_rows
from personas.content import InvalidContent

_ROW = re.compile(r"(?P<list>.*)\[(?P<number>\d{1,3})\]", re.DOTALL)
_FILE = re.compile(r"[\w/-]+\.yaml: ?")
MOST_FIELDS = 3_000


@dataclass(slots=True)
class Form:
    top: Field
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the field's name; under "" what concerns none of them."""

    @classmethod
    def of(cls, top: Field, raw: Any) -> "Form":
        return cls(top, top.show(raw, ""))

    @classmethod
    def sent(cls, top: Field, sent: Mapping[str, str]) -> "Form":
        """As it came; what is no field's is left out when it is read."""
        return cls(top, dict(list(sent.items())[:MOST_FIELDS]))

    def read(self, was: Any = MISSING) -> Any:
        """Raises InvalidContent; `explain` puts it where it belongs."""
        return self.top.read(self.values, "", was)

    def value(self, path: str) -> str:
        return self.values.get(path, "")

    def error(self, path: str) -> str:
        return self.errors.get(path, "")

    def rows(self, path: str) -> range:
        return range(count_rows(self.values, path))

    def explain(self, error: InvalidContent, prefix: str = "") -> None:
        """To the field that the error names, or the nearest around it. `prefix`: where the part stands in its
        file, as `rules[3]`."""
        place = _FILE.sub("", error.path, count=1)
        if prefix and _FILE.match(error.path) and not place.startswith(prefix):
            self.errors[""] = str(error)
            return
        where, _, rest = place.removeprefix(prefix).lstrip(".").partition(", line ")
        name = self._nearest(where)
        inner = where.removeprefix(name).lstrip(".")
        problem = f"{inner}: {error.problem}" if inner else error.problem
        self.errors[name] = f"{problem} (line {rest})" if rest else problem

    def add_row(self, path: str) -> None:
        rows = _find_rows(self.top, path)
        number = count_rows(self.values, path)
        if rows is not None:
            self.values |= rows.show(MISSING, f"{path}[{number}]") or {f"{path}[{number}]": ""}

    def drop_row(self, path: str) -> None:
        """Those below move up."""
        found = _ROW.fullmatch(path)
        if not found:
            return
        base, gone = found["list"], int(found["number"])
        kept: dict[str, str] = {}
        for name, text in self.values.items():
            moved = _move(name, base, gone)
            if moved is not None:
                kept[moved] = text
        self.values = kept

    def _nearest(self, place: str) -> str:
        """The longest name of a field that the place begins with; the first one inside it, where it is a group."""
        names = sorted(self.values, key=len, reverse=True)
        for name in names:
            if place == name or place.startswith((f"{name}.", f"{name}[")):
                return name
        inner = [name for name in self.values if place and name.startswith((f"{place}.", f"{place}["))]
        if not inner and len(names) == 1:
            return names[0]
        return inner[0] if inner else ""


def _move(name: str, base: str, gone: int) -> str | None:
    start = f"{base}["
    if not name.startswith(start):
        return name
    number, _, rest = name[len(start) :].partition("]")
    if not number.isdecimal() or int(number) < gone:
        return name
    return None if int(number) == gone else f"{start}{int(number) - 1}]{rest}"


def _find_rows(top: Field, path: str) -> Field | None:
    """The item of the list at this place; None where there is no such list."""
    found: Field | None = top
    for step in re.findall(r"[^.\[\]]+|\[\d+\]", path):
        if isinstance(found, Group):
            found = next((one for one in found.fields if one.name == step), None)
        elif isinstance(found, Rows):
            found = found.item
    return found.item if isinstance(found, Rows) else None
