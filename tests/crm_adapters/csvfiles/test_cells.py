"""Texts to values: properties that hold for all numbers and moments, and what is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.vendors.csvfiles.cells import (
    CellError,
    country_reader,
    read_moment,
    read_number,
    read_yes_no,
    show_moment,
)

NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@given(NUMBERS)
def test_a_number_survives_every_way_of_writing_it(number: Decimal) -> None:
    grouped = f"{number:,}"
    swapped = grouped.translate(str.maketrans(",.", ".,"))
    assert read_number(str(number)) == number
    assert read_number(grouped) == number
    assert read_number(swapped, decimal=",") == number
    assert read_number(grouped.replace(",", "\u00a0").replace(".", ","), decimal=",") == number


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_refused_without_being_repeated(text: str) -> None:
    assert _read_or_told(text) in {"finite", "is not a number", "is not a usable number"}


def _read_or_told(text: str) -> str:
    try:
        return "finite" if read_number(text).is_finite() else "endless"
    except CellError as error:
        return str(error)


@pytest.mark.parametrize(
    ("text", "decimal"), [("1.5", ","), ("1,5", "."), ("1,23,4", "."), ("", "."), ("inf", "."), ("1e99", ".")]
)
def test_what_is_no_number_is_refused(text: str, decimal: str) -> None:
    with pytest.raises(CellError):
        read_number(text, decimal=decimal)


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_moment_survives_reading(moment: datetime) -> None:
    read = read_moment(moment.isoformat(), formats=(), zone=UTC)
    assert show_moment(read) == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "formats", "hour"),
    [
        ("2026-07-01 10:00", (), 8),
        ("01/07/2026 10:00", ("%d/%m/%Y %H:%M",), 8),
        ("2026-07-01 10:00", ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"), 8),
        ("2026-07-01T10:00Z", (), 10),
    ],
)
def test_moments_are_moved_to_utc(text: str, formats: tuple[str, ...], hour: int) -> None:
    moment = show_moment(read_moment(text, formats=formats, zone=ZoneInfo("Europe/Madrid")))
    assert moment == datetime(2026, 7, 1, hour, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(0)


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(CellError, match="is not a date"):
        read_moment("0001-01-01", formats=(), zone=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Brasil", "BR"), ("brazil", "BR"), ("BR", "BR"), ("BRA", "BR"), ("España", "ES"), ("UK", "GB"),
        ("USA", "US"), ("Hong Kong", "HK"), ("EIRE", "IE"), ("Atlantis", None), ("European Union", None),
    ],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_name(text: str, code: str | None) -> None:
    assert country_reader({"Eire": "IE"})(text) == code


def test_neither_yes_nor_no_is_refused() -> None:
    assert read_yes_no("Sim") is True
    assert read_yes_no("0") is False
    with pytest.raises(CellError):
        read_yes_no("maybe")
