import json
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.conditions import AllOf, Comparison, Not, Operator
from personas.content import InvalidContent, read_yaml
from personas.parse import dump_condition, parse_condition
from tests.personas.generators import RAW_CONDITIONS, accepted

YAML = """
all:
  - {fact: order.count_12m, at_least: 3}
  - not: {fact: category.owned, has_any: [plans, insurance]}
"""


def test_reads_yaml() -> None:
    assert parse_condition(read_yaml(YAML, "here")) == AllOf(
        (
            Comparison("order.count_12m", Operator.AT_LEAST, 3),
            Not(Comparison("category.owned", Operator.HAS_ANY, frozenset({"plans", "insurance"}))),
        )
    )


@pytest.mark.parametrize(
    ("raw", "place", "words"),
    [
        ({"fact": "order.cuont", "is": 1}, "condition", "Did you mean order.count?"),
        ({"fact": "crm.Loyalty level", "is": "Gold"}, "condition", "Did you mean crm.loyalty_level?"),
        ({"all": [{"fact": "nope", "is": 1}]}, "condition.all[0]", "there is no fact nope"),
        ({"any": []}, "condition.any", "at least one"),
        ({"all": [], "any": []}, "condition", "stands alone"),
        ({"fact": "order.count"}, "condition", "exactly one comparison"),
        ({"fact": "order.count", "is": 1, "at_most": 3}, "condition", "found 2"),
        ({"fact": "order.count", "at_lest": 1}, "condition", "Did you mean at_least?"),
        ({"fact": "order.count", "starts_with": "1"}, "condition", "does not go with order.count"),
        ({"fact": "order.count", "at_least": "3"}, "condition.at_least", "without quotes"),
        ({"fact": "order.count", "at_least": float("nan")}, "condition.at_least", "is a number"),
        ({"fact": "order.count", "is": True}, "condition.is", "is a number"),
        ({"fact": "order.count", "between": [5, 3]}, "condition.between", "the lower first"),
        ({"fact": "customer.country", "is": False}, "condition.is", '"NO"'),
        ({"fact": "customer.country", "in": "BR"}, "condition.in", "a list"),
        ({"fact": "customer.register", "is": "fromal"}, "condition.is", "Did you mean formal?"),
        ({"fact": "customer.company_known", "is": "yes"}, "condition.is", "true or false"),
        ({"fact": "category.owned", "has": "Screen protectors"}, "condition.has", "screen_protectors"),
        ({"fact": "order.last_on", "at_least": "soon"}, "condition.at_least", "2026-03-31"),
        ({"fact": "crm.age", "is": "40"}, "condition", "barred"),
        ({"fact": "category.share.audio", "at_least": 5}, "condition", "never be true"),
        ("order.count > 3", "condition", "a condition is wanted"),
        ({"not": None}, "condition.not", "a condition is wanted"),
    ],
)
def test_says_what_is_wrong_and_where(raw: Any, place: str, words: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        parse_condition(raw)
    assert caught.value.path == place
    assert words in caught.value.problem


@pytest.mark.parametrize(
    "clauses",
    [
        [{"at_least": 5}, {"at_most": 3}],
        [{"is": 2}, {"between": [3, 4]}],
        [{"in": [1, 2]}, {"at_least": 3}],
    ],
)
def test_contradictory_bounds_are_refused(clauses: list[dict[str, Any]]) -> None:
    named = [{"fact": "order.count", **clause} for clause in clauses]
    with pytest.raises(InvalidContent, match=r"order.count: .* never both be true"):
        parse_condition({"any": [{"all": [named[0], {"all": named[1:]}]}]})
    assert parse_condition({"any": named})
    assert parse_condition({"all": [named[0], {"not": named[1]}]})


def test_an_approved_fact_is_no_longer_barred() -> None:
    assert parse_condition({"fact": "crm.age", "known": True}, unlocked={"crm.age"})


def test_numbers_keep_the_digits_that_were_written() -> None:
    clause = parse_condition({"fact": "category.share.audio", "at_least": 0.1})
    assert clause == Comparison("category.share.audio", Operator.AT_LEAST, Decimal("0.1"))


def test_depth_and_size_are_bounded() -> None:
    clause: Any = {"fact": "order.count", "is": 1}
    nested = clause
    for _ in range(6):
        nested = {"not": nested}
    with pytest.raises(InvalidContent, match="deeper than 6"):
        parse_condition(nested)
    assert parse_condition(nested["not"])
    with pytest.raises(InvalidContent, match="more than 200"):
        parse_condition({"all": [clause] * 200})
    assert parse_condition({"all": [clause] * 199})


def test_aliases_that_unfold_are_stopped_before_they_do() -> None:
    """Ten thousand million clauses, if it were unfolded."""
    text = "a: &a {any: [" + "{fact: order.count, is: 1}, " * 100 + "]}\n"
    for before, name in zip("abcd", "bcde", strict=True):
        text += f"{name}: &{name} {{any: [{', '.join([f'*{before}'] * 100)}]}}\n"
    bomb = read_yaml(text, "here")["e"]
    with pytest.raises(InvalidContent, match="more than 200"):
        parse_condition(bomb)


def test_the_values_of_all_lists_together_are_bounded() -> None:
    clause = {"fact": "order.count", "in": list(range(110))}
    assert parse_condition(clause)
    with pytest.raises(InvalidContent, match="more than 200 values"):
        parse_condition({"any": [clause, clause]})


def test_letters_are_bounded() -> None:
    texts = [f"{number:03}".ljust(200, "x") for number in range(50)]
    with pytest.raises(InvalidContent, match="more than 10000 letters"):
        parse_condition({"fact": "crm.level", "in": texts})
    assert parse_condition({"fact": "crm.level", "in": texts[1:]})
    for raw in ({"fact": "crm." + "x" * 200, "is": "a"}, {"fact": "crm.level", "y" * 200: "a"}):
        with pytest.raises(InvalidContent) as caught:
            parse_condition(raw)
        assert len(str(caught.value)) < 250


@pytest.mark.parametrize("key", ["fact", "is", "in", 7])
def test_what_unfolds_is_never_repeated_in_an_error(key: object) -> None:
    bomb: Any = "a"
    for _ in range(40):
        bomb = [bomb, bomb]
    with pytest.raises(InvalidContent):
        parse_condition({"fact": "order.count", key: bomb})


@pytest.mark.parametrize(
    "number",
    [10**15, 10**5000, Decimal("0.1234567890123456789"), Decimal("1E-400"), Decimal("1E+999999"), 1e300],
    ids=lambda number: type(number).__name__,
)
def test_numbers_that_yaml_and_json_would_not_keep_are_refused(number: Any) -> None:
    with pytest.raises(InvalidContent, match="15 digits"):
        parse_condition({"fact": "order.value_12m", "at_least": number})


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_a_number_that_is_accepted_survives_json_digit_by_digit(number: Decimal) -> None:
    """And whatever has up to fifteen digits is accepted."""
    raw = {"fact": "order.value_12m", "is": number}
    few = len(number.normalize().as_tuple().digits) <= 15 and abs(number) < 10**15
    try:
        condition = parse_condition(raw)
    except InvalidContent:
        assert not few or 0 < abs(number) < Decimal("1E-300")
    else:
        assert parse_condition(json.loads(json.dumps(dump_condition(condition)))) == Comparison(
            "order.value_12m", Operator.IS, number
        )


@settings(max_examples=200)
@given(RAW_CONDITIONS)
def test_what_is_written_out_is_read_back(raw: dict[str, Any]) -> None:
    condition = accepted(raw)
    written = dump_condition(condition)
    assert parse_condition(json.loads(json.dumps(written))) == condition
    assert parse_condition(read_yaml(yaml.safe_dump(written, allow_unicode=True), "here")) == condition
