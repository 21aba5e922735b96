from collections.abc import Mapping, Sequence

import pytest
from hypothesis import assume, given, settings

from personas.catalogue import load_catalogue
from personas.conditions import AllOf, AnyOf, Condition, Not, Truth, evaluate
from personas.facts import FactSet
from personas.findings import Code, find_faults
from personas.sentence import read_condition
from tests.personas.generators import surveyed


@pytest.mark.parametrize(
    ("text", "code", "place", "values"),
    [
        ("rfm.r at least 1", Code.CLAUSE_ALWAYS, "", {"fact": "rfm.r", "low": 1, "high": 5, "words": ()}),
        ("rfm.r between 1 and 5", Code.CLAUSE_ALWAYS, "", {}),
        ("customer.register in formal, neutral, informal", Code.CLAUSE_ALWAYS, "", {}),
        ("customer.register contains x", Code.CLAUSE_NEVER, "", {"words": ("formal", "neutral", "informal")}),
        ("(rfm.m is 3 or rfm.m is 2) and rfm.m is 4", Code.EXCLUDES, "", {"facts": ("rfm.m",)}),
        ("customer.country is BR and customer.country is MX", Code.EXCLUDES, "", {}),
        ("customer.country starts with B and customer.country in MX, PT", Code.EXCLUDES, "", {}),
        ("crm.level contains a and not crm.level contains A", Code.EXCLUDES, "", {"facts": ("crm.level",)}),
        ("category.owned has plans and not category.owned has any of plans, audio", Code.EXCLUDES, "", {}),
        ("rfm.m is unknown and rfm.m is 3", Code.EXCLUDES, "", {}),
        ("order.count at least 3 or order.count at most 5", Code.COVERS, "", {"facts": ("order.count",)}),
        ("order.count at least 3 or order.count at most 2", Code.COVERS, "", {}),
        ("order.value_12m at least 3 or order.value_12m at most 2", None, "", {}),
        ("order.count between 2.1 and 2.9", Code.CLAUSE_NEVER, "", {}),
        ("rfm.m is known or rfm.m is unknown", Code.COVERS, "", {}),
        ("order.last_on at most 2026-01-01 or order.last_on at least 2026-01-02", Code.COVERS, "", {}),
        ("not (rfm.r at least 1)", Code.NEVER, "", {"part": "condition.not"}),
        ("not (customer.register contains x)", Code.ALWAYS, "", {"part": "condition.not"}),
        ("rfm.m is 1 or rfm.r at least 1", Code.ALWAYS, "", {"part": "condition.any[1]"}),
        ("rfm.m is 1 or rfm.r at least 1", Code.CLAUSE_ALWAYS, ".any[1]", {}),
        ("rfm.m is 1 and not rfm.r at least 1", Code.CLAUSE_ALWAYS, ".all[1].not", {}),
    ],
)
def test_names_what_is_wrong_and_where(
    text: str, code: Code | None, place: str, values: Mapping[str, object]
) -> None:
    found = {finding.path: finding for finding in find_faults(read_condition(text))}
    if code is None:
        assert not found
    else:
        finding = found[f"condition{place}"]
        assert finding.code is code
        assert values.items() <= finding.values.items()


def test_always_true_is_a_warning_and_never_true_is_not() -> None:
    assert [one.is_warning for one in find_faults(read_condition("rfm.r at least 1"))] == [True]
    assert [one.is_warning for one in find_faults(read_condition("not rfm.r at least 1"))] == [True, False]


@settings(max_examples=150)
@given(surveyed())
def test_whatever_is_found_is_so(drawn: tuple[Condition, Sequence[FactSet]]) -> None:
    condition, everything = drawn
    for finding in find_faults(condition):
        truths = {evaluate(finding.condition, facts).truth for facts in everything}
        assert (Truth.NO if finding.is_warning else Truth.YES) not in truths
        assert _at(condition, finding.path.removeprefix("condition")) == finding.condition


@settings(max_examples=150)
@given(surveyed(most=1))
def test_of_a_condition_about_one_fact_everything_is_found(
    drawn: tuple[Condition, Sequence[FactSet]],
) -> None:
    condition, everything = drawn
    assume("category.owned" not in everything[-1])  # each of a set's members is looked at by itself
    truths = {evaluate(condition, facts).truth for facts in everything}
    here = {finding.is_warning for finding in find_faults(condition) if finding.path == "condition"}
    assert here == {wrong for wrong, truth in ((True, Truth.NO), (False, Truth.YES)) if truth not in truths}


def test_nothing_is_wrong_with_the_shipped_criteria() -> None:
    catalogue = load_catalogue()
    for persona in catalogue.personas:
        assert not [fault for each in persona.criteria for fault in find_faults(each.condition)]
    assert not [
        fault
        for side in catalogue.icp.dimensions
        for each in side.criteria
        for fault in find_faults(each.condition)
    ]


def _at(condition: Condition, place: str) -> Condition:
    """What stands at a place as `.all[0].not`."""
    for step in place.removeprefix(".").split(".") if place else ():
        if isinstance(condition, AllOf | AnyOf):
            condition = condition.parts[int(step[4:-1])]
        elif isinstance(condition, Not):
            condition = condition.part
    return condition
