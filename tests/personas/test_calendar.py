from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.calendar import WEEKDAYS, Calendar, calendar_facts, is_holiday, parse_calendar
from personas.catalogue import SHIPPED
from personas.content import InvalidContent, read_yaml
from personas.facts import FactSet

NAME = {"en": "Day", "es": "Día", "pt-BR": "Dia"}
OURS = parse_calendar(
    read_yaml((SHIPPED / "calendar.yaml").read_text(), "calendar.yaml"), path="calendar.yaml:"
)


def one(*, key: str = "day", **on: Any) -> Calendar:
    return parse_calendar({key: {"name": NAME, "days": on}}, path="calendar.yaml:")


def until(today: str, country: str | None, calendar: Calendar = OURS) -> dict[str, int | None]:
    found = calendar_facts(calendar, date.fromisoformat(today), country)
    return {name.removeprefix("calendar."): days for name, days in found.items()}


@pytest.mark.parametrize(
    ("today", "country", "event", "days"),
    [
        ("2026-12-20", "BR", "christmas", 5),
        ("2026-12-25", None, "christmas", 0),
        ("2026-12-26", "BR", "christmas", 364),
        ("2026-05-01", "BR", "mothers_day", 9),
        ("2026-05-01", "ES", "mothers_day", 2),
        ("2026-05-01", "MX", "mothers_day", 9),
        ("2026-05-01", "DE", "mothers_day", None),
        ("2026-05-01", None, "mothers_day", None),
        ("2026-11-26", "US", "black_friday", 1),
        ("2027-02-09", "BR", "carnival", 0),
        ("2026-11-13", "MX", "buen_fin", 0),
        ("2026-06-12", "BR", "valentines_day", 0),
        ("2026-02-14", "ES", "valentines_day", 0),
        ("2026-02-14", None, "valentines_day", None),
    ],
)
def test_days_until_the_next_one_where_the_customer_lives(
    today: str, country: str | None, event: str, days: int | None
) -> None:
    assert until(today, country)[event] == days


def test_a_public_holiday_is_found_by_its_name() -> None:
    calendar = one(US={"holiday": "Thanksgiving Day", "of": "US"})
    assert until("2026-11-20", "US", calendar) == {"day": 6}


def test_a_leap_day_is_waited_for_two_years_at_most() -> None:
    calendar = one(elsewhere={"day": "02-29"})
    assert until("2027-03-01", "BR", calendar) == {"day": 365}
    assert until("2025-03-01", "BR", calendar) == {"day": None}


@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.sampled_from(WEEKDAYS),
    st.sampled_from([1, 2, 3, 4, "last"]),
    st.integers(1, 12),
)
def test_counted_weekdays(today: date, weekday: str, nth: int | str, month: int) -> None:
    calendar = one(elsewhere={"nth": nth, "weekday": weekday, "month": month})
    days = calendar["day"].days_until(today, "BR")
    assert days is not None
    assert 0 <= days <= 371
    found = today + timedelta(days)
    assert (found.month, WEEKDAYS[found.weekday()]) == (month, weekday)
    same = [day for day in range(1, 32) if _is(found.replace(day=1), day, found)]
    assert same.index(found.day) == (len(same) - 1 if nth == "last" else int(nth) - 1)


def _is(first: date, day: int, like: date) -> bool:
    other = first + timedelta(day - 1)
    return other.month == like.month and other.weekday() == like.weekday()


def test_what_is_counted_is_a_fact() -> None:
    known = calendar_facts(OURS, date(2026, 5, 1), "BR")
    assert FactSet(dict(known))["calendar.mothers_day"] == 9


@pytest.mark.parametrize(
    ("today", "country", "known"),
    [
        ("2026-09-07", "BR", True),
        ("2026-09-08", "BR", False),
        ("2026-09-07", None, None),
        ("2026-09-07", "XX", None),
    ],
)
def test_a_holiday_is_known_by_country(today: str, country: str | None, known: bool | None) -> None:
    assert is_holiday(date.fromisoformat(today), country) is known


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"day": "02-30"}, "BR.day: month and day are wanted"),
        ({"day": 1225}, "BR.day: a text is wanted"),
        ({"nth": 5, "weekday": "sunday", "month": 5}, "BR.nth: a number from 1 to 4"),
        ({"nth": 1, "weekday": "sundy", "month": 5}, "Did you mean sunday"),
        ({"easter": 400}, "BR.easter: a number from -120 to 120"),
        (
            {"holiday": "Thanksgiving", "of": "US"},
            "US has no Thanksgiving, in English. Did you mean Thanksgiving Day",
        ),
        ({"holiday": "New Year", "of": "XX"}, "no holidays are known of XX"),
        ({"month": 5}, "one of day, nth, easter, holiday is wanted"),
        ({"day": "12-25", "plus": 1}, "there is no field plus"),
    ],
)
def test_a_mistake_is_told_with_its_place(when: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        one(BR=when)
    assert said in str(caught.value)
    assert "calendar.yaml: day.days.BR" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": "Mothers day"}, "write mothers_day"),
        ({"Brazil": {"day": "12-25"}}, "Brazil is no country"),
        ({}, "at least one country is wanted"),
    ],
)
def test_an_event_needs_a_short_name_and_countries(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidContent, match=said):
        one(**changes)
