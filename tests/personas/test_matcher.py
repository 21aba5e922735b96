from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.catalogue import load_catalogue
from personas.conditions import Comparison, Operator, Truth, evaluate
from personas.facts import FactSet
from personas.matcher import State, Verdict, best, match
from personas.persona import Criterion, Persona, Role
from tests.personas.generators import STEADY_CONDITIONS, complete_fact_sets, fact_sets

SHIPPED = load_catalogue().personas[0]


def owns(category: str, weight: int, role: Role = Role.EVIDENCE) -> Criterion:
    return Criterion(Comparison("category.owned", Operator.HAS, category), weight, role)


def bought(times: int, weight: int, role: Role = Role.EVIDENCE) -> Criterion:
    return Criterion(Comparison("order.count", Operator.AT_LEAST, times), weight, role)


def persona(*criteria: Criterion, key: str = "one", threshold: str = "0.6", coverage: str = "0.5") -> Persona:
    least, enough = Decimal(threshold), Decimal(coverage)
    return replace(SHIPPED, key=key, criteria=criteria, threshold=least, minimum_coverage=enough)


def facts(owned: str = "", **values: Any) -> FactSet:
    known: Mapping[str, Any] = {name.replace("__", "."): value for name, value in values.items()}
    return FactSet({**known, "category.owned": frozenset(owned.split())})


def test_score_and_coverage_by_the_formulas() -> None:
    found = match(
        persona(owns("audio", 3), owns("cases", 2), owns("plans", -1), bought(5, 4)), facts("audio plans")
    )
    assert found.score == Decimal(3 - 1) / Decimal(3 + 2 + 4)
    assert found.coverage == Decimal(3 + 2 + 1) / Decimal(3 + 2 + 1 + 4)
    assert found.missing == ("order.count",)


def test_score_stays_between_nothing_and_everything() -> None:
    assert match(persona(owns("audio", 1), owns("plans", -5)), facts("plans")).score == 0


@pytest.mark.parametrize(
    ("criteria", "known", "verdict"),
    [
        ((owns("audio", 5),), facts("audio"), Verdict.MATCHED),
        ((owns("audio", 5),), facts("cases"), Verdict.NOT_MATCHED),
        ((owns("audio", 5),), FactSet(), Verdict.UNDECIDED),
        (
            (owns("audio", 5), bought(3, 0, Role.REQUIRED)),
            facts("audio", order__count=2),
            Verdict.NOT_MATCHED,
        ),
        ((owns("audio", 5), bought(3, 0, Role.REQUIRED)), facts("audio"), Verdict.UNDECIDED),
        (
            (owns("audio", 5), bought(3, 0, Role.DISQUALIFIER)),
            facts("audio", order__count=3),
            Verdict.NOT_MATCHED,
        ),
        ((owns("audio", 5), bought(3, 0, Role.DISQUALIFIER)), facts("audio"), Verdict.MATCHED),
        ((owns("audio", 4), bought(3, 5)), facts("audio"), Verdict.UNDECIDED),
        ((owns("audio", 1), bought(3, 2)), facts("cases", order__count=3), Verdict.MATCHED),
    ],
)
def test_verdicts(criteria: tuple[Criterion, ...], known: FactSet, verdict: Verdict) -> None:
    assert match(persona(*criteria), known).verdict is verdict


@settings(max_examples=50)
@given(st.lists(st.tuples(STEADY_CONDITIONS, st.integers(-5, 5)), min_size=1, max_size=5), fact_sets())
def test_a_match_always_rests_on_enough(drawn: list[tuple[Any, int]], known: FactSet) -> None:
    criteria = (bought(0, 1), *(Criterion(condition, weight) for condition, weight in drawn))
    found = match(persona(*criteria), known)
    weights = sum(abs(each.weight) for each in criteria)
    seen = sum(
        abs(each.weight) for each in criteria if evaluate(each.condition, known).truth is not Truth.UNKNOWN
    )
    assert found.coverage == Decimal(seen) / Decimal(weights)
    assert not found.matched or (found.score >= Decimal("0.6") and found.coverage >= Decimal("0.5"))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(STEADY_CONDITIONS, st.integers(1, 5)), min_size=1, max_size=5),
    fact_sets(),
    complete_fact_sets(),
)
def test_what_is_ruled_out_stays_ruled_out_when_more_is_known(
    drawn: list[tuple[Any, int]], known: FactSet, learned: FactSet
) -> None:
    one = persona(*(Criterion(condition, weight) for condition, weight in drawn))
    if match(one, known).verdict is Verdict.NOT_MATCHED:
        assert match(one, learned | known).verdict is Verdict.NOT_MATCHED


def test_reasons_are_what_speaks_for_it_weightiest_first() -> None:
    found = match(
        persona(owns("cases", 1), bought(2, 3), owns("plans", -1)), facts("cases plans", order__count=2)
    )
    assert [(reason.fact, reason.wanted) for reason in found.reasons] == [
        ("order.count", 2),
        ("category.owned", "cases"),
    ]


def test_a_disqualified_persona_says_by_what() -> None:
    found = match(persona(owns("cases", 1), bought(2, 0, Role.DISQUALIFIER)), facts("cases", order__count=2))
    assert [reason.fact for reason in found.reasons] == ["order.count"]


STRONG_ONE = persona(owns("audio", 5), key="strong")
LIKELY_ONE = persona(owns("audio", 2), owns("cases", 1), key="likely")
CLOSE_ONE = persona(owns("audio", 19), owns("cases", 1), key="close")
OTHER = persona(owns("plans", 5), key="other")


@pytest.mark.parametrize(
    ("personas", "known", "state", "shown"),
    [
        ((STRONG_ONE, OTHER), facts("audio"), State.STRONG, ["strong"]),
        ((LIKELY_ONE, OTHER), facts("audio"), State.LIKELY, ["likely"]),
        ((STRONG_ONE, LIKELY_ONE, OTHER), facts("audio"), State.STRONG, ["strong"]),
        ((CLOSE_ONE, STRONG_ONE), facts("audio"), State.TWO_POSSIBLE, ["strong", "close"]),
        ((LIKELY_ONE, STRONG_ONE, OTHER), facts("audio plans"), State.TWO_POSSIBLE, ["strong", "other"]),
        ((STRONG_ONE, OTHER), facts("cases"), State.NONE, []),
        ((STRONG_ONE, OTHER), FactSet(), State.NOT_ENOUGH_DATA, []),
        ((), facts("audio"), State.NONE, []),
    ],
)
def test_states(personas: tuple[Persona, ...], known: FactSet, state: State, shown: list[str]) -> None:
    found = best(personas, known)
    assert found.state is state
    assert [each.persona.key for each in found.leading] == shown
    assert len(found.matches) == len(personas)
