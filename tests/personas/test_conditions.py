import pickle
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, Truth, evaluate
from personas.facts import LONGEST, FactSet
from tests.personas.generators import CONDITIONS, STEADY_CONDITIONS, VALUES, complete_fact_sets, fact_sets

AT_LEAST_3 = Comparison("order.count", Operator.AT_LEAST, 3)
IN_BRAZIL = Comparison("customer.country", Operator.IS, "BR")


@given(st.sampled_from(sorted(VALUES)), fact_sets(), STEADY_CONDITIONS)
def test_a_missing_fact_is_never_true(name: str, facts: FactSet, condition: Condition) -> None:
    without = FactSet({known: value for known, value in facts.items() if known != name})
    for reason in evaluate(condition, without).trace:
        assert reason.fact != name or reason.truth is Truth.UNKNOWN


def test_missing_at_most_three_is_not_true_and_neither_is_its_opposite() -> None:
    clause = Comparison("order.count", Operator.AT_MOST, 3)
    assert evaluate(clause, FactSet()).truth is Truth.UNKNOWN
    assert evaluate(Not(clause), FactSet()).truth is Truth.UNKNOWN


@settings(max_examples=50)
@given(CONDITIONS, CONDITIONS, fact_sets())
def test_de_morgan(one: Condition, other: Condition, facts: FactSet) -> None:
    neither = evaluate(Not(AnyOf((one, other))), facts).truth
    not_both = evaluate(Not(AllOf((one, other))), facts).truth
    assert neither is evaluate(AllOf((Not(one), Not(other))), facts).truth
    assert not_both is evaluate(AnyOf((Not(one), Not(other))), facts).truth


@given(STEADY_CONDITIONS, fact_sets(), complete_fact_sets())
def test_learning_more_never_changes_what_was_decided(
    condition: Condition, facts: FactSet, learned: FactSet
) -> None:
    before = evaluate(condition, facts).truth
    after = evaluate(condition, learned | facts).truth
    assert before is Truth.UNKNOWN or after is before


@given(STEADY_CONDITIONS, fact_sets(), complete_fact_sets())
def test_only_missing_facts_can_decide(condition: Condition, facts: FactSet, learned: FactSet) -> None:
    outcome = evaluate(condition, facts)
    beside = FactSet({name: value for name, value in learned.items() if name not in outcome.missing}) | facts
    assert evaluate(condition, beside).truth is outcome.truth
    assert bool(outcome.missing) is (outcome.truth is Truth.UNKNOWN)
    assert outcome.missing.isdisjoint(facts)


def test_the_trace_holds_every_clause_and_the_reasons_those_that_decided() -> None:
    outcome = evaluate(AllOf((AT_LEAST_3, IN_BRAZIL)), FactSet({"order.count": 2, "customer.country": "BR"}))
    assert [reason.fact for reason in outcome.trace] == ["order.count", "customer.country"]
    (reason,) = outcome.reasons
    assert (reason.fact, reason.operator, reason.wanted, reason.actual) == ("order.count", "at_least", 3, 2)
    assert outcome.truth is reason.truth is Truth.NO


def test_a_fact_that_no_longer_matters_is_not_missing() -> None:
    condition = AnyOf((AllOf((AT_LEAST_3, Comparison("rfm.m", Operator.AT_LEAST, 4))), IN_BRAZIL))
    assert evaluate(condition, FactSet({"order.count": 1})).missing == {"customer.country"}


@pytest.mark.parametrize(("actual", "truth"), [("br", Truth.YES), ("BR", Truth.YES), ("MX", Truth.NO)])
def test_texts_are_compared_without_regard_to_case(actual: str, truth: Truth) -> None:
    clause = Comparison("customer.country", Operator.IN, frozenset({"BR", "PT"}))
    assert evaluate(clause, FactSet({"customer.country": actual})).truth is truth


def test_what_is_kept_for_deciding_is_no_part_of_a_condition() -> None:
    fresh, used = AllOf((AT_LEAST_3, Not(IN_BRAZIL))), AllOf((AT_LEAST_3, Not(IN_BRAZIL)))
    outcome = evaluate(used, FactSet({"order.count": 3}))
    assert (used, hash(used), repr(used)) == (fresh, hash(fresh), repr(fresh))
    for copied in (pickle.loads(pickle.dumps(outcome.condition)), deepcopy(outcome.condition)):
        assert copied == fresh
        assert evaluate(copied, outcome.facts).trace == outcome.trace
    assert pickle.loads(pickle.dumps(outcome)).reasons == outcome.reasons


def test_of_a_book_in_a_field_the_beginning_is_looked_at() -> None:
    words = Comparison("crm.notes", Operator.CONTAINS, "vip")
    near, far = "x" * (LONGEST - 3) + "VIP", "x" * (LONGEST - 2) + "VIP"
    assert evaluate(words, FactSet({"crm.notes": near})).truth is Truth.YES
    assert evaluate(words, FactSet({"crm.notes": far})).truth is Truth.NO
    assert FactSet({"crm.notes": far})["crm.notes"] == far
