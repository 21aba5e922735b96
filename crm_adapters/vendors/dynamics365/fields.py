"""Dynamics 365's columns, as an admin maps them."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.model import FieldInfo, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.dynamics365.api import Api
from crm_adapters.vendors.dynamics365.odata import quote
from crm_adapters.vendors.dynamics365.records import EMAILS, LABEL, PARENT, PHONES, Fields
from crm_adapters.vendors.dynamics365.writing import is_writable

MOST_SAMPLED = 200
TABLES = {
    Kind.CUSTOMERS: ("contact", "contacts"),
    Kind.PRODUCTS: ("product", "products"),
    Kind.ORDERS: ("salesorder", "salesorders"),
}
"""By the name of the table and of its rows."""
TYPES = {
    "String": "text", "Memo": "text", "Uniqueidentifier": "text", "Lookup": "other", "Customer": "other",
    "Integer": "number", "BigInt": "number", "Decimal": "number", "Double": "number", "Money": "number",
    "Boolean": "boolean", "DateTime": "datetime", "Picklist": "choice", "State": "choice", "Status": "choice",
}  # fmt: skip
LOOKUPS = frozenset({"Lookup", "Customer", "Owner"})
PERSONAL = ("address", "emailaddress", "telephone", "mobilephone", "fax", "birthdate", "governmentid")
NAMES = frozenset(
    {
        "firstname", "lastname", "middlename", "fullname", "nickname", "salutation", "jobtitle", "suffix",
        "spousesname", "assistantname", "managername", "childrensnames",
    }
)  # fmt: skip
KEYS = {PARENT: "company_ref"} | dict.fromkeys(EMAILS, "emails") | dict.fromkeys(PHONES, "phones")


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    """Options of a choice are left out: each would be a call of its own."""
    if kind not in TABLES:
        return []
    name, rows = TABLES[kind]
    found, _ = api.ask(
        f"EntityDefinitions(LogicalName={quote(name)})/Attributes",
        select="LogicalName,AttributeType,DisplayName,IsValidForUpdate,IsValidForRead",
    )
    mapped = _mapped(kind, fields)
    readable = [one for one in found.get("value", ()) if one.get("IsValidForRead")]
    described = [_field(one, mapped, changes=kind is Kind.CUSTOMERS) for one in readable]
    if not sample:
        return described
    sampled, _ = api.ask(rows, top=str(min(sample, MOST_SAMPLED)))
    return add_samples(described, [_shown(row) for row in sampled.get("value", ())])


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Labels in place of ids and numbers."""
    return {name: row.get(f"{name}{LABEL}", value) for name, value in row.items() if "@" not in name}


def _mapped(kind: Kind, fields: Fields) -> dict[str, str]:
    own = {Kind.CUSTOMERS: fields.contact, Kind.PRODUCTS: fields.product}.get(kind, {})
    keys = KEYS if kind is Kind.CUSTOMERS else {}
    return {theirs: ours for ours, theirs in own.items()} | keys


def _field(found: Mapping[str, Any], mapped: Mapping[str, str], *, changes: bool) -> FieldInfo:
    kind = str(found.get("AttributeType"))
    plain = str(found["LogicalName"])
    name = f"_{plain}_value" if kind in LOOKUPS else plain
    ours = mapped.get(name, "")
    label = ((found.get("DisplayName") or {}).get("UserLocalizedLabel") or {}).get("Label")
    return FieldInfo(
        name=name,
        label=str(label or plain),
        type=TYPES.get(kind, "other"),
        writable=changes and bool(found.get("IsValidForUpdate")) and is_writable(ours or "crm."),
        personal=plain in NAMES or plain.startswith(PERSONAL),
        mapped=ours,
    )
