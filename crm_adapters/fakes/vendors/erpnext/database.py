"""The documents, and what Frappe does with them beyond keeping them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, product
from typing import Any
from zoneinfo import ZoneInfo

from crm_adapters.fakes.store import Row, Table
from crm_adapters.fakes.vendors.erpnext.listing import fold, holds, split_condition
from crm_adapters.fakes.vendors.erpnext.schema import DOCTYPES, SERIES, tables_of

FRACTION = timedelta(microseconds=471_113)
OWN = ("name", "creation", "modified", "docstatus")
OF_ROWS = ("parent", "parenttype", "parentfield", "idx")
STAMPS = frozenset({"creation", "modified"})
Values = dict[str, Any]
Condition = tuple[str, str, str, Any]


class FrappeError(Exception):
    """`kind`: the exception's class, as answers name it."""

    def __init__(self, kind: str, status: int, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


def missing(doctype: str, name: str) -> FrappeError:
    return FrappeError("DoesNotExistError", 404, f"{doctype} {name} not found")


class Database:
    def __init__(self, now: Callable[[], datetime], zone: Callable[[], str]) -> None:
        self._now = now
        self._zone = zone
        self._numbers = count(1)
        self.tables = {doctype: Table(lambda: now() + FRACTION) for doctype in DOCTYPES}
        self.absent: set[str] = set()
        """Doctypes of apps that are not installed."""

    def table(self, doctype: str) -> Table:
        if doctype not in self.tables or doctype in self.absent:
            raise missing("DocType", doctype)
        return self.tables[doctype]

    def local(self, moment: datetime) -> datetime:
        """*Seen*: moments are written in the site's time zone and do not say so."""
        return moment.astimezone(ZoneInfo(self._zone())).replace(tzinfo=None)

    def _stamp(self, moment: datetime) -> str:
        return self.local(moment).isoformat(" ", "microseconds")

    def add(self, doctype: str, values: Mapping[str, Any], *, name: str = "") -> Row:
        number = next(self._numbers)
        series = SERIES.get(doctype)
        row = self.table(doctype).add(
            {"docstatus": 0, **values}, id=name or (f"{series}{number:05}" if series else f"h{number:09x}")
        )
        self._complete(doctype, row)
        return row

    def change(self, doctype: str, row: Row, values: Mapping[str, Any]) -> None:
        self.table(doctype).change(row, values)
        self._complete(doctype, row)

    def _complete(self, doctype: str, row: Row) -> None:
        for field in tables_of(doctype):
            rows = row.values.setdefault(field, [])
            for place, one in enumerate(rows, 1):
                one.setdefault("name", f"r{next(self._numbers):09x}")
                one["idx"] = place
        if "grand_total" in DOCTYPES[doctype]:
            lines = row.values["items"]
            row.values["grand_total"] = round(sum(one["qty"] * (one.get("rate") or 0) for one in lines), 2)

    def get(self, doctype: str, name: str) -> Row | None:
        wanted = fold(name)
        return next((row for row in self.table(doctype).live() if fold(row.id) == wanted), None)

    def need(self, doctype: str, name: str) -> Row:
        row = self.get(doctype, name)
        assert row, "the shop's people act on what is there"  # noqa: S101 - a mistake of the test's
        return row

    def remove(self, doctype: str, row: Row) -> None:
        """*Source*: a copy is kept among the deleted documents, which administrators may read."""
        copy = json.dumps(self.show(doctype, row))
        self.tables[doctype].remove(row)
        self.add("Deleted Document", {"deleted_doctype": doctype, "deleted_name": row.id, "data": copy})

    def rename(self, doctype: str, old: str, new: str, *, merge: bool = False) -> None:
        """*Source*: everything that names the document names the other one then, without being stamped; a remark
        says so, in the language of whoever did it; the one that was merged is deleted."""
        row = self.need(doctype, old)
        if not merge:
            rows = self.tables[doctype].rows
            rows[new] = rows.pop(row.id)
            row.id = new
        for other in DOCTYPES:
            self._relink(other, doctype, old, new)
        words = "merged {} into {}" if merge else "renamed from {} to {}"
        told = words.format(*(f"<strong>{name.replace('&', '&amp;')}</strong>" for name in (old, new)))
        self.add(
            "Comment",
            {"comment_type": "Edit", "reference_doctype": doctype, "reference_name": new, "content": told},
        )
        if merge:
            self.remove(doctype, row)

    def _relink(self, other: str, doctype: str, old: str, new: str) -> None:
        for row in self.tables[other].live():
            for values, fields in self._parts(other, row):
                for name, field in fields.items():
                    target = values.get(field.options) if field.type == "Dynamic Link" else field.options
                    if (
                        target == doctype
                        and values.get(name) == old
                        and field.type in {"Link", "Dynamic Link"}
                    ):
                        values[name] = new

    def _parts(self, doctype: str, row: Row) -> Iterator[tuple[Values, Mapping[str, Any]]]:
        yield row.values, DOCTYPES[doctype]
        for field, child in tables_of(doctype).items():
            for one in row.values.get(field, ()):
                yield one, DOCTYPES[child]

    def show(self, doctype: str, row: Row) -> Values:
        """The whole document; empty fields are left out of a single one, but never asked for here."""
        stamps = {"creation": self._stamp(row.created_at), "modified": self._stamp(row.modified_at)}
        plain = {name: row.values.get(name) for name in DOCTYPES[doctype] if name not in tables_of(doctype)}
        found: Values = {
            "name": row.id,
            "doctype": doctype,
            **plain,
            "docstatus": row.values["docstatus"],
            **stamps,
        }
        for field, child in tables_of(doctype).items():
            found[field] = [
                self._show_part(child, one, row, doctype, field) for one in row.values.get(field, ())
            ]
        return found

    def _show_part(self, child: str, one: Values, row: Row, doctype: str, field: str) -> Values:
        above = {
            "parent": row.id,
            "parenttype": doctype,
            "parentfield": field,
            "docstatus": row.values["docstatus"],
        }
        stamps = {"modified": self._stamp(row.modified_at)}
        values = {name: one.get(name) for name in DOCTYPES[child]}
        return {"name": one["name"], "doctype": child, "idx": one["idx"], **values, **above, **stamps}

    def find(
        self, doctype: str, filters: Sequence[Sequence[Any]], fields: Sequence[str], *, parent: str = ""
    ) -> list[Values]:
        """*Seen*: a child table's fields are joined in, and each of its rows makes one of the list's."""
        conditions = [split_condition(one) for one in filters]
        tables = tables_of(doctype)
        joined = {field.partition(".")[0] for field in fields if "." in field}
        joined |= {name for name, child in tables.items() if child in {one[0] for one in conditions}}
        self._require_fields(doctype, conditions, fields)
        found = []
        for document in self._documents(doctype, parent, conditions):
            parts = [[(name, one) for one in document[name]] or [(name, {})] for name in sorted(joined)]
            for combination in product(*parts):
                whole = document | {
                    f"{name}.{key}": value for name, one in combination for key, value in one.items()
                }
                if all(self._fits(whole, tables, *one) for one in conditions):
                    found.append({field.rpartition(".")[2]: whole.get(field) for field in fields})
        return found

    def _documents(self, doctype: str, parent: str, conditions: Sequence[Condition]) -> list[Values]:
        """The latest first. *Seen*: rows of a child table are found by whoever names the doctype they belong to."""
        if not parent:
            rows = [
                row for row in self.table(doctype).live() if _may_fit(row, tables_of(doctype), conditions)
            ]
            return [
                self.show(doctype, row) for row in sorted(rows, key=lambda row: row.modified_at, reverse=True)
            ]
        fields = [name for name, child in tables_of(parent).items() if child == doctype]
        wanted = next((one[3] for one in conditions if one[1:3] == ("parent", "in")), None)
        rows = [row for row in self.table(parent).live() if wanted is None or row.id in wanted]
        return [one for row in rows for name in fields for one in self.show(parent, row)[name]]

    def _fits(
        self, whole: Values, tables: Mapping[str, str], doctype: str, field: str, operator: str, value: Any
    ) -> bool:
        prefix = next((f"{name}." for name, child in tables.items() if child == doctype), "")
        return holds(whole.get(f"{prefix}{field}"), operator, value)

    def _require_fields(self, doctype: str, conditions: Sequence[Condition], fields: Sequence[str]) -> None:
        """A list with a field that there is not fails as a whole."""
        tables = tables_of(doctype)
        named = [(one[0] or doctype, one[1]) for one in conditions]
        for field in fields:
            table, dot, rest = field.partition(".")
            named.append((tables.get(table, doctype), rest) if dot else (doctype, field))
        for owner, field in named:
            if owner not in DOCTYPES or field not in {*DOCTYPES[owner], *OWN, *OF_ROWS}:
                raise FrappeError("DataError", 417, f"Field not permitted in query: {field}")


def _may_fit(row: Row, tables: Mapping[str, str], conditions: Sequence[Condition]) -> bool:
    """Whether it is worth while to look at the whole document."""
    for doctype, field, operator, value in conditions:
        parts = [name for name, child in tables.items() if child == doctype]
        held = (
            [one.get(field) for name in parts for one in row.values[name]]
            if parts
            else [row.id if field == "name" else row.values.get(field)]
        )
        if field not in STAMPS and not any(holds(one, operator, value) for one in held):
            return False
    return True
