"""Removing a connection: what it read goes, what was decided stays."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry
from assist.models.connection import Connection
from assist.models.decision import Decision, Outcome, Restraint, Suggestion
from assist.models.mirror import Customer
from assist.models.outbox import OutboxEntry
from assist.services import outcomes, removal
from assist.services.connect import UnknownConnection, get_connection, list_names
from assist.services.desk import Desk
from assist.services.lease import SyncRunning, hold
from assist.services.lookup import LookUp, look_up
from assist.services.outcomes import NewOutcome
from assist.services.refresh import refresh
from assist.services.removal import StillWaiting, plan, remove
from assist.services.status import list_connections
from assist.services.sync import list_due_connections, sync
from assist.services.writeback import deliver_due
from assist.store import removal as store
from crm_adapters.errors import PermissionDenied
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, dump, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id, offer, suggest

MIRROR = ("customer_key", "order_line", "customer_order", "service_case", "sync_state", "product_relation")


@pytest.fixture
def shop(desk: Desk) -> World:
    """Ana is known to a helpdesk too, Bo and Cy are not."""
    shop, helpdesk = connect(desk, "shop"), connect(desk, "helpdesk")
    shop.put(
        customer("A", email="ana@example.com", name="Ana Ruiz", company="Ruiz SL"),
        customer("B", email="bo@example.com", name="Bo Berg"),
        customer("C", email="cy@example.com", name="Cy Clark"),
        *(product("CASE"), product("PHONE"), order("O1", "A", "PHONE"), complaint("K1", "B")),
    )
    helpdesk.put(customer("H", email="ana@example.com", name="Ana R."), product("CASE"))
    sync(desk, "shop")
    sync(desk, "helpdesk")
    return shop


@pytest.fixture
def agent(desk: Desk) -> int:
    return add_agent(desk)


def decide(desk: Desk, agent: int, clock: HandClock) -> None:
    """An objection of Bo's and an offer to Ana, both delivered."""
    no = NewOutcome(suggest(desk, "B", "CASE", agent_id=agent), "declined", reason="no_offers")
    outcomes.record(desk, no, agent_id=agent)
    offer(desk, suggest(desk, "A", "CASE", agent_id=agent), agent_id=agent)
    clock.pass_time(minutes=1)
    deliver_due(desk)


def owners(desk: Desk, table: type[Decision | Suggestion | Restraint]) -> list[int]:
    with desk.database.reading() as session:
        return sorted(session.scalars(select(table.customer_id)))


