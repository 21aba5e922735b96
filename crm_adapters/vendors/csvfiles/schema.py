"""What a mapping file may say; each refusal names the place and what would be right."""

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from crm_adapters.model import OrderStatus

ENCODINGS = ("auto", "utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16")
DELIMITERS = ("auto", ",", ";", "\t", "|")

CUSTOMER_FIELDS = (
    "id", "name", "given_name", "family_name", "email", "email_verified", "phone", "language", "country",
    "company", "register", "offers_consent", "created_at", "updated_at",
)  # fmt: skip
PRODUCT_FIELDS = (
    "id", "sku", "name", "family", "category", "tier", "price", "currency", "active", "stock", "description",
    "updated_at",
)  # fmt: skip
LINE_FIELDS = (
    "order", "customer", "product", "date", "quantity", "unit_price", "currency", "name", "status", "line",
    "country", "promised_at", "delivered_at", "updated_at",
)  # fmt: skip


def suggest(word: str, known: Mapping[str, Any] | tuple[str, ...] | list[str]) -> str:
    """` Did you mean …?`, or nothing."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=1)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""


class Strict(Schema):
    @pre_load
    def refuse_unknown(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, Mapping):
            raise ValidationError(f"is not a table of settings (one of: {', '.join(self.fields)})")
        unknown = [key for key in data if key not in self.fields]
        if unknown:
            raise ValidationError({key: _unknown(key, tuple(self.fields)) for key in unknown})
        return data


def _unknown(key: str, known: tuple[str, ...]) -> str:
    return f"is not a setting.{suggest(key, known)} Known here: {', '.join(known)}."


class OneOrMore(fields.List[Any]):
    """A list, or one value for a list of one."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize([value] if isinstance(value, str | Mapping) else value, *args, **kwargs)


class ColumnField(fields.Field[Any]):
    """A column's name, a list of names, or `{constant: text}`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and value and all(isinstance(name, str) and name for name in value):
            return value
        if isinstance(value, Mapping) and list(value) == ["constant"] and isinstance(value["constant"], str):
            return value
        raise ValidationError("is not a column's name, a list of names, or {constant: text}.")


def _known_timezone(name: str) -> None:
    if name not in available_timezones():
        near = suggest(name, sorted(available_timezones()))
        raise ValidationError(f"{name!r} is no time zone.{near} Write it as America/Sao_Paulo.")


def _date_format(form: str) -> None:
    try:
        datetime.strptime(datetime(2001, 2, 3).strftime(form), form)  # noqa: DTZ001, DTZ007 - only the form is tried
    except ValueError:
        raise ValidationError(f"{form!r} is no date format. Write it as %d/%m/%Y %H:%M.") from None
    if "%d" not in form and "%j" not in form and "%s" not in form and "%x" not in form and "%c" not in form:
        raise ValidationError(f"{form!r} names no day. Write it as %d/%m/%Y %H:%M.")


class OptionsSchema(Strict):
    encoding = fields.Str(validate=validate.OneOf(ENCODINGS, error="must be one of: {choices}."))
    delimiter = fields.Str(validate=validate.OneOf(DELIMITERS, error="must be one of: {choices}."))
    date_format = OneOrMore(fields.Str(validate=_date_format))
    decimal = fields.Str(validate=validate.OneOf([".", ","], error="must be one of: {choices}"))
    timezone = fields.Str(validate=_known_timezone)
    currency = fields.Str(validate=validate.Regexp("[A-Z]{3}$", error="must be three capitals, as EUR."))
    country = fields.Str(validate=validate.Regexp("[A-Z]{2}$", error="must be two capitals, as BR."))


def _file_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if not name or ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise ValidationError("must name a file in the folder, without `..` or a leading slash.")


class FileSchema(OptionsSchema):
    file = fields.Str(required=True, validate=_file_name)
    columns = fields.Dict(keys=fields.Str(), values=ColumnField(), required=True)
    custom = fields.Dict(keys=fields.Str(), values=ColumnField(), load_default=dict)
    declared_ids = fields.Dict(keys=fields.Str(), values=ColumnField(), load_default=dict)

    known: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @validates_schema
    def refuse_columns(self, data: Mapping[str, Any], **_: Any) -> None:
        columns = data["columns"]
        wrong = {name: _unknown(name, self.known) for name in columns if name not in self.known}
        wrong |= {
            name: "is needed: say which column holds it." for name in self.needed if name not in columns
        }
        if wrong:
            raise ValidationError({"columns": wrong})


class CustomersSchema(FileSchema):
    known = CUSTOMER_FIELDS
    needed = ("id",)


class ProductsSchema(FileSchema):
    known = PRODUCT_FIELDS
    needed = ("id",)


class OrderLinesSchema(FileSchema):
    known = LINE_FIELDS
    needed = ("order", "customer", "product", "date")


class MappingSchema(OptionsSchema):
    customers = OneOrMore(fields.Nested(CustomersSchema), load_default=list)
    products = OneOrMore(fields.Nested(ProductsSchema), load_default=list)
    order_lines = OneOrMore(fields.Nested(OrderLinesSchema), required=True)
    countries = fields.Dict(keys=fields.Str(), values=fields.Str(), load_default=dict)
    statuses = fields.Dict(
        keys=fields.Str(validate=validate.OneOf([*OrderStatus], error="must be one of: {choices}.")),
        values=OneOrMore(fields.Str()),
        load_default=dict,
    )
    default_status = fields.Str(validate=validate.OneOf([*OrderStatus]), load_default=OrderStatus.WON)
    return_prefix = fields.Str(load_default="")
    skip_products = OneOrMore(fields.Str(), load_default=list)

    @validates_schema
    def refuse_prices_without_currency(self, data: Mapping[str, Any], **_: Any) -> None:
        for table, price in (("products", "price"), ("order_lines", "unit_price")):
            for one in data.get(table, ()):
                columns = one["columns"]
                if price in columns and not (
                    "currency" in columns or "currency" in one or "currency" in data
                ):
                    raise ValidationError(
                        {table: f"{one['file']} has prices: say `currency: EUR` or its column."}
                    )
