"""What a search of HubSpot takes, and what it finds. §1."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from crm_adapters.fakes.store import Row, Table, Values
from crm_adapters.fakes.vendors.hubspot.answers import invalid
from crm_adapters.fakes.vendors.hubspot.properties import PROPERTIES

MOST_GROUPS, MOST_FILTERS, MOST_IN_ALL = 5, 6, 18
MOST_ROWS = 200
MOST_REACHED = 10_000
COMPARISONS = {"EQ": eq, "NEQ": ne, "LT": lt, "LTE": le, "GT": gt, "GTE": ge}
OPERATORS = frozenset({*COMPARISONS, "CONTAINS_TOKEN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"})


def search(table: Table, kind: str, body: Mapping[str, Any]) -> tuple[list[Row], int]:
    """The rows, sorted, and where to begin among them. Raises Refused."""
    groups = [group["filters"] for group in body.get("filterGroups", [])]
    filters = [one for group in groups for one in group]
    if (
        len(groups) > MOST_GROUPS
        or len(filters) > MOST_IN_ALL
        or any(len(one) > MOST_FILTERS for one in groups)
    ):
        raise invalid("too many filters or groups")
    for one in filters:
        _check(kind, one)
    if not 1 <= body.get("limit", 10) <= MOST_ROWS:
        raise invalid(f"limit must be at most {MOST_ROWS}")
    start = int(body.get("after", "0"))
    if start + body.get("limit", 10) > MOST_REACHED:
        raise invalid(f"no more than {MOST_REACHED} rows can be paged through")
    found = table.search(
        lambda values: any(all(_fits(kind, values, one) for one in group) for group in groups)
    )
    return _sorted(found, kind, body.get("sorts", [])), start


def _check(kind: str, one: Mapping[str, Any]) -> None:
    if one["propertyName"] not in PROPERTIES[kind]:
        raise invalid(f"There is no property {one['propertyName']}", propertyName=one["propertyName"])
    if one["operator"] not in OPERATORS:
        raise invalid(f"no operator {one['operator']}")


def _fits(kind: str, values: Values, one: Mapping[str, Any]) -> bool:
    name, operator = str(one["propertyName"]), str(one["operator"])
    held: str = values.get(name) or ""
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return bool(held) == (operator == "HAS_PROPERTY")
    if not held:
        return operator == "NEQ"
    if operator == "CONTAINS_TOKEN":
        return _has_token(held, one["value"])
    compare: Callable[[Any, Any], bool] = COMPARISONS[operator]
    return compare(_comparable(kind, name, held), _comparable(kind, name, one["value"]))


def _has_token(held: str, wanted: str) -> bool:
    """A star stands for anything, at either end."""
    pattern = ".*".join(re.escape(part) for part in wanted.lower().split("*"))
    return any(re.fullmatch(pattern, token) for token in re.split(r"[\s;,]+", held.lower()))


def _comparable(kind: str, name: str, text: str) -> float | int | str:
    match PROPERTIES[kind][name].type:
        case "number":
            return float(text)
        case "datetime":
            return int(text) if text.isdecimal() else _milliseconds(text)
    return text.lower()


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def _sorted(rows: list[Row], kind: str, sorts: list[Any]) -> list[Row]:
    """By one property at most; among equals in no order that could be relied on."""
    if len(sorts) > 1:
        raise invalid("only one sort")
    if not sorts:
        return rows
    name = sorts[0]["propertyName"]
    mixed = sorted(rows, key=lambda row: row.id[::-1])
    down = sorts[0].get("direction") == "DESCENDING"
    return sorted(mixed, key=lambda row: _comparable(kind, name, row.values[name]), reverse=down)
