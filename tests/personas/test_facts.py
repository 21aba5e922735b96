from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from personas.fact import FactType
from personas.facts import FACTS, FactSet, find_fact, slug


def test_names_are_declared_once() -> None:
    assert len({fact.name for fact in FACTS}) == len(FACTS)


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("order.count", FactType.NUMBER),
        ("category.share.screen_protectors", FactType.NUMBER),
        ("crm.loyalty_level_c", FactType.TEXT),
    ],
)
def test_finds_facts_and_patterns(name: str, type_: FactType) -> None:
    fact = find_fact(name)
    assert fact is not None
    assert fact.type is type_


@pytest.mark.parametrize(
    "name", ["", "order", "order.", "crm.", "crm.a b", "category.share.*", "crm.a.b", "crm.Level"]
)
def test_what_is_not_declared_is_not_found(name: str) -> None:
    assert find_fact(name) is None


def test_none_is_unknown_and_left_out() -> None:
    assert "order.count" not in FactSet({"order.count": None, "rfm.r": 3})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order.counts", 3),
        ("order.count", "3"),
        ("order.count", True),
        ("order.count", 0.5),
        ("order.count", Decimal("NaN")),
        ("order.last_on", datetime(2026, 1, 1, tzinfo=UTC)),
        ("category.owned", "phones"),
        ("customer.register", "usted"),
    ],
)
def test_refuses_what_the_declaration_rules_out(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        FactSet({name: value})


def test_the_later_of_two_sets_wins() -> None:
    both = FactSet({"order.count": 1, "rfm.r": 2}) | FactSet({"order.count": 5})
    assert both == {"order.count": 5, "rfm.r": 2}


def test_no_customer_data_in_its_repr() -> None:
    assert "Ana" not in repr(FactSet({"crm.nickname": "Ana"}))


@pytest.mark.parametrize(
    ("text", "short"),
    [("Screen protectors", "screen_protectors"), ("Películas", "peliculas"), (" A/B – c ", "a_b_c")],
)
def test_slug(text: str, short: str) -> None:
    assert slug(text) == slug(short) == short
