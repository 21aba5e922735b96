"""For how many customers each fact is known."""

import pytest

from assist.services import fill
from assist.services.desk import Desk
from assist.services.fill import Fill, FillRates
from assist.services.population import all_facts
from personas.facts import FACTS, FactSet
from personas.sensitivity import is_barred
from tests.assist.conftest import HandClock
from tests.assist.databases import on_both_databases
from tests.assist.services.crowds import make_crowd

PEOPLE = (
    FactSet({"order.count": 3, "customer.country": "ES", "customer.churn_risk": True, "rfm.r": 5}),
    FactSet({"order.count": 0, "category.count.cases": 2, "category.count.audio": 0, "crm.level": "Gold"}),
    FactSet({"order.count": 1, "customer.churn_risk": False, "category.count.audio": 1, "crm.age": "40"}),
    FactSet({"customer.churn_risk": True, "rfm.r": 2, "crm.level": "Ana"}),
)


@pytest.fixture
def rates(clock: HandClock) -> FillRates:
    return fill.count(clock.now(), PEOPLE)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("order.count", 3),
        ("customer.country", 1),
        ("customer.language", 0),
        ("category.count.*", 2),
        ("category.share.*", 0),
        ("crm.level", 2),
        ("crm.age", 1),
        ("crm.*", 3),
    ],
)
def test_a_fact_is_counted_where_it_is_known(rates: FillRates, name: str, known: int) -> None:
    found = rates.find(name)
    assert found is not None
    assert (found.known, rates.customers) == (known, 4)


def test_what_only_a_conversation_knows_has_no_rate(rates: FillRates) -> None:
    missing = {fact.name for fact in FACTS if rates.find(fact.name) is None}
    assert missing == {
        "cart.count",
        "cart.value",
        "cart.currency",
        "cart.categories",
        "cart.in_stock",
        "conversation.channel",
        "agent.role",
    }


def test_the_few_values_that_a_fact_can_have_are_counted(rates: FillRates) -> None:
    assert rates.find("customer.churn_risk") == Fill(3, {"true": 2, "false": 1})
    assert rates.find("rfm.r") == Fill(2, {"2": 1, "5": 1})


def test_no_words_of_customers_are_kept(rates: FillRates) -> None:
    assert rates.find("crm.level") == Fill(2)
    assert rates.find("customer.country") == Fill(1)


def test_nobody_is_no_share_of_anything(clock: HandClock) -> None:
    assert fill.count(clock.now(), []).customers == 0


@on_both_databases
def test_what_was_counted_over_the_mirror_is_kept(desk: Desk) -> None:
    make_crowd(desk, 5)
    with desk.database.reading() as session:
        assert fill.load(session) is None
        population = [one.facts for one in all_facts(desk, session, desk.clock.now())]
    counted = fill.refresh(desk)
    with desk.database.reading() as session:
        assert fill.load(session) == counted
    assert counted.customers == len(population)
    for name in ("customer.country", "order.median_gap_days", "crm.level", "crm.age"):
        found = counted.find(name)
        assert found is not None
        assert found.known == sum(name in known for known in population) > 0
    assert is_barred("crm.age")
