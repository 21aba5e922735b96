"""What customers say when they are asked: a fact from then on, until it is taken back or seen otherwise."""

from typing import Any

import pytest
from sqlalchemy import select

from assist.models.mirror import Customer
from assist.services import lookup
from assist.services.answers import answer
from assist.services.brief import Request
from assist.services.desk import Desk
from assist.services.outcomes import Refused
from assist.services.persona_choices import UnknownCustomer
from assist.services.sync import sync
from assist.services.views import Card
from tests.assist.crms import World, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id

pytestmark = on_both_databases
FACT = "family.owned"


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", name="Ana"), product("PHONE", family="aurora", category="phones"))
    sync(desk, "shop")
    return shop


def look(desk: Desk, ref: str = "C1") -> Card:
    with desk.database.reading() as session:
        asked = lookup.LookUp(customer_id=find_id(desk, ref), language="en", context="c", agent_id=1)
        return lookup.look_up(desk, session, asked)


def say(desk: Desk, value: str | None, agent: int = 1) -> None:
    answer(desk, Request(find_id(desk, "C1"), agent, "c"), FACT, value)


def test_what_is_answered_is_asked_no_more_and_counts(desk: Desk, shop: World) -> None:
    agent = add_agent(desk)
    before = look(desk)
    assert before.question
    assert before.question.fact == FACT
    say(desk, "storm", agent)
    after = look(desk)
    assert after.question is None
    assert [(one.fact, one.said) for one in after.asked] == [(FACT, "Storm")]
    assert after.persona
    assert after.persona.personas[0].name == "Mobile gamer"
    say(desk, None, agent)
    assert look(desk) == before


def test_it_is_kept_with_its_source_and_survives_a_sync(desk: Desk, shop: World) -> None:
    agent = add_agent(desk)
    say(desk, "storm", agent)
    shop.put(customer("C1", name="Ana Ruiz"))
    sync(desk, "shop")
    with desk.database.reading() as session:
        row = session.scalars(select(Customer)).one()
    assert row.name == "Ana Ruiz"
    assert row.answers == {FACT: {"value": "storm", "by": agent, "at": desk.clock.now().isoformat()}}


def test_what_we_see_ourselves_goes_before_it(desk: Desk, shop: World) -> None:
    say(desk, "storm")
    shop.put(order("O1", "C1", "PHONE", days=20))
    sync(desk, "shop")
    card = look(desk)
    assert card.asked
    assert "Storm" not in str(card.persona)


@pytest.mark.parametrize(("fact", "value"), [(FACT, "nokia"), ("crm.level", "gold"), ("no.such", "x")])
def test_only_what_is_asked_can_be_answered(desk: Desk, shop: World, fact: str, value: Any) -> None:
    with pytest.raises(Refused):
        answer(desk, Request(find_id(desk, "C1"), 1, "c"), fact, value)


def test_nobody_cannot_answer(desk: Desk, shop: World) -> None:
    with pytest.raises(UnknownCustomer):
        answer(desk, Request(999, 1, "c"), FACT, "storm")
