"""Criteria as sentences."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale

from assist.web.criteria import say_condition
from personas.catalogue import load_catalogue
from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator

SENTENCES = [
    (Comparison("order.count_12m", Operator.AT_LEAST, 3), "Orders in 12 months: at least 3"),
    (Comparison("order.count_12m", Operator.BETWEEN, (2, 5)), "Orders in 12 months: between 2 and 5"),
    (Comparison("customer.company_known", Operator.IS, True), "Company: yes"),
    (Comparison("customer.company_known", Operator.IS_NOT, True), "Company: no"),
    (Comparison("customer.company_known", Operator.KNOWN, False), "Company: not known"),
    (Comparison("category.share.phones", Operator.AT_MOST, Decimal("0.25")), "Share of phones: at most 25%"),
    (
        Comparison("category.owned", Operator.HAS_ANY, frozenset({"cases", "chargers"})),
        "What they own: cases or chargers",
    ),
    (Comparison("order.last_on", Operator.AT_LEAST, date(2026, 3, 1)), "at least Mar 1, 2026"),
]


@pytest.mark.parametrize(("condition", "sentence"), SENTENCES)
def test_a_comparison_reads_as_a_sentence(app: Flask, condition: Condition, sentence: str) -> None:
    with app.test_request_context():
        assert sentence in say_condition(condition, "en").text


def test_what_is_nested_stays_nested(app: Flask) -> None:
    orders = Comparison("order.count_12m", Operator.AT_LEAST, 3)
    company = Comparison("customer.company_known", Operator.IS, True)
    with app.test_request_context():
        said = say_condition(AllOf((orders, AnyOf((company, Not(orders))))), "en")
    assert said.text == "All of these:"
    assert said.parts[1].text == "At least one of these:"
    assert said.parts[1].parts[1].text == "Not:"
    assert said.parts[1].parts[1].parts[0].text == said.parts[0].text


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_every_shipped_criterion_can_be_said(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language.replace("-", "_")):
        for persona in load_catalogue().personas:
            for criterion in persona.criteria:
                assert say_condition(criterion.condition, language).text
