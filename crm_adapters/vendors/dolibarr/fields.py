"""Dolibarr's fields, as an admin maps them; it describes its complementary attributes to administrators only, so
those are taken from the first records."""

from collections.abc import Mapping, Sequence

from crm_adapters.model import FieldInfo, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.dolibarr.api import Api, Row
from crm_adapters.vendors.dolibarr.edits import is_writable
from crm_adapters.vendors.dolibarr.records import EXTRA, Fields, read_value

PATHS = {
    Kind.CUSTOMERS: "thirdparties",
    Kind.PRODUCTS: "products",
    Kind.ORDERS: "orders",
    Kind.CASES: "tickets",
}
OWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMERS: (
        "name", "name_alias", "email", "phone", "phone_mobile", "address", "zip", "town", "country_code", "url",
        "default_lang", "typent_code", "client", "code_client", "ref_ext", "tva_intra", "no_email",
    ),
    Kind.PRODUCTS: (
        "ref", "label", "description", "price", "price_ttc", "tva_tx", "type", "status", "stock_reel", "barcode",
        "ref_ext",
    ),
    Kind.ORDERS: (
        "ref", "ref_client", "socid", "date", "delivery_date", "statut", "total_ht", "total_ttc",
        "multicurrency_code",
    ),
    Kind.CASES: ("ref", "fk_soc", "subject", "type_code", "severity_code", "fk_statut", "datec"),
}  # fmt: skip
KEYS: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMERS: {"email": "emails", "phone": "phones", "phone_mobile": "phones", "no_email": "consents"},
    Kind.PRODUCTS: {"ref": "sku", "label": "name", "status": "active", "price": "prices", "stock_reel": "stock"},
    Kind.ORDERS: {
        "ref": "number", "socid": "customer_ref", "date": "placed_at", "delivery_date": "promised_at",
        "statut": "raw_status",
    },
    Kind.CASES: {
        "fk_soc": "customer_ref", "subject": "subject", "type_code": "complaint", "fk_statut": "open",
        "datec": "opened_at",
    },
}  # fmt: skip
TYPES = {
    **dict.fromkeys(("price", "price_ttc", "tva_tx", "stock_reel", "total_ht", "total_ttc"), "number"),
    **dict.fromkeys(("date", "delivery_date", "datec"), "datetime"),
    **dict.fromkeys(
        ("client", "status", "statut", "fk_statut", "type", "typent_code", "type_code"), "choice"
    ),
    "no_email": "boolean",
}
PERSONAL = frozenset(
    {
        "name",
        "name_alias",
        "email",
        "phone",
        "phone_mobile",
        "address",
        "zip",
        "town",
        "url",
        "tva_intra",
        "subject",
    }
)
LOOKED_AT = 20
"""Records whose complementary attributes are listed."""


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    rows = api.list_some(PATHS[kind], limit=max(sample, LOOKED_AT))
    own = {Kind.CUSTOMERS: fields.customer, Kind.PRODUCTS: fields.product}.get(kind, {})
    mapped = {**KEYS[kind], **{theirs: ours for ours, theirs in own.items()}}
    names = dict.fromkeys([*OWN[kind], *mapped, *_extras(rows)])
    described = [_field(name, mapped.get(name, ""), kind) for name in names]
    taken = [{name: read_value(row, name) for name in names} for row in rows[:sample]]
    return add_samples(described, taken) if taken else described


def _extras(rows: Sequence[Row]) -> list[str]:
    known = (row.get("array_options") for row in rows)
    return sorted({f"array_options.{name}" for one in known if isinstance(one, dict) for name in one})


def _field(name: str, ours: str, kind: Kind) -> FieldInfo:
    extra = name.startswith(EXTRA)
    return FieldInfo(
        name=name,
        label=name.removeprefix(EXTRA).replace("_", " ").replace(".", " "),
        type=TYPES.get(name, "text"),
        writable=kind is Kind.CUSTOMERS and is_writable(ours or "crm.", name),
        personal=name in PERSONAL or (extra and kind is not Kind.PRODUCTS),
        mapped=ours,
    )
