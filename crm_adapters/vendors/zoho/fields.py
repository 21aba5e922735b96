"""Zoho's fields, as an admin maps them."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.fieldmap import CUSTOM
from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.zoho.api import MOST_FIELDS, Api
from crm_adapters.vendors.zoho.feed import MODULES
from crm_adapters.vendors.zoho.records import Fields
from crm_adapters.vendors.zoho.writing import is_writable

TYPES = {
    "text": "text", "textarea": "text", "email": "text", "phone": "text", "website": "text",
    "integer": "number", "bigint": "number", "double": "number", "currency": "number", "boolean": "boolean",
    "date": "datetime", "datetime": "datetime", "picklist": "choice", "multiselectpicklist": "choice",
}  # fmt: skip
PERSONAL = frozenset(
    {
        "Account_Name", "Assistant", "Date_of_Birth", "Email", "Fax", "First_Name", "Full_Name", "Home_Phone",
        "Last_Name", "Mailing_City", "Mailing_Street", "Mailing_Zip", "Mobile", "Other_Phone", "Phone",
        "Secondary_Email", "Skype_ID", "Title", "Twitter",
    }
)  # fmt: skip
OWN: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMERS: {"Email": "emails", "Phone": "phones", "Mobile": "phones", "Account_Name": "company_ref"},
    Kind.PRODUCTS: {"Unit_Price": "prices", "Qty_in_Stock": "stock", "Product_Active": "active"},
    Kind.ORDERS: {"Status": "raw_status", "Contact_Name": "customer_ref"},
}


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    module = MODULES.get(kind)
    if module is None:
        return []
    found, _ = api.ask("settings/fields", {"module": module})
    mapped = _mapped(kind, fields)
    described = [_field(one, mapped, changes=kind is Kind.CUSTOMERS) for one in found.get("fields") or ()]
    return add_samples(described, _sample(api, module, described, sample)) if sample else described


def _sample(api: Api, module: str, fields: Sequence[FieldInfo], count: int) -> list[Mapping[str, Any]]:
    """So many fields at once and no more."""
    names = [field.name for field in fields]
    rows: dict[str, dict[str, Any]] = {}
    for start in range(0, len(names), MOST_FIELDS - 1):
        part = ["id", *names[start : start + MOST_FIELDS - 1]]
        found, _ = api.ask(module, {"fields": ",".join(part), "per_page": str(min(count, 200))})
        for row in found["data"]:
            rows.setdefault(row["id"], {}).update(row)
    return list(rows.values())


def _mapped(kind: Kind, fields: Fields) -> dict[str, str]:
    named = {
        Kind.CUSTOMERS: fields.contact,
        Kind.PRODUCTS: fields.product,
        Kind.ORDERS: {"placed_at": fields.placed},
    }
    return {**OWN[kind], **{theirs: ours for ours, theirs in named[kind].items()}}


def _field(found: Mapping[str, Any], mapped: Mapping[str, str], *, changes: bool) -> FieldInfo:
    name = str(found["api_name"])
    ours = mapped.get(name, "")
    own = CUSTOM if found.get("custom_field") else ""
    choices = [one for one in found.get("pick_list_values") or () if isinstance(one, dict)]
    return FieldInfo(
        name=name,
        label=str(found.get("field_label") or name),
        type=TYPES.get(str(found.get("data_type")), "other"),
        writable=changes and not found.get("read_only") and is_writable(ours or own),
        personal=name in PERSONAL,
        options=tuple(
            FieldOption(str(one["actual_value"]), str(one.get("display_value", ""))) for one in choices
        ),
        mapped=ours,
    )
