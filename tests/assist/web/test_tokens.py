from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.web import tokens
from assist.web.tokens import Bearer, TokenRefused

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIFE = timedelta(minutes=15)
TOKEN = tokens.issue("secret", Bearer(7, 21), now=NOW, life=LIFE)


def test_a_token_says_who_and_from_which_sign_in() -> None:
    assert tokens.read("secret", TOKEN, now=NOW + LIFE - timedelta(seconds=1)) == Bearer(7, 21)


def test_a_token_is_worth_nothing_once_its_time_is_over() -> None:
    with pytest.raises(TokenRefused):
        tokens.read("secret", TOKEN, now=NOW + LIFE)


def test_a_token_of_another_secret_is_refused() -> None:
    with pytest.raises(TokenRefused):
        tokens.read("other", TOKEN, now=NOW)


@given(at=st.integers(0, len(TOKEN) - 1), sign=st.characters(codec="ascii"))
def test_an_altered_token_is_refused(at: int, sign: str) -> None:
    altered = TOKEN[:at] + sign + TOKEN[at + 1 :]
    if altered == TOKEN:
        return
    try:
        read = tokens.read("secret", altered, now=NOW)
    except TokenRefused:
        return
    # The last character of a base64 text has bits to spare: another spelling of the same signature.
    assert at == len(TOKEN) - 1
    assert read == Bearer(7, 21)
