"""The mapping file: which file holds what, in which columns, written how."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from crm_adapters.errors import BadSettings
from crm_adapters.model import OrderStatus
from crm_adapters.vendors.csvfiles.schema import MappingSchema


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field comes from: the named columns in this order, or always `constant`."""

    names: tuple[str, ...] = ()
    constant: str | None = None


@dataclass(frozen=True, slots=True)
class FileMapping:
    """One file. Options left out here are taken from the mapping's top level."""

    file: str
    columns: Mapping[str, Column]
    custom: Mapping[str, Column]
    declared_ids: Mapping[str, Column]
    encoding: str
    delimiter: str | None
    """None: found from the header."""
    date_formats: tuple[str, ...]
    decimal: str
    timezone: str
    country: str | None
    """Where telephone numbers without a country code are taken to be from."""


@dataclass(frozen=True, slots=True)
class FilesMapping:
    customers: tuple[FileMapping, ...]
    """Empty: customers are those who appear in the order lines."""
    products: tuple[FileMapping, ...]
    """Empty: products are those that appear in the order lines."""
    order_lines: tuple[FileMapping, ...]
    countries: Mapping[str, str]
    statuses: Mapping[str, OrderStatus]
    """By the CRM's word in lower case."""
    default_status: OrderStatus
    return_prefix: str
    """Orders whose number begins so are returns; "" where there is no such mark."""
    skip_products: frozenset[str]
    """Codes that are no products, as postage."""

    @property
    def files(self) -> tuple[FileMapping, ...]:
        return (*self.products, *self.customers, *self.order_lines)


def load_mapping(path: Path) -> FilesMapping:
    """Raises BadSettings that names the place in the file and the remedy."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        # Every scalar stays text: the safe loader makes a truth value of Norway's code and an octal of a SKU.
        raw = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds only str, list and dict
        data = MappingSchema().load(raw)
    except FileNotFoundError:
        raise BadSettings(_missing(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path.name} cannot be read as UTF-8 text ({type(error).__name__}).") from None
    except yaml.YAMLError as error:
        raise BadSettings(_not_yaml(path, error)) from None
    except ValidationError as error:
        raise BadSettings(f"{path.name}: {explain(error.messages)}") from None
    return _mapping(data)


def _missing(path: Path) -> str:
    return (
        f"There is no mapping file {path.name} in {path.parent}. It says which column holds what: "
        "write one (see docs/csv-files.md), or name another with the setting `mapping`."
    )


def _not_yaml(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}" if mark else "somewhere"
    return f'{path.name}, {where}: this is not YAML. Put quotes around signs, as decimal: ",".'


def explain(messages: Any) -> str:
    return "; ".join(f"{place}: {reason}" if place else reason for place, reason in _flatten(messages, ""))


def _flatten(messages: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        inner = [(messages[key], _step(place, key)) for key in messages]
        return [pair for message, where in inner for pair in _flatten(message, where)]
    if isinstance(messages, list):
        return [pair for message in messages for pair in _flatten(message, place)]
    return [(place, str(messages))]


def _step(place: str, key: object) -> str:
    if key == "_schema":
        return place
    if isinstance(key, int):
        return f"{place}[{key + 1}]"
    return f"{place}.{key}" if place else str(key)


def _mapping(data: Mapping[str, Any]) -> FilesMapping:
    return FilesMapping(
        customers=tuple(_file(one, data) for one in data["customers"]),
        products=tuple(_file(one, data) for one in data["products"]),
        order_lines=tuple(_file(one, data) for one in data["order_lines"]),
        countries=data["countries"],
        statuses=_statuses(data["statuses"]),
        default_status=OrderStatus(data["default_status"]),
        return_prefix=data["return_prefix"],
        skip_products=frozenset(data["skip_products"]),
    )


def _file(one: Mapping[str, Any], top: Mapping[str, Any]) -> FileMapping:
    def option(name: str, default: Any) -> Any:
        return one.get(name, top.get(name, default))

    delimiter = option("delimiter", "auto")
    return FileMapping(
        file=one["file"],
        columns=_columns(one["columns"], currency=option("currency", None)),
        custom={name: _column(raw) for name, raw in one["custom"].items()},
        declared_ids={name: _column(raw) for name, raw in one["declared_ids"].items()},
        encoding=option("encoding", "auto"),
        delimiter=None if delimiter == "auto" else delimiter,
        date_formats=tuple(option("date_format", ())),
        decimal=option("decimal", "."),
        timezone=option("timezone", "UTC"),
        country=option("country", None),
    )


def _columns(raw: Mapping[str, Any], *, currency: str | None) -> dict[str, Column]:
    columns = {field: _column(names) for field, names in raw.items()}
    if currency and ("price" in columns or "unit_price" in columns):
        columns.setdefault("currency", Column(constant=currency))
    return columns


def _column(raw: Any) -> Column:
    if isinstance(raw, Mapping):
        return Column(constant=raw["constant"])
    return Column(names=(raw,) if isinstance(raw, str) else tuple(raw))


def _statuses(words: Mapping[str, Any]) -> dict[str, OrderStatus]:
    return {word.strip().lower(): OrderStatus(status) for status, named in words.items() for word in named}
