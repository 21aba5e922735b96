"""Sentences an agent can send as they are, by kind of offer, language and register.

A track's variants go from the one that uses most to the one that needs only the product: a value that is not
known chooses a poorer sentence, it never leaves a hole in a rich one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency

from personas.content import Fields, InvalidContent, nearest, read_word
from personas.languages import LANGUAGES, REGISTERS, fallbacks

MAX_LENGTH = 200
DECLINE = "decline"
"""The track for an offer that was turned down; it names nothing."""

_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Price:
    amount: Decimal
    currency: str
    """ISO 4217."""


@dataclass(frozen=True, slots=True)
class Values:
    """What a sentence may speak of; None or empty is not known."""

    product: str = ""
    anchor: str | None = None
    """What the customer owns or is buying that the product goes with."""
    price: Price | None = None
    difference: Price | None = None
    """What an upsell costs more than its anchor."""
    given_name: str | None = None


PLACEHOLDERS = tuple(field.name for field in fields(Values))

Variants = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TalkTracks:
    tracks: Mapping[str, Mapping[tuple[str, str], Variants]]
    """By key (`cross_sell`, `upsell`, `replenish`, `popular`, `decline`), then by (language, register)."""

    def render(self, key: str, values: Values, *, language: str, register: str) -> str:
        """Raises KeyError for an unknown track; for an unknown language or register see `fallbacks`."""
        variants = self._variants(self.tracks[key], language, register)
        written = _written(values, language)
        filled = (_fill(variant, written) for variant in variants if _needs(variant) <= written.keys())
        return next((text for text in filled if len(text) <= MAX_LENGTH), None) or _shortened(
            variants[-1], written
        )

    def _variants(self, track: Mapping[tuple[str, str], Variants], language: str, register: str) -> Variants:
        tried = ((tongue, tone) for tongue in fallbacks(language) for tone in (register, "neutral"))
        return next(track[where] for where in tried if where in track)


@lru_cache(maxsize=4_096)
def format_price(price: Price, language: str) -> str:
    """As the language writes money: `R$ 1.299,00`."""
    return format_currency(price.amount, price.currency, locale=_locale(language))


def _locale(language: str) -> Locale:
    for tried in fallbacks(language):
        try:
            return Locale.parse(tried, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _written(values: Values, language: str) -> dict[str, str]:
    """The values that are known, as text."""
    texts = {
        "product": values.product,
        "anchor": values.anchor,
        "given_name": values.given_name,
        "price": values.price and format_price(values.price, language),
        "difference": values.difference and format_price(values.difference, language),
    }
    return {name: " ".join(text.split()) for name, text in texts.items() if text and text.strip()}


def _needs(variant: str) -> set[str]:
    return set(_PLACEHOLDER.findall(variant))


def _fill(variant: str, written: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: written[found[1]], variant)


def _shortened(variant: str, written: Mapping[str, str]) -> str:
    """The poorest variant with as much of the product's name as there is room for."""
    product = written.get("product", "…")
    room = MAX_LENGTH - len(_fill(variant, {"product": ""}))
    cut = product if len(product) <= room else product[: room - 1].rstrip() + "…"
    return _fill(variant, {"product": cut})


def parse_talk_tracks(raw: object, *, path: str) -> TalkTracks:
    """Raises InvalidContent with the place of the mistake."""
    fields_ = Fields(raw, path)
    return TalkTracks({key: _track(fields_.raw(key), fields_.at(key), key) for key in fields_})


def _track(raw: object, path: str, key: str) -> Mapping[tuple[str, str], Variants]:
    by_language = Fields(raw, path)
    found: dict[tuple[str, str], Variants] = {}
    for language in LANGUAGES:
        tones = Fields(by_language.raw(language), by_language.at(language))
        for register in _known(tones, REGISTERS):
            variants = tones.items(register, _variant)
            _refuse_needy(variants, tones.at(register), {"product"} if key != DECLINE else set())
            found[language, register] = variants
    by_language.finish()
    return found


def _known(tones: Fields, registers: Iterable[str]) -> list[str]:
    for register in registers:
        if register in tones:
            tones.raw(register)
    tones.finish()
    tones.raw("neutral")
    return [register for register in registers if register in tones]


def _variant(raw: object, path: str) -> str:
    text = read_word(raw, path)
    for name in sorted(_needs(text)):
        if name not in PLACEHOLDERS:
            known = ", ".join(PLACEHOLDERS)
            raise InvalidContent(
                path, f"there is no {{{name}}}; there are {known}.{nearest(name, PLACEHOLDERS)}"
            )
    bare = _PLACEHOLDER.sub("", text)
    if "{" in bare or "}" in bare:
        raise InvalidContent(path, "a brace stands alone")
    if len(bare) > MAX_LENGTH - 60:
        raise InvalidContent(path, f"longer than {MAX_LENGTH - 60} letters besides what is filled in")
    return text


def _refuse_needy(variants: Variants, path: str, always: set[str]) -> None:
    if not variants or not _needs(variants[-1]) <= always:
        needs = "only {product}" if always else "nothing filled in"
        raise InvalidContent(path, f"the last variant must need {needs}")
