"""The rows of all models, and what Odoo works out of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_adapters.fakes.store import Row, Table
from crm_adapters.fakes.vendors.odoo.domains import STAMP, fits
from crm_adapters.fakes.vendors.odoo.models import MODELS, Field, fields_of
from crm_adapters.phones import e164

FRACTION = timedelta(milliseconds=471)
"""§4: the database keeps parts of seconds that answers leave out."""
FIRST_IDS = {"product.product": 11, "product.template": 411, "sale.order": 55, "sale.order.line": 900}
Values = dict[str, Any]


class Database:
    def __init__(self, now: Callable[[], datetime], major: Callable[[], int]) -> None:
        self.major = major
        self.now = now
        self.tables = {model: self._table(model) for model in MODELS}

    def _table(self, model: str) -> Table:
        first = FIRST_IDS.get(model, 7)
        return Table(lambda: self.now() + FRACTION, ids=iter(map(str, range(first, 1 << 31))))

    def fields(self, model: str) -> dict[str, Field]:
        return fields_of(model, self.major())

    def add(self, model: str, values: Mapping[str, Any]) -> Row:
        row = self.tables[model].add(values)
        self._complete(model, row)
        return row

    def change(self, model: str, row: Row, values: Mapping[str, Any]) -> None:
        self.tables[model].change(row, values)
        self._complete(model, row)

    def get(self, model: str, number: Any) -> Row | None:
        return self.tables[model].get(str(number)) if number else None

    def need(self, model: str, ref: str) -> Row:
        row = self.get(model, ref)
        assert row, "the CRM's people act on what is there"  # noqa: S101 - a mistake of the test's
        return row

    def search(self, model: str, domain: Sequence[Any], *, archived: bool) -> list[Row]:
        """Who is archived is only found by whoever asks for it."""
        hides = "active" in self.fields(model) and not archived
        rows = (row for row in self.tables[model].live() if row.values.get("active", True) or not hides)
        return [row for row in rows if fits(domain, lambda name, row=row: self.value(model, row, name))]  # type: ignore[misc]  # a default keeps the row

    def value(self, model: str, row: Row, path: str) -> Any:
        """As the database has it. Raises ValueError for an unknown field."""
        name, _, rest = path.partition(".")
        field = self.fields(model).get(name)
        if field is None:
            raise ValueError(f"Invalid field {model}.{name} in leaf")
        found = self._raw(model, row, name)
        other = self.get(field.relation, found) if rest else None
        return found if not rest else self.value(field.relation, other, rest) if other else False

    def _raw(self, model: str, row: Row, name: str) -> Any:
        computed: dict[str, Callable[[], Any]] = {
            "id": lambda: int(row.id),
            "create_date": lambda: row.created_at,
            "write_date": lambda: row.modified_at,
            "display_name": lambda: self.name(model, row),
            "phone_mobile_search": lambda: _digits(row),
            "country_code": lambda: self._country_code(row),
            "product_variant_count": lambda: len(self.variants(row.values["product_tmpl_id"])),
            "order_line": lambda: [int(line.id) for line in self.lines(row)],
        }
        return computed[name]() if name in computed else row.values.get(name, False)

    def _country_code(self, row: Row) -> str | bool:
        country = self.get("res.country", row.values.get("country_id"))
        return str(country.values["code"]) if country else False

    def show(self, model: str, row: Row, names: Iterable[str]) -> Values:
        """§1: as answers have it."""
        found: Values = {"id": int(row.id)}
        for name in names:
            value = self.value(model, row, name)
            field = self.fields(model)[name]
            if field.type == "many2one":
                other = self.get(field.relation, value)
                value = [int(other.id), self.name(field.relation, other)] if other else False
            found[name] = value.astimezone(UTC).strftime(STAMP) if isinstance(value, datetime) else value
            if value is None or value == "":
                found[name] = False
        return found

    def name(self, model: str, row: Row) -> str:
        """§5: a product's begins with its code; a contact's with its company."""
        name = str(row.values.get("name") or "")
        code = row.values.get("default_code")
        if model == "res.partner" and row.values.get("parent_id") and not row.values.get("is_company"):
            parent = self.get(model, row.values["parent_id"])
            return f"{parent.values['name']}, {name}" if parent else name
        return f"[{code}] {name}" if code else name

    def variants(self, template: int) -> list[Row]:
        rows = self.tables["product.product"].live()
        return [row for row in rows if row.values["product_tmpl_id"] == template]

    def named(self, model: str, name: str, **more: Any) -> int:
        """The one of this name, made where there is none."""
        rows = self.tables[model].live()
        found = next((row for row in rows if row.values["name"] == name), None)
        return int((found or self.add(model, {"name": name, **more})).id)

    def _complete(self, model: str, row: Row) -> None:
        values = row.values
        if model == "res.partner":
            parent = self.get(model, values.get("parent_id"))
            values["commercial_partner_id"] = (
                parent.values["commercial_partner_id"] if parent else int(row.id)
            )
            values["email_normalized"] = _normalise(str(values.get("email") or ""))
            values["phone_sanitized"] = self._sanitize(row)
            values.setdefault("type", "contact")
            values.setdefault("active", True)
        if model == "sale.order.line":
            order = self.get("sale.order", values["order_id"])
            if order:
                order.values["amount_total"] = sum(map(_amount, self.lines(order)))

    def lines(self, order: Row) -> list[Row]:
        rows = self.tables["sale.order.line"].live()
        return [row for row in rows if str(row.values["order_id"]) == order.id]

    def _sanitize(self, row: Row) -> str | bool:
        """§1: of the first number that makes sense, in the partner's country."""
        country = str(self._country_code(row) or "") or None
        numbers = (row.values.get("mobile"), row.values.get("phone"))
        return next((found for raw in numbers if raw and (found := e164(raw, country=country))), False)


def _normalise(email: str) -> str | bool:
    """§1: the first address, in small letters; what does not look like one has none."""
    first = email.replace(";", ",").split(",")[0].rpartition("<")[2].rstrip("> ").strip().lower()
    return first if "@" in first and "\\" not in first and "*" not in first else False


def _digits(row: Row) -> str:
    written = f"{row.values.get('phone') or ''} {row.values.get('mobile') or ''}"
    return "".join(sign for sign in written if sign.isdigit() or sign in "+ ").replace(" ", "")


def _amount(line: Row) -> float:
    values = line.values
    return float(
        values.get("product_uom_qty", 0) * values.get("price_unit", 0) * (1 - values.get("discount", 0) / 100)
    )
