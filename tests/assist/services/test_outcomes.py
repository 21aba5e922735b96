"""Outcomes: stored with their CRM write and their effects as one, once, and taken back as one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.decision import Outcome, Restraint
from assist.models.outbox import OutboxEntry
from assist.services import outcomes
from assist.services.backlog import set_shadow, set_writes
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.lookup import LookUp, look_up
from assist.services.notes import note_language
from assist.services.outcomes import NewOutcome, Refused, TooLate, UnknownOutcome
from assist.services.sync import sync
from assist.services.writeback import deliver_due, from_payload
from crm_adapters.testing import MemoryAdapter
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, dump, forbid_writing, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id, offer, suggest

AN_ID = "0123456789abcdef" * 2


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1"), customer("C2"), product("CASE", category="cases"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def agent(desk: Desk) -> int:
    return add_agent(desk)


@pytest.fixture
def case(desk: Desk, shop: World, agent: int) -> str:
    return suggest(desk, "C1", "CASE", agent_id=agent)


def decline(desk: Desk, suggestion: str, reason: str, *, agent: int, days: int | None = None) -> str:
    new = NewOutcome(suggestion, "declined", reason=reason, days=days)
    return outcomes.record(desk, new, agent_id=agent).id


def count(desk: Desk, table: type) -> int:
    with desk.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@on_both_databases
def test_an_outcome_comes_with_its_write_due_when_undo_ends(desk: Desk, case: str, agent: int) -> None:
    outcome = offer(desk, case, agent_id=agent)
    with desk.database.reading() as session:
        entry = session.scalars(select(OutboxEntry)).one()
    assert (entry.key, entry.due_at, entry.customer_ref) == (outcome.id, outcome.undo_until, "C1")
    assert entry.payload["act"] == "offered"
    assert entry.payload["agent"] == "Zoë"
    assert entry.payload["price"] == {"amount": "10.00", "currency": "EUR"}


@on_both_databases
@pytest.mark.parametrize("table", [Outcome, Restraint, OutboxEntry])
def test_an_error_in_the_middle_leaves_nothing(desk: Desk, case: str, agent: int, table: type) -> None:
    before = dump(desk.database.engine)

    def fail(session: Session, *_: object) -> None:
        if any(isinstance(row, table) for row in session.new):
            raise ConnectionError

    event.listen(Session, "after_flush", fail)
    try:
        with pytest.raises(ConnectionError):
            decline(desk, case, "already_has_it", agent=agent)
    finally:
        event.remove(Session, "after_flush", fail)
    assert dump(desk.database.engine) == before


@on_both_databases
def test_the_same_id_sent_by_several_requests_is_one_outcome(desk: Desk, case: str, agent: int) -> None:
    with ThreadPoolExecutor(4) as threads:
        sent = [threads.submit(offer, desk, case, agent_id=agent, id=AN_ID) for _ in range(4)]
        assert {one.result().id for one in sent} == {AN_ID}
    assert (count(desk, Outcome), count(desk, OutboxEntry)) == (1, 1)


def test_a_second_press_is_no_second_offer_but_an_answer_is_an_outcome(
    desk: Desk, case: str, agent: int
) -> None:
    assert offer(desk, case, agent_id=agent).id == offer(desk, case, agent_id=agent).id
    outcomes.record(desk, NewOutcome(case, "accepted"), agent_id=agent)
    assert (count(desk, Outcome), count(desk, OutboxEntry)) == (2, 2)


def test_the_id_of_another_suggestions_outcome_is_refused(desk: Desk, case: str, agent: int) -> None:
    offer(desk, case, agent_id=agent, id=AN_ID)
    other = suggest(desk, "C2", "CASE", agent_id=agent)
    with pytest.raises(UnknownOutcome):
        offer(desk, other, agent_id=agent, id=AN_ID)


@on_both_databases
def test_undo_restores_what_was_there(desk: Desk, case: str, agent: int) -> None:
    offer(desk, case, agent_id=agent)
    before = dump(desk.database.engine)
    undone = decline(desk, case, "not_interested", agent=agent)
    assert count(desk, Restraint) == 2
    outcomes.undo(desk, undone, agent_id=agent)
    after = dump(desk.database.engine)
    assert [row for row in after.pop("outcome") if row[0] != undone] == before.pop("outcome")
    assert [row for row in after.pop("outbox") if "cancelled" not in row] == before.pop("outbox")
    assert after == before


@on_both_databases
def test_an_undone_outcome_never_reaches_the_crm(
    desk: Desk, shop: World, case: str, agent: int, clock: HandClock
) -> None:
    undone = offer(desk, case, agent_id=agent)
    outcomes.undo(desk, undone.id, agent_id=agent)
    outcomes.undo(desk, undone.id, agent_id=agent)
    kept = offer(desk, case, agent_id=agent)
    clock.pass_time(seconds=10)
    deliver_due(desk)
    assert list(shop.crm.outcomes) == [kept.id]


def test_it_is_too_late_once_the_write_is_due(desk: Desk, case: str, agent: int, clock: HandClock) -> None:
    outcome = offer(desk, case, agent_id=agent)
    clock.pass_time(seconds=10)
    with pytest.raises(TooLate):
        outcomes.undo(desk, outcome.id, agent_id=agent)


@on_both_databases
def test_it_is_too_late_once_a_courier_with_a_faster_clock_took_it(
    desk: Desk, shop: World, case: str, agent: int, clock: HandClock
) -> None:
    outcome = offer(desk, case, agent_id=agent)
    clock.pass_time(seconds=10)
    deliver_due(desk)
    clock.pass_time(seconds=-1)
    with pytest.raises(TooLate):
        outcomes.undo(desk, outcome.id, agent_id=agent)
    assert list(shop.crm.outcomes) == [outcome.id]


def test_another_agents_suggestions_and_outcomes_are_not_ones_own(desk: Desk, case: str, agent: int) -> None:
    other = add_agent(desk, "Bo")
    with pytest.raises(UnknownOutcome):
        offer(desk, case, agent_id=other)
    with pytest.raises(UnknownOutcome):
        outcomes.undo(desk, offer(desk, case, agent_id=agent).id, agent_id=other)
    with pytest.raises(UnknownOutcome):
        offer(desk, "no such suggestion", agent_id=agent)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewOutcome("", "sold"), "act"),
        (NewOutcome("", "offered"), "channel"),
        (NewOutcome("", "offered", "pigeon"), "channel"),
        (NewOutcome("", "declined", reason="bored"), "reason"),
        (NewOutcome("", "accepted", reason="no_offers"), "reason"),
        (NewOutcome("", "declined", reason="not_now", days=8), "days"),
        (NewOutcome("", "declined", reason="no_offers", days=7), "days"),
        (NewOutcome("", "declined", id="ABC"), "id"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(desk: Desk, new: NewOutcome, code: str) -> None:
    with pytest.raises(Refused) as refused:
        outcomes.record(desk, new, agent_id=1)
    assert refused.value.code == code


def test_the_write_goes_to_another_crm_of_the_person_where_ones_own_takes_no_notes(
    desk: Desk, agent: int
) -> None:
    mute, helpdesk = connect(desk, "mute"), connect(desk, "helpdesk")
    forbid_writing(desk, "mute")
    for world, ref in ((mute, "M1"), (helpdesk, "H1")):
        world.put(customer(ref, email="ana@example.com"), product("CASE"))
    sync(desk, "mute")
    offer(desk, suggest(desk, "M1", "CASE", agent_id=agent), agent_id=agent)
    assert count(desk, OutboxEntry) == 0, "nobody to tell"
    sync(desk, "helpdesk")
    offer(desk, suggest(desk, "M1", "CASE", agent_id=agent), agent_id=agent)
    with desk.database.reading() as session:
        entry = session.scalars(select(OutboxEntry)).one()
    assert (entry.customer_ref, entry.customer_id) == ("H1", find_id(desk, "H1"))


def pair(desk: Desk) -> tuple[World, World]:
    """A CRM that keeps no orders and a shop that takes no notes, which know the same person."""
    crm, store = connect(desk, "crm"), connect(desk, "store")
    forbid_writing(desk, "store")
    crm.put(customer("K1", email="ana@example.com", name="Ana Ruiz"))
    store.put(
        customer("S1", email="ana@example.com"), product("PHONE"), product("CASE"), order("O1", "S1", "PHONE")
    )
    sync(desk, "store")
    sync(desk, "crm")
    return crm, store


@on_both_databases
def test_a_crm_without_orders_and_a_shop_without_notes_are_one_customer(
    desk: Desk, agent: int, clock: HandClock
) -> None:
    crm, store = pair(desk)
    with desk.database.reading() as session:
        card = look_up(desk, session, LookUp(ref="K1"))
    assert [purchase.name for purchase in card.history] == ["Product PHONE"]
    assert card.header
    assert card.header.connections == ("crm", "store")
    for ref in ("S1", "K1"):
        offer(desk, suggest(desk, ref, "CASE", agent_id=agent), agent_id=agent)
    clock.pass_time(seconds=10)
    deliver_due(desk)
    assert [outcome.customer_ref for outcome in crm.crm.outcomes.values()] == ["K1", "K1"]
    assert not store.crm.outcomes


@pytest.mark.parametrize(
    ("first", "told"), [(None, ["K1", "S1"]), ("crm", ["K1", "K1"]), ("store", ["S1", "S1"])]
)
def test_of_two_that_take_notes_the_first_or_else_ones_own_is_told(
    desk: Desk, agent: int, first: str | None, told: list[str]
) -> None:
    pair(desk)
    set_writes(desk, "store", on=True, first=None)
    if first:
        set_writes(desk, first, on=None, first=True)
    for ref in ("K1", "S1"):
        offer(desk, suggest(desk, ref, "CASE", agent_id=agent), agent_id=agent)
    with desk.database.reading() as session:
        entries = session.scalars(select(OutboxEntry).order_by(OutboxEntry.id)).all()
    assert [entry.customer_ref for entry in entries] == told


def test_a_shadowed_crm_keeps_its_notes_from_others_too(desk: Desk, agent: int) -> None:
    pair(desk)
    set_writes(desk, "store", on=True, first=None)
    set_shadow(desk, "crm", on=True)
    offer(desk, suggest(desk, "K1", "CASE", agent_id=agent), agent_id=agent)
    with desk.database.reading() as session:
        entry = session.scalars(select(OutboxEntry)).one()
    assert (entry.customer_ref, entry.state) == ("K1", "shadow")


@pytest.mark.parametrize(
    ("language", "note"),
    [
        (None, "The customer said no to Product CASE.\nReason: Too expensive\nPrice: €10.00\nNoted by: Zoë"),
        (
            "es",
            "El cliente dijo que no a Product CASE.\nMotivo: Demasiado caro\nPrecio: 10,00 €\nAnotado por: Zoë",
        ),
    ],
)
def test_the_note_is_in_the_language_of_who_reads_the_crm(
    desk: Desk, case: str, agent: int, language: str | None, note: str
) -> None:
    with desk.database.writing() as session:
        connection = get_connection(session, "shop")
        connection.settings = connection.settings | ({"note_language": language} if language else {})
    decline(desk, case, "too_expensive", agent=agent)
    with desk.database.reading() as session:
        entry = session.scalars(select(OutboxEntry)).one()
    assert from_payload(entry.payload, "C1").note.replace("\xa0", " ") == note


def test_an_adapter_says_the_same_of_its_language() -> None:
    for settings in ({}, {"note_language": "pt-BR"}):
        row = Connection(settings=settings)
        assert (
            note_language(row)
            == MemoryAdapter(MemoryAdapter.load_settings({"crm": 1} | settings)).note_language
        )
