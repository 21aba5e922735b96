"""Tryton's JSON: decimals, dates and moments are objects that carry their class."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def encode(value: Any) -> Any:
    """Moments are sent in UTC, which is what Tryton keeps without saying so."""
    match value:
        case datetime():
            moment = value.astimezone(UTC)
            return {"__class__": "datetime"} | {name: getattr(moment, name) for name in MOMENT}
        case date():
            return {"__class__": "date"} | {name: getattr(value, name) for name in MOMENT[:3]}
        case Decimal():
            return {"__class__": "Decimal", "decimal": f"{value:f}"}
        case Mapping():
            return {name: encode(one) for name, one in value.items()}
        case list() | tuple():
            return [encode(one) for one in value]
    return value


def decode(value: Any) -> Any:
    """Raises ValueError, KeyError or TypeError for what only looks like Tryton's."""
    match value:
        case {"__class__": str(name)}:
            return READERS[name](value) if name in READERS else value
        case dict():
            return {name: decode(one) for name, one in value.items()}
        case list():
            return [decode(one) for one in value]
    return value


def _read_moment(value: Mapping[str, int]) -> datetime:
    year, month, day, hour, minute, second, microsecond = (value[name] for name in MOMENT)
    return datetime(year, month, day, hour, minute, second, microsecond, UTC)


def _read_date(value: Mapping[str, int]) -> date:
    return date(*(value[name] for name in MOMENT[:3]))


READERS: Mapping[str, Callable[[Any], Any]] = {
    "Decimal": lambda value: Decimal(value["decimal"]),
    "datetime": _read_moment,
    "date": _read_date,
}
