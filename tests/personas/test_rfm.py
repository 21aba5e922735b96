from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from personas.rfm import RfmValues, rfm_breaks, rfm_facts

EVEN = [RfmValues(day, 100 - day, Decimal(100 - day), "EUR") for day in range(100)]
"""Customer 0 is the best in every way, customer 99 the worst."""


def test_even_customers_fall_into_even_fifths() -> None:
    breaks = rfm_breaks(EVEN)
    for name in ("rfm.r", "rfm.f", "rfm.m"):
        fifths = [rfm_facts(each, breaks)[name] for each in EVEN]
        assert all(18 <= fifths.count(fifth) <= 22 for fifth in range(1, 6))
        assert fifths == sorted(fifths, reverse=True, key=lambda fifth: fifth or 0)


def test_equal_customers_are_in_the_same_fifth() -> None:
    breaks = rfm_breaks([RfmValues(1, 1)] * 50 + [RfmValues(1, number) for number in range(2, 50)])
    assert rfm_facts(RfmValues(1, 1), breaks)["rfm.f"] == 1
    assert rfm_facts(RfmValues(1, 49), breaks)["rfm.f"] == 5


def test_currencies_are_ranked_apart() -> None:
    dollars = [RfmValues(1, 1, Decimal(1000 + day), "USD") for day in range(40)]
    breaks = rfm_breaks([*EVEN, *dollars])
    assert rfm_facts(RfmValues(1, 1, Decimal(100), "EUR"), breaks)["rfm.m"] == 5
    assert rfm_facts(RfmValues(1, 1, Decimal(1000), "USD"), breaks)["rfm.m"] == 1
    assert rfm_facts(RfmValues(1, 1, Decimal(1000), "MXN"), breaks)["rfm.m"] is None


def test_unknown_money_and_too_few_customers_are_unknown() -> None:
    assert rfm_facts(RfmValues(1, 1), rfm_breaks(EVEN))["rfm.m"] is None
    assert set(rfm_facts(EVEN[0], rfm_breaks(EVEN[:20])).values()) == {None}
    assert rfm_facts(None, rfm_breaks(EVEN)) == {}


@given(st.permutations(EVEN[:40]))
def test_the_order_of_customers_makes_no_difference(shuffled: list[RfmValues]) -> None:
    assert rfm_breaks(shuffled) == rfm_breaks(EVEN[:40])
