"""The text of one cell to a value. Refusals never repeat the text: it may be anybody's."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cache

from babel import Locale
from babel.core import get_global

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YES = frozenset({"1", "y", "yes", "true", "t", "on", "s", "si", "sí", "sim", "active"})
NO = frozenset({"0", "n", "no", "false", "f", "off", "não", "nao", "inactive"})
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d*)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_NAMES_IN = ("en", "es", "pt", "fr", "de")
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_OTHER_NAMES = {"czech republic": "CZ", "hong kong": "HK", "macao": "MO", "macau": "MO"}
"""Where CLDR has only a longer or newer name."""


class CellError(ValueError):
    """The message says what the cell is not."""


def read_number(text: str, *, decimal: str = ".") -> Decimal:
    """Thousands may be grouped by a point, comma, space or apostrophe that is not the decimal sign."""
    grouped = _GROUPED.fullmatch(text)
    plain = text.replace(grouped[1], "") if grouped and grouped[1] != decimal else text
    if decimal == ",":
        plain = _with_point(plain)
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise CellError("is not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > 15 or len(text) > 40:
        raise CellError("is not a usable number")
    return number


def _with_point(text: str) -> str:
    if "." in text:
        raise CellError("is not a number with a decimal comma")
    return text.replace(",", ".")


def read_moment(text: str, *, formats: tuple[str, ...], zone: tzinfo) -> int:
    """Microseconds since 1970 in UTC; a moment without a zone is in `zone`. No formats: ISO 8601."""
    try:
        moment = _parse_moment(text, formats)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return (aware.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        wanted = " or ".join(formats) or "ISO, as 2026-01-31"
        raise CellError(f"is not a date ({wanted})") from None


def _parse_moment(text: str, formats: tuple[str, ...]) -> datetime:
    for form in formats[:-1]:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller gives it a zone
        except ValueError:
            continue
    if formats:
        return datetime.strptime(text, formats[-1])  # noqa: DTZ007 - the caller gives it a zone
    return datetime.fromisoformat(text)


def show_moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def read_yes_no(text: str) -> bool:
    word = text.lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellError("is neither yes nor no")


def read_language(text: str) -> str | None:
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None


def read_currency(text: str) -> str:
    code = text.upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise CellError("is not a currency code of three letters")
    return code


def country_reader(own: Mapping[str, str]) -> Callable[[str], str | None]:
    """A function from code or name to the ISO code; `own` are the mapping's words, looked at first."""
    words = {word.casefold(): code for word, code in own.items()}

    def read(text: str) -> str | None:
        word = text.casefold()
        return words.get(word) or _country_names().get(word)

    return read


@cache
def _country_names() -> Mapping[str, str]:
    names: dict[str, str] = dict(_OTHER_NAMES)
    for alias, codes in get_global("territory_aliases").items():
        names[alias.casefold()] = codes[0]
    for language in _NAMES_IN:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code not in _NO_COUNTRY:
                names.setdefault(name.casefold(), code)
                names[code.casefold()] = code
    return names
