"""How values become text in templates: bounded, in the reader's language, never more exact than is true."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from assist.services.views import Price
from assist.web.language import current_locale

NO_CENTS = re.compile(r"\.0+")
WHOLE, TENTH = Decimal("0.01"), Decimal("0.001")
"""Of a percent, as shares."""


def bounded(text: str | None, limit: int = 80) -> str:
    """One line of at most `limit` characters, without control or direction characters."""
    clean = " ".join(_visible(text or "").split())
    return clean if len(clean) <= limit else f"{clean[: limit - 1].rstrip()}…"


def price(value: Price, *, signed: bool = False) -> str:
    """`€29`, `R$ 1.299,90`; cents only where there are any. `signed` puts + before what is added."""
    text = _money(value.amount, value.currency, current_locale())
    return f"+{text}" if signed and value.amount > 0 else text


def percent(share: float) -> str:
    """Whole percents; below one, one decimal."""
    fine = 0 < share < 0.01
    return _percent(Decimal(str(share)).quantize(TENTH if fine else WHOLE), current_locale())


def quantity(value: Decimal) -> str:
    return format_decimal(value.normalize(), locale=current_locale())


def day(at: datetime) -> str:
    return _date(at.date(), "d MMM", current_locale())


def day_and_year(at: datetime) -> str:
    return _date(at.date(), "d MMM y", current_locale())


def language_name(code: str) -> str:
    """`es-MX` → `español (México)` in the reader's language; the code itself where it is unknown."""
    return _language(code, current_locale()) or bounded(code, 12)


def country_name(code: str) -> str:
    return _country(code.upper(), current_locale()) or bounded(code, 12)


# Babel reads its patterns anew each time; a page repeats the same few dates, prices and shares.
_remember = lru_cache(maxsize=4_096)


@_remember
def _money(amount: Decimal, currency: str, locale: Locale) -> str:
    whole = amount == amount.to_integral_value()
    pattern = locale.currency_formats["standard"].pattern
    shown = NO_CENTS.sub("", pattern) if whole else pattern
    return format_currency(amount, currency, shown, locale=locale, currency_digits=not whole)


@_remember
def _percent(share: Decimal, locale: Locale) -> str:
    return format_percent(share, "#,##0.#%" if 0 < share < Decimal("0.01") else None, locale=locale)


@_remember
def _date(on: date, pattern: str, locale: Locale) -> str:
    return format_date(on, pattern, locale=locale)


@_remember
def _language(code: str, locale: Locale) -> str | None:
    try:
        language = Locale.parse(code.replace("-", "_"))
    except ValueError:
        return None
    name = language.get_language_name(locale) or language.language_name or code
    return name[:1].upper() + name[1:]


@_remember
def _country(code: str, locale: Locale) -> str | None:
    name: str | None = locale.territories.get(code)
    return name


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in text)
