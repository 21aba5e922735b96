"""Numbers as people write them, and which of them reach the same telephone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.model import Phone
from crm_adapters.phones import e164, match_key, parse, written_ends


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+34 612 34 56 78", None, "+34612345678"),
        ("0034 612345678", None, "+34612345678"),
        ("612 34 56 78", "ES", "+34612345678"),
        ("(11) 99123-4567", "BR", "+5511991234567"),
        ("(212) 555-0123 x5", "US", "+12125550123"),
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("612 34 56 78", None, None),
        ("12", "ES", None),
        ("call me", "ES", None),
        ("", "ES", None),
        ("+", None, None),
    ],
)
def test_a_number_is_understood_where_its_country_is_known(
    raw: str, country: str | None, expected: str | None
) -> None:
    assert e164(raw, country=country) == expected


def test_what_is_not_understood_is_kept_to_be_shown() -> None:
    assert parse(" ask Bea ", country="ES") == Phone("ask Bea", None)


@given(st.integers(min_value=60_000_000, max_value=99_999_999), st.integers(min_value=11, max_value=99))
def test_brazils_mobiles_match_with_and_without_the_ninth_digit(number: int, area: int) -> None:
    with_ninth, without = f"+55{area}9{number}", f"+55{area}{number}"
    if area % 10:
        assert match_key(with_ninth) == match_key(without) == with_ninth


@given(st.integers(min_value=20_000_000, max_value=59_999_999))
def test_brazils_landlines_have_no_ninth_digit(number: int) -> None:
    assert match_key(f"+5511{number}") == f"+5511{number}"


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_match_key_is_its_own_match_key(number: str) -> None:
    assert match_key(match_key(number)) == match_key(number)


def test_the_ends_of_a_number_are_written_in_few_ways() -> None:
    assert written_ends("+4532123456") == ["32 12 34 56", "32-12-34-56", "32123456"]
    assert {"9123-4567", "9123 4567", "91234567"} == set(written_ends("+5511991234567"))
