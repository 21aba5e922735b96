import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.candidates import Candidate
from personas.content import InvalidContent, read_yaml
from personas.facts import FactSet
from personas.rulebook import dump_rules, parse_rules
from personas.rules import Boost, Expected, Rule, RuleStage, Scope, Verb
from tests.personas.rule_generators import WORDS, rule, rules, written

YAML = """
rules:
  - key: phones_need_a_year
    stage: eligibility
    scope: {products: [P-1], categories: [phones], kinds: [upsell]}
    if: {fact: customer.months_since_first, at_least: 12}
    effect: require
    priority: 5
    from: 2026-01-01
    to: 2026-06-30
    reason: {en: After a year, es: Tras un año, pt-BR: Depois de um ano}
    owner: Ana
    tests:
      - given: {customer.months_since_first: 3, order.return_share_12m: 0.5}
        expect: does_not_apply
      - {given: {category.owned: [cases], order.last_on: 2026-01-02}, expect: unknown}
"""


def test_reads_all_that_a_rule_says() -> None:
    (found,) = parse_rules(read_yaml(YAML, "rules.yaml"), path="rules.yaml:")
    assert (found.key, found.stage, found.effect) == (
        "phones_need_a_year",
        RuleStage.ELIGIBILITY,
        Verb.REQUIRE,
    )
    assert found.scope == Scope(frozenset({"P-1"}), frozenset({"phones"}), frozenset({"upsell"}))
    assert (found.priority, found.start, found.end) == (5, date(2026, 1, 1), date(2026, 6, 30))
    assert (found.reason.into("es-MX"), found.owner) == ("Tras un año", "Ana")
    assert [test.expect for test in found.tests] == [Expected.DOES_NOT_APPLY, Expected.UNKNOWN]
    assert found.tests[0].given["order.return_share_12m"] == Decimal("0.5")
    assert found.tests[1].given == FactSet(
        {"category.owned": frozenset({"cases"}), "order.last_on": date(2026, 1, 2)}
    )


CLAUSE = {"fact": "order.count", "at_least": 3}
LAPSED = {"from": "2026-02-01", "to": "2026-01-31"}


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        (written(stage="eligibilty"), "stage", "Did you mean eligibility?"),
        (written(key="No Cases"), "key", "write no_cases"),
        (written(effect="first"), "effect", "none of deny, require"),
        (written("gate", "deny"), "effect", "none of close"),
        (written("boost", "deny"), "effect", "a mapping"),
        (written("boost", {"factor": 2.5}), "effect.factor", "from 0.5 to 2"),
        (written("boost", {"factor": 1, "most": 1}), "effect", "there is no field most"),
        (written("boost", {"factor": 1.5}, to=None), "to", "a date"),
        (written("cap", {"most": 3}), "effect.most", "from 1 to 2"),
        (written("message", {"says": {"en": "Hi"}}), "effect.says", "es is missing"),
        (written(reason={**WORDS, "pt-BR": " "}), "reason.pt-BR", "a text"),
        (written(owner=""), "owner", "a text"),
        (written(priority=-1), "priority", "from 0 to 1000"),
        (written(**LAPSED), "", "from 2026-02-01 is after to 2026-01-31"),
        (written(effect="require"), "", "require needs a condition"),
        (written("gate", "close", scope={"kinds": ["upsell"]}), "scope", "closes for everything"),
        (written(scope={"kinds": ["upsel"]}), "scope.kinds[0]", "Did you mean upsell?"),
        (written(scope={"categories": ["Wall chargers"]}), "scope.categories[0]", "write wall_chargers"),
        (written(scope={"familes": ["x"]}), "scope", "there is no field familes"),
        (written(when={"fact": "order.cont", "is": 1}), "if", "Did you mean order.count?"),
        (written(when={"all": [CLAUSE, {"fact": "order.count", "at_most": 2}]}), "if", "never both be true"),
        (written(tests=[{"given": {}, "expect": "aplies"}]), "tests[0].expect", "Did you mean applies?"),
        (written(until="2026-01-01"), "", "there is no field until"),
    ],
)
def test_says_what_is_wrong_and_where(raw: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        parse_rules({"rules": [raw]}, path="rules.yaml:")
    assert caught.value.path == f"rules.yaml: rules[0].{place}".rstrip(".")
    assert words in caught.value.problem


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("order.cont", 1, "Did you mean order.count?"),
        ("order.count", "1", "order.count is a number"),
        ("order.last_on", 3, "order.last_on is a date"),
        ("category.owned", "cases", "category.owned is a set"),
        ("customer.company_known", 1, "customer.company_known is a boolean"),
        ("today.season", "fall", "today.season is one of spring"),
        ("rfm.r", None, "leave it out where it is not known"),
    ],
)
def test_a_fact_given_in_a_test_has_to_be_one(name: str, value: Any, words: str) -> None:
    raw = written(tests=[{"given": {name: value}, "expect": "applies"}])
    with pytest.raises(InvalidContent) as caught:
        parse_rules({"rules": [raw]}, path="rules.yaml:")
    assert caught.value.path == f"rules.yaml: rules[0].tests[0].given.{name}"
    assert words in caught.value.problem


