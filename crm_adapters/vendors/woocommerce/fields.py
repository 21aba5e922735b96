"""WooCommerce's fields, as an admin maps them; it describes none itself."""

from collections.abc import Mapping, Sequence

from crm_adapters.model import FieldInfo, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.woocommerce.api import MOST_LISTED, Api, Row
from crm_adapters.vendors.woocommerce.records import META, Fields, read_value
from crm_adapters.vendors.woocommerce.writing import is_writable

PATHS = {Kind.CUSTOMERS: "customers", Kind.PRODUCTS: "products", Kind.ORDERS: "orders"}
BILLED = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "city",
    "postcode",
    "state",
    "country",
    "email",
    "phone",
)
BILLING = tuple(f"billing.{name}" for name in BILLED)
OWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMERS: ("first_name", "last_name", "email", "username", "role", "is_paying_customer", *BILLING),
    Kind.PRODUCTS: (
        "name", "sku", "type", "status", "price", "regular_price", "categories.0.name", "tags.0.name",
        "brands.0.name", "stock_quantity", "short_description",
    ),
    Kind.ORDERS: ("number", "status", "currency", "total", "customer_id", "date_paid_gmt", "created_via", *BILLING),
}  # fmt: skip
KEYS: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMERS: {"email": "emails", "billing.phone": "phones"},
    Kind.PRODUCTS: {
        "name": "name", "sku": "sku", "status": "active", "price": "prices", "stock_quantity": "stock",
        "short_description": "description",
    },
    Kind.ORDERS: {"number": "number", "status": "raw_status", "customer_id": "customer_ref"},
}  # fmt: skip
TYPES = {
    "price": "number", "regular_price": "number", "stock_quantity": "number", "total": "number",
    "customer_id": "number", "is_paying_customer": "boolean", "date_paid_gmt": "datetime", "status": "choice",
    "type": "choice", "role": "choice",
}  # fmt: skip


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    """Also the keys of meta data that the first records have."""
    if kind not in PATHS:
        return []
    asked = {"per_page": str(MOST_LISTED)} | ({"role": "all"} if kind is Kind.CUSTOMERS else {})
    rows = api.list_some(PATHS[kind], asked)
    mapped = _mapped(kind, fields)
    names = dict.fromkeys([*OWN[kind], *mapped, *_meta_names(rows)])
    described = [_field(name, mapped.get(name, ""), kind) for name in names]
    taken = [{name: read_value(row, name) for name in names} for row in rows[:sample]]
    return add_samples(described, taken) if taken else described


def _mapped(kind: Kind, fields: Fields) -> dict[str, str]:
    own = {Kind.CUSTOMERS: fields.customer, Kind.PRODUCTS: fields.product}.get(kind, {})
    return {**KEYS[kind], **{theirs: ours for ours, theirs in own.items()}}


def _meta_names(rows: Sequence[Row]) -> list[str]:
    """Underscores are for what nobody should see."""
    keys = {str(one.get("key")) for row in rows for one in row.get("meta_data") or ()}
    return sorted(f"{META}{key}" for key in keys if not key.startswith("_"))


def _field(name: str, ours: str, kind: Kind) -> FieldInfo:
    person = name.startswith("billing.") or name in {"first_name", "last_name", "email", "username"}
    return FieldInfo(
        name=name,
        label=name.removeprefix(META).replace("_", " ").replace(".", " "),
        type=TYPES.get(name, "text"),
        writable=kind is Kind.CUSTOMERS and is_writable(ours or "crm.", name),
        personal=person or (kind is not Kind.PRODUCTS and name.startswith(META)),
        mapped=ours,
    )
