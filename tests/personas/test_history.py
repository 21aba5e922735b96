from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.facts import FactSet, find_fact
from personas.history import CustomerFacts, PurchaseFact, compute_facts, rfm_values
from personas.rfm import RfmValues, rfm_breaks

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOBODY = CustomerFacts()


def line(days_ago: int, sku: str = "CASE-1", quantity: int = 1, **changes: Any) -> PurchaseFact:
    """A case bought for ten euros, in an order of its own per day."""
    at = NOW - timedelta(days=days_ago)
    made = PurchaseFact(
        sku,
        f"O{days_ago}",
        at,
        "won",
        Decimal(quantity),
        Decimal(10 * quantity),
        "EUR",
        "Cases",
        "Aurora case",
    )
    return made._replace(**changes)


def facts(
    *purchases: PurchaseFact, customer: CustomerFacts = NOBODY, categories: tuple[str, ...] = ()
) -> FactSet:
    return compute_facts(purchases, customer, NOW, categories=categories)


def test_orders_are_counted_not_lines() -> None:
    known = facts(line(400), line(20), line(20, "CBL-1"), line(10))
    assert known["order.count"] == 3
    assert known["order.count_12m"] == 2
    assert known["order.last_on"] == date(2026, 2, 19)
    assert known["order.days_since_last"] == 10
    assert known["order.median_gap_days"] == 195
    assert known["customer.months_since_first"] == 13


def test_a_customer_without_purchases_owns_nothing_that_we_know_of() -> None:
    known = facts(categories=("Cases",))
    assert known["order.count"] == 0
    assert known["order.value_12m"] == 0
    assert known["customer.lifecycle"] == "prospect"
    assert not {"category.owned", "category.count.cases", "order.days_since_last", "rfm.r"} & set(known)


@pytest.mark.parametrize("status", ["open", "cancelled", "refunded", "unknown"])
def test_only_won_orders_are_purchases(status: str) -> None:
    known = facts(line(5, status=status))
    assert known["order.count"] == 0
    assert "category.owned" not in known


def test_a_return_is_no_purchase_and_undoes_one() -> None:
    known = facts(line(30), line(20, "CBL-1", category="Cables"), line(10, quantity=-1))
    assert known["order.count"] == 2
    assert known["category.owned"] == frozenset({"cables"})
    assert known["order.return_share_12m"] == Decimal("0.5")
    assert known["order.value_12m"] == 10


def test_a_refunded_order_counts_as_returned() -> None:
    assert facts(line(30), line(20, status="refunded"))["order.return_share_12m"] == Decimal("0.5")


def test_two_currencies_or_an_unknown_price_make_the_value_unknown() -> None:
    for other in (line(5, currency="USD"), line(5, amount=None)):
        known = facts(line(20), other)
        assert not {"order.value_12m", "order.average_value", "order.currency"} & set(known)
    assert facts(line(20), line(400, currency="USD"))["order.currency"] == "EUR"
    assert facts(line(20), line(5, quantity=2))["order.average_value"] == 15


@pytest.mark.parametrize(
    ("open_lines", "late"),
    [
        ([], 0),
        ([NOW + timedelta(days=2)], 0),
        ([NOW - timedelta(days=3), NOW - timedelta(days=1)], 3),
        ([None], None),
        ([None, NOW - timedelta(days=2)], 2),
    ],
)
def test_late_days(open_lines: list[datetime | None], late: int | None) -> None:
    known = facts(*(line(9, status="open", promised_at=promised) for promised in open_lines))
    assert known.get("order.late_days") == late
    assert known["order.has_open"] is bool(open_lines)


def test_a_delivered_order_is_not_late() -> None:
    known = facts(line(9, status="open", promised_at=NOW - timedelta(days=3), delivered_at=NOW))
    assert (known["order.has_open"], known["order.late_days"]) == (False, 0)


def test_names_without_letters_are_unknown() -> None:
    known = facts(line(3, category="***"), line(2, family="--"), line(1), categories=("Cases", "!"))
    assert known["category.owned"] == frozenset({"cases"})


