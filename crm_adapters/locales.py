"""Countries and languages as people write them in CRMs, as the codes that we use."""

import re
from functools import cache

from babel import Locale, UnknownLocaleError

WRITTEN_IN = ("en", "es", "pt", "de", "fr", "it", "nl")
"""Languages in which country names are understood."""
ALIASES = {"uk": "GB", "usa": "US", "u.s.a.": "US", "u.s.": "US", "holland": "NL", "england": "GB"}

GROUPS = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Codes of two letters in Unicode's data that are no countries."""


def find_country(text: str | None) -> str | None:
    """ISO 3166-1 alpha-2 of a code or a name; None where it is neither."""
    written = (text or "").strip().casefold()
    return _countries().get(written)


def name_country(code: str) -> str | None:
    """In English, for a CRM that keeps names; None for what is no code."""
    name: str | None = Locale("en").territories.get(code)
    return name if code in _countries().values() else None


def normalise_language(text: str | None) -> str | None:
    """BCP 47 of `pt_br`, `PT-BR` or `pt`; None where that is no language."""
    parts = re.split(r"[-_]", (text or "").strip())
    try:
        locale = Locale.parse("_".join(parts[:2]))
    except (ValueError, UnknownLocaleError, TypeError):
        return None
    return f"{locale.language}-{locale.territory}" if locale.territory else str(locale.language)


@cache
def _countries() -> dict[str, str]:
    codes = [str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))]
    lands = set(codes) - GROUPS
    names = {
        str(name).casefold(): str(code)
        for language in WRITTEN_IN
        for code, name in Locale(language).territories.items()
        if code in lands
    }
    return names | {code.casefold(): code for code in lands} | ALIASES
