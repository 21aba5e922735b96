"""Shopify's search syntax, as far as it is written by us: terms side by side, OR, NOT, comparators, phrases."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from crm_adapters.fakes.store import Row, Table, Values

TERM = re.compile(
    r"""(?P<no>NOT\s+|-)?(?:(?P<field>\w+):)?(?P<sign>>=|<=|>|<)?(?P<value>"[^"]*"|'[^']*'|\S+)"""
)
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt, "": eq}
Read = Callable[[Values], Any]
Parse = Callable[[str], Any]


def _value(name: str) -> Read:
    return lambda values: values.get(name)


def _day(values: Values) -> date:
    stamp: datetime = values["updatedAt"]
    return stamp.date()


def _parse_day(text: str) -> date:
    return datetime.fromisoformat(text).date()


ID: tuple[Read, Parse] = (_value("id"), int)
CHANGED: tuple[Read, Parse] = (_value("updatedAt"), datetime.fromisoformat)
OWNER: tuple[Read, Parse] = (_value("customer"), str)
FIELDS: Mapping[str, Mapping[str, tuple[Read, Parse]]] = {
    "customers": {"id": ID, "updated_at": (_day, _parse_day), "phone": (_value("phone"), str)},
    "orders": {"id": ID, "updated_at": CHANGED, "customer_id": OWNER},
    "products": {"id": ID, "updated_at": CHANGED},
    "variants": {"id": ID, "updated_at": CHANGED, "product_ids": (_value("product"), str)},
    "drafts": {
        "id": ID,
        "updated_at": CHANGED,
        "customer_id": OWNER,
        "status": (_value("status"), str.upper),
    },
}
"""For customers a moment stands for its whole day."""


@dataclass(slots=True)
class Search:
    """A filter that is not known is left out, so that the rest finds more, and a warning tells."""

    kind: str
    query: str
    unknown: list[str] = field(default_factory=list)

    def run(self, table: Table) -> list[Row]:
        """By id."""
        groups = [list(TERM.finditer(part)) for part in re.split(r"\s+OR\s+", self.query)]
        rows = table.search(lambda values: any(self._fit(values, group) for group in groups))
        return sorted(rows, key=lambda row: int(row.id))

    def _fit(self, values: Values, terms: Sequence[re.Match[str]]) -> bool:
        return all(self._fits(values, term) != bool(term["no"]) for term in terms)

    def _fits(self, values: Values, term: re.Match[str]) -> bool:
        asked = term["value"].strip("\"'")
        if term["field"] is None:
            return asked.casefold() in _words(values)
        known = FIELDS[self.kind].get(term["field"])
        if known is None:
            self.unknown.append(term["field"])
            return True
        read, parse = known
        found = read(values)
        return any(
            found is not None and SIGNS[term["sign"] or ""](found, parse(one)) for one in asked.split(",")
        )


def _words(values: Values) -> str:
    """Which fields a search without a name looks at is not told; telephones of addresses are taken to be among them."""
    own = (values.get(name) for name in ("firstName", "lastName", "email", "phone"))
    address = values.get("address") or {}
    return " ".join(str(one or "") for one in (*own, *address.values())).casefold()
