"""Shopify's fields, as an admin maps them: those of the interface, and the metafields that the shop has defined."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.model import FieldInfo, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.shopify.api import MOST_LISTED, Api, Row, to_nodes
from crm_adapters.vendors.shopify.queries import LIST_CUSTOMERS, LIST_DEFINITIONS, LIST_ORDERS, LIST_VARIANTS
from crm_adapters.vendors.shopify.records import METAFIELDS, Fields, ask_metafields, read_value
from crm_adapters.vendors.shopify.writing import is_writable

OWNERS = {Kind.CUSTOMERS: "CUSTOMER", Kind.PRODUCTS: "PRODUCT"}
OWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMERS: (
        "firstName", "lastName", "locale", "note", "tags.0", "defaultEmailAddress.emailAddress",
        "defaultPhoneNumber.phoneNumber", "defaultAddress.company", "defaultAddress.countryCodeV2",
        "defaultAddress.phone",
    ),
    Kind.PRODUCTS: ("title", "productType", "vendor", "category.name", "tags.0", "status", "description"),
    Kind.ORDERS: ("name", "displayFinancialStatus", "displayFulfillmentStatus", "processedAt", "customer.id"),
}  # fmt: skip
LISTS = {Kind.CUSTOMERS: LIST_CUSTOMERS, Kind.PRODUCTS: LIST_VARIANTS, Kind.ORDERS: LIST_ORDERS}
KEYS: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMERS: {
        "defaultEmailAddress.emailAddress": "emails", "defaultPhoneNumber.phoneNumber": "phones",
        "defaultAddress.phone": "phones",
    },
    Kind.PRODUCTS: {"title": "name", "status": "active", "description": "description"},
    Kind.ORDERS: {
        "name": "number", "displayFinancialStatus": "status", "displayFulfillmentStatus": "raw_status",
        "processedAt": "placed_at", "customer.id": "customer_ref",
    },
}  # fmt: skip
TYPES = {
    "processedAt": "datetime", "status": "choice", "displayFinancialStatus": "choice",
    "displayFulfillmentStatus": "choice", "number_integer": "number", "number_decimal": "number",
    "boolean": "boolean", "date": "datetime", "date_time": "datetime", "single_line_text_field": "text",
    "multi_line_text_field": "text", "id": "text", "url": "text",
}  # fmt: skip
IMPERSONAL = frozenset({"locale", "tags.0"})
MOST_SAMPLED = 25
"""Metafields; each adds to what a question costs."""


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    if kind not in OWN:
        return []
    defined = {_path(one): one for one in list_definitions(api, kind)}
    mapped = _mapped(kind, fields)
    names = list(dict.fromkeys([*OWN[kind], *mapped, *defined]))
    described = [_field(name, kind, mapped.get(name, ""), defined.get(name)) for name in names]
    if not sample:
        return described
    asked = [name for name in names if name.startswith(METAFIELDS)][:MOST_SAMPLED]
    rows = _sample(api, kind, asked, limit=min(sample, MOST_LISTED))
    known = [name for name in names if name in asked or not name.startswith(METAFIELDS)]
    return add_samples(described, [{name: read_value(row, name) for name in known} for row in rows])


def list_definitions(api: Api, kind: Kind) -> Sequence[Row]:
    if kind not in OWNERS:
        return ()
    asked = {"owner": OWNERS[kind], "first": MOST_LISTED}
    return to_nodes(api.ask(LIST_DEFINITIONS, **asked)["metafieldDefinitions"])


def _sample(api: Api, kind: Kind, asked: Sequence[str], *, limit: int) -> Sequence[Row]:
    """The first by id."""
    variables: Mapping[str, Any] = {} if kind is Kind.ORDERS else ask_metafields(asked)
    rows = api.list_some(LISTS[kind], "id:>=1", limit=limit, **variables).rows
    return [row["product"] for row in rows] if kind is Kind.PRODUCTS else rows


def _mapped(kind: Kind, fields: Fields) -> dict[str, str]:
    own = {Kind.CUSTOMERS: fields.customer, Kind.PRODUCTS: fields.product}.get(kind, {})
    return {**KEYS[kind], **{theirs: ours for ours, theirs in own.items()}}


def _path(definition: Row) -> str:
    return f"{METAFIELDS}{definition['namespace']}.{definition['key']}"


def _field(name: str, kind: Kind, ours: str, definition: Row | None) -> FieldInfo:
    theirs = str(definition["type"]["name"]) if definition else name
    known = definition is None or theirs in TYPES
    return FieldInfo(
        name=name,
        label=str(definition["name"]) if definition else name.removeprefix(METAFIELDS).replace(".", " "),
        type=TYPES.get(theirs, "text") if known else "other",
        writable=kind is Kind.CUSTOMERS and is_writable(ours or "crm.", name),
        personal=kind is Kind.CUSTOMERS and name not in IMPERSONAL,
        mapped=ours,
    )
