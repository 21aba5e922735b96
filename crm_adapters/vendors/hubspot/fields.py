"""HubSpot's properties, as an admin maps them."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.hubspot import records
from crm_adapters.vendors.hubspot.api import MOST_LISTED, Api
from crm_adapters.vendors.hubspot.records import Fields
from crm_adapters.vendors.hubspot.writing import is_writable

OBJECTS = {Kind.CUSTOMERS: "contacts", Kind.PRODUCTS: "products", Kind.ORDERS: "deals"}
TYPES = {
    "string": "text", "phone_number": "text", "number": "number", "bool": "boolean", "date": "datetime",
    "datetime": "datetime", "enumeration": "choice",
}  # fmt: skip
PERSONAL = frozenset(
    {
        "address", "city", "company", "company_size", "date_of_birth", "email", "fax", "firstname", "gender",
        "hs_additional_emails", "ip_city", "jobtitle", "lastname", "marital_status", "mobilephone", "phone",
        "salutation", "twitterhandle", "website", "work_email", "zip",
    }
)  # fmt: skip
KEYS = {
    "email": "emails", "phone": "phones", "mobilephone": "phones", "associatedcompanyid": "company_ref",
    "price": "prices", "closedate": "placed_at", "dealstage": "raw_status",
}  # fmt: skip


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    objects = OBJECTS.get(kind)
    if objects is None:
        return []
    found, _ = api.ask(f"crm/v3/properties/{objects}")
    mapped = _mapped(kind, fields)
    described = [_field(one, mapped, changes=kind is Kind.CUSTOMERS) for one in found.get("results", [])]
    return add_samples(described, _sample(api, objects, described, sample)) if sample else described


def _sample(api: Api, objects: str, fields: Sequence[FieldInfo], count: int) -> list[Mapping[str, Any]]:
    """By batch: hundreds of properties make an address that HubSpot's gate refuses."""
    listed = api.list_all(objects, (), limit=min(count, MOST_LISTED), after=None)
    names = [field.name for field in fields]
    return [row["properties"] for row in api.read_many(objects, [row["id"] for row in listed.rows], names)]


def _mapped(kind: Kind, fields: Fields) -> dict[str, str]:
    own = {Kind.CUSTOMERS: fields.contact, Kind.PRODUCTS: fields.product}.get(kind, {})
    keys = {Kind.CUSTOMERS: records.CONTACT_KEYS, Kind.PRODUCTS: records.PRODUCT_KEYS}
    used = keys.get(kind, records.DEAL_KEYS)
    return {name: ours for name, ours in KEYS.items() if name in used} | {
        theirs: ours for ours, theirs in own.items()
    }


def _field(found: Mapping[str, Any], mapped: Mapping[str, str], *, changes: bool) -> FieldInfo:
    name = str(found["name"])
    ours = mapped.get(name, "")
    fixed = found.get("calculated") or found.get("modificationMetadata", {}).get("readOnlyValue")
    options = [one for one in found.get("options") or () if isinstance(one, dict)]
    return FieldInfo(
        name=name,
        label=str(found.get("label") or name),
        type=TYPES.get(str(found.get("type")), "other"),
        writable=changes and not fixed and is_writable(ours or "crm."),
        personal=name in PERSONAL,
        options=tuple(FieldOption(str(one["value"]), str(one.get("label", ""))) for one in options),
        mapped=ours,
    )