def test_shares_need_three_purchases_and_know_what_was_never_bought() -> None:
    shelves = ("Cases", "Screen protectors")
    two = facts(line(3), line(2), categories=shelves)
    assert two["category.count.screen_protectors"] == 0
    assert "category.share.cases" not in two
    four = facts(line(4), line(3), line(2), line(1, category="Audio"), categories=shelves)
    assert four["category.share.cases"] == Decimal("0.75")
    assert four["category.share.screen_protectors"] == 0
    assert four["category.share.audio"] == Decimal("0.25")


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        ([5], "new"),
        ([5, 40], "active"),
        ([5, 40, 80, 120], "loyal"),
        ([200, 220], "at_risk"),
        ([200, 330], "active"),
        ([400, 410, 420, 430], "lapsed"),
    ],
)
def test_lifecycle(days: list[int], stage: str) -> None:
    assert facts(*map(line, days))["customer.lifecycle"] == stage


@pytest.mark.parametrize(
    ("days", "risk"),
    [
        ([], None),
        ([100], None),
        ([100, 110], None),
        ([30, 40, 50], False),
        ([31, 41, 51], True),
        ([300, 300, 300], None),
    ],
)
def test_churn_risk_is_three_times_the_usual_gap(days: list[int], risk: bool | None) -> None:
    orders = [line(day, order_ref=f"O{number}") for number, day in enumerate(days)]
    assert facts(*orders).get("customer.churn_risk") is risk


def test_the_record_and_the_conversation() -> None:
    customer = CustomerFacts(
        country="BR",
        company="Ipê Ltda",
        register="usted",
        offers=False,
        channel="whatsapp",
        open_cases=2,
        crm={"Loyalty level": "Gold", "Notes": "", "???": "x"},
    )
    known = facts(customer=customer)
    assert known["customer.company_known"] is True
    assert known["consent.offers"] == "objected"
    assert known["case.open_count"] == 2
    assert known["crm.loyalty_level"] == "Gold"
    assert [name for name in known if name.startswith("crm.")] == ["crm.loyalty_level"]
    assert known["today.season"] == "autumn"
    assert not {"customer.register", "case.open_complaint", "customer.language"} & set(known)


def test_rfm_values_are_of_all_purchases() -> None:
    values = rfm_values([line(500), line(20), line(10, quantity=-1)], NOW)
    assert values is not None
    assert (values.days_since_last, values.orders, values.value, values.currency) == (
        20,
        2,
        Decimal(10),
        "EUR",
    )
    assert rfm_values([line(3, quantity=-1)], NOW) is None


PURCHASES = st.lists(
    st.builds(
        line,
        st.integers(0, 900),
        st.sampled_from(["A", "B"]),
        st.integers(-2, 3),
        status=st.sampled_from(["won", "open", "cancelled", "refunded", "unknown"]),
        category=st.sampled_from([None, "Cases", "Audio"]),
        currency=st.sampled_from(["EUR", "BRL"]),
        tier=st.sampled_from([None, 1, 2]),
    ),
    max_size=8,
)


@given(PURCHASES, st.randoms())
def test_any_history_makes_sound_facts_in_any_order(purchases: list[PurchaseFact], random: Any) -> None:
    known = facts(*purchases, categories=("Cases", "Audio"))
    shares = [Decimal(known.number(name) or 0) for name in known if name.startswith("category.share.")]
    assert not shares or abs(sum(shares, Decimal(0)) - 1) < Decimal("0.001")
    assert (known.number("order.count") or 0) >= (known.number("order.count_12m") or 0)
    random.shuffle(purchases)
    assert facts(*purchases, categories=("Cases", "Audio")) == known


@given(PURCHASES)
def test_numbers_keep_to_what_they_are_declared_to_be(purchases: list[PurchaseFact]) -> None:
    breaks = rfm_breaks(RfmValues(days, days, Decimal(days), "EUR") for days in range(100))
    for name, value in compute_facts(purchases, NOBODY, NOW, breaks=breaks).items():
        fact = find_fact(name)
        assert fact is not None
        if isinstance(value, int | Decimal):
            assert not fact.whole or value % 1 == 0
            assert fact.low is None or value >= fact.low
            assert fact.high is None or value <= fact.high
