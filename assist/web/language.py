"""Languages: whose words a page is written in, read straight from the .po files, so nothing is built."""

from collections.abc import Mapping
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup, escape
from werkzeug.utils import cached_property

from assist.services.accounts import LANGUAGES
from assist.web.auth import find_caller

FOLDER = Path(__file__).resolve().parent.parent / "locale"


def init_app(app: Flask) -> None:
    catalogues = Catalogues({code: _compile(read_catalogue(code)) for code in LANGUAGES})
    _Babel(catalogues).init_app(app, locale_selector=_select_locale, timezone_selector=_select_zone)
    # Jinja's own looks for the language, and for the catalogue, several times for each word.
    app.jinja_env.globals |= {"_": catalogues.translate, "page_language": page_language}


def page_language() -> str:
    """BCP 47, for the page's `lang`."""
    return str(current_locale()).replace("_", "-")


def current_locale() -> Locale:
    """The reader's. A page asks for it a hundred times, which costs a millisecond by flask-babel's own way."""
    found: Locale | None = g.get("locale")
    if found is None:
        found = g.locale = get_locale() or Locale(LANGUAGES[0])
    return found


def read_catalogue(code: str) -> Catalog:
    """All of a language's .po files as one; English has none, its words are in the code."""
    locale = code.replace("-", "_")
    merged = Catalog(locale=locale)
    for path in sorted((FOLDER / locale / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale, abort_invalid=True):
                if message.id:
                    merged[message.id] = message
    return merged


class Catalogues(Domain):  # type: ignore[misc]  # - flask-babel publishes no types
    """Translations that were read at the start, instead of compiled files looked for on disk."""

    def __init__(self, translations: Mapping[str, Translations]) -> None:
        super().__init__()
        self._translations = {code.partition("-")[0]: found for code, found in translations.items()}
        self._fallback = translations[LANGUAGES[0]]

    def translate(self, text: str, /, **values: object) -> Markup:
        """For templates: `text` is ours, `values` are escaped."""
        said = self._said(current_locale().language, text)
        if "%" not in said:
            return said
        # Markup's own % takes three times as long to the same end.
        escaped = {name: value if isinstance(value, int) else escape(value) for name, value in values.items()}
        return Markup(str(said) % escaped)  # noqa: S704 - as above

    @lru_cache(maxsize=4096)  # noqa: B019 - one catalogue lives as long as the process
    def _said(self, language: str, text: str) -> Markup:
        return Markup(self._find(language).gettext(text))  # noqa: S704 - the catalogue is ours

    def get_translations(self) -> NullTranslations:
        return self._find(current_locale().language)

    def _find(self, language: str) -> Translations:
        return self._translations.get(language, self._fallback)


class _Babel(Babel):  # type: ignore[misc]  # - flask-babel publishes no types
    def __init__(self, catalogues: Catalogues) -> None:
        super().__init__()
        self._catalogues = catalogues

    @cached_property
    def domain_instance(self) -> Catalogues:
        return self._catalogues


def _compile(catalogue: Catalog) -> Translations:
    file = BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return Translations(file)


def _select_locale() -> str:
    """The signed-in person's choice, else what their browser asks for."""
    caller = find_caller()
    chosen = caller.user.language if caller else None
    code = g.get("language") or chosen or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    return str(code).replace("-", "_")


def _select_zone() -> str:
    caller = find_caller()
    return (caller.user.time_zone if caller else None) or "UTC"
