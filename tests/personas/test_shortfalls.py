from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.conditions import Condition, Truth, evaluate
from personas.facts import FactSet
from personas.sentence import read_condition
from personas.shortfalls import LONGEST, find_shortfall, let_pass
from tests.personas.generators import CONDITIONS, fact_sets

DENYING = {Truth.YES: {Truth.NO, Truth.UNKNOWN}, Truth.NO: {Truth.YES, Truth.UNKNOWN}}
OWNED = frozenset({"phones", "plans"})


@pytest.mark.parametrize(
    ("text", "known", "wanted", "told"),
    [
        ("order.count at least 3", {"order.count": 1}, Truth.YES, ("order.count at least 3", "1", "3")),
        ("order.count at least 3", {"order.count": 5}, Truth.NO, ("order.count at least 3", "5", "2")),
        ("order.count at least 3", {}, Truth.YES, ("order.count at least 3", "missing: order.count", "3")),
        ("rfm.m is unknown", {"rfm.m": 3}, Truth.YES, ("rfm.m is unknown", "3", "unknown")),
        ("customer.country is ES", {"customer.country": "ES"}, Truth.NO,
         ("customer.country is ES", "ES", "something else")),
        ("customer.company_known is true", {"customer.company_known": False}, Truth.YES,
         ("customer.company_known is true", "false", "true")),
        ("category.owned has cases", {"category.owned": OWNED}, Truth.YES,
         ("category.owned has cases", "none", "cases")),
        ("category.owned has any of plans, cases", {"category.owned": OWNED}, Truth.NO,
         ("category.owned has any of cases, plans", "plans", "none")),
        ("crm.level is gold", {"crm.level": "x" * 99}, Truth.YES, ("crm.level is gold", "x" * 59 + "…", "gold")),
        ("order.count at least 3 and customer.country is ES", {"order.count": 1}, Truth.YES,
         ("order.count at least 3; customer.country is ES", "1; missing: customer.country", "3; ES")),
    ],
)  # fmt: skip
def test_the_clause_what_was_found_and_what_was_wanted(
    text: str, known: dict[str, Any], wanted: Truth, told: tuple[str, str, str]
) -> None:
    assert find_shortfall(read_condition(text), FactSet(known), DENYING[wanted]) == told


def test_what_nothing_can_mend_still_names_the_condition() -> None:
    always = read_condition("order.count at least 3 or not order.count at least 3")
    clause, actual, wanted = find_shortfall(always, FactSet({"order.count": 1}), DENYING[Truth.NO])
    assert clause.startswith("order.count at least 3 or not")
    assert (actual, wanted) == ("", "")


@given(CONDITIONS, fact_sets(), st.sampled_from([Truth.YES, Truth.NO]))
def test_as_many_values_as_clauses_and_none_too_long(
    condition: Condition, facts: FactSet, wanted: Truth
) -> None:
    if evaluate(condition, facts).truth is not wanted:
        parts = [part.split("; ") for part in find_shortfall(condition, facts, DENYING[wanted])]
        assert parts[1] == parts[2] == [""] or len(parts[0]) == len(parts[1]) == len(parts[2])
        assert all(len(value) <= LONGEST for part in parts[1:] for value in part)


@given(CONDITIONS, fact_sets(), st.sampled_from([Truth.YES, Truth.NO]), st.booleans())
def test_what_lets_pass_is_true_exactly_where_nothing_is_denied(
    condition: Condition, facts: FactSet, decided: Truth, unknown: bool
) -> None:
    denying = {decided, Truth.UNKNOWN} if unknown else {decided}
    passes = evaluate(let_pass(condition, denying), facts).truth is Truth.YES
    assert passes is (evaluate(condition, facts).truth not in denying)
