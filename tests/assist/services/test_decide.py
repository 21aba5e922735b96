"""What is offered next: each decline reason has exactly its effect, and an objection stops at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assist.models.decision import Event, Restraint
from assist.services import outcomes
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.events import record_seen
from assist.services.outcomes import NewOutcome
from assist.services.sync import sync
from assist.services.views import Gate, Suggestions
from crm_adapters.model import Consent, OrderStatus
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, order
from tests.assist.databases import on_both_databases
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id

ANA = customer("C1", name="Ana Ruiz", given_name="Ana", email="ana@x.com", country="ES", language="es")


@pytest.fixture
def shop(desk: Desk, model: Path) -> World:
    shop = connect(desk)
    shop.put(ANA, *SHELF, order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def ask(desk: Desk, agent: int, context: str = "chat-1") -> Suggestions:
    return decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context=context, language="en")


def skus(answer: Suggestions) -> list[str]:
    return [one.sku for one in answer.suggestions]


def decline(desk: Desk, agent: int, sku: str, reason: str, *, days: int | None = None) -> None:
    answer = ask(desk, agent)
    suggestion = next(one for one in answer.suggestions if one.sku == sku)
    new = NewOutcome(suggestion.id, "declined", reason=reason, days=days)
    outcomes.record(desk, new, agent_id=agent)


def test_at_most_three_of_different_categories_and_nothing_owned(desk: Desk, agent: int) -> None:
    answer = ask(desk, agent)
    assert 1 <= len(answer.suggestions) <= 3
    assert "PHONE-1" not in skus(answer)
    categories = {one.sku: one.category for one in SHELF}
    assert len({categories[sku] for sku in skus(answer)}) == len(answer.suggestions)
    assert answer.model_version == "v1"


EFFECTS: dict[str, list[tuple[str, str | None, int | None]]] = {
    "too_expensive": [("lower_price_band", "cases", 90)],
    "already_has_it": [("owned", "CASE-2", None)],
    "not_interested": [("double_cost", "cases", 30), ("suppress", "CASE-2", 90)],
    "not_now": [("snooze", "CASE-2", 7)],
    "wrong_moment": [("close_gate", "chat-1", None)],
    "wrong_data": [],
    "no_reason": [],
    "no_offers": [("objection", None, None)],
}
AWAY = {"too_expensive": 90, "already_has_it": None, "not_interested": 90, "not_now": 7}
"""Days without the product after it was declined; None for ever."""


@pytest.mark.parametrize("reason", EFFECTS)
def test_a_reason_is_remembered_as_the_policies_say(desk: Desk, agent: int, reason: str) -> None:
    assert set(EFFECTS) == {one.key for one in desk.personas.policies.decline_reasons}
    decline(desk, agent, "CASE-2", reason)
    now = desk.clock.now()
    with desk.database.reading() as session:
        found = session.scalars(select(Restraint).order_by(Restraint.kind)).all()
    assert [
        (one.kind, one.subject, (one.until - now).days if one.until else None) for one in found
    ] == EFFECTS[reason]


@pytest.mark.parametrize("reason", AWAY)
def test_what_was_declined_stays_away_for_its_time(
    desk: Desk, agent: int, reason: str, clock: HandClock
) -> None:
    decline(desk, agent, "CASE-2", reason)
    days = AWAY[reason]
    clock.pass_time(days=days - 1 if days else 3650)
    assert "CASE-2" not in skus(ask(desk, agent, "before"))
    clock.pass_time(days=1)
    assert ("CASE-2" in skus(ask(desk, agent, "after"))) is (days is not None)


def test_too_expensive_leads_to_something_cheaper_of_the_kind(desk: Desk, agent: int) -> None:
    decline(desk, agent, "CASE-2", "too_expensive")
    assert "CASE" in skus(ask(desk, agent, "chat-2"))


def test_the_agent_chooses_how_long_not_now_lasts(desk: Desk, agent: int, clock: HandClock) -> None:
    decline(desk, agent, "CASE-2", "not_now", days=30)
    clock.pass_time(days=29)
    assert "CASE-2" not in skus(ask(desk, agent, "chat-2"))


@pytest.mark.parametrize("reason", ["wrong_data", "no_reason"])
def test_some_reasons_hold_nothing_back(desk: Desk, agent: int, reason: str) -> None:
    decline(desk, agent, "CASE-2", reason)
    assert "CASE-2" in skus(ask(desk, agent, "chat-2"))


def test_a_wrong_moment_closes_this_conversation_only(desk: Desk, agent: int) -> None:
    decline(desk, agent, "CASE-2", "wrong_moment")
    here = ask(desk, agent)
    assert (skus(here), here.silence, here.gate) == ([], "gate", Gate("agent_closed", ""))
    elsewhere = ask(desk, agent, "chat-2")
    assert elsewhere.suggestions
    assert ask(desk, agent, "chat-2").decision_id == elsewhere.decision_id, "and stays as it was shown"


@on_both_databases
def test_do_not_offer_me_things_stops_at_once_everywhere(desk: Desk, agent: int) -> None:
    connect(desk, "helpdesk").put(replace(ANA, ref="H1"))
    sync(desk, "helpdesk")
    other = add_agent(desk, "Bo")
    before = ask(desk, other, "chat-2")
    assert before.suggestions
    decline(desk, agent, "CASE-2", "no_offers")
    for ref in ("C1", "H1"):
        answer = decide(desk, customer_id=find_id(desk, ref), agent_id=other, context="chat-2", language="en")
        assert (skus(answer), answer.silence) == ([], "objection")


def test_an_objection_the_crm_tells_of_stops_a_decision_already_shown(
    desk: Desk, shop: World, agent: int
) -> None:
    assert ask(desk, agent).suggestions
    shop.put(replace(ANA, consents=(Consent("offers", granted=False),)))
    sync(desk, "shop")
    assert ask(desk, agent).silence == "objection"


def test_what_is_gone_or_declined_elsewhere_is_not_shown_again(desk: Desk, shop: World, agent: int) -> None:
    first = ask(desk, agent, "chat-2")
    decline(desk, agent, "CASE-2", "not_now")
    assert "CASE-2" not in skus(ask(desk, agent, "chat-2"))
    other = ask(desk, agent, "chat-2")
    assert other.decision_id != first.decision_id
    gone = next(one for one in SHELF if one.sku == skus(other)[0])
    shop.put(replace(gone, stock=0))
    sync(desk, "shop")
    assert gone.sku not in skus(ask(desk, agent, "chat-2"))


def test_an_objection_stops_where_everything_shown_was_answered(desk: Desk, agent: int) -> None:
    for suggestion in ask(desk, agent).suggestions:
        new = NewOutcome(suggestion.id, "declined", reason="no_offers")
        outcomes.record(desk, new, agent_id=agent)
    assert ask(desk, agent).silence == "objection"


def test_undoing_a_decline_brings_the_decision_back(desk: Desk, agent: int) -> None:
    before = skus(ask(desk, agent))
    suggestion = ask(desk, agent).suggestions[1]
    new = NewOutcome(suggestion.id, "declined", reason="no_offers")
    outcome = outcomes.record(desk, new, agent_id=agent)
    outcomes.undo(desk, outcome.id, agent_id=agent)
    assert skus(ask(desk, agent)) == skus(ask(desk, agent, "chat-2")) == before


def test_trouble_closes_the_gate_and_its_end_opens_it(desk: Desk, shop: World, agent: int) -> None:
    assert ask(desk, agent).suggestions
    shop.put(complaint("K1", "C1"))
    sync(desk, "shop")
    assert ask(desk, agent).silence == "gate"
    shop.put(complaint("K1", "C1", is_open=False))
    sync(desk, "shop")
    assert ask(desk, agent).suggestions


@on_both_databases
def test_a_conversation_shows_what_it_showed_until_something_was_bought(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    first = ask(desk, agent)
    clock.pass_time(minutes=29)
    assert ask(desk, agent) == first
    shop.put(replace(order("O2", "C1", "CASE-2"), placed_at=clock.now()))
    sync(desk, "shop")
    again = ask(desk, agent)
    assert again.decision_id != first.decision_id
    assert "CASE-2" not in skus(again)


def test_a_product_that_came_back_is_not_owned(desk: Desk, shop: World, agent: int, clock: HandClock) -> None:
    bought = order("O2", "C1", "CASE-2", days=21)
    shop.put(bought)
    sync(desk, "shop")
    assert "CASE-2" not in skus(ask(desk, agent))
    shop.put(replace(bought, status=OrderStatus.REFUNDED))
    sync(desk, "shop")
    assert "CASE-2" in skus(ask(desk, agent, "chat-2"))


def test_without_a_model_or_a_customer_the_silence_says_so(desk: Desk) -> None:
    connect(desk).put(ANA)
    sync(desk, "shop")
    assert ask(desk, add_agent(desk)).silence == "no_model"
    assert decide(desk, customer_id=99, agent_id=1, context="c", language="en").silence == "no_customer"


@on_both_databases
def test_what_was_seen_is_recorded_once_and_only_ones_own(desk: Desk, agent: int) -> None:
    shown = [one.id for one in ask(desk, agent).suggestions]
    other = add_agent(desk, "Bo")

    def see(who: int) -> None:
        record_seen(desk, [*shown, "unknown"], kind="shown", agent_id=who)

    with ThreadPoolExecutor(4) as requests:
        list(requests.map(see, (other, agent, agent, agent, agent)))
    record_seen(desk, shown[:1], kind="viewed", agent_id=agent)
    with desk.database.reading() as session:
        seen = session.execute(select(Event.kind, func.count()).group_by(Event.kind).order_by(Event.kind))
        assert list(seen) == [("shown", len(shown)), ("viewed", 1)]
