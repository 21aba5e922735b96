from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.concessions import (
    Concessions,
    Priced,
    Proposal,
    Wallet,
    Withheld,
    open_wallet,
    parse_concessions,
    propose,
)
from personas.content import InvalidContent

RAW: dict[str, Any] = {
    "steps": [5, 10, 20],
    "margin_floor": 0.1,
    "roles": {
        "agent": {"most": 10, "budget": {"EUR": 100}, "days": 30},
        "lead": {"most": 20, "budget": {"EUR": 300}, "days": 30},
    },
    "customer": {"most": 15, "budget": {"EUR": 40}, "days": 90},
    "excluded": {"categories": ["Repairs"], "products": ["GIFT"]},
}
POLICY = parse_concessions(RAW, "concessions")
WALLET = Wallet(Decimal(10), Decimal(40), "EUR")


def wallet(role: str = "agent", **changes: Any) -> Wallet:
    purse = POLICY.purse_of({role})
    assert purse
    given = {"currency": "EUR", "by_agent": Decimal(0), "to_customer": Decimal(0), **changes}
    return open_wallet(POLICY, purse, **given)


def item(price: Any = 100, **changes: Any) -> Priced:
    fields = {"product": "CASE", "category": "cases", "margin_rate": Decimal("0.5"), **changes}
    return Priced(price=None if price is None else Decimal(price), **fields)


@pytest.mark.parametrize(
    ("found", "most", "left"),
    [
        (wallet(), 10, 40),
        (wallet("lead"), 15, 40),
        (wallet(ceiling=Decimal(3)), 3, 40),
        (wallet(by_agent=Decimal(90)), 10, 10),
        (wallet(to_customer=Decimal(39)), 10, 1),
        (wallet(by_agent=Decimal(500)), 10, 0),
        (wallet(currency="USD"), 10, 0),
    ],
)
def test_the_tightest_limit_counts(found: Wallet, most: int, left: int) -> None:
    assert (found.most, found.left) == (Decimal(most), Decimal(left))


def test_of_several_roles_the_most_generous_counts() -> None:
    assert POLICY.purse_of({"agent", "lead", "auditor"}) == POLICY.roles["lead"]
    assert POLICY.purse_of({"auditor"}) is None


@pytest.mark.parametrize(
    ("asked", "within", "found"),
    [
        (item(), WALLET, Proposal(Decimal(5), Decimal("5.00"), Decimal("95.00"))),
        (item("9.99"), WALLET, Proposal(Decimal(5), Decimal("0.50"), Decimal("9.49"))),
        (item(below=Decimal(95)), WALLET, Proposal(Decimal(10), Decimal("10.00"), Decimal("90.00"))),
        (item(below=Decimal(80)), WALLET, Withheld.NOT_ENOUGH),
        (item(None), WALLET, Withheld.NO_PRICE),
        (item(product="GIFT"), WALLET, Withheld.EXCLUDED),
        (item(category="repairs"), WALLET, Withheld.EXCLUDED),
        (item(900), WALLET, Withheld.BUDGET),
        (item(), WALLET._replace(most=Decimal(4)), Withheld.CEILING),
        (item(margin_rate=Decimal("0.14")), WALLET, Withheld.MARGIN),
        (item(margin_rate=Decimal("0.15")), WALLET, Proposal(Decimal(5), Decimal("5.00"), Decimal("95.00"))),
    ],
)
def test_the_smallest_step_that_is_enough(asked: Priced, within: Wallet, found: Proposal | Withheld) -> None:
    assert propose(POLICY, within, asked) == found


@given(
    st.decimals("0.01", 2000, places=2),
    st.decimals(0, 1, places=2),
    st.none() | st.decimals("0.01", 2000, places=2),
    st.decimals(0, 25, places=1),
    st.decimals(0, 100, places=2),
)
def test_no_smaller_step_would_do_and_none_that_may_not_be_given(
    price: Decimal, rate: Decimal, below: Decimal | None, most: Decimal, left: Decimal
) -> None:
    asked = item(price, margin_rate=rate, below=below)
    found = propose(POLICY, Wallet(most, left, "EUR"), asked)
    assert (found if isinstance(found, Proposal) else None) == next(
        (
            step
            for step in (_step(price, percent) for percent in POLICY.steps)
            if _may(step, asked, most, left)
        ),
        None,
    )


def _step(price: Decimal, percent: Decimal) -> Proposal:
    left = round(price - price * percent / 100 + Decimal("1e-9"), 2)
    return Proposal(percent, price - left, left)


def _may(step: Proposal, asked: Priced, most: Decimal, left: Decimal) -> bool:
    assert asked.price is not None
    kept = asked.price * asked.margin_rate - step.amount
    cheap = asked.below is None or step.price < asked.below
    return step.percent <= most and step.amount <= left and kept * 10 >= step.price and cheap


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": []}, "concessions.steps: 1 to 5 different percentages"),
        ({"steps": [10, 5]}, "concessions.steps: 1 to 5"),
        ({"steps": [0]}, r"concessions.steps\[0\]: a percentage"),
        ({"margin_floor": 2}, "concessions.margin_floor: a number from 0 to 1"),
        ({"customer": {"most": 5, "days": 3}}, "concessions.customer: budget is missing"),
        ({"excluded": {"skus": []}}, "concessions.excluded: there is no field skus"),
    ],
)
def test_a_mistake_is_told_with_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidContent, match=said):
        parse_concessions({**RAW, **change}, "concessions")


def test_what_is_left_out_excludes_nothing() -> None:
    plain = parse_concessions({name: RAW[name] for name in RAW if name != "excluded"}, "concessions")
    assert isinstance(plain, Concessions)
    assert plain.excluded_products | plain.excluded_categories == frozenset()
