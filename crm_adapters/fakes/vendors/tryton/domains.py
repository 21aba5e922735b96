"""Tryton's domains: brackets of conditions, and what each condition compares."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.tryton.database import Context, Database

Clause = Sequence[Any]


def search(database: Database, model: str, domain: Clause, context: Context) -> list[Row]:
    """By id. Raises KeyError for a field or operator that there is not."""
    _check(database, model, domain)
    whole = Search(database, context)
    rows = [row for row in database.all(model) if whole.fits(model, row, domain)]
    return sorted(rows, key=lambda row: int(row.id))


def _check(database: Database, model: str, domain: Clause) -> None:
    """Also where there is nothing to look at."""
    known = database.fields_of(model)
    for part in domain[1:] if domain[:1] in (["OR"], ["AND"]) else domain:
        if not _is_condition(part):
            _check(database, model, part)
            continue
        first, dot, rest = part[0].partition(".")
        target = known[first].target
        if dot or part[1] == "where":
            _check(database, target, [[rest, *part[1:]]] if dot else part[2])
        elif part[1] not in OPERATORS:
            raise KeyError(part[1])


class Search:
    def __init__(self, database: Database, context: Context) -> None:
        self._database = database
        self._context = context

    def fits(self, model: str, row: Row, domain: Clause) -> bool:
        """Every bracket leaves out archived records of its own, unless it names the field itself: a condition
        on it lifts the test for its own bracket only. A context that says so lifts all."""
        parts = domain[1:] if domain[:1] in (["OR"], ["AND"]) else domain
        found = [self._fits_part(model, row, part) for part in parts]
        fits = any(found) if domain[:1] == ["OR"] else all(found)
        named = any(_is_condition(part) and part[0] == "active" for part in parts)
        tested = self._context.get("active_test") is not False and not named
        return fits and (not tested or _is_active(self._database, model, row))

    def _fits_part(self, model: str, row: Row, part: Clause) -> bool:
        return self._holds(model, row, part) if _is_condition(part) else self.fits(model, row, part)

    def _holds(self, model: str, row: Row, condition: Clause) -> bool:
        name, operator, value = condition
        first, dot, rest = name.partition(".")
        database, context = self._database, self._context
        if dot or operator == "where":
            inner = [[rest, operator, value]] if dot else value
            target = database.fields_of(model)[first].target
            found = database.targets(model, row, first, context)
            return any(self.fits(target, one, inner) for one in found)
        if model == "product.product" and name == "active":
            return OPERATORS[operator](_is_active(database, model, row), value)
        return OPERATORS[operator](database.value(model, row, name, context), value)


def _is_active(database: Database, model: str, row: Row) -> bool:
    """A variant is archived with its product, and reads as if it were not."""
    active = bool(row.values.get("active", True))
    if model != "product.product":
        return active
    template = database.get("product.template", row.values["template"])
    return active and bool(template and template.values["active"])


def _is_condition(part: Clause) -> bool:
    return len(part) == 3 and isinstance(part[0], str) and part[0] not in {"OR", "AND"}


def _like(flags: int) -> Callable[[Any, Any], bool]:
    def compare(value: Any, pattern: str) -> bool:
        """`%` is anything, `_` is any sign, a backslash takes that meaning away."""
        parts = re.findall(r"\\.|.", pattern, re.DOTALL)
        expression = "".join(WILD.get(part) or re.escape(part.removeprefix("\\") or "\\") for part in parts)
        return value is not None and re.fullmatch(expression, str(value), flags | re.DOTALL) is not None

    return compare


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Nothing is neither more nor less than anything."""
    return lambda value, other: value is not None and other is not None and compare(value, other)


WILD = {"%": ".*", "_": "."}
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, other: value == other,
    "!=": lambda value, other: value != other,
    "in": lambda value, other: value in other,
    "not in": lambda value, other: value not in other,
    ">": _ordered(lambda value, other: value > other),
    ">=": _ordered(lambda value, other: value >= other),
    "<": _ordered(lambda value, other: value < other),
    "<=": _ordered(lambda value, other: value <= other),
    "like": _like(0),
    "ilike": _like(re.IGNORECASE),
    "not like": lambda value, other: not _like(0)(value, other),
}
