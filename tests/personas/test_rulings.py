"""What rules do to a decision, by stage, and what they do where too little is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.arbitration import LEAST_FACTOR, MOST_FACTOR, Decision, arbitrate
from personas.candidates import Candidate, Removal, Situation, Stage
from personas.catalogue import load_catalogue
from personas.conditions import Truth, evaluate
from personas.facts import FactSet
from personas.rules import Rule, RuleStage, Verb
from personas.rulings import UNRULED, judge
from tests.personas.generators import fact_sets
from tests.personas.rule_generators import DENYING, TODAY, WORDS, rule, rule_sets, rules

POLICIES = load_catalogue().policies
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITUATION = Situation(NOW, POLICIES.consent_default, currency="EUR")
MANY = {"fact": "order.count", "at_least": 3}
FEW, PLENTY, NOTHING = FactSet({"order.count": 1}), FactSet({"order.count": 5}), FactSet()
CASES = {"categories": ["cases"]}

CASE = Candidate("CASE", "cross_sell", 1.0, category="cases", price=Decimal(40))
GLASS = Candidate("GLASS", "cross_sell", 1.0, category="glass", price=Decimal(30))
PHONE = Candidate("PHONE", "upsell", 1.0, category="phones", price=Decimal(20))
SHELF = (CASE, GLASS, PHONE)


def decide(
    *found: Rule, facts: FactSet = NOTHING, shelf: Any = SHELF, situation: Situation = SITUATION
) -> Decision:
    ruling = judge(found, facts, TODAY)
    return arbitrate(shelf, situation, weighing=POLICIES.weighing, ruling=ruling)


def products(decision: Decision) -> list[str]:
    return [ranked.candidate.product for ranked in decision.chosen]


PLAIN = products(decide())


@pytest.mark.parametrize(
    ("stage", "effect", "denied"),
    [
        ("eligibility", "deny", {"yes", "unknown"}),
        ("eligibility", "require", {"no", "unknown"}),
        ("applicability", "deny", {"yes"}),
        ("applicability", "require", {"no"}),
        ("suitability", "deny", {"yes", "unknown"}),
        ("suitability", "require", {"no", "unknown"}),
    ],
)
def test_what_is_denied_and_what_is_not_known(stage: str, effect: str, denied: set[str]) -> None:
    found = rule(stage, effect, scope=CASES, when=MANY)
    for truth, facts in {"yes": PLENTY, "no": FEW, "unknown": NOTHING}.items():
        decision = decide(found, facts=facts)
        assert ("CASE" not in products(decision)) is (truth in denied)
        assert [(each.stage, each.rule, each.product) for each in decision.removed] == (
            [(Stage(stage), "rule:one", "CASE")] if truth in denied else []
        )


def test_a_removal_tells_the_clause_what_was_found_and_what_would_have_let_it_pass() -> None:
    found = rule(effect="require", scope=CASES, when=MANY)
    assert decide(found, facts=FEW).removed == (
        Removal(Stage.ELIGIBILITY, "rule:one", "CASE", "1", "3", "order.count at least 3"),
    )
    (unknown,) = decide(found).removed
    assert (unknown.actual, unknown.wanted) == ("missing: order.count", "3")
    both = rule(effect="require", scope=CASES, when={"all": [MANY, {"fact": "customer.country", "is": "ES"}]})
    (removal,) = decide(both, facts=FEW).removed
    assert removal.clause == "order.count at least 3; customer.country is ES"
    assert (removal.actual, removal.wanted) == ("1; missing: customer.country", "3; ES")


def test_a_denial_without_condition_is_for_everybody() -> None:
    (removal,) = decide(rule(scope=CASES)).removed
    assert (removal.product, removal.actual, removal.wanted) == ("CASE", "in force", "not in force")


def test_built_in_obstacles_are_kept_beside_those_of_rules() -> None:
    shelf = (CASE._replace(owned=True), GLASS)
    assert [each.rule for each in decide(rule(scope=CASES), shelf=shelf).removed] == ["owned", "rule:one"]


def test_a_boost_lifts_what_it_covers() -> None:
    boost = rule("boost", {"factor": 2}, scope={"products": ["PHONE"]}, when=MANY)
    before = {each.candidate.product: each.worth for each in decide().chosen}
    after = {each.candidate.product: each.worth for each in decide(boost, facts=PLENTY).chosen}
    phone = after.pop("PHONE")
    assert phone.expected + phone.attention == pytest.approx(2 * (before["PHONE"].expected + phone.attention))
    assert after == {name: worth for name, worth in before.items() if name != "PHONE"}
    assert decide(boost, facts=FEW) == decide(boost) == decide()


@given(st.lists(st.decimals("0.5", "2", places=2), max_size=6))
def test_the_product_of_all_boosts_stays_within_bounds(factors: list[Decimal]) -> None:
    found = [rule("boost", {"factor": float(factor)}, key=f"b{n}") for n, factor in enumerate(factors)]
    plain, lifted = (decide(*some, shelf=[CASE]).chosen[0].worth for some in ([], found))
    factor = (lifted.expected + lifted.attention) / (plain.expected + plain.attention)
    assert LEAST_FACTOR - 1e-6 <= factor <= MOST_FACTOR + 1e-6
    product = 1.0
    for each in factors:
        product *= float(each)
    assert factor == pytest.approx(min(max(product, LEAST_FACTOR), MOST_FACTOR), abs=1e-6)


def pin(key: str, product: str, **changes: Any) -> Rule:
    return rule("pin", changes.pop("effect", "first"), key=key, scope={"products": [product]}, **changes)


def test_pins_go_first_by_priority_and_the_rest_by_worth() -> None:
    assert PLAIN == ["CASE", "GLASS", "PHONE"]
    assert products(decide(pin("a", "PHONE"))) == ["PHONE", "CASE", "GLASS"]
    higher = pin("b", "GLASS", priority=2)
    assert products(decide(pin("a", "PHONE", priority=1), higher)) == ["GLASS", "PHONE", "CASE"]
    assert products(decide(pin("a", "PHONE", when=MANY))) == PLAIN, "unknown: not applied"


def test_between_equal_priorities_the_narrower_scope_goes_first_then_the_later_start() -> None:
    wide = rule("pin", "first", key="a", scope={"categories": ["glass"]})
    assert products(decide(wide, pin("b", "PHONE")))[:2] == ["PHONE", "GLASS"]
    early = pin("a", "PHONE", **{"from": "2026-01-01"})
    late = pin("b", "GLASS", **{"from": "2026-02-01"})
    assert products(decide(early, late))[:2] == ["GLASS", "PHONE"]


def test_a_pin_that_is_worth_nothing_is_not_offered_unless_it_is_mandatory() -> None:
    shelf = (CASE, GLASS, PHONE._replace(price=Decimal(1)))
    first = decide(pin("a", "PHONE"), shelf=shelf)
    assert products(first) == ["CASE", "GLASS"]
    assert [each.rule for each in first.removed] == ["worth_less_than_nothing"]
    mandatory = pin("a", "PHONE", effect="mandatory")
    assert products(decide(mandatory, pin("b", "GLASS", priority=9), shelf=shelf)) == [
        "PHONE",
        "GLASS",
        "CASE",
    ]


def test_a_denial_beats_what_is_mandatory() -> None:
    mandatory = pin("a", "CASE", effect="mandatory", priority=1000)
    assert products(decide(mandatory, rule(scope=CASES))) == ["GLASS", "PHONE"]


def test_a_cap_holds_back_what_comes_later() -> None:
    cap = rule("cap", {"most": 1}, scope={"kinds": ["cross_sell"]}, when=MANY)
    decision = decide(cap, facts=PLENTY)
    assert products(decision) == ["CASE", "PHONE"]
    assert decision.removed == (Removal(Stage.SLOTS, "rule:one", "GLASS", "1", "below 1", "at most 1"),)
    assert products(decide(cap)) == PLAIN, "unknown: not applied"


def test_what_a_cap_holds_back_makes_room() -> None:
    fourth = Candidate("WATCH", "upsell", 1.0, category="watches", price=Decimal(10))
    cap = rule("cap", {"most": 1}, scope={"kinds": ["cross_sell"]})
    assert products(decide(cap, shelf=(*SHELF, fourth))) == ["CASE", "PHONE", "WATCH"]


def test_a_gate_closes_for_everything_and_says_why() -> None:
    gate = rule("gate", "close", when=MANY)
    decision = decide(gate, facts=PLENTY)
    assert products(decision) == []
    assert {(each.stage, each.rule, each.actual, each.wanted) for each in decision.removed} == {
        (Stage.GATE, "rule:one", "5", "2")
    }
    assert judge([gate], PLENTY, TODAY).gate == gate
    assert judge([gate], NOTHING, TODAY) == UNRULED, "unknown: not closed"


def test_of_several_gates_the_one_of_the_highest_priority_is_shown() -> None:
    gates = [rule("gate", "close", key=key, priority=priority) for key, priority in (("a", 1), ("b", 2))]
    ruling = judge(gates, NOTHING, TODAY)
    assert ruling.gate == gates[1]
    assert len(ruling.refusals) == 2


def test_consent_goes_before_the_gate_and_the_gate_before_denials() -> None:
    found = rule("gate", "close", key="closed"), rule(key="denied", scope=CASES)
    decision = decide(*found, shelf=[CASE], situation=replace(SITUATION, offers=False))
    assert [each.rule for each in decision.removed] == ["objection", "rule:closed", "rule:denied"]


def test_messages_are_told_where_their_condition_holds() -> None:
    says = {"en": "Greet", "es": "Salude", "pt-BR": "Cumprimente"}
    general = rule("message", {"says": says}, when=MANY)
    about = rule("message", {"says": WORDS}, key="two", scope=CASES)
    ruling = judge([about, general], PLENTY, TODAY)
    assert ruling.say("pt") == ("Cumprimente",)
    assert ruling.say_about(CASE, "es-MX") == ("Por qué",)
    assert ruling.say_about(GLASS, "es") == ()
    assert judge([general], NOTHING, TODAY).say("en") == ()


@pytest.mark.parametrize("days", [-1, 31])
def test_out_of_its_time_a_rule_does_nothing(days: int) -> None:
    found = rule("gate", "close", **{"from": "2026-03-01", "to": "2026-03-31"})
    assert judge([found], NOTHING, TODAY).gate == found
    assert judge([found], NOTHING, TODAY + timedelta(days=days)) is UNRULED


def candidate(product: str, **known: Any) -> Candidate:
    return Candidate(product, **known)


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.sampled_from("ABCDEF"),
        kind=st.sampled_from(["cross_sell", "upsell"]),
        score=st.sampled_from([0.1, 0.2, 0.7]),
        category=st.sampled_from([None, "cases", "phones"]),
        price=st.sampled_from([None, Decimal(1), Decimal(30)]),
    ),
    max_size=6,
    unique_by=lambda each: each.product,
)


@given(rule_sets(), CANDIDATES, fact_sets(), st.randoms())
def test_the_order_of_rules_and_of_candidates_makes_no_difference(
    found: list[Rule], shelf: list[Candidate], facts: FactSet, random: Any
) -> None:
    before = judge(found, facts, TODAY), decide(*found, shelf=shelf, facts=facts)
    random.shuffle(found)
    random.shuffle(shelf)
    assert (judge(found, facts, TODAY), decide(*found, shelf=shelf, facts=facts)) == before


def test_the_order_of_pins_makes_no_difference() -> None:
    pins = [pin(key, sku) for key, sku in (("a", "PHONE"), ("b", "GLASS"), ("c", "CASE"))]
    assert {tuple(products(decide(*some))) for some in permutations(pins)} == {("PHONE", "GLASS", "CASE")}


@given(rule_sets(), CANDIDATES, fact_sets())
def test_every_candidate_is_chosen_or_removed(
    found: list[Rule], shelf: list[Candidate], facts: FactSet
) -> None:
    decision = decide(*found, shelf=shelf, facts=facts)
    removed = {each.product for each in decision.removed}
    assert removed.isdisjoint(products(decision))
    assert removed | set(products(decision)) == {each.product for each in shelf}


@given(rules(st.sampled_from(DENYING)), fact_sets(), CANDIDATES)
def test_a_candidate_falls_exactly_where_its_stage_says(
    one: Rule, facts: FactSet, shelf: list[Candidate]
) -> None:
    truth = evaluate(one.condition, facts).truth if one.condition else Truth.YES
    decided = truth is (Truth.NO if one.effect is Verb.REQUIRE else Truth.YES)
    denied = decided or (truth is Truth.UNKNOWN and one.stage is not RuleStage.APPLICABILITY)
    fallen = {
        each.product
        for each in decide(one, shelf=shelf, facts=facts).removed
        if each.rule.startswith("rule:")
    }
    covered = {each.product for each in shelf if one.scope.covers(each)}
    assert fallen == (covered if denied and one.is_in_force(TODAY) else set())


@given(
    rules(st.sampled_from([stage for stage in RuleStage if stage not in DENYING])), fact_sets(), CANDIDATES
)
def test_what_is_not_known_to_hold_changes_nothing(one: Rule, facts: FactSet, shelf: list[Candidate]) -> None:
    if one.condition and evaluate(one.condition, facts).truth is not Truth.YES:
        assert judge([one], facts, TODAY) == UNRULED
        assert decide(one, shelf=shelf, facts=facts) == decide(shelf=shelf)
