from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.catalogue import load_catalogue
from personas.content import InvalidContent
from personas.languages import LANGUAGES, REGISTERS
from personas.talk_tracks import MAX_LENGTH, Price, Values, format_price, parse_talk_tracks

TRACKS = load_catalogue().talk_tracks
KEYS = ("cross_sell", "upsell", "replenish", "popular", "decline")

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=80)
PRICES = st.builds(
    Price, st.decimals("0.01", "99999", places=2), st.sampled_from(["EUR", "BRL", "MXN", "USD"])
)
VALUES = st.builds(
    Values,
    product=TEXTS.filter(str.strip),
    anchor=st.none() | TEXTS,
    price=st.none() | PRICES,
    difference=st.none() | PRICES,
    given_name=st.none() | TEXTS,
)


def test_the_shipped_tracks_are_all_there() -> None:
    assert set(TRACKS.tracks) == set(KEYS)
    assert all(
        set(track) == {(a, b) for a in LANGUAGES for b in REGISTERS} for track in TRACKS.tracks.values()
    )


@given(st.sampled_from(KEYS), st.sampled_from(LANGUAGES), st.sampled_from(REGISTERS), VALUES)
def test_every_track_is_whole_with_whatever_is_known(
    key: str, language: str, register: str, values: Values
) -> None:
    text = TRACKS.render(key, values, language=language, register=register)
    assert 0 < len(text) <= MAX_LENGTH
    assert "{" not in text
    assert "}" not in text
    assert "None" not in text or "None" in str(values.product)


def test_a_missing_value_chooses_a_sentence_that_does_without() -> None:
    price = Price(Decimal("29.9"), "EUR")
    known = Values("Clear case", "Aurora 6", price, given_name="Ana")
    rich = TRACKS.render("cross_sell", known, language="en", register="informal")
    poor = TRACKS.render("cross_sell", Values("Clear case"), language="en", register="informal")
    assert all(word in rich for word in ("Clear case", "Aurora 6", "€29.90", "Ana"))
    assert "Clear case" in poor
    assert "your" not in poor


def test_braces_in_a_value_are_not_filled_in() -> None:
    text = TRACKS.render(
        "popular", Values("Case {price}", price=Price(Decimal(5), "EUR")), language="en", register="neutral"
    )
    assert "Case {price}" in text


def test_a_very_long_name_is_cut_where_it_shows() -> None:
    text = TRACKS.render("cross_sell", Values("Case " * 60), language="es", register="formal")
    assert len(text) <= MAX_LENGTH
    assert "…" in text


@pytest.mark.parametrize(
    ("language", "register", "like"),
    [
        ("es-MX", "formal", ("es", "formal")),
        ("fr", "informal", ("en", "informal")),
        ("pt-PT", "royal", ("pt-BR", "neutral")),
    ],
)
def test_falls_back_to_a_language_and_register_that_exist(
    language: str, register: str, like: tuple[str, str]
) -> None:
    known = Values("Case", "Aurora 6")
    asked = TRACKS.render("upsell", known, language=language, register=register)
    assert asked == TRACKS.render("upsell", known, language=like[0], register=like[1])


@pytest.mark.parametrize(
    ("language", "text"),
    [("pt-BR", "R$\xa01.299,00"), ("en", "R$1,299.00"), ("es", "1.299,00\xa0BRL"), ("xx-YY", "R$1,299.00")],
)
def test_money_as_the_language_writes_it(language: str, text: str) -> None:
    assert format_price(Price(Decimal(1299), "BRL"), language) == text


def tracks(last: str, key: str = "popular") -> dict[str, Any]:
    return {key: {language: {"neutral": ["Look: {product} for {price}.", last]} for language in LANGUAGES}}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (tracks("See {prodcut}."), "no {prodcut}.* Did you mean product?"),
        (tracks("See {product} for {price}."), "must need only {product}"),
        (tracks("See {product."), "a brace stands alone"),
        (tracks("Hi {}"), "there is no {}"),
        (tracks("x" * 141), "longer than 140"),
        (tracks("No, {product}.", key="decline"), "nothing filled in"),
        ({"popular": {"en": {"neutral": ["{product}"]}}}, "es is missing"),
        ({"popular": {one: {"formal": ["{product}"]} for one in LANGUAGES}}, "neutral is missing"),
        ({"popular": {one: {"neutral": []} for one in LANGUAGES}}, "the last variant"),
    ],
)
def test_mistakes_are_named(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContent, match=words):
        parse_talk_tracks(raw, path="talk_tracks.yaml:")
