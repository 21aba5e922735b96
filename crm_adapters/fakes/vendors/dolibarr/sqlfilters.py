"""Dolibarr's little language of conditions, with the ways in which it fails."""

import re
from collections.abc import Callable, Iterator, Sequence

from werkzeug.wrappers import Response

from crm_adapters.fakes.wire import Refused, reply

CRITERION = re.compile(r"\(([a-zA-Z0-9_.]+:[<>!=insotlke]+:[^()]+)\)", re.IGNORECASE)
STEP = re.compile(r"\(|\)|and|or|[01]")
ReadColumn = Callable[[str], str]
"""The database's text of a column of one row. Raises KeyError for a column that is not there."""


def fault(status: int, name: str, detail: str = "") -> Response:
    """Restler's form; what went wrong is told in words that may repeat what was sent (seen)."""
    said = f"{name}: {detail}" if detail else name
    return reply(
        {"error": {"code": status, "message": said}, "debug": {"source": "api.php:1 at call stage"}}, status
    )


def fits(filters: str, read: ReadColumn) -> bool:
    """Source: whatever stands between the conditions is and, or and brackets; anything else is refused."""
    if not filters:
        return True
    left = CRITERION.sub("()", filters)
    if re.search(r"[^()]", re.sub(r"and|or|AND|OR| ", "", left)) or left.count("(") != left.count(")"):
        raise Refused(fault(400, "Bad Request", f"Error when validating parameter sqlfilters -> {filters}"))
    try:
        flat = CRITERION.sub(lambda found: str(int(_holds(found[1], read))), filters)
    except KeyError as missing:
        told = f"Error when retrieve list : Unknown column {missing} in 'where clause'"
        raise Refused(fault(503, "Service Unavailable", told)) from None
    return _evaluate(iter([*STEP.findall(flat.lower()), ")"]))


def _holds(criterion: str, read: ReadColumn) -> bool:
    """Told on 18.0.5: the value ends at its first colon."""
    column, operator, value = criterion.split(":")[:3]
    known = read(column)
    match operator.lower():
        case "like":
            return bool(_pattern(value).fullmatch(known))
        case "in":
            return known in value.replace("'", "").split(",")
    return _compare(known, operator, value)


def _compare(known: str, operator: str, value: str) -> bool:
    """Source: what is in quotation marks is a text, the rest a number."""
    if not known:
        return False
    quoted = re.fullmatch(r"'(.*)'", value)
    left, right = (known.lower(), quoted[1].lower()) if quoted else (float(known), float(value))
    results = {"=": left == right, "!=": left != right}
    if operator in results:
        return results[operator]
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[operator]  # type: ignore[operator]  # both are texts, or both numbers


def _pattern(value: str) -> re.Pattern[str]:
    """Seen: % and _ are wildcards; in any case of letters. Source: the marks around a value that holds one stay on,
    and a backslash takes the next sign's meaning away."""
    plain = re.fullmatch(r"'([^']*)'", value)
    signs = {"%": ".*", "_": "."}
    found = re.findall(r"\\.|.", plain[1] if plain else value, re.DOTALL)
    parts = [re.escape(sign[1:]) if len(sign) == 2 else signs.get(sign, re.escape(sign)) for sign in found]
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _evaluate(steps: Iterator[str]) -> bool:
    """Up to the closing bracket; `and` goes before `or`."""
    groups: list[list[bool]] = [[]]
    for step in steps:
        match step:
            case ")":
                break
            case "or":
                groups.append([])
            case "(":
                groups[-1].append(_evaluate(steps))
            case "0" | "1":
                groups[-1].append(step == "1")
    return any(_all(group) for group in groups)


def _all(group: Sequence[bool]) -> bool:
    return bool(group) and all(group)
