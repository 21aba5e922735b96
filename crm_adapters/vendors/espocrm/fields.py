"""EspoCRM's fields, as an admin maps them."""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.fieldmap import CUSTOM
from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.espocrm.api import MOST_LISTED, Api
from crm_adapters.vendors.espocrm.records import Fields
from crm_adapters.vendors.espocrm.sales import Shape
from crm_adapters.vendors.espocrm.writing import is_writable

TYPES = {
    "varchar": "text", "text": "text", "wysiwyg": "text", "url": "text", "email": "text", "phone": "text",
    "personName": "text", "number": "text", "link": "text", "foreign": "text",
    "int": "number", "float": "number", "currency": "number", "currencyConverted": "number",
    "autoincrement": "number", "bool": "boolean", "date": "datetime", "datetime": "datetime",
    "datetimeOptional": "datetime", "enum": "choice", "multiEnum": "choice", "checklist": "choice",
    "array": "choice", "linkMultiple": "other",
}  # fmt: skip
ENDINGS = {"link": "Name", "linkMultiple": "Ids"}
"""What a field's attribute is called beside the field's own name."""
PERSONAL = frozenset({"name", "firstName", "lastName", "middleName", "accountName", "title", "description"})
OWN: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMERS: {
        "name": "name",
        "emailAddress": "emails",
        "phoneNumber": "phones",
        "accountName": "company",
    },
    Kind.PRODUCTS: {"unitPrice": "prices", "status": "active"},
    Kind.CASES: {"name": "subject", "type": "complaint", "status": "open", "contactName": "customer_ref"},
}


def describe(api: Api, kind: Kind, fields: Fields, shape: Shape, *, sample: int) -> list[FieldInfo]:
    names = {Kind.CUSTOMERS: "Contact", Kind.PRODUCTS: "Product", Kind.CASES: "Case"}
    entity = names.get(kind, shape.entity)
    found = api.metadata(f"entityDefs.{entity}.fields")
    if not isinstance(found, dict):
        return []
    mapped = _mapped(kind, fields, shape)
    described = [
        _field(name, one, mapped, changes=kind is Kind.CUSTOMERS)
        for name, one in found.items()
        if isinstance(one, dict) and one.get("type") in TYPES and one.get("disabled") is not True
    ]
    if not sample:
        return described
    return add_samples(described, api.select(entity, [], limit=min(sample, MOST_LISTED)))


def _mapped(kind: Kind, fields: Fields, shape: Shape) -> dict[str, str]:
    if kind is Kind.ORDERS:
        own = {shape.status: "raw_status", shape.placed: "placed_at", shape.number: "number"}
        named = {**fields.order, **{f"line.{name}": theirs for name, theirs in fields.line.items()}}
    else:
        own = dict(OWN[kind])
        named = dict({Kind.CUSTOMERS: fields.contact, Kind.PRODUCTS: fields.product}.get(kind, {}))
    return {**own, **{theirs: ours for ours, theirs in named.items()}}


def _field(field: str, found: Mapping[str, Any], mapped: Mapping[str, str], *, changes: bool) -> FieldInfo:
    """Labels are another, large answer: the name in words has to do."""
    name = f"{field}{ENDINGS.get(found['type'], '')}"
    ours = mapped.get(name, "")
    own = CUSTOM if found.get("isCustom") else ""
    kind = TYPES[found["type"]]
    options = found.get("options") if kind == "choice" else None
    return FieldInfo(
        name=name,
        label=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field).capitalize(),
        type=kind,
        writable=changes
        and kind in {"text", "choice"}
        and not found.get("readOnly")
        and is_writable(ours or own),
        personal=name in PERSONAL or found.get("isPersonalData") is True,
        options=tuple(FieldOption(str(one), str(one)) for one in options or ()),
        mapped=ours,
    )
