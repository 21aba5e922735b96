from typing import Any

import pytest
from hypothesis import given

from personas.conditions import Condition, Truth, evaluate
from personas.facts import FactSet
from personas.implication import implies
from personas.parse import parse_condition
from tests.personas.generators import CONDITIONS, fact_sets

OWNED = "category.owned"


def count(**wanted: Any) -> dict[str, Any]:
    return {"fact": "order.count", **wanted}


def owned(**wanted: Any) -> dict[str, Any]:
    return {"fact": OWNED, **wanted}


@pytest.mark.parametrize(
    ("given", "then", "seen"),
    [
        (count(at_least=5), count(at_least=3), True),
        (count(at_least=3), count(at_least=5), False),
        (count(at_least=3), count(at_most=5), False),
        (count(between=[3, 5]), count(at_least=3), True),
        (count(at_least=3), count(between=[3, 5]), False),
        (count(between=[3, 4]), count(between=[2, 5]), True),
        (count(between=[1, 4]), count(between=[2, 5]), False),
        (count(**{"is": 4}), count(between=[2, 5]), True),
        (count(**{"in": [4, 6]}), count(between=[2, 5]), False),
        (count(**{"in": [4, 6]}), count(**{"in": [4, 5, 6]}), True),
        (count(**{"is": 4}), count(is_not=3), True),
        (count(at_least=3), count(known=True), True),
        (count(known=True), count(at_least=0), False),
        (count(known=False), count(known=True), False),
        (owned(has="cases"), owned(has_any=["cases", "plans"]), True),
        (owned(has_any=["cases", "plans"]), owned(has="cases"), False),
        (owned(has_any=["cases"]), owned(has="cases"), True),
        ({"fact": "crm.level", "is": "Gold plus"}, {"fact": "crm.level", "starts_with": "gold"}, True),
        (count(at_least=3), {"fact": "rfm.r", "at_least": 3}, False),
        ({"all": [count(at_least=5), owned(has="cases")]}, count(at_least=3), True),
        (count(at_least=5), {"any": [owned(has="cases"), count(at_least=3)]}, True),
        ({"any": [count(at_least=5), count(**{"is": 4})]}, count(at_least=3), True),
        ({"any": [count(at_least=5), owned(has="cases")]}, count(at_least=3), False),
        (count(between=[3, 4]), {"all": [count(at_least=3), count(at_most=4)]}, True),
        ({"not": count(at_least=3)}, {"not": count(at_least=5)}, True),
        ({"not": count(at_least=5)}, {"not": count(at_least=3)}, False),
    ],
)
def test_what_is_seen_from_how_it_is_written(given: Any, then: Any, seen: bool) -> None:
    assert implies(parse_condition(given), parse_condition(then)) is seen


@given(CONDITIONS, CONDITIONS, fact_sets())
def test_what_is_implied_holds(given: Condition, then: Condition, facts: FactSet) -> None:
    if implies(given, then) and evaluate(given, facts).truth is Truth.YES:
        assert evaluate(then, facts).truth is Truth.YES


@given(CONDITIONS)
def test_a_condition_implies_itself(condition: Condition) -> None:
    assert implies(condition, condition)
