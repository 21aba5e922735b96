"""Why not is right, by brute force: the stage, the clause, the value, and that no smaller change would do."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import fsum, inf
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from personas.arbitration import arbitrate
from personas.candidates import KINDS, Candidate, Removal, Situation, Stage
from personas.catalogue import load_catalogue
from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Truth, clauses, evaluate
from personas.facts import FactSet, FactValue
from personas.rules import Rule, RuleStage, Verb
from personas.rulings import code_of, judge
from personas.whynot import Obstacle, why_never, why_not
from tests.personas.generators import surveyed
from tests.personas.rule_generators import DENYING, TODAY, rule, rules

POLICIES = load_catalogue().policies
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def candidate(**known: Any) -> Candidate:
    return Candidate(**known)


def candidates() -> st.SearchStrategy[Candidate]:
    return st.builds(
        candidate,
        product=st.sampled_from("ABCDEF"),
        kind=st.sampled_from(KINDS),
        score=st.sampled_from([0.1, 0.2, 0.7]),
        support=st.sampled_from([None, (0.1, 0.2), (0.3, 0.2)]),
        category=st.sampled_from([None, "cases", "phones"]),
        price=st.sampled_from([None, Decimal(1), Decimal(30)]),
        owned=st.sampled_from([False, False, True]),
        stock=st.sampled_from([None, 3, 3, 0]),
        suppressed_until=st.sampled_from([None, None, NOW - timedelta(1), NOW + timedelta(1)]),
    )


SITUATIONS = st.builds(
    Situation,
    now=st.just(NOW),
    consent=st.just(POLICIES.consent_default),
    is_customer=st.sampled_from([True, True, False]),
    offers=st.sampled_from([None, True, True, False]),
    open_complaint=st.sampled_from([None, False, False, True]),
    late_days=st.sampled_from([0, 0, 0, 2]),
    currency=st.just("EUR"),
)


@st.composite
def scenes(
    draw: st.DrawFn,
) -> tuple[list[Rule], FactSet, list[Candidate], Situation, dict[str, Sequence[FactSet]]]:
    """Rules that take something out, about up to two facts each; and by rule, every kind of facts there is to it."""
    found, everything = [], {}
    facts: dict[str, FactValue] = {}
    for number in range(draw(st.integers(1, 3))):
        condition, surveyed_facts = draw(surveyed(2))
        stage = draw(st.sampled_from([*DENYING, RuleStage.GATE]))
        drawn = draw(rules(st.just(stage), st.just(condition)))
        one = replace(drawn, key=f"r{number}")
        found.append(one)
        everything[code_of(one)] = surveyed_facts
        facts |= {
            name: value for name, value in draw(st.sampled_from(surveyed_facts)).items() if name not in facts
        }
    shelf = draw(st.lists(candidates(), min_size=1, max_size=5, unique_by=lambda each: each.product))
    return found, FactSet(facts), shelf, draw(SITUATIONS), everything


def expected_falls(
    one: Candidate, situation: Situation, found: Sequence[Rule], facts: FactSet
) -> Iterator[Stage]:
    """Where a candidate falls before it is weighed, written down anew."""
    if situation.offers is False or (situation.offers is None and not situation.is_customer):
        yield Stage.CONSENT
    if situation.open_complaint or situation.late_days:
        yield Stage.GATE
    if one.owned and one.kind != "replenish":
        yield Stage.ELIGIBILITY
    if one.support == (0.1, 0.2):
        yield Stage.APPLICABILITY
    if one.suppressed_until and one.suppressed_until > NOW:
        yield Stage.CONTACT
    if one.stock == 0:
        yield Stage.STOCK
    for each in found:
        if each.scope.covers(one) and each.is_in_force(TODAY) and denies(each, facts):
            yield Stage(each.stage.value)


def denies(one: Rule, facts: FactSet) -> bool:
    truth = evaluate(one.condition, facts).truth if one.condition else Truth.YES
    if truth is Truth.UNKNOWN:
        return one.stage in {RuleStage.ELIGIBILITY, RuleStage.SUITABILITY}
    return truth is (Truth.NO if one.effect is Verb.REQUIRE else Truth.YES)


@settings(max_examples=500)
@given(scenes())
def test_it_names_the_stage_the_value_and_a_change_that_none_is_smaller_than(
    scene: tuple[list[Rule], FactSet, list[Candidate], Situation, dict[str, Sequence[FactSet]]],
) -> None:
    found, facts, shelf, situation, everything = scene
    ruling = judge(found, facts, TODAY)
    decision = arbitrate(shelf, situation, weighing=POLICIES.weighing, ruling=ruling)
    checked: set[str] = set()
    for one in shelf:
        answer = why_not(one.product, decision, ruling)
        assert answer is not None
        falls = sorted(expected_falls(one, situation, found, facts), key=list(Stage).index)
        stages = [each.removal.stage for each in answer.obstacles]
        if falls:
            assert stages == falls
        else:
            assert answer.place is not None
            assert set(stages) <= {Stage.WORTH, Stage.SLOTS}
            assert (answer.position is None) is bool(stages)
        for obstacle in answer.obstacles:
            if obstacle.rule and obstacle.rule.condition and obstacle.rule.key not in checked:
                checked.add(obstacle.rule.key)
                check_change(obstacle, facts, everything[code_of(obstacle.rule)])


def check_change(obstacle: Obstacle, facts: FactSet, everything: Sequence[FactSet]) -> None:
    one = obstacle.rule
    assert one is not None
    assert one.condition is not None
    about = {clause.fact for clause in clauses(one.condition)}
    rest = {name: value for name, value in facts.items() if name not in about}
    others = [FactSet({**rest, **each}) for each in everything]
    costs = [cost(one, facts, each) for each in others if not denies(one, each)]
    cheapest = min(costs, default=(inf, 0.0))
    if not obstacle.changes:
        assert cheapest[0] == inf
        return
    mended = FactSet({**facts, **{change.clause.fact: change.needed for change in obstacle.changes}})
    assert not denies(one, mended)
    stated = cost(one, facts, mended)
    assert stated[0] == cheapest[0] == len(obstacle.changes)
    if "order.value_12m" not in about:  # between two sums there is always a nearer one
        assert stated[1] <= cheapest[1] + 1e-5
    assert all(change.actual == facts.get(change.clause.fact) for change in obstacle.changes)


def cost(one: Rule, before: FactSet, after: FactSet) -> tuple[float, float]:
    """Clauses that come out otherwise, of those that it rests on that the rule lets pass; and how far they are off."""
    assert one.condition is not None
    lenient = one.stage not in {RuleStage.ELIGIBILITY, RuleStage.SUITABILITY}
    return _cost(one.condition, before, after, holds=one.effect is Verb.REQUIRE, lenient=lenient)


def _cost(
    condition: Condition, before: FactSet, after: FactSet, *, holds: bool, lenient: bool
) -> tuple[float, float]:
    match condition:
        case Not(part):
            return _cost(part, before, after, holds=not holds, lenient=lenient)
        case AllOf(parts) | AnyOf(parts):
            each = [_cost(part, before, after, holds=holds, lenient=lenient) for part in parts]
            every = isinstance(condition, AllOf) is holds
            return (fsum(n for n, _ in each), fsum(far for _, far in each)) if every else min(each)
        case Comparison(fact):
            passing = {Truth.YES if holds else Truth.NO} | ({Truth.UNKNOWN} if lenient else set())
            was, now = evaluate(condition, before).truth, evaluate(condition, after).truth
            if now not in passing:
                return inf, 0.0
            return (0, 0.0) if was is now else (1, distance(before.get(fact), after.get(fact)))


def distance(one: FactValue | None, other: FactValue | None) -> float:
    """As `personas.misses` says."""
    match one, other:
        case (bool(), _) | (_, bool()):
            return 1.0
        case int() | Decimal(), int() | Decimal():
            return abs(float(one) - float(other)) / (abs(float(one)) + abs(float(other)))
        case date(), date():
            days = abs((one - other).days)
            return days / (days + 365)
    return 1.0


def test_where_not_knowing_passes_one_clause_is_enough() -> None:
    """Closed by the first; whether the second would close it is not known, and does not matter."""
    either = {"any": [{"fact": "order.count", "at_least": 3}, {"fact": "crm.tier", "is": "gold"}]}
    case, facts = Candidate("CASE", "cross_sell", 1.0), FactSet({"order.count": 5})
    situation = Situation(NOW, POLICIES.consent_default)
    for stage, effect, told in (
        ("gate", "close", "order.count at least 3"),
        ("eligibility", "deny", "order.count at least 3; crm.tier is gold"),
    ):
        ruling = judge([rule(stage, effect, when=either)], facts, TODAY)
        (obstacle,) = why_never(case, None, situation, ruling).obstacles
        assert obstacle.removal.clause == told


def test_what_was_no_candidate_has_its_cause_among_what_would_stop_it() -> None:
    cause = Removal(Stage.CANDIDATES, "no_opinion", "CASE", "", "")
    case = Candidate("CASE", "", 0.0, stock=0)
    situation = Situation(NOW, POLICIES.consent_default, open_complaint=True)
    ruling = judge([rule(), rule(key="two", scope={"kinds": ["upsell"]})], FactSet(), TODAY)
    answer = why_never(case, cause, situation, ruling)
    found = ["open_complaint", "no_opinion", "rule:one", "out_of_stock"]
    assert [each.removal.rule for each in answer.obstacles] == found
    assert why_not("CASE", arbitrate([], situation, weighing=POLICIES.weighing), ruling) is None
