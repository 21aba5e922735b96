"""What became of offers: counted by product and kind, by persona, and over all; editing an offer changes nothing."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assist.models.decision import Decision, Suggestion
from assist.services import lineages, outcomes
from assist.services.candidates import as_candidate, gather
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.facts import open_dossier
from assist.services.figures import FiguresShelf
from assist.services.lineages import Tallies
from assist.services.outcomes import NewOutcome
from assist.services.sync import sync
from assist.services.views import SuggestionView
from assist.store.customers import find_customer
from crm_adapters.model import Order, OrderStatus
from personas.candidates import Tally
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order
from tests.assist.databases import on_both_databases
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id, offer, put_in_force, suggest

NOTHING, NOT_TAKEN, TAKEN = Tally(), Tally(0.0, 1.0), Tally(1.0, 1.0)


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", email="one@x.example"), customer("C2"), *SHELF)
    sync(desk, "shop")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def count(desk: Desk) -> Tallies:
    lineages.compute(desk.database, desk.clock, desk.personas.policies)
    with desk.database.reading() as session:
        return lineages.read_tallies(session)


def of_case(desk: Desk) -> Tally:
    return count(desk).find("cross_sell", "CASE", None)[0]


def answer(desk: Desk, suggestion: str, act: str, *, agent: int, reason: str | None = None) -> str:
    return outcomes.record(desk, NewOutcome(suggestion, act, reason=reason), agent_id=agent).id


def ask(desk: Desk, agent: int, context: str) -> dict[str, SuggestionView]:
    """What is suggested, by SKU."""
    found = decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context=context, language="en")
    return {one.sku: one for one in found.suggestions}


def test_before_anything_was_counted_there_is_nothing(desk: Desk) -> None:
    with desk.database.reading() as session:
        assert lineages.read_tallies(session).find("upsell", "CASE", "anybody") == (NOTHING,) * 3


@pytest.mark.parametrize(
    ("act", "reason", "tally"),
    [
        ("accepted", None, TAKEN),
        ("declined", "not_interested", NOT_TAKEN),
        ("declined", "no_reason", Tally(0.0, 0.5)),
        ("declined", None, Tally(0.0, 0.5)),
        ("declined", "too_expensive", NOTHING),
        ("declined", "wrong_data", NOTHING),
        ("wrong_data", None, NOTHING),
    ],
)
def test_an_answer_counts_as_the_policies_say(
    desk: Desk, agent: int, act: str, reason: str | None, tally: Tally
) -> None:
    suggestion = suggest(desk, "C1", "CASE", agent_id=agent)
    offer(desk, suggestion, agent_id=agent)
    desk.clock.sleep(1)
    answer(desk, suggestion, act, agent=agent, reason=reason)
    assert of_case(desk) == tally


def test_what_nobody_answers_is_settled_after_a_week(desk: Desk, agent: int, clock: HandClock) -> None:
    offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    clock.pass_time(days=6)
    assert of_case(desk) == NOTHING
    clock.pass_time(days=1)
    assert of_case(desk) == NOT_TAKEN


@on_both_databases
def test_a_purchase_within_a_week_is_a_yes_wherever_the_person_makes_it(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    other = connect(desk, "other shop")
    other.put(customer("D1", email="one@x.example"), *SHELF)
    sync(desk, "other shop")
    offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    clock.pass_time(days=7)
    other.put(replace(order("O1", "D1", "CASE"), placed_at=clock.now()))
    sync(desk, "other shop")
    assert of_case(desk) == TAKEN


@pytest.mark.parametrize(
    ("days", "bought"),
    [
        (8, order("O1", "C1", "CASE")),
        (-1, order("O1", "C1", "CASE")),
        (1, order("O1", "C2", "CASE")),
        (1, order("O1", "C1", "GLASS")),
        (1, order("O1", "C1", "CASE", status=OrderStatus.CANCELLED)),
    ],
    ids=["too late", "before", "somebody else", "something else", "cancelled"],
)
def test_another_purchase_is_none_of_it(
    desk: Desk, shop: World, agent: int, clock: HandClock, days: int, bought: Order
) -> None:
    offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    shop.put(replace(bought, placed_at=clock.now() + timedelta(days=days)))
    clock.pass_time(days=20)
    sync(desk, "shop")
    assert of_case(desk) == NOT_TAKEN


@on_both_databases
def test_an_outcome_that_was_undone_does_not_count(desk: Desk, agent: int) -> None:
    undone = answer(desk, suggest(desk, "C1", "CASE", agent_id=agent), "accepted", agent=agent)
    assert of_case(desk) == TAKEN
    outcomes.undo(desk, undone, agent_id=agent)
    assert of_case(desk) == NOTHING


@on_both_databases
def test_kinds_personas_and_the_whole_are_counted_apart(desk: Desk, agent: int) -> None:
    for number, (persona, popular) in enumerate((("saver", False), (None, False), (None, True))):
        suggestion = suggest(desk, "C1", "CASE", agent_id=agent, context=f"chat-{number}")
        with desk.database.writing() as session:
            row = session.get_one(Suggestion, suggestion)
            row.shown = {**row.shown, "popular": popular}
            session.get_one(Decision, row.decision_id).persona = persona
        answer(desk, suggestion, "accepted", agent=agent)
    found, two = count(desk), Tally(2.0, 2.0)
    assert found.find("cross_sell", "CASE", "saver") == (two, TAKEN, Tally(3.0, 3.0))
    assert found.find("cross_sell", "GLASS", None) == (NOTHING, TAKEN, Tally(3.0, 3.0))
    assert found.find("popular", "CASE", None) == (TAKEN, TAKEN, Tally(3.0, 3.0))


def test_another_release_keeps_the_tallies_and_decisions_use_them(
    desk: Desk, shop: World, agent: int, model: Path, clock: HandClock
) -> None:
    shop.put(order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    for number in range(3):
        chosen = ask(desk, agent, f"chat-{number}")["CASE-2"]
        answer(desk, chosen.id, "accepted", agent=agent)
    before = count(desk)
    document = deepcopy(dict(shipped().document))
    for tones in document["talk_tracks.yaml"]["cross_sell"].values():
        tones["neutral"] = ["Something else for you: {product}"]
    put_in_force(desk, Release.of(document))
    desk.releases.look_again()
    assert count(desk) == before
    fresh = replace(desk, figures=FiguresShelf(desk.database))
    clock.pass_time(minutes=31)
    told, without = ask(fresh, agent, "chat-9")["CASE-2"], ask(desk, agent, "chat-8")["CASE-2"]
    assert told.talk_track.startswith("Something else")
    with desk.database.reading() as session:
        worth = [session.get_one(Suggestion, one.id).expected_value for one in (told, without)]
    assert worth[0] > worth[1] > 0


def test_a_candidate_has_its_own_tally_beside_those_of_its_stratum_and_of_all(
    desk: Desk, shop: World, agent: int, model: Path
) -> None:
    shop.put(order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    answer(desk, suggest(desk, "C1", "CASE", agent_id=agent), "accepted", agent=agent)
    count(desk)
    with desk.database.reading() as session:
        ana = find_customer(session, find_id(desk, "C1"))
        assert ana
        dossier = open_dossier(session, ana, desk.clock.now())
        found = gather(desk, session, dossier)
    made = [as_candidate(one, [], dossier, tallies=found.tallies) for one in found.items]
    tallies = {one.product: (one.offer, one.stratum, one.overall) for one in made if one.kind == "cross_sell"}
    assert tallies.pop("CASE") == (TAKEN, TAKEN, TAKEN)
    assert set(tallies.values()) == {(NOTHING, TAKEN, TAKEN)}
