from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from personas.conditions import AllOf, AnyOf, Comparison, Not, Operator
from personas.content import InvalidContent
from personas.parse import dump_condition, parse_condition
from personas.sentence import MAX_LENGTH, read_condition, write_condition
from tests.personas.generators import RAW_CONDITIONS, accepted

ORDERS = Comparison("order.count", Operator.AT_LEAST, 3)
IN_BRAZIL = Comparison("customer.country", Operator.IS, "BR")


def test_reads_as_people_write() -> None:
    text = """
    order.count at least 3
        and not category.owned has any of plans, insurance
        and (customer.country is BR or rfm.m is unknown)
        and order.return_share_12m between 0.1 and 0.5
    """
    owned = Comparison("category.owned", Operator.HAS_ANY, frozenset({"plans", "insurance"}))
    unknown = Comparison("rfm.m", Operator.KNOWN, wanted=False)
    share = parse_condition({"fact": "order.return_share_12m", "between": [0.1, 0.5]})
    assert read_condition(text) == AllOf((ORDERS, Not(owned), AnyOf((IN_BRAZIL, unknown)), share))


def test_writes_one_line() -> None:
    owned = Comparison("category.owned", Operator.HAS_ANY, frozenset({"plans", "insurance"}))
    condition = AllOf((ORDERS, AnyOf((IN_BRAZIL, Not(owned))), AllOf((IN_BRAZIL,))))
    assert write_condition(condition) == (
        "order.count at least 3 and (customer.country is BR or not (category.owned has any of insurance, plans))"
        " and all of (customer.country is BR)"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("pt-BR", "pt-BR"),
        ("true", '"true"'),
        ("and", '"and"'),
        ("12", '"12"'),
        ('a "b"', r'"a \"b\""'),
        ("é", "é"),
    ],
)
def test_quotes_only_what_could_be_taken_for_something_else(text: str, written: str) -> None:
    assert write_condition(Comparison("crm.level", Operator.IS, text)) == f"crm.level is {written}"


@settings(max_examples=300)
@given(RAW_CONDITIONS)
def test_what_is_written_is_read_back(raw: dict[str, Any]) -> None:
    condition = accepted(raw)
    text = write_condition(condition)
    again = read_condition(text)
    assert again == condition
    assert dump_condition(again) == dump_condition(condition)
    assert write_condition(again) == text


def test_the_longest_condition_can_be_read() -> None:
    """As many values and letters as there may be, all of which have to be escaped."""
    texts = [f"{chr(1 + number % 31)}".ljust(49, "\x01") + str(number) for number in range(175)]
    condition = parse_condition(
        {"all": [{"fact": "crm.level", "in": texts}] + [{"fact": "rfm.m", "known": True}] * 100}
    )
    text = write_condition(condition)
    assert len(text) > MAX_LENGTH / 2
    assert read_condition(text) == condition


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "line 1, column 1", "as order.count_12m at least 3; found the end"),
        ("order.cuont at lest 3", "line 1, column 1", "Did you mean order.count?"),
        ("order.count at lest 3", "line 1, column 13", "Did you mean at least?"),
        (
            "order.count\nstarts with 3",
            "line 2, column 1",
            "starts with does not go with order.count, a number",
        ),
        ("order.count is 1 AND rfm.m is 1", "line 1, column 18", "Did you mean and?"),
        ("rfm.m is 1 and rfm.f is 1 or rfm.r is 1", "line 1, column 27", "brackets"),
        ("not (rfm.m is 1", "line 1, column 5", "never closed"),
        ("(rfm.m is 1 rfm.f", "line 1, column 13", "a closing bracket is wanted, not rfm.f"),
        ("rfm.m is 1)", "line 1, column 11", "the end is wanted, not )"),
        ('crm.level is "x', "line 1, column 14", "never closed"),
        (r'crm.level is "\x"', "line 1, column 14", "backslash"),
        ("rfm.m is", "line 1, column 9", "a value is wanted"),
        ("rfm.m is and", "line 1, column 10", "put and in quotes"),
        ("rfm.m between 1, 2", "line 1, column 16", "between 2 and 5"),
        ("rfm.m between 4 and 2", "line 1, column 15", "the lower first"),
        ("all rfm.m is 1", "line 1, column 1", "all of (…)"),
        ("rfm.m is 1\nand customer.register is fromal", "line 2, column 26", "Did you mean formal?"),
        ("rfm.m is 1 and rfm.m in 1, many", "line 1, column 28", "is a number"),
        ("rfm.m in 1 and rfm.m in 2, 3", "line 1, column 1", "can never both be true"),
        ("not (rfm.m is 1 or crm.age is 40)", "line 1, column 20", "barred"),
        ("(" * 1000 + "rfm.m is 1", "line 1, column 13", "deeper than 6"),
        ("not " * 1000 + "rfm.m is 1", "line 1, column 49", "deeper than 6"),
        ("x" * MAX_LENGTH + "x", "condition", "longer than"),
        ("x" * MAX_LENGTH, "line 1, column 1", "there is no fact xxx"),
        ("rfm.m is 1 and " * 500 + "rfm.m is 1", "column", "more than 200 parts"),
        ("rfm.m in 1" + ", 1" * 500, "column", "more than 200 values"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, place: str, words: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        read_condition(text)
    assert caught.value.path.endswith(place) or (place == "column" and place in caught.value.path)
    assert words in caught.value.problem
    assert len(caught.value.problem) < 300


def test_an_approved_fact_is_no_longer_barred() -> None:
    assert read_condition("crm.age is known", unlocked={"crm.age"})


WORDS = st.sampled_from(
    [
        *("(", ")", ",", "and", "or", "not", "all of", "any of", "is", "is not", "in", "at least", "between"),
        *("has", "known", "is unknown", "contains", "starts with", "true", "order.count", "crm.level"),
        *("category.owned", "order.last_on", "3", "-0.5", "1e400", "2026-03-31", "BR", '"', "\\", "\n"),
    ]
)


@settings(max_examples=500)
@given(st.one_of(st.text(), st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=40).map(" ".join)))
@example('crm.level is "\ud800"')
@example("rfm.m is " + "9" * 5000)
@example("rfm.m is 1e999")
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        condition = read_condition(text)
    except InvalidContent as error:
        assert error.path.startswith("condition, line ")  # noqa: PT017 - most texts are refused
    else:
        assert read_condition(write_condition(condition)) == condition
