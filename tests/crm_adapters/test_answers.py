"""How long a server asks to wait, in both ways of saying it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import example, given
from hypothesis import strategies as st

from crm_adapters.answers import retry_after

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@given(st.integers(min_value=-1000, max_value=100_000))
def test_seconds_and_dates_mean_the_same(seconds: int) -> None:
    moment = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    expected = max(0, seconds)
    assert retry_after({"Retry-After": str(seconds)}, now=NOW) == expected
    assert retry_after({"Retry-After": moment}, now=NOW) == expected


@given(st.text())
@example("inf")
@example("nan")
@example("1e400")
def test_any_other_text_says_nothing(text: str) -> None:
    wait = retry_after({"Retry-After": text}, now=NOW)
    assert wait is None or 0 <= wait < float("inf")
