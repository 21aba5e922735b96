"""What the mapping reads of each kind of record."""

from collections.abc import Iterator, Sequence

from crm_adapters.model import Customer, FieldInfo, Kind, Order, Product
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.csvfiles.mapping import Column, FilesMapping

PERSONAL = frozenset({"name", "given_name", "family_name", "email", "phone", "id", "customer"})
RENAMED = {
    "id": "ref", "email": "emails", "phone": "phones", "price": "prices", "customer": "customer_ref",
    "order": "ref", "date": "placed_at",
}  # fmt: skip
Record = Customer | Product | Order
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
            FieldInfo(
                name,
                _label(name, column),
                _type(name),
                personal=name in PERSONAL,
                mapped=RENAMED.get(name, name),
            )
            for name, column in found.items()
        ),
        *(
            FieldInfo(f"crm.{name}", _label(name, column), "text", personal=True, mapped=f"crm.{name}")
            for name, column in custom.items()
        ),
    ]


def sample_fields(fields: list[FieldInfo], records: Sequence[Record]) -> list[FieldInfo]:
    """What stands in an order's lines is not sampled."""
    names = [field.name for field in fields]
    return add_samples(fields, [dict(_values(record, names)) for record in records])


def _values(record: Record, names: Sequence[str]) -> Iterator[tuple[str, object]]:
    custom = record.custom if isinstance(record, Customer) else {}
    for name in names:
        if name.startswith("crm."):
            yield name, custom.get(name.removeprefix("crm."))
        elif hasattr(record, RENAMED.get(name, name)):
            yield name, getattr(record, RENAMED.get(name, name))


def _label(name: str, column: Column) -> str:
    return " + ".join(column.names) or name


def _type(name: str) -> str:
    return next((kind for kind, names in _TYPES.items() if name in names), "text")
