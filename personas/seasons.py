"""What the clock says, where the customer lives."""

from datetime import datetime

from personas.calendar import is_holiday
from personas.facts import FactValue

_SOUTHERN = frozenset(
    {"AO", "AR", "AU", "BO", "BR", "BW", "CL", "LS", "MG", "MZ", "NA", "NZ", "PE", "PY", "UY", "ZA"}
)
_NORTH = ("winter", "spring", "summer", "autumn")
_SOUTH = ("summer", "autumn", "winter", "spring")


def today_facts(now: datetime, country: str | None) -> dict[str, FactValue | None]:
    """Seasons begin with March, June, September and December; without a country they are unknown. The day is UTC's."""
    return {
        "today.month": now.month,
        "today.season": season(now.month, country),
        "today.is_holiday": is_holiday(now.date(), country),
    }


def season(month: int, country: str | None) -> str | None:
    if country is None:
        return None
    return (_SOUTH if country.upper() in _SOUTHERN else _NORTH)[month % 12 // 3]
