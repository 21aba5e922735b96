"""Salesforce's fields, as an admin maps them."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.salesforce.api import Api
from crm_adapters.vendors.salesforce.records import PHONES, Fields
from crm_adapters.vendors.salesforce.writing import is_writable

MOST_SAMPLED = 200
"""Rows, where all fields are asked for."""
TYPES = {
    "string": "text", "textarea": "text", "email": "text", "phone": "text", "url": "text", "id": "text",
    "double": "number", "currency": "number", "int": "number", "percent": "number", "boolean": "boolean",
    "date": "datetime", "datetime": "datetime", "picklist": "choice", "multipicklist": "choice",
}  # fmt: skip
COMPOUND = frozenset({"address", "location"})
"""Their parts are fields of their own."""
PERSONAL = frozenset(
    {
        "Name", "FirstName", "LastName", "MiddleName", "Salutation", "Suffix", "Title", "Department", "Birthdate",
        "AssistantName", "PhotoUrl",
    }
)  # fmt: skip
PERSONAL_TYPES = frozenset({"email", "phone"})
PERSONAL_PARTS = ("Mailing", "Other")
KEYS = {"Email": "emails", "AccountId": "company_ref"} | dict.fromkeys(PHONES, "phones")


def describe(api: Api, kind: Kind, name: str, fields: Fields, *, sample: int) -> list[FieldInfo]:
    """`name`: the object that holds the kind."""
    mapped = _mapped(kind, fields)
    changes = kind is Kind.CUSTOMERS
    found = [one for one in api.describe(name)["fields"] if one.get("type") not in COMPOUND]
    described = [_field(one, mapped, changes=changes) for one in found]
    return add_samples(described, api.sample(name, min(sample, MOST_SAMPLED))) if sample else described


def _mapped(kind: Kind, fields: Fields) -> dict[str, str]:
    own = {Kind.CUSTOMERS: fields.contact, Kind.PRODUCTS: fields.product}.get(kind, {})
    keys = KEYS if kind is Kind.CUSTOMERS else {}
    return keys | {theirs: ours for ours, theirs in own.items()}


def _field(found: Mapping[str, Any], mapped: Mapping[str, str], *, changes: bool) -> FieldInfo:
    name, kind = str(found["name"]), str(found.get("type"))
    ours = mapped.get(name, "")
    options = [one for one in found.get("picklistValues") or () if isinstance(one, dict)]
    return FieldInfo(
        name=name,
        label=str(found.get("label") or name),
        type=TYPES.get(kind, "other"),
        writable=changes and bool(found.get("updateable")) and is_writable(ours or "crm."),
        personal=_is_personal(name, kind),
        options=tuple(FieldOption(str(one["value"]), str(one.get("label") or "")) for one in options),
        mapped=ours,
    )


def _is_personal(name: str, kind: str) -> bool:
    return name in PERSONAL or kind in PERSONAL_TYPES or name.startswith(PERSONAL_PARTS)
