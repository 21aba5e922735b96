"""The records of a Tryton: found by domains, read by names with dots, stamped when they are written."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from crm_adapters.fakes.store import Row, Table
from crm_adapters.fakes.vendors.tryton.schema import MODELS, STAMPS, Field

Context = Mapping[str, Any]
Values = dict[str, Any]


class Database:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._tables = {model: Table(now, ids=map(str, count(1))) for model in MODELS}
        self.lacks: frozenset[tuple[str, str]] = frozenset()
        """Fields that the series does not have; models, without one."""

    def fields_of(self, model: str) -> dict[str, Field]:
        """Raises KeyError, as Tryton's own pool does."""
        if (model, "") in self.lacks:
            raise KeyError(model)
        known = {**MODELS[model], **STAMPS, "id": Field("integer", readonly=True)}
        return {name: field for name, field in known.items() if (model, name) not in self.lacks}

    def table(self, model: str) -> Table:
        return self._tables[model]

    def add(self, model: str, **values: Any) -> int:
        empty = {name: _default(field, name) for name, field in MODELS[model].items() if not field.readonly}
        return int(self.table(model).add(empty | values).id)

    def get(self, model: str, number: Any) -> Row | None:
        return self.table(model).get(str(number))

    def change(self, model: str, number: int, **values: Any) -> None:
        """Stamps the record and nothing else."""
        row = self.table(model).rows[str(number)]
        self.table(model).change(row, values)

    def shift(self, model: str, number: int, **values: Any) -> None:
        """As statements past the models do: without a stamp."""
        self.table(model).rows[str(number)].values.update(values)

    def remove(self, model: str, number: int) -> None:
        self.table(model).remove(self.table(model).rows[str(number)])

    def all(self, model: str) -> list[Row]:
        return self.table(model).live()

    def targets(self, model: str, row: Row, name: str, context: Context) -> list[Row]:
        """What a relation leads to; archived records only where the context wants them."""
        field = self.fields_of(model)[name]
        if field.inverse:
            found = [one for one in self.all(field.target) if one.values[field.inverse] == int(row.id)]
            return [one for one in found if is_seen(one, context)]
        value = self.value(model, row, name, context)
        numbers = value if isinstance(value, list) else [value]
        rows = [self.get(field.target, number) for number in numbers if number is not None]
        return [one for one in rows if one]

    def value(self, model: str, row: Row, name: str, context: Context) -> Any:
        """Raises KeyError for a field that there is not."""
        if name in OWN:
            return OWN[name](row)
        if self.fields_of(model)[name].inverse:
            return [int(one.id) for one in self.targets(model, row, name, context)]
        if (model, name) in FUNCTIONS:
            return FUNCTIONS[model, name](self, row, context)
        return row.values[name]

    def read(self, model: str, row: Row, names: Sequence[str], context: Context) -> Values:
        found: Values = {"id": int(row.id)}
        nested: dict[str, list[str]] = {}
        for name in names:
            first, dot, rest = name.partition(".")
            if dot:
                nested.setdefault(first, []).append(rest)
            else:
                found[name] = self.value(model, row, name, context)
        for first, rest_names in nested.items():
            found[f"{first}."] = self._read_targets(model, row, first, rest_names, context)
        return found

    def _read_targets(
        self, model: str, row: Row, name: str, names: Sequence[str], context: Context
    ) -> Values | list[Values] | None:
        field = self.fields_of(model)[name]
        rows = [
            self.read(field.target, one, names, context) for one in self.targets(model, row, name, context)
        ]
        if field.type != "many2one":
            return rows
        return rows[0] if rows else None


def is_seen(row: Row, context: Context) -> bool:
    return bool(row.values.get("active", True)) or context.get("active_test") is False


def _default(field: Field, name: str) -> Any:
    if name == "active":
        return True
    return [] if field.type == "many2many" else None


def _of_template(name: str) -> "Function":
    def read(database: Database, row: Row, _: Context) -> Any:
        template = database.get("product.template", row.values["template"])
        return template.values[name] if template else None

    return read


def _list_price_used(database: Database, row: Row, context: Context) -> Any:
    """Without a company in the context there are no prices."""
    if not context.get("company"):
        return None
    own = row.values["list_price"]
    return own if own is not None else _of_template("list_price")(database, row, context)


def _list_price(database: Database, row: Row, context: Context) -> Any:
    """Of the variant alone, since variants can have prices of their own."""
    own = ("product.product", "list_price_used") not in database.lacks
    return row.values["list_price"] if own else _list_price_used(database, row, context)


def _quantity(database: Database, row: Row, context: Context) -> float:
    """Zero where no location is asked for: nothing says that it was not counted."""
    if not context.get("locations"):
        return 0.0
    moves = [one.values for one in database.all("stock.move") if one.values["product"] == int(row.id)]
    return float(sum(one["quantity"] for one in moves))


def _untaxed_amount(database: Database, row: Row, context: Context) -> Decimal:
    lines = [one.values for one in database.targets("sale.sale", row, "lines", context)]
    amounts = [line["unit_price"] * Decimal(str(line["quantity"])) for line in lines if line["unit_price"]]
    return sum(amounts, Decimal(0))


def _first_way(kind: str) -> "Function":
    def read(database: Database, row: Row, context: Context) -> str:
        ways = database.targets("party.party", row, "contact_mechanisms", context)
        return next((str(way.values["value"]) for way in ways if way.values["type"] == kind), "")

    return read


OWN: Mapping[str, Callable[[Row], Any]] = {
    "id": lambda row: int(row.id),
    "create_date": lambda row: row.created_at,
    "write_date": lambda row: row.modified_at if row.modified_at != row.created_at else None,
    "rec_name": lambda row: f"({row.id})",
    "_timestamp": lambda row: f"{row.modified_at.timestamp():.5f}",
}
"""Of every record; one that nobody has written to bears no date of that."""
Function = Callable[[Database, Row, Context], Any]
FUNCTIONS: Mapping[tuple[str, str], Function] = {
    ("product.product", "name"): _of_template("name"),
    ("product.product", "type"): _of_template("type"),
    ("product.product", "salable"): _of_template("salable"),
    ("product.product", "list_price"): _list_price,
    ("product.product", "list_price_used"): _list_price_used,
    ("product.product", "quantity"): _quantity,
    ("product.product", "sale_uom"): lambda *_: 1,
    ("sale.sale", "untaxed_amount"): _untaxed_amount,
    ("party.party", "email"): _first_way("email"),
    ("party.party", "phone"): _first_way("phone"),
}
