from collections.abc import Sequence
from datetime import date
from itertools import combinations
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, Truth, evaluate
from personas.facts import FactSet
from personas.misses import nearest_miss
from personas.sentence import read_condition, write_condition
from tests.personas.generators import surveyed


def told(text: str, **known: Any) -> list[tuple[str, bool, Any, Any]] | None:
    """Each change: the clause, whether it has to hold, what is, what is needed."""
    miss = nearest_miss(
        read_condition(text), FactSet({name.replace("__", "."): value for name, value in known.items()})
    )
    return miss and [
        (write_condition(each.clause), each.holds, each.actual, each.needed) for each in miss.changes
    ]


@pytest.mark.parametrize(
    ("text", "known", "changes"),
    [
        ("order.count at least 3", {"order__count": 1}, [("order.count at least 3", True, 1, 3)]),
        ("order.count at most 3", {"order__count": 9}, [("order.count at most 3", True, 9, 3)]),
        ("order.count between 3 and 5", {"order__count": 9}, [("order.count between 3 and 5", True, 9, 5)]),
        ("order.count in 1, 4, 9", {"order__count": 3}, [("order.count in 1, 4, 9", True, 3, 4)]),
        ("not order.count at least 3", {"order__count": 9}, [("order.count at least 3", False, 9, 2)]),
        ("order.count at least 3", {}, [("order.count at least 3", True, None, 3)]),
        ("order.count at most 3", {}, [("order.count at most 3", True, None, 3)]),
        ("rfm.m is unknown", {"rfm__m": 3}, [("rfm.m is unknown", True, 3, None)]),
        (
            "order.last_on at least 2026-03-01",
            {"order__last_on": date(2026, 1, 1)},
            [("order.last_on at least 2026-03-01", True, date(2026, 1, 1), date(2026, 3, 1))],
        ),
        (
            "category.owned has plans",
            {"category__owned": frozenset({"phones"})},
            [("category.owned has plans", True, frozenset({"phones"}), frozenset({"phones", "plans"}))],
        ),
        (
            "not category.owned has any of plans, phones",
            {"category__owned": frozenset({"phones", "audio"})},
            [
                (
                    "category.owned has any of phones, plans",
                    False,
                    frozenset({"phones", "audio"}),
                    frozenset({"audio"}),
                )
            ],
        ),
        (
            "customer.country is BR",
            {"customer__country": "MX"},
            [("customer.country is BR", True, "MX", "BR")],
        ),
        (
            "not customer.country is BR",
            {"customer__country": "br"},
            [("customer.country is BR", False, "br", "")],
        ),
        (
            "customer.country starts with B and customer.country contains x",
            {"customer__country": "Benin"},
            [("customer.country contains x", True, "Benin", "B x")],
        ),
        (
            "crm.level contains gold and crm.level is not gold",
            {},
            [
                ("crm.level contains gold", True, None, "gold –"),
                ("crm.level is not gold", True, None, "gold –"),
            ],
        ),
        ("order.return_share_12m is 0.5 and not order.return_share_12m at most 0.5", {}, None),
        ("not rfm.r at least 1", {"rfm__r": 3}, None),
        ("order.count at least 3", {"order__count": 3}, None),
    ],
)
def test_says_what_was_missing(text: str, known: dict[str, Any], changes: Any) -> None:
    assert told(text, **known) == changes


def test_fewer_clauses_come_before_nearer_values() -> None:
    text = "(order.count at least 3 and rfm.r at least 3) or order.late_days at least 1000"
    (change,) = told(text, order__count=2, rfm__r=2, order__late_days=1) or []
    assert change[0] == "order.late_days at least 1000"


def test_nearer_values_come_before_the_order_of_the_condition() -> None:
    text = "order.count at least 9 or order.late_days at least 9 or rfm.r at least 9"
    (change,) = (
        told(text.replace("rfm.r", "order.count_12m"), order__count=2, order__late_days=8, order__count_12m=8)
        or []
    )
    assert change == ("order.late_days at least 9", True, 8, 9)


def test_one_value_sets_all_clauses_about_a_fact_right() -> None:
    changes = told(
        "order.count at least 3 and order.count at least 5 and not order.count in 5, 6", order__count=1
    )
    assert [(change[0], change[3]) for change in changes or []] == [
        ("order.count at least 3", 7),
        ("order.count at least 5", 7),
    ]


def least(condition: Condition, before: FactSet, after: FactSet, *, holds: bool = True) -> float:
    """Clauses that come out otherwise than before, of those that it rests on that `condition` holds `after`."""
    match condition:
        case Not(part):
            return least(part, before, after, holds=not holds)
        case AllOf(parts) | AnyOf(parts):
            each = [least(part, before, after, holds=holds) for part in parts]
            return sum(each) if isinstance(condition, AllOf) is holds else min(each)
        case Comparison():
            wanted = Truth.YES if holds else Truth.NO
            if evaluate(condition, after).truth is not wanted:
                return inf
            return evaluate(condition, before).truth is not wanted


@settings(max_examples=500)
@given(surveyed(), st.data())
def test_the_change_suffices_and_no_smaller_one_does(
    drawn: tuple[Condition, Sequence[FactSet]], data: st.DataObject
) -> None:
    condition, everything = drawn
    before = data.draw(st.sampled_from(everything))
    if evaluate(condition, before).truth is Truth.YES:
        assert nearest_miss(condition, before) is None
        return
    fewest = min(least(condition, before, after) for after in everything)
    miss = nearest_miss(condition, before)
    if miss is None:
        assert fewest == inf
        return
    after = miss.mend(before)
    assert evaluate(condition, after).truth is Truth.YES
    assert len(miss.changes) == least(condition, before, after) == fewest
    for change in miss.changes:
        wanted = Truth.YES if change.holds else Truth.NO
        assert evaluate(change.clause, before).truth is not wanted
        assert evaluate(change.clause, after).truth is wanted
        assert change.actual == before.get(change.clause.fact)


@pytest.mark.parametrize(("holes", "fewest"), [(4, None), (5, 5 + 10 * 5)])
def test_pigeons_find_holes_if_there_are_enough(holes: int, fewest: int | None) -> None:
    """The hardest there is: nothing about one fact alone says what the others may be."""
    pigeons = [f"category.count.p{number}" for number in range(5)]
    inside = [Comparison(one, Operator.IN, frozenset(range(holes))) for one in pigeons]
    apart = [
        Not(AllOf((Comparison(one, Operator.IS, hole), Comparison(other, Operator.IS, hole))))
        for one, other in combinations(pigeons, 2)
        for hole in range(holes)
    ]
    miss = nearest_miss(AllOf((*inside, *apart)), FactSet())
    assert (miss and len(miss.changes)) == fewest
