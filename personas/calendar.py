"""Days that matter to a shop, and how far off the next one is where the customer lives.

black_friday:
  name: {en: Black Friday, es: Black Friday, pt-BR: Black Friday}
  days:
    MX: {nth: 3, weekday: friday, month: 11}
    elsewhere: {nth: 4, weekday: thursday, month: 11, plus: 1}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol, TypeAlias

import holidays
from dateutil.easter import easter

from personas.content import Fields, InvalidContent, nearest
from personas.facts import slug
from personas.languages import Translated

ELSEWHERE = "elsewhere"
"""All countries that are not named."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST = "last"
MOST_DAYS = 120
"""Between Easter, or the weekday that is counted, and the day."""
SOUND_YEAR = 2024
"""A leap year: in it every day of a month that there is can be written."""


class When(Protocol):
    def find(self, year: int) -> date | None:
        """The day in one year; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    month: int
    day: int

    def find(self, year: int) -> date | None:
        """None for 29 February in most years."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Counted:
    month: int
    weekday: int
    """0 is Monday."""
    nth: int
    """Where the month has fewer of them, its last."""
    plus: int = 0
    """Days after it."""

    def find(self, year: int) -> date:
        first = date(year, self.month, 1)
        found = first + timedelta((self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))
        kept = found if found.month == self.month else found - timedelta(7)
        return kept + timedelta(self.plus)


@dataclass(frozen=True, slots=True)
class ByEaster:
    after: int
    """Days after Easter of the western churches."""

    def find(self, year: int) -> date:
        return easter(year) + timedelta(self.after)


@dataclass(frozen=True, slots=True)
class Named:
    country: str
    name: str
    """English."""

    def find(self, year: int) -> date | None:
        named = _holidays(self.country, year) or {}
        return next((day for day, found in sorted(named.items()) if self.name in found.split("; ")), None)


@dataclass(frozen=True, slots=True)
class Event:
    key: str
    name: Translated
    days: Mapping[str, When]
    """By country, ISO 3166-1 alpha-2, and `elsewhere`."""

    def days_until(self, today: date, country: str | None) -> int | None:
        """0 on the day itself; None where it is not kept, or the country is not known and countries differ."""
        when = self.days.get(country or "") or self.days.get(ELSEWHERE)
        if when is None or (country is None and len(self.days) > 1):
            return None
        found = (when.find(year) for year in (today.year, today.year + 1))
        return next(((day - today).days for day in found if day is not None and day >= today), None)


CALENDAR = "calendar"
"""What the names of their facts begin with."""
Calendar: TypeAlias = Mapping[str, Event]


def calendar_facts(calendar: Calendar, today: date, country: str | None) -> dict[str, int | None]:
    return {f"{CALENDAR}.{key}": event.days_until(today, country) for key, event in calendar.items()}


def is_holiday(today: date, country: str | None) -> bool | None:
    """Whether all of the country keeps it; None where the country is not known, or its holidays are not."""
    named = _holidays(country, today.year) if country else None
    return None if named is None else today in named


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> Mapping[date, str] | None:
    """English names by day, as the library `holidays` has them; two on one day stand behind a semicolon."""
    try:
        return dict(holidays.country_holidays(country, years=year, language="en_US"))
    except NotImplementedError:
        return None


def parse_calendar(raw: object, *, path: str) -> Calendar:
    """Raises InvalidContent with the place of the mistake."""
    events = Fields(raw, path)
    return {key: _event(events.raw(key), events.at(key), key) for key in events}


def _event(raw: object, path: str, key: str) -> Event:
    if slug(key) != key:
        raise InvalidContent(path, f"a short name is wanted: write {slug(key)}")
    fields = Fields(raw, path)
    event = Event(key, fields.translated("name"), fields.entries("days", _when))
    fields.finish()
    for country in event.days:
        if country != ELSEWHERE and not (len(country) == 2 and country.isascii() and country.isupper()):
            raise InvalidContent(f"{path}.days", f"{country} is no country; write it as BR, or elsewhere")
    if not event.days:
        raise InvalidContent(f"{path}.days", "at least one country is wanted, or elsewhere")
    return event


def _when(raw: object, path: str) -> When:
    fields = Fields(raw, path)
    form = next((name for name in _FORMS if name in fields), None)
    if form is None:
        raise InvalidContent(path, f"one of {', '.join(_FORMS)} is wanted")
    when = _FORMS[form](fields)
    fields.finish()
    return when


def _fixed(fields: Fields) -> When:
    written = fields.text("day")
    try:
        month, day = map(int, written.split("-"))
        date(SOUND_YEAR, month, day)
    except ValueError:
        raise InvalidContent(fields.at("day"), "month and day are wanted in quotes, as '12-25'") from None
    return Fixed(month, day)


def _counted(fields: Fields) -> When:
    return Counted(
        nth=5 if fields.raw("nth") == LAST else fields.whole("nth", 1, 4),
        weekday=WEEKDAYS.index(fields.choice("weekday", WEEKDAYS)),
        month=fields.whole("month", 1, 12),
        plus=fields.whole("plus", -MOST_DAYS, MOST_DAYS) if "plus" in fields else 0,
    )


def _by_easter(fields: Fields) -> When:
    return ByEaster(fields.whole("easter", -MOST_DAYS, MOST_DAYS))


def _named(fields: Fields) -> When:
    country, name = fields.text("of"), fields.text("holiday")
    known = _holidays(country, SOUND_YEAR)
    if known is None:
        raise InvalidContent(fields.at("of"), f"no holidays are known of {country}")
    names = sorted({one for found in known.values() for one in found.split("; ")})
    if name not in names:
        raise InvalidContent(
            fields.at("holiday"), f"{country} has no {name}, in English.{nearest(name, names)}"
        )
    return Named(country, name)


_FORMS: Mapping[str, Callable[[Fields], When]] = {
    "day": _fixed,
    "nth": _counted,
    "easter": _by_easter,
    "holiday": _named,
}