@pytest.mark.parametrize(("stage", "effect"), [("boost", {"factor": 1.5}), ("pin", "first")])
def test_boosts_and_pins_must_end(stage: str, effect: Any) -> None:
    raw = written(stage, effect)
    del raw["to"]
    with pytest.raises(InvalidContent, match=rf"rules\[0\]: a {stage} must end: write its last day as to"):
        parse_rules({"rules": [raw]}, path="rules.yaml:")


def test_two_rules_of_one_key_are_refused() -> None:
    with pytest.raises(InvalidContent, match=r"rules\[1\].key: one is the key of another rule"):
        parse_rules({"rules": [written(), written("gate", "close")]}, path="rules.yaml:")


@given(st.lists(rules(), max_size=3, unique_by=lambda one: one.key))
def test_what_is_written_out_is_read_back(some: list[Rule]) -> None:
    document = json.loads(json.dumps(dump_rules(tuple(some))))
    try:
        read = parse_rules(document, path="rules.yaml:")
    except InvalidContent as error:
        assert "never" in error.problem or "deeper" in error.problem  # noqa: PT017 - the refusals are not the point
    else:
        assert read == tuple(some)
        assert dump_rules(read) == document


def test_what_was_left_out_stays_out() -> None:
    raw = {"rules": [written(), written("boost", {"factor": 1.5}, key="two", priority=3)]}
    assert dump_rules(parse_rules(raw, path="rules.yaml:")) == raw


def test_a_factor_is_the_decimal_that_was_written() -> None:
    assert rule("boost", {"factor": 1.1}).effect == Boost(Decimal("1.1"))


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True),
        ({"products": ["CASE-1", "CASE-2"]}, True),
        ({"products": ["CASE-2"]}, False),
        ({"categories": ["screen_protectors"]}, True),
        ({"categories": ["cases"]}, False),
        ({"kinds": ["upsell"]}, False),
        ({"categories": ["screen_protectors"], "kinds": ["upsell"]}, False),
        ({"categories": ["screen_protectors"], "kinds": ["cross_sell"]}, True),
    ],
)
def test_a_scope_covers_what_is_in_all_of_its_lists(scope: dict[str, Any], covered: bool) -> None:
    candidate = Candidate("CASE-1", "cross_sell", 1.0, category="Screen protectors")
    assert rule(scope=scope).scope.covers(candidate) is covered


def test_what_has_no_category_is_in_none() -> None:
    assert not rule(scope={"categories": ["cases"]}).scope.covers(Candidate("A", "upsell", 1.0))


@pytest.mark.parametrize(
    ("day", "in_force"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-01-31", True), ("2026-02-01", False)],
)
def test_both_ends_of_its_time_are_days_of_it(day: str, in_force: bool) -> None:
    found = rule(**{"from": "2026-01-01", "to": "2026-01-31"})
    assert found.is_in_force(date.fromisoformat(day)) is in_force
