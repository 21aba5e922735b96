from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.facts import FactSet
from personas.rule_lint import Concern, Remark, lint_rules
from personas.rules import Rule
from tests.personas.generators import fact_sets
from tests.personas.rule_generators import TODAY, rule, rule_sets
from tests.personas.test_rulings import decide

CASES, ALL_CASES = {"products": ["CASE"], "categories": ["cases"]}, {"categories": ["cases"]}
MANY, SOME = {"fact": "order.count", "at_least": 5}, {"fact": "order.count", "at_least": 3}


def lint(*found: Rule) -> list[Remark]:
    """Without remarks on missing tests."""
    return [each for each in lint_rules(found, TODAY) if each.concern is not Concern.UNTESTED]


def boost(**changes: Any) -> Rule:
    return rule("boost", {"factor": 1.5}, **{"key": "boosted", "scope": CASES, "when": MANY, **changes})


def deny(stage: str = "eligibility", effect: str = "deny", **changes: Any) -> Rule:
    return rule(stage, effect, **{"key": "denied", "scope": ALL_CASES, "when": SOME, **changes})


SHADOWED = [Remark("boosted", Concern.SHADOWED, "denied")]


@pytest.mark.parametrize(
    ("denial", "shadowed"),
    [
        (deny(), True),
        (deny(scope={}), True),
        (deny(scope={"categories": ["phones"]}), False),
        (deny(scope={**ALL_CASES, "kinds": ["upsell"]}), False),
        (deny(when={"fact": "order.count", "at_least": 6}), False),
        (rule(key="denied"), True),
        (deny(effect="require"), False),
        (deny(effect="require", when={"not": SOME}), False),
        (deny(**{"from": "2026-02-01"}), False),
        (deny(to="2026-06-30"), False),
        (deny(to="2026-12-31"), True),
        (rule("gate", "close", key="denied", when=SOME), True),
        (boost(key="denied"), False),
    ],
)
def test_a_rule_whose_candidates_are_always_denied_is_shadowed(denial: Rule, shadowed: bool) -> None:
    assert lint(boost(), denial) == lint(denial, boost()) == (SHADOWED if shadowed else [])


def test_what_requires_the_opposite_denies() -> None:
    lapsed = boost(when={"not": SOME})
    assert lint(lapsed, deny(effect="require")) == SHADOWED


def test_of_two_denials_the_one_of_lower_priority_is_shadowed() -> None:
    high, low = deny(key="high", priority=2), deny(key="low", when=MANY, priority=1)
    assert lint(high, low) == [Remark("low", Concern.SHADOWED, "high")]
    assert lint(deny(key="high", priority=0), low) == []
    assert lint(deny(key="a"), deny(key="b")) == [Remark("b", Concern.SHADOWED, "a")]


def test_what_is_denied_unknown_needs_a_denial_of_the_unknown() -> None:
    low = deny(key="low")
    assert lint(deny("suitability", key="high", priority=2), low) == [Remark("low", Concern.SHADOWED, "high")]
    assert lint(deny("applicability", key="high", priority=2), low) == []


def test_a_message_about_nothing_in_particular_is_told_whatever_is_denied() -> None:
    says = {"says": {"en": "x", "es": "x", "pt-BR": "x"}}
    assert lint(rule("message", says, key="told"), rule(key="denied")) == []
    assert lint(rule("message", says, key="told", scope=CASES), rule(key="denied")) != []


@pytest.mark.parametrize(
    ("changes", "concerns"),
    [
        ({"to": "2027-03-02"}, []),
        ({"to": "2027-03-03"}, [Concern.NEVER_ENDING]),
        ({"from": "2027-01-01", "to": "2027-12-31"}, []),
        ({"to": "2026-02-28"}, [Concern.EXPIRED]),
        ({"to": "2026-03-01"}, []),
        ({"from": "2020-01-01", "to": "2026-02-28"}, [Concern.EXPIRED, Concern.NEVER_ENDING]),
    ],
)
def test_the_time_of_a_boost(changes: dict[str, str], concerns: list[Concern]) -> None:
    assert [each.concern for each in lint(boost(**changes))] == concerns


def pin(key: str, scope: Any = CASES, **changes: Any) -> Rule:
    return rule("pin", changes.pop("effect", "first"), key=key, scope=scope, **changes)


@pytest.mark.parametrize(
    ("other", "tied"),
    [
        (pin("b"), True),
        (pin("b", **{"from": "2026-01-01"}), True),
        (pin("b", priority=1), False),
        (pin("b", effect="mandatory"), False),
        (pin("b", ALL_CASES), False),
        (pin("b", {"products": ["GLASS"], "categories": ["glass"]}), True),
        (pin("b", {"products": ["GLASS"], "categories": ["glass"]}, **{"from": "2026-01-01"}), False),
        (pin("b", **{"from": "2027-01-01", "to": "2027-02-01"}), False),
    ],
)
def test_two_pins_between_which_nothing_decides_are_tied(other: Rule, tied: bool) -> None:
    found = lint(pin("a"), other)
    assert [each for each in found if each.concern is Concern.TIED] == (
        [Remark("b", Concern.TIED, "a")] if tied else []
    )


def test_a_condition_without_a_test_is_warned_of() -> None:
    tested = boost(tests=[{"given": {}, "expect": "unknown"}])
    assert lint_rules((boost(),), TODAY) == (Remark("boosted", Concern.UNTESTED),)
    assert lint_rules((tested,), TODAY) == lint_rules((rule(),), TODAY) == ()
    assert Concern.UNTESTED.is_warning
    assert not Concern.SHADOWED.is_warning


@given(rule_sets(), fact_sets(), st.randoms())
def test_without_what_is_shadowed_the_same_is_offered(found: list[Rule], facts: FactSet, random: Any) -> None:
    remarks = lint_rules(tuple(found), TODAY)
    shadowed = {each.rule for each in remarks if each.concern is Concern.SHADOWED}
    kept = [each for each in found if each.key not in shadowed]
    assert decide(*kept, facts=facts).chosen == decide(*found, facts=facts).chosen
    random.shuffle(found)
    assert lint_rules(tuple(found), TODAY) == remarks
