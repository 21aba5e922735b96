"""What the mapping reads of each kind of record."""

from crm_adapters.model import FieldInfo, Kind
from crm_adapters.vendors.csvfiles.mapping import Column, FilesMapping

PERSONAL = frozenset({"name", "given_name", "family_name", "email", "phone", "id", "customer"})
_TYPES = {
    "number": ("tier", "price", "stock", "quantity", "unit_price"),
    "datetime": ("date", "created_at", "updated_at", "promised_at", "delivered_at"),
    "boolean": ("active", "email_verified", "offers_consent"),
    "choice": ("status", "register", "currency", "country", "language"),
}


def list_fields(mapping: FilesMapping, kind: Kind) -> list[FieldInfo]:
    files = {
        Kind.PRODUCTS: mapping.products,
        Kind.CUSTOMERS: mapping.customers,
        Kind.ORDERS: mapping.order_lines,
    }.get(kind, ())
    found = {name: column for one in files for name, column in one.columns.items()}
    custom = {name: column for one in files for name, column in one.custom.items()}
    return [
        *(
            FieldInfo(name, _label(name, column), _type(name), personal=name in PERSONAL)
            for name, column in found.items()
        ),
        *(
            FieldInfo(f"crm.{name}", _label(name, column), "text", personal=True)
            for name, column in custom.items()
        ),
    ]


def _label(name: str, column: Column) -> str:
    return " + ".join(column.names) or name


def _type(name: str) -> str:
    return next((kind for kind, names in _TYPES.items() if name in names), "text")
