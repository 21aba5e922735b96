"""Shares and means: what they say does not hang on the order things came in, and little says little."""

from decimal import Decimal
from statistics import mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.services.measures import FEWEST, Mean, Money, share

AMOUNTS = st.decimals(min_value=-1000, max_value=1000, places=9)


def told(amounts: list[Decimal]) -> dict[str, object]:
    one = Mean()
    for amount in amounts:
        one.add(amount)
    return one.document()


@given(st.lists(AMOUNTS, min_size=1, max_size=60), st.randoms())
@settings(max_examples=50)
def test_the_order_makes_no_difference(amounts: list[Decimal], chance: object) -> None:
    before = told(amounts)
    chance.shuffle(amounts)  # type: ignore[attr-defined]
    assert told(amounts) == before


def test_a_mean_is_the_mean_with_its_normal_interval() -> None:
    amounts = [Decimal(number * number % 17) for number in range(FEWEST)]
    half = Decimal("1.96") * stdev(amounts) / Decimal(FEWEST).sqrt()
    cent = Decimal("0.01")
    assert told(amounts) == {
        "n": FEWEST,
        "sum": str(sum(amounts, Decimal(0)).quantize(cent)),
        "mean": str(mean(amounts).quantize(cent)),
        "low": str((mean(amounts) - half).quantize(cent)),
        "high": str((mean(amounts) + half).quantize(cent)),
    }


def test_few_have_no_interval() -> None:
    assert told([Decimal(1)] * (FEWEST - 1))["low"] is None


def test_each_currency_has_its_own_mean() -> None:
    money = Money()
    for amount, currency in ((1, "EUR"), (2, "BRL"), (3, "EUR"), (4, None)):
        money.add(Decimal(amount), currency)
    found = {currency: (one["n"], one["sum"]) for currency, one in money.document().items()}
    assert found == {"BRL": (1, "2.00"), "EUR": (2, "4.00"), "unknown": (1, "4.00")}


@pytest.mark.parametrize(("count", "of", "low", "high"), [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775)])
def test_a_share_has_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert (found["low"], found["high"]) == (low, high)


def test_a_share_of_nothing_is_none() -> None:
    assert share(0, 0)["share"] is None
