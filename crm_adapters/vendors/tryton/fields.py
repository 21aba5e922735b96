"""Tryton's fields, as an admin maps them."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.tryton.api import Api, Row
from crm_adapters.vendors.tryton.feed import MODELS
from crm_adapters.vendors.tryton.records import Fields

TYPES = {
    "char": "text", "text": "text", "fulltext": "text", "integer": "number", "biginteger": "number",
    "float": "number", "numeric": "number", "boolean": "boolean", "date": "datetime", "datetime": "datetime",
    "timestamp": "datetime", "selection": "choice",
}  # fmt: skip
SAMPLED = frozenset({"text", "boolean", "choice"})
"""Numbers of a party are mostly sums of its accounts, which not everybody may read."""
PERSONAL = frozenset(
    {
        "addresses", "code", "code_alnum", "code_digit", "contact_mechanisms", "email", "fax", "full_name",
        "identifiers", "mobile", "name", "phone", "rec_name", "skype", "tax_identifier", "website",
    }
)  # fmt: skip
MAPPED = {
    Kind.CUSTOMERS: {
        "name": "name",
        "lang": "language",
        "email": "emails",
        "phone": "phones",
        "mobile": "phones",
    },
    Kind.PRODUCTS: {"code": "sku", "name": "name", "list_price": "prices", "description": "description"},
    Kind.ORDERS: {
        "number": "number",
        "sale_date": "placed_at",
        "state": "raw_status",
        "party": "customer_ref",
    },
}
CHANGED = frozenset({"name", "lang"})


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    if kind not in MODELS:
        return []
    found: Mapping[str, Row] = api.run(MODELS[kind], "fields_get", [])
    mapped = MAPPED[kind] | _named(kind, fields)
    described = [_field(name, about, mapped, kind) for name, about in sorted(found.items())]
    return add_samples(described, _sample(api, kind, described, sample)) if sample else described


def _sample(api: Api, kind: Kind, described: Sequence[FieldInfo], count: int) -> list[Row]:
    names = [field.name for field in described if field.type in SAMPLED]
    return api.find(MODELS[kind], [], names, limit=count)


def _named(kind: Kind, fields: Fields) -> dict[str, str]:
    own = {Kind.CUSTOMERS: fields.customer, Kind.PRODUCTS: fields.product}.get(kind, {})
    return {theirs: ours for ours, theirs in own.items()}


def _field(name: str, about: Row, mapped: Mapping[str, str], kind: Kind) -> FieldInfo:
    ours, written = mapped.get(name, ""), TYPES.get(str(about.get("type")), "other")
    plain = written == "text" or name in CHANGED
    return FieldInfo(
        name=name,
        label=str(about.get("string") or name),
        type=written,
        writable=kind is Kind.CUSTOMERS and plain and not about.get("readonly") and _can_change(name, ours),
        personal=kind is Kind.CUSTOMERS and name in PERSONAL,
        options=_options(about.get("selection")),
        mapped=ours,
    )


def _can_change(name: str, ours: str) -> bool:
    return name in CHANGED or ours.startswith("crm.") or not ours


def _options(selection: Any) -> tuple[FieldOption, ...]:
    """Some selections are the name of a method that has to be asked for them."""
    found = selection if isinstance(selection, list) else []
    return tuple(FieldOption(str(value), str(label)) for value, label in found if value is not None)
