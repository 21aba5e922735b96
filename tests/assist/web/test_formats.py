import unicodedata
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from assist.services.views import Price
from assist.web import formats


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


@given(st.text(), st.integers(2, 60))
def test_a_bounded_text_is_one_short_line_without_control_characters(text: str, limit: int) -> None:
    shown = formats.bounded(text, limit)
    assert len(shown) <= limit
    assert not any(unicodedata.category(sign).startswith("C") for sign in shown)


def test_a_short_text_is_left_as_it_is() -> None:
    assert formats.bounded("José  Núñez \u202e") == "José Núñez"


def test_nothing_stays_nothing() -> None:
    assert formats.bounded(None) == ""


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        ("29", "EUR", "en", "€29"),
        ("12.9", "EUR", "en", "€12.90"),
        ("1299.5", "BRL", "pt_BR", "R$\xa01.299,50"),
        ("29.00", "EUR", "es", "29\xa0€"),
        ("1299", "JPY", "en", "¥1,299"),
    ],
)
def test_a_price_shows_cents_only_where_there_are_any(
    app: Flask, amount: str, currency: str, locale: str, shown: str
) -> None:
    with app.test_request_context(), force_locale(locale):
        assert formats.price(Price(Decimal(amount), currency)) == shown


@pytest.mark.usefixtures("english")
def test_what_is_added_carries_its_sign() -> None:
    assert formats.price(Price(Decimal(60), "EUR"), signed=True) == "+€60"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("share", "shown"), [(0.385, "38%"), (0.004, "0.4%"), (0.0, "0%"), (1.0, "100%")])
def test_a_share_is_no_more_exact_than_it_is_true(share: float, shown: str) -> None:
    assert formats.percent(share) == shown


@pytest.mark.usefixtures("english")
def test_an_unknown_language_is_shown_as_its_code() -> None:
    assert formats.language_name("es-MX") == "Spanish"
    assert formats.language_name("??") == "??"
    assert formats.country_name("q9") == "q9"
