"""What an environment keeps: tables with columns, versions of rows, and what becomes of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from crm_adapters.fakes.store import Row, Table
from crm_adapters.fakes.vendors.dynamics365.answers import invalid, missing

SYSTEM = ("createdon", "modifiedon", "statecode")
CURRENCY = "_transactioncurrencyid_value"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "contacts": (
        "contactid", "firstname", "lastname", "fullname", "emailaddress1", "emailaddress2", "emailaddress3",
        "mobilephone", "telephone1", "telephone2", "telephone3", "address1_country", "_parentcustomerid_value",
        "merged", "_masterid_value", "new_language", "new_shop", "new_store", "new_offers",
    ),
    "accounts": (
        "accountid", "name", "websiteurl", "industrycode", "numberofemployees", "revenue", "address1_country",
        "_primarycontactid_value", CURRENCY,
    ),
    "products": (
        "productid", "productnumber", "name", "price", "description", "productstructure", "new_category",
        "_parentproductid_value", "_defaultuomid_value", "_pricelevelid_value", CURRENCY,
    ),
    "productpricelevels": (
        "productpricelevelid", "amount", "_productid_value", "_pricelevelid_value", "_uomid_value", CURRENCY,
    ),
    "productsubstitutes": (
        "productsubstituteid", "_productid_value", "_substitutedproductid_value", "salesrelationshiptype",
        "direction",
    ),
    "salesorders": (
        "salesorderid", "name", "ordernumber", "statuscode", "_customerid_value", "submitdate", "datefulfilled",
        CURRENCY,
    ),
    "salesorderdetails": (
        "salesorderdetailid", "_salesorderid_value", "_productid_value", "productdescription",
        "isproductoverridden", "quantity", "priceperunit", CURRENCY,
    ),
    "opportunities": (
        "opportunityid", "name", "statuscode", "estimatedvalue", "_customerid_value", "_pricelevelid_value",
        CURRENCY,
    ),
    "opportunityproducts": (
        "opportunityproductid", "_opportunityid_value", "_productid_value", "_uomid_value",
        "productdescription", "isproductoverridden", "quantity", "priceperunit", "ispriceoverridden", CURRENCY,
    ),
    "annotations": ("annotationid", "subject", "notetext", "_objectid_value"),
    "transactioncurrencies": ("transactioncurrencyid", "isocurrencycode", "currencyname"),
}  # fmt: skip
LINES = {"salesorderdetails": "_salesorderid_value", "opportunityproducts": "_opportunityid_value"}
TARGETS = {
    "_parentproductid_value": "products", "_productid_value": "products", "_customerid_value": "contacts",
    "_parentcustomerid_value": "accounts",
}  # fmt: skip
NAMES = {"contacts": "contact", "accounts": "account", "products": "product"}
NUMBERS = frozenset(
    {
        "price", "amount", "quantity", "priceperunit", "estimatedvalue", "revenue", "numberofemployees", "statecode",
        "statuscode", "productstructure", "salesrelationshiptype", "direction", "industrycode",
    }
)  # fmt: skip


def _ids(table: int) -> Iterator[str]:
    return (f"{table + 1:08x}-0000-4000-8000-{number:012x}" for number in count(1))


@dataclass(slots=True)
class Environment:
    now: Callable[[], datetime]
    version: int = 1000
    labels: dict[tuple[str, int], str] = field(default_factory=dict)
    """Of choices: columns and their numbers."""
    tables: dict[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = {name: Table(self.now, ids=_ids(place)) for place, name in enumerate(COLUMNS)}

    def table(self, name: str) -> Table:
        if name not in self.tables:
            raise missing(name)
        return self.tables[name]

    def columns(self, name: str) -> tuple[str, ...]:
        return (*COLUMNS[name], *SYSTEM)

    def add(self, name: str, values: Mapping[str, Any], *, ref: str | None = None) -> Row:
        return self._touch(self.table(name).add({"statecode": 0, **values}, id=ref))

    def change(self, name: str, row: Row, values: Mapping[str, Any]) -> Row:
        return self._touch(self.table(name).change(row, values))

    def remove(self, name: str, row: Row) -> None:
        """§3: lines go with their order."""
        self.table(name).remove(row)
        self.version += 1
        row.values["version"] = self.version
        for child, parent in LINES.items():
            for line in self.table(child).live():
                if line.values.get(parent) == row.id:
                    self.remove(child, line)

    def _touch(self, row: Row) -> Row:
        """§4: tracking goes by the version."""
        self.version += 1
        row.values["version"] = self.version
        return row

    def row(self, name: str, ref: str) -> Row:
        row = self.table(name).get(ref)
        if row is None:
            raise missing(name)
        return row

    def values(self, name: str, row: Row) -> dict[str, Any]:
        """With what Dynamics 365 fills in."""
        made = {
            COLUMNS[name][0]: row.id,
            "createdon": row.values.get("createdon") or show(row.created_at),
            "modifiedon": show(row.modified_at),
        }
        if name == "contacts":
            parts = (row.values.get("firstname"), row.values.get("lastname"))
            made["fullname"] = " ".join(filter(None, parts))
        return dict.fromkeys(self.columns(name)) | row.values | made

    def show(self, name: str, row: Row, columns: list[str]) -> dict[str, Any]:
        """§1: lookups and choices with their labels, and what a lookup leads to."""
        unknown = [one for one in columns if one not in self.columns(name)]
        if unknown:
            raise invalid(f"Could not find a property named '{unknown[0]}' on type '{name}'.")
        held = self.values(name, row)
        found: dict[str, Any] = {"@odata.etag": f'W/"{row.values["version"]}"', COLUMNS[name][0]: row.id}
        for one in columns or self.columns(name):
            found[one] = held[one]
            found |= self._annotate(row, one, held[one])
        return found

    def _annotate(self, row: Row, column: str, value: Any) -> dict[str, str]:
        label = "@OData.Community.Display.V1.FormattedValue"
        if value is not None and (column, value) in self.labels:
            return {f"{column}{label}": self.labels[column, value]}
        if value is None or column not in TARGETS:
            return {}
        target = row.values.get(f"{column}@target", TARGETS[column])
        other = self.tables[target].rows.get(value)
        shown = self.values(target, other) if other else {}
        named = str(shown.get("fullname") or shown.get("name") or "")
        return {
            f"{column}{label}": named,
            f"{column}@Microsoft.Dynamics.CRM.lookuplogicalname": NAMES[target],
        }

    def merge(self, ref: str, into: str) -> None:
        """§1: the loser is kept, inactive, and names the survivor; what was its own goes over."""
        loser = self.row("contacts", ref)
        self.change("contacts", loser, {"merged": True, "_masterid_value": into, "statecode": 1})
        for name, column in (
            ("salesorders", "_customerid_value"),
            ("opportunities", "_customerid_value"),
            ("annotations", "_objectid_value"),
        ):
            for row in self.table(name).live():
                if row.values.get(column) == ref:
                    self.change(name, row, {column: into})


def show(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
