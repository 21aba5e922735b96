"""What is switched off stops with the next look at it, in every process, and nothing of it is lost."""

import logging

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assist.jobs import Jobs, open_queue
from assist.models.account import AuditEntry
from assist.models.outbox import DeliveryAttempt, OutboxEntry
from assist.models.webhook import Webhook
from assist.services import switches
from assist.services.audit import Actor
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.hints import read_due
from assist.services.switchboard import Switch, SwitchBoard
from assist.services.switches import NoReason
from assist.services.sync import sync
from assist.services.writeback import deliver_due
from assist.store import webhooks
from crm_adapters.model import ChangeHint, Kind
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id, offer, suggest


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1"), product("CASE"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def agent(desk: Desk) -> int:
    return add_agent(desk)


def queue(desk: Desk, agent: int, clock: HandClock) -> str:
    key = offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent).id
    clock.pass_time(seconds=desk.config.undo_seconds)
    return key


def entry(desk: Desk, key: str) -> OutboxEntry:
    with desk.database.reading() as session:
        return session.scalars(select(OutboxEntry).where(OutboxEntry.key == key)).one()


@on_both_databases
@pytest.mark.parametrize("switch", [Switch.WRITES, Switch.EVERYTHING])
def test_with_writes_off_outcomes_are_stored_and_no_crm_is_told(
    desk: Desk, shop: World, agent: int, clock: HandClock, switch: Switch
) -> None:
    switches.switch_off(desk, switch, reason="the CRM shows wrong notes")
    key = queue(desk, agent, clock)
    assert deliver_due(desk) == 0
    assert (entry(desk, key).state, entry(desk, key).attempts, entry(desk, key).claimed_until) == (
        "waiting", 0, None
    )  # fmt: skip
    assert not shop.crm.outcomes
    switches.switch_on(desk, switch)
    assert deliver_due(desk) == 1
    assert list(shop.crm.outcomes) == [key]


@on_both_databases
def test_what_a_deliverer_has_in_hand_goes_back_untried(
    desk: Desk, shop: World, agent: int, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter asks before each write that would have its effect twice."""
    key = queue(desk, agent, clock)

    def write_after_switching(self: object, *_: object, **__: object) -> None:
        switches.switch_off(desk, Switch.WRITES, reason="stop")
        self.transport.before_write()  # type: ignore[attr-defined]  # - any adapter
        raise AssertionError("nothing may be written now")

    monkeypatch.setattr("tests.assist.crms.WorldAdapter.log_outcome", write_after_switching)
    assert deliver_due(desk) == 1
    assert (entry(desk, key).state, entry(desk, key).attempts, entry(desk, key).claimed_until) == (
        "waiting", 0, None
    )  # fmt: skip
    with desk.database.reading() as session:
        assert session.scalars(select(DeliveryAttempt)).all() == []


@pytest.mark.parametrize("switch", [Switch.SUGGESTIONS, Switch.EVERYTHING])
def test_with_suggestions_off_nothing_is_offered_and_why_is_said(
    desk: Desk, shop: World, agent: int, switch: Switch
) -> None:
    def ask() -> str | None:
        found = decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context="chat", language="en")
        return found.silence

    before = ask()
    switches.switch_off(desk, switch, reason="odd offers")
    assert ask() == "switched_off"
    switches.switch_on(desk, switch)
    assert ask() == before != "switched_off"


def test_with_everything_off_no_crm_is_asked_about_its_news(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    hint = ChangeHint(Kind.CUSTOMERS, "C1", "1")
    with desk.database.writing() as session:
        session.add(Webhook(connection_id=1, digest="d", sealed=b"", created_at=clock.now()))
        session.flush()
        webhooks.add_hints(session, 1, [hint], at=clock.now(), due_at=clock.now())
    switches.switch_off(desk, Switch.EVERYTHING, reason="the CRM was broken into")
    assert read_due(desk) == 0
    switches.switch_on(desk, Switch.EVERYTHING)
    assert read_due(desk) == 1


def test_with_everything_off_no_sync_begins(desk: Desk, shop: World, clock: HandClock) -> None:
    jobs = Jobs(desk, open_queue(desk.config))
    clock.pass_time(hours=1)
    jobs.sync("shop")
    switches.switch_off(desk, Switch.EVERYTHING, reason="the CRM was broken into")
    before = shop.faults.calls["changes"]
    jobs.queue.execute(jobs.queue.dequeue())
    jobs._enqueue_due(desk)
    assert jobs.queue.pending_count() == 0
    assert shop.faults.calls["changes"] == before, "not even one that was asked for before"
    switches.switch_on(desk, Switch.EVERYTHING)
    jobs._enqueue_due(desk)
    jobs.queue.execute(jobs.queue.dequeue())
    assert shop.faults.calls["changes"] > before


@on_both_databases
def test_each_turn_is_on_record_with_who_and_why(desk: Desk, agent: int) -> None:
    actor = Actor(agent)
    assert switches.switch_off(desk, Switch.WRITES, reason="  wrong\nnotes ", actor=actor)
    assert not switches.switch_off(desk, Switch.WRITES, reason="another", actor=actor)
    thrown = desk.switches.find(Switch.WRITES)
    assert thrown
    assert (thrown.reason, thrown.by) == ("wrong notes", "Zoë"), "the first reason stands"
    assert switches.switch_on(desk, Switch.WRITES, reason="mended", actor=actor)
    assert not switches.switch_on(desk, Switch.WRITES)
    with desk.database.reading() as session:
        told = [
            (row.event, row.subject, row.actor_id, row.detail) for row in session.scalars(select(AuditEntry))
        ]
    assert told == [
        ("switch.off", "switch:writes", agent, {"why": "wrong notes"}),
        ("switch.on", "switch:writes", agent, {"why": "mended"}),
    ]


def test_nothing_is_switched_off_without_a_reason(desk: Desk) -> None:
    with pytest.raises(NoReason):
        switches.switch_off(desk, Switch.EVERYTHING, reason=" \n ")
    assert not desk.switches.current()


def test_another_process_sees_it_after_a_second_and_asks_no_more_often(desk: Desk) -> None:
    seconds = 0.0
    other = SwitchBoard(desk.database, monotonic=lambda: seconds)
    assert other.find(Switch.WRITES) is None
    switches.switch_off(desk, Switch.WRITES, reason="stop")
    seconds = 0.9
    assert other.find(Switch.WRITES) is None, "asked once a second"
    seconds = 1.0
    assert other.find(Switch.WRITES)
    assert other.find(Switch.SUGGESTIONS) is None


def test_while_the_database_is_away_all_stays_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 0.0
    board = SwitchBoard(desk.database, monotonic=lambda: seconds)
    switches.switch_off(desk, Switch.EVERYTHING, reason="stop")
    assert board.find(Switch.WRITES)

    def fail(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr("assist.services.switchboard.list_thrown", fail)
    seconds = 5.0
    logging.disable(logging.WARNING)
    try:
        assert board.find(Switch.WRITES)
    finally:
        logging.disable(logging.NOTSET)


def test_everything_off_stops_all_of_it(desk: Desk) -> None:
    switches.switch_off(desk, Switch.EVERYTHING, reason="stop")
    assert all(desk.switches.find(switch) for switch in Switch)
