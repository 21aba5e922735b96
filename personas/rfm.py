"""Recency, frequency and money: a customer's fifth among all customers, 5 is best."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from personas.facts import FactValue

LEAST_CUSTOMERS = 30
"""Fifths of fewer customers say nothing."""

Breaks = tuple[int | Decimal, ...]
"""Four values between five fifths; empty where there were too few customers."""


@dataclass(frozen=True, slots=True)
class RfmValues:
    """Of one customer who bought at least once."""

    days_since_last: int
    orders: int
    value: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class RfmBreaks:
    recency: Breaks
    frequency: Breaks
    money: Mapping[str, Breaks]
    """By currency: amounts in different ones cannot be ranked together."""


def rfm_breaks(values: Iterable[RfmValues]) -> RfmBreaks:
    recency: list[int] = []
    frequency: list[int] = []
    money: dict[str, list[Decimal]] = defaultdict(list)
    for each in values:
        recency.append(each.days_since_last)
        frequency.append(each.orders)
        if each.value is not None and each.currency is not None:
            money[each.currency].append(each.value)
    by_currency = {currency: _breaks(amounts) for currency, amounts in sorted(money.items())}
    return RfmBreaks(_breaks(recency), _breaks(frequency), by_currency)


def _breaks(numbers: Sequence[int] | Sequence[Decimal]) -> Breaks:
    if len(numbers) < LEAST_CUSTOMERS:
        return ()
    ranked: list[int | Decimal] = sorted(numbers)
    return tuple(ranked[len(ranked) * fifth // 5] for fifth in (1, 2, 3, 4))


def rfm_facts(values: RfmValues | None, breaks: RfmBreaks | None) -> dict[str, FactValue | None]:
    if values is None or breaks is None:
        return {}
    recency = _fifth(values.days_since_last, breaks.recency)
    money = breaks.money.get(values.currency or "", ())
    return {
        "rfm.r": None if recency is None else 6 - recency,
        "rfm.f": _fifth(values.orders, breaks.frequency),
        "rfm.m": None if values.value is None else _fifth(values.value, money),
    }


def _fifth(number: int | Decimal, breaks: Breaks) -> int | None:
    """Equal numbers share the lowest fifth that any of them is in."""
    return bisect_left(breaks, number) + 1 if breaks else None
