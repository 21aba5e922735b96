from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from personas.facts import FactSet
from personas.rule_tests import Failure, run_tests
from personas.rules import Expected, Rule, RuleTest
from tests.personas.generators import fact_sets
from tests.personas.rule_generators import rule, rules

ENOUGH = {"fact": "order.count", "at_least": 3}


def with_tests(*tests: tuple[dict[str, Any], str], **changes: Any) -> Rule:
    return rule(when=ENOUGH, tests=[{"given": known, "expect": expect} for known, expect in tests], **changes)


def test_as_expected_nothing_fails() -> None:
    found = with_tests(
        ({"order.count": 3}, "applies"), ({"order.count": 2}, "does_not_apply"), ({}, "unknown")
    )
    assert run_tests((found, rule(key="two"))) == ()


def test_a_failure_names_its_place_and_what_came_instead() -> None:
    failing = with_tests(
        ({"order.count": 3}, "applies"), ({"order.count": 2}, "applies"), ({}, "applies"), key="few"
    )
    assert run_tests((rule(), failing)) == (
        Failure("few.tests[1]", Expected.APPLIES, Expected.DOES_NOT_APPLY, frozenset()),
        Failure("few.tests[2]", Expected.APPLIES, Expected.UNKNOWN, frozenset({"order.count"})),
    )


@pytest.mark.parametrize("effect", ["deny", "require"])
def test_what_is_expected_is_said_of_the_condition_whatever_the_effect(effect: str) -> None:
    assert run_tests((with_tests(({"order.count": 3}, "applies"), effect=effect),)) == ()


def test_what_has_no_condition_always_applies() -> None:
    always = rule(tests=[{"given": {}, "expect": "does_not_apply"}])
    assert [failure.came for failure in run_tests((always,))] == [Expected.APPLIES]


@given(rules(), fact_sets())
def test_exactly_one_expectation_is_right(one: Rule, facts: FactSet) -> None:
    every = replace(one, tests=tuple(RuleTest(facts, expect) for expect in Expected))
    failures = run_tests((every,))
    assert len(failures) == 2
    assert {failure.came for failure in failures} == set(Expected) - {each.expected for each in failures}
