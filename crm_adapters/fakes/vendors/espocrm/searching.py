"""Search parameters: conditions as the server understands them, and those it refuses."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_adapters.fakes.store import Values
from crm_adapters.fakes.vendors.espocrm.metadata import ENTITIES

Fits = Callable[[Values], bool]
MOST_LISTED = 200
COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "greaterThan": lambda held, given: held > given,
    "greaterThanOrEquals": lambda held, given: held >= given,
    "lessThan": lambda held, given: held < given,
}


class Invalid(Exception):  # noqa: N818 - what EspoCRM calls it
    """400."""


@dataclass(frozen=True, slots=True)
class Search:
    fits: Fits
    limit: int
    offset: int = 0
    order: str = ""
    select: tuple[str, ...] = ()
    where: tuple[Any, ...] = field(default=(), repr=False)


def read_search(entity: str, text: str) -> Search:
    """Core/Record/SearchParamsFetcher, Core/Select: attributes in `select` that do not exist are passed over, in
    conditions they are an error."""
    try:
        asked = json.loads(text)
    except ValueError:
        raise Invalid("Invalid search params JSON.") from None
    known = {*ENTITIES[entity], "id"}
    conditions = [_condition(one, known) for one in asked.get("where", ())]
    return Search(
        fits=lambda values: all(one(values) for one in conditions),
        limit=asked.get("maxSize") or MOST_LISTED,
        order=asked.get("orderBy") or "createdAt",
        select=tuple(name for name in asked.get("select", ()) if name in known),
    )


def _condition(item: Mapping[str, Any], known: set[str]) -> Fits:
    kind, name, value = item["type"], item["attribute"], item.get("value")
    if name not in known:
        raise Invalid(f"Not existing attribute '{name}' in where.")
    if kind in COMPARE:
        return lambda values: COMPARE[kind](str(values.get(name) or ""), str(value))
    if kind == "equals":
        wanted = fold(str(value))
        return lambda values: wanted in map(fold, _held(values, name))
    if kind == "endsWith":
        pattern = _like(f"%{value}")
        return lambda values: any(pattern.fullmatch(fold(one)) for one in _held(values, name))
    raise Invalid(f"Unknown where item type '{kind}'.")


def _held(values: Values, name: str) -> list[str]:
    """Any of the addresses and telephones, and of the latter the digits besides (Database/Orm/FieldConverters)."""
    if name in {"emailAddress", "phoneNumber"}:
        return [one[name] for one in values.get(f"{name}Data") or ()]
    if name == "phoneNumberNumeric":
        return [re.sub(r"\D", "", one["phoneNumber"]) for one in values.get("phoneNumberData") or ()]
    value = values.get(name)
    return [] if value is None else [str(value)]


def fold(text: str) -> str:
    """As MySQL compares by default: neither capitals nor accents count."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _like(pattern: str) -> re.Pattern[str]:
    """LIKE, where nothing is escaped for whoever asks."""
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(sign, re.escape(sign)) for sign in fold(pattern)), re.DOTALL)
