"""One id leads from an agent's click to the CRM's record; an entry of the outbox shows its attempts."""

from datetime import timedelta

import pytest

from assist.logs import start_request
from assist.services.backlog import UnknownEntry, replay
from assist.services.desk import Desk
from assist.services.entries import list_dead, open_entry
from assist.services.sync import sync
from assist.services.trail import Trail, follow
from assist.services.writeback import deliver_due
from crm_adapters.errors import PermissionDenied, Unavailable
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, offer, suggest

CLICK = "click-0123456789"


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1"), product("CASE"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def key(desk: Desk, shop: World, clock: HandClock) -> str:
    """Of the write of an offer that was clicked under CLICK."""
    agent = add_agent(desk)
    start_request(CLICK)
    found = offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    start_request(None)
    clock.pass_time(seconds=desk.config.undo_seconds)
    return found.id


def trail(desk: Desk, wanted: str) -> Trail:
    with desk.database.reading() as session:
        return follow(session, wanted)


def kinds(found: Trail) -> list[str]:
    return [step.kind for step in found.steps]


@on_both_databases
def test_a_click_leads_to_the_record_and_back(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    shop.faults.plan = (Fault("log_outcome", Unavailable("away")),)
    deliver_due(desk)
    clock.pass_time(minutes=15)
    deliver_due(desk)
    whole = ["decision", "outcome", "queued", "attempt", "attempt", "delivered"]
    by_click = trail(desk, CLICK)
    assert sorted(kinds(by_click)) == sorted(whole)
    assert by_click.records == (f"shop: note-{key}",)
    for wanted in (key, f"{key}.3", f"  {CLICK} "):
        assert kinds(trail(desk, wanted)) == kinds(by_click), wanted
    assert trail(desk, key).ids == (CLICK,)
    first = by_click.steps[0]
    assert (first.kind, kinds(trail(desk, first.id))) == ("decision", kinds(by_click))


def test_what_people_did_about_it_is_there_too(desk: Desk, shop: World, key: str) -> None:
    shop.faults.plan = (Fault("log_outcome", PermissionDenied("grant notes.write to ana@example.com")),)
    deliver_due(desk)
    replay(desk)
    with desk.database.reading() as session:
        entry_id = next(step.entry_id for step in follow(session, key).steps if step.entry_id)
    assert replay(desk, entry_id=entry_id) == 0
    assert "act" not in kinds(trail(desk, key)), "all dead letters at once are not about this one"
    deliver_due(desk)
    assert "ana@example.com" not in str(trail(desk, key))


@pytest.mark.parametrize("wanted", ["", "none", "' OR 1=1", "x" * 200, "%", "k1\nk2"])
def test_nothing_is_found_under_what_is_no_id(desk: Desk, key: str, wanted: str) -> None:
    assert trail(desk, wanted).steps == ()


@on_both_databases
def test_attempts_are_kept_over_a_replay(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    shop.faults.plan = (
        Fault("log_outcome", Unavailable("away")),
        Fault("log_outcome", PermissionDenied("grant notes.write"), nth=2),
    )
    deliver_due(desk)
    clock.pass_time(minutes=15)
    deliver_due(desk)
    with desk.database.reading() as session:
        (group,) = list_dead(session)
        detail = open_entry(session, 1, now=clock.now())
    assert (group.kind, group.count, group.connection) == ("PermissionDenied", 1, "shop")
    assert (detail.may_replay, detail.may_cancel, detail.request_id) == (True, True, CLICK)
    replay(desk, connection="shop", cause=group.kind)
    deliver_due(desk)
    with desk.database.reading() as session:
        detail = open_entry(session, 1, now=clock.now())
        with pytest.raises(UnknownEntry):
            open_entry(session, 2, now=clock.now())
    assert [(one.state, one.cause) for one in detail.attempts] == [
        ("delivered", None),
        ("dead", "PermissionDenied: grant notes.write"),
        ("waiting", "Unavailable: away"),
    ]
    assert all(one.took >= timedelta(0) for one in detail.attempts)
    assert (detail.entry.attempts, detail.may_replay, detail.may_cancel) == (1, False, False)