@on_both_databases
def test_what_was_read_goes_and_what_was_decided_stays(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    decide(desk, agent, clock)
    before = dump(desk.database.engine, "outcome", "event", "outbox", without=("customer_id",))
    bo, heir = find_id(desk, "B"), find_id(desk, "H")
    gone = remove(desk, "shop")
    assert gone.mirror == {"customers": 3, "orders": 1, "cases": 1, "products": 2}
    assert dump(desk.database.engine, "outcome", "event", "outbox", without=("customer_id",)) == before
    assert owners(desk, Decision) == owners(desk, Suggestion) == sorted([bo, heir])
    assert owners(desk, Restraint) == [bo]
    left = str(dump(desk.database.engine))
    assert not [word for word in ("Ruiz", "Bo Berg", "Cy Clark", "bo@example.com", "cy@") if word in left]
    with desk.database.reading() as session:
        assert Counter(session.scalars(select(Customer.deleted))) == {True: 1, False: 1}, "Cy is nobody's"
    rows = dump(desk.database.engine, *MIRROR)
    assert {name: len(found) for name, found in rows.items() if found} == {"customer_key": 1, "sync_state": 2}


@on_both_databases
def test_nobody_finds_it_any_more_and_its_name_is_free(desk: Desk, shop: World, clock: HandClock) -> None:
    remove(desk, "shop")
    clock.pass_time(days=1)
    with desk.database.reading() as session:
        assert list_names(session) == ["helpdesk"]
        assert [one.name for one in list_connections(session)] == ["helpdesk"]
        assert look_up(desk, session, LookUp(email="bo@example.com")).state == "unknown"
    assert list_due_connections(desk) == ["helpdesk"]
    with pytest.raises(UnknownConnection):
        sync(desk, "shop")
    again = connect(desk, "shop")
    again.put(customer("A", email="ana@example.com"))
    sync(desk, "shop")
    with desk.database.reading() as session:
        assert look_up(desk, session, LookUp(ref="A")).state == "match"


@on_both_databases
def test_secrets_and_counts_of_calls_go(desk: Desk, shop: World) -> None:
    with desk.database.writing() as session:
        connection = get_connection(session, "shop")
        connection.sealed = desk.vault.seal({"token": "s3cret"})
    calls = desk.config.data_dir / "calls"
    calls.mkdir()
    mine, other = (calls / f"{number}-calls.json" for number in (connection.id, connection.id + 10))
    for file in (mine, other):
        file.write_text("{}")
    remove(desk, "shop")
    with desk.database.reading() as session:
        row = session.get_one(Connection, connection.id)
    assert (row.sealed, row.settings, row.enabled, row.writes) == (None, {}, False, False)
    assert [file for file in (mine, other) if Path(file).exists()] == [other]
    assert "connection_token" not in {
        name for name, rows in dump(desk.database.engine, "connection_token").items() if len(rows) > 1
    }


@on_both_databases
def test_what_a_crm_was_not_told_yet_holds_it_back(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    shop.faults.plan = (Fault("log_outcome", PermissionDenied("no")),)
    decide(desk, agent, clock)
    offer(desk, suggest(desk, "C", "CASE", agent_id=agent), agent_id=agent)
    before = dump(desk.database.engine, without=("sync_until", "sync_token"))
    assert plan(desk, "shop").waiting == 2
    with pytest.raises(StillWaiting, match="2 outcomes wait"):
        remove(desk, "shop")
    assert dump(desk.database.engine, without=("sync_until", "sync_token")) == before
    remove(desk, "shop", force=True)
    clock.pass_time(days=1)
    assert deliver_due(desk) == 0
    with desk.database.reading() as session:
        entries = session.scalars(select(OutboxEntry).order_by(OutboxEntry.id)).all()
        outcomes_left = session.scalars(select(Outcome)).all()
        (audited,) = session.scalars(select(AuditEntry).where(AuditEntry.event == "connection.removed"))
    assert [entry.state for entry in entries] == ["cancelled", "delivered", "cancelled"]
    assert entries[0].cause == removal.CAUSE
    assert len(outcomes_left) == 3
    assert (audited.detail["waiting"], audited.detail["forced"], audited.detail["name"]) == (2, True, "shop")


def test_objections_that_only_it_knows_are_told_before(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    decide(desk, agent, clock)
    no = NewOutcome(suggest(desk, "A", "PHONE", agent_id=agent), "declined", reason="no_offers")
    outcomes.record(desk, no, agent_id=agent)
    assert plan(desk, "shop").objections == 1, "Ana's goes on with the helpdesk"


def test_a_sync_that_runs_is_waited_for(desk: Desk, shop: World) -> None:
    with desk.database.reading() as session:
        connection = get_connection(session, "shop")
    with hold(desk, connection.id), pytest.raises(SyncRunning):
        remove(desk, "shop")
    assert plan(desk, "shop").mirror["customers"] == 3


def test_a_removal_that_was_killed_is_finished_by_the_next(
    desk: Desk, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "purge_part", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        remove(desk, "shop")
    with desk.database.reading() as session:
        assert look_up(desk, session, LookUp(ref="B")).state == "unknown", "hidden at once"
    assert "Bo Berg" in str(dump(desk.database.engine))
    monkeypatch.undo()
    with pytest.raises(UnknownConnection):
        remove(desk, "shop")
    assert "Bo Berg" not in str(dump(desk.database.engine))


def test_a_live_answer_that_comes_late_brings_nobody_back(desk: Desk, shop: World) -> None:
    bo = find_id(desk, "B")
    shop.meanwhile = lambda: remove(desk, "shop")
    refresh(desk, customer_id=bo, language="en")
    assert "Bo Berg" not in str(dump(desk.database.engine, "customer"))
