"""What a portal holds: records of text properties, and which belongs to which."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import phonenumbers

from crm_adapters.fakes.store import Row, Table
from crm_adapters.fakes.vendors.hubspot.answers import fault, invalid, missing
from crm_adapters.fakes.vendors.hubspot.properties import PROPERTIES
from crm_adapters.fakes.wire import Refused
from crm_adapters.locales import find_country

FIRST_IDS = {
    "contacts": 501,
    "companies": 7_001,
    "deals": 900,
    "line_items": 30_001,
    "products": 77,
    "notes": 88_001,
}
LABELS = {
    ("notes", "contacts"): 202,
    ("notes", "deals"): 214,
    ("line_items", "deals"): 20,
    ("contacts", "companies"): 1,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
}
"""§6."""
WON, LOST, OPEN = "closedwon", "closedlost", "presentationscheduled"
DEFAULT_COUNTRY = "BR"
"""Of the portal's telephones that name none."""
Properties = dict[str, str | None]
Thing = tuple[str, str]
"""A kind of object and an id."""


class Portal:
    def __init__(self, now: Callable[[], datetime], lag: timedelta) -> None:
        self.now = now
        self.tables = {kind: Table(now, lag, _ids(first)) for kind, first in FIRST_IDS.items()}
        self.linked: defaultdict[Thing, set[Thing]] = defaultdict(set)

    def table(self, kind: str) -> Table:
        if kind not in self.tables:
            raise invalid(f"Unable to infer object type from: {kind}")
        return self.tables[kind]

    def get(self, kind: str, ref: str) -> Row:
        """§1: an id that was merged away answers with the survivor."""
        row = self.table(kind).rows.get(ref)
        while row and row.merged_into:
            row = self.table(kind).rows.get(row.merged_into)
        if row is None or row.deleted_at:
            raise missing()
        return row

    def find(self, kind: str, name: str, value: str) -> Row | None:
        """By a unique property. §1: of e-mails only the primary one."""
        if name not in PROPERTIES[kind] or not PROPERTIES[kind][name].unique:
            raise invalid(f"{name} is not a unique property", propertyName=name)
        rows = self.table(kind).live()
        return next((row for row in rows if (row.values.get(name) or "").lower() == value.lower()), None)

    def add(self, kind: str, properties: Mapping[str, str | None], owners: list[Thing] | None = None) -> Row:
        self._check_unique(kind, properties, None)
        row = self.table(kind).add(properties)
        self._complete(kind, row)
        for owner in owners or []:
            self.link((kind, row.id), owner)
        return row

    def change(self, kind: str, row: Row, properties: Mapping[str, str | None]) -> Row:
        self._check_unique(kind, properties, row)
        self.table(kind).change(row, properties)
        self._complete(kind, row)
        return row

    def link(self, one: Thing, other: Thing) -> None:
        """§4: does not count as a change of either."""
        self.get(*one)
        self.get(*other)
        self.linked[one].add(other)
        self.linked[other].add(one)

    def links(self, thing: Thing, kind: str) -> list[str]:
        found = [ref for other, ref in self.linked[thing] if other == kind and self.table(kind).get(ref)]
        return sorted(found, key=int)

    def merge(self, gone: Row, kept: Row) -> None:
        """§1, §4: the loser's id leads to the survivor, who names it; what was the loser's is the survivor's."""
        for thing in list(self.linked.pop(("contacts", gone.id), ())):
            self.linked[thing].discard(("contacts", gone.id))
            self.linked[thing].add(("contacts", kept.id))
            self.linked["contacts", kept.id].add(thing)
        self.tables["contacts"].remove(gone, into=kept.id)
        emails = [kept.values.get("hs_additional_emails"), gone.values.get("email")]
        ids = [kept.values.get("hs_merged_object_ids"), gone.id]
        self.change(
            "contacts", kept, {"hs_additional_emails": _joined(emails), "hs_merged_object_ids": _joined(ids)}
        )

    def texts(self, kind: str) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.tables[kind].live()]

    def _check_unique(self, kind: str, properties: Mapping[str, str | None], row: Row | None) -> None:
        """§7: the refusal names the record that there is."""
        for name, value in properties.items():
            if value and PROPERTIES[kind][name].unique:
                other = self.find(kind, name, value)
                if other and other is not row:
                    raise Refused(fault(409, "CONFLICT", f"{kind} already exists. Existing ID: {other.id}"))

    def _complete(self, kind: str, row: Row) -> None:
        """What HubSpot works out by itself."""
        values = row.values
        values["hs_object_id"] = row.id
        values["hs_createdate"], values["hs_lastmodifieddate"] = show(row.created_at), show(row.modified_at)
        if kind == "contacts":
            values["createdate"], values["lastmodifieddate"] = show(row.created_at), show(row.modified_at)
            country = find_country(values.get("country")) or DEFAULT_COUNTRY
            for name, source in (("phone", "phone"), ("mobile", "mobilephone")):
                national = _national(values.get(source) or "", country)
                values[f"hs_searchable_calculated_{name}_number"] = national
        if kind == "deals":
            values["createdate"] = show(row.created_at)
            values["hs_is_closed"] = str(values.get("dealstage") in {WON, LOST}).lower()
            values["hs_is_closed_won"] = str(values.get("dealstage") == WON).lower()


def show(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ids(first: int) -> Iterator[str]:
    return map(str, count(first))


def _joined(parts: list[Any]) -> str:
    return ";".join(str(part) for part in parts if part)


def _national(raw: str, country: str | None) -> str | None:
    """§1: searchable numbers have no country code."""
    try:
        return str(phonenumbers.parse(raw, country).national_number)
    except phonenumbers.NumberParseException:
        return None
