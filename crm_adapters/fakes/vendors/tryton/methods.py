"""The methods of the models, as clients call them."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.tryton.database import Context
from crm_adapters.fakes.vendors.tryton.domains import search
from crm_adapters.fakes.vendors.tryton.office import Office, refuse
from crm_adapters.fakes.vendors.tryton.schema import MODELS
from crm_adapters.fakes.vendors.tryton.wire import Failed


def search_ids(office: Office, model: str, context: Context, *asked: Any) -> list[int]:
    return [int(row.id) for row in _search(office, model, context, asked)]


def search_read(office: Office, model: str, context: Context, *asked: Any) -> list[dict[str, Any]]:
    *where, names = asked
    for name in names:
        _require_parts(office, model, name)
    rows = _search(office, model, context, where)
    return [office.database.read(model, row, names, context) for row in rows]


def _search(office: Office, model: str, context: Context, asked: Sequence[Any]) -> list[Row]:
    domain, offset, limit, order = asked
    office.require(model, "read")
    if order not in (None, [["id", "ASC"]]):
        raise Failed("this fake sorts by id only", "")
    found = search(office.database, model, domain, context)
    return found[offset:] if limit is None else found[offset : offset + limit]


def _require_parts(office: Office, model: str, name: str) -> None:
    first, dot, rest = name.partition(".")
    if dot:
        target = office.database.fields_of(model)[first].target
        office.require(target, "read")
        _require_parts(office, target, rest)


def create(office: Office, model: str, _context: Context, rows: list[dict[str, Any]]) -> list[int]:
    office.require(model, "create")
    for values in rows:
        _check_names(office, model, values)
        if model in CHECKS:
            CHECKS[model](office, values)
    return [office.database.add(model, **values) for values in rows]


def write(office: Office, model: str, context: Context, ids: list[int], values: dict[str, Any]) -> None:
    office.require(model, "write")
    _check_names(office, model, values)
    for number in ids:
        row = office.require_row(model, number)
        version = context.get("_timestamp", {}).get(f"{model},{number}")
        if version and version != office.database.value(model, row, "_timestamp", context):
            raise Failed("ConcurrencyException", "Records were modified in the meanwhile")
        office.database.change(model, number, **values)


def _check_names(office: Office, model: str, values: Mapping[str, Any]) -> None:
    known = office.database.fields_of(model)
    for name in values:
        if name not in known:
            raise KeyError(name)


def _check_note(office: Office, values: dict[str, Any]) -> None:
    """Written by whoever may change what it is about; a resource that there is not reads as none."""
    model, _, number = str(values.get("resource", "")).partition(",")
    if model not in MODELS or office.database.get(model, number) is None:
        refuse('A value is required for field "Resource" in record "(2)" of "Note".')
    office.require(model, "write")


def _check_line(office: Office, values: dict[str, Any]) -> None:
    """Little is filled in that the client did not ask for beforehand."""
    values.setdefault("type", "line")
    sale = office.require_row("sale.sale", values["sale"])
    if sale.values["state"] != "draft":
        refuse('You are not allowed to modify the field "Sale" in record "…" of "Sale Line".')
    product = values.get("product") and office.require_row("product.product", values["product"])
    if product and not office.database.value("product.product", product, "salable", {}):
        refuse('The value of field "Product" of "Sale Line" is not valid according to its domain.')
    for name, needed in (("unit", bool(product)), ("unit_price", True)):
        if needed and values.get(name) is None:
            refuse(f'A value is required for field "{name}" of "Sale Line".')
    if not float(values["quantity"]).is_integer() or _digits(values["unit_price"]) > 4:
        refuse('The number of digits in a value of "Sale Line" exceeds the limit.')
    values["taxes"] = [
        number for action, ids in values.get("taxes") or [] if action == "add" for number in ids
    ]


def _digits(price: Decimal) -> int:
    return -int(price.as_tuple().exponent)


CHECKS: Mapping[str, Callable[[Office, dict[str, Any]], None]] = {
    "ir.note": _check_note,
    "sale.line": _check_line,
}


def fields_get(office: Office, model: str, _context: Context, names: list[str]) -> dict[str, Any]:
    known = office.database.fields_of(model)
    return {
        name: {"name": name, "string": name.capitalize(), "type": field.type, "readonly": field.readonly}
        | ({"selection": [[one, one.capitalize()] for one in field.selection]} if field.selection else {})
        for name, field in known.items()
        if not names or name in names
    }


def get_access(office: Office, _model: str, _context: Context, models: list[str]) -> dict[str, Any]:
    """What nobody has restricted is true, the rest a number."""
    modes = ("read", "write", "create", "delete")
    for model in models:
        office.database.fields_of(model)
    return {model: {mode: int(office.allows(model, mode)) for mode in modes} for model in models}


def get_preferences(office: Office, *_: Any) -> dict[str, Any]:
    return {
        "company": office.company,
        "company_filter": "one",
        "language": "en",
        "administrator": int(office.administrator),
        "groups": [13, 15],
        "locale": {"decimal_point": "."},
    }


def on_change_product(
    office: Office, _model: str, context: Context, values: dict[str, Any]
) -> dict[str, Any]:
    """What a client fills into a new line; an empty price where there is none."""
    product = office.require_row("product.product", values["product"])
    price = office.database.value("product.product", product, "list_price_used", context)
    told = {**values, "unit": 1, "unit_price": price}
    taxes = {"add": [[place, {"id": tax}] for place, tax in enumerate(office.taxes)]}
    return {name: one for name, one in told.items() if name != "taxes"} | (
        {"taxes": taxes} if office.taxes else {}
    )


METHODS: Mapping[str, Callable[..., Any]] = {
    "search": search_ids,
    "search_read": search_read,
    "create": create,
    "write": write,
    "fields_get": fields_get,
    "get_access": get_access,
    "get_preferences": get_preferences,
    "on_change_product": on_change_product,
}
