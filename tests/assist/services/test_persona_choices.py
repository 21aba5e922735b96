"""The agent's word on the persona: for this conversation, kept as labelled data, and taken back."""

from pathlib import Path

import pytest
from sqlalchemy import select

from assist.models.decision import Decision
from assist.models.persona_choice import PersonaChoice
from assist.services.brief import Request
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.lookup import LookUp, look_up
from assist.services.outcomes import Refused
from assist.services.persona_choices import UnknownCustomer, choose, take_back
from assist.services.sync import sync
from assist.services.views import PersonaResult
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order
from tests.assist.databases import on_both_databases
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id

HERE, CHOSEN = "generic|chat-1|", "mobile_gamer"


@pytest.fixture
def shop(desk: Desk, model: Path) -> World:
    shop = connect(desk)
    shop.put(customer("C1", country="ES"), *SHELF, order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def asked(desk: Desk, agent: int, context: str = HERE) -> Request:
    """The page's key names the customer once it is known."""
    customer_id = find_id(desk, "C1")
    return Request(customer_id, agent, f"{context}{customer_id}")


def decided(desk: Desk, agent: int, context: str = HERE) -> str | None:
    """The persona of the decision that is shown."""
    one = asked(desk, agent, context)
    answer = decide(desk, customer_id=one.customer_id, agent_id=agent, context=one.context, language="en")
    with desk.database.reading() as session:
        return session.get_one(Decision, answer.decision_id).persona


def shown(desk: Desk, agent: int, context: str = HERE) -> PersonaResult:
    with desk.database.reading() as session:
        card = look_up(desk, session, LookUp(ref="C1", context=context, agent_id=agent))
    assert card.persona
    return card.persona


def choices(desk: Desk) -> list[PersonaChoice]:
    with desk.database.reading() as session:
        return list(session.scalars(select(PersonaChoice).order_by(PersonaChoice.id)))


@on_both_databases
def test_a_choice_counts_in_its_conversation_until_it_is_taken_back(
    desk: Desk, agent: int, clock: HandClock
) -> None:
    proposed, before = decided(desk, agent), shown(desk, agent)
    assert proposed != CHOSEN
    clock.pass_time(seconds=1)
    choose(desk, asked(desk, agent), CHOSEN)
    clock.pass_time(seconds=1)
    assert decided(desk, agent) == CHOSEN
    result = shown(desk, agent)
    assert (result.state, [one.key for one in result.personas]) == ("chosen", [CHOSEN])
    assert decided(desk, agent, "generic|chat-2|") == proposed
    assert shown(desk, agent, "generic|chat-2|") == before
    assert shown(desk, add_agent(desk, "Bo")) == before

    choose(desk, asked(desk, agent), None)
    clock.pass_time(seconds=1)
    assert decided(desk, agent) is None
    assert (shown(desk, agent).state, shown(desk, agent).personas) == ("chosen", ())

    take_back(desk, asked(desk, agent))
    clock.pass_time(seconds=1)
    assert decided(desk, agent) == proposed
    assert shown(desk, agent) == before
    take_back(desk, asked(desk, agent))
    assert [one.taken_back_at is None for one in choices(desk)] == [True, False]


def test_it_is_kept_with_what_was_proposed_and_the_names_of_what_was_known(desk: Desk, agent: int) -> None:
    decided(desk, agent)
    choose(desk, asked(desk, agent), CHOSEN)
    choose(desk, asked(desk, agent), CHOSEN)
    (kept,) = choices(desk)
    assert (kept.customer_id, kept.agent_id, kept.persona) == (find_id(desk, "C1"), agent, CHOSEN)
    assert kept.proposed in {one.key for one in desk.personas.personas}
    assert kept.score is not None
    assert kept.coverage is not None
    assert 0 <= kept.score <= 1
    assert 0 <= kept.coverage <= 1
    assert {"order.count", "customer.country"} <= set(kept.known)
    assert (kept.release, kept.chosen_at) == (desk.releases.current().digest, desk.clock.now())


def test_only_a_persona_of_the_release_and_only_a_customer_that_is_there(desk: Desk, agent: int) -> None:
    with pytest.raises(Refused, match="no persona 'pirate'; there are content_creator"):
        choose(desk, asked(desk, agent), "pirate")
    nobody = Request(999, agent, HERE)
    with pytest.raises(UnknownCustomer):
        choose(desk, nobody, CHOSEN)
    with pytest.raises(UnknownCustomer):
        take_back(desk, nobody)
    assert choices(desk) == []


def test_outside_of_a_conversation_there_is_nothing_to_choose(desk: Desk, agent: int) -> None:
    assert shown(desk, agent, "").options == ()
    assert len(shown(desk, agent).options) == len(desk.personas.personas)
