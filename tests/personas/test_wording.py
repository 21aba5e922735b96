from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from personas.conditions import Operator, Reason, Truth
from personas.content import InvalidContent
from personas.fact import Fact, FactType
from personas.facts import FACTS
from personas.languages import LANGUAGES
from personas.wording import explain, parse_labels, shipped_labels

EXAMPLES: dict[FactType, Any] = {
    FactType.NUMBER: Decimal("0.25"),
    FactType.TEXT: "anything",
    FactType.BOOLEAN: True,
    FactType.SET: frozenset({"phones"}),
    FactType.DATE: date(2026, 3, 1),
}


def reason(
    fact: str, actual: Any, operator: Operator = Operator.IS, wanted: Any = 1, truth: Truth = Truth.YES
) -> Reason:
    return Reason(fact, operator, wanted, actual, truth)


def examples(fact: Fact) -> list[Any]:
    """Every word, both truth values, and numbers on both sides of a plural."""
    more: dict[FactType, list[Any]] = {FactType.BOOLEAN: [False], FactType.NUMBER: [0, 1, 2, 5, 1000000]}
    words: list[Any] = list(fact.values) or [EXAMPLES[fact.type]]
    return words + more.get(fact.type, [])


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_has_words_for_every_value_in_every_language(fact: Fact) -> None:
    name = fact.name.replace("*", "memory")
    for language in LANGUAGES:
        said = [explain(reason(name, actual, Operator.KNOWN), language) for actual in (*examples(fact), None)]
        assert all(text and "{" not in text for text in said)


def test_no_label_without_a_fact() -> None:
    assert set(shipped_labels().facts) == {fact.name for fact in FACTS}


@pytest.mark.parametrize(
    ("given_reason", "language", "sentence"),
    [
        (reason("order.count_12m", 5), "en", "bought 5 times in 12 months"),
        (reason("order.count_12m", 1), "pt-BR", "comprou uma vez em 12 meses"),
        (reason("order.count_12m", 0), "es-MX", "no compró en 12 meses"),
        (reason("order.count_12m", None), "es", "no se sabe: pedidos en 12 meses"),
        (
            reason("category.share.gaming", Decimal("0.25")),
            "pt-BR",
            "25% das compras são de acessórios para jogos",
        ),
        (reason("category.count.brass_bands", 2), "en", "2 purchases of Brass bands"),
        (reason("customer.country", "MX"), "es", "vive en México"),
        (reason("customer.language", "pt-BR"), "en", "language: Portuguese"),
        (reason("order.last_on", date(2026, 3, 1)), "pt-BR", "último pedido em 1 de março de 2026"),
        (reason("crm.level", "Gold"), "en", "Level: Gold"),
        (reason("order.value_12m", Decimal("1299.5")), "es", "gastó 1.299,5 en 12 meses"),
    ],
)
def test_explains(given_reason: Reason, language: str, sentence: str) -> None:
    assert explain(given_reason, language) == sentence


def test_of_a_set_it_names_what_was_asked_about() -> None:
    owned = frozenset({"phones", "cases", "audio"})
    asked = frozenset({"cases", "phones", "plans"})
    found = reason("category.owned", owned, Operator.HAS_ANY, asked)
    assert explain(found, "en") == "has bought cases and phones"
    lacking = reason("category.owned", frozenset({"audio"}), Operator.HAS_ANY, asked, Truth.NO)
    assert explain(lacking, "es") == "no ha comprado fundas, teléfonos o planes"


def test_languages_that_tell_different_cases_apart_are_refused() -> None:
    name = dict.fromkeys(LANGUAGES, "x")
    says = {
        "en": {"when_true": "a", "when_false": "b"},
        "es": {"when_true": "a"},
        "pt-BR": {"when_true": "a"},
    }
    raw = {"facts": {"order.has_open": {"name": name, "says": says}}, "categories": {}, "unknown": name}
    with pytest.raises(InvalidContent, match="different cases"):
        parse_labels(raw, path="labels")
