"""What a CRM is not told: kept in shadow mode, taken back, or made due again; each on record."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry
from assist.models.outbox import OutboxEntry
from assist.services import backlog, outcomes
from assist.services.backlog import NotCancelled, ShadowSwitch, UnknownEntry
from assist.services.card import find_write_back
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.writeback import deliver_due
from crm_adapters.errors import BadSettings, OutcomeUnknown, PermissionDenied, Unavailable
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, forbid_writing, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id, offer, suggest


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(*(customer(f"C{number}") for number in range(3)), product("CASE"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def agent(desk: Desk) -> int:
    return add_agent(desk)


def queue(desk: Desk, clock: HandClock, agent: int, *refs: str) -> list[str]:
    """Offers to these customers, whose writes are due."""
    keys = [offer(desk, suggest(desk, ref, "CASE", agent_id=agent), agent_id=agent).id for ref in refs]
    clock.pass_time(seconds=desk.config.undo_seconds)
    return keys


def entry(desk: Desk, key: str) -> OutboxEntry:
    with desk.database.reading() as session:
        return session.scalars(select(OutboxEntry).where(OutboxEntry.key == key)).one()


def states(desk: Desk) -> Counter[str]:
    with desk.database.reading() as session:
        return Counter(session.scalars(select(OutboxEntry.state)))


def audited(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    with desk.database.reading() as session:
        return [
            (row.event, row.detail) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


@on_both_databases
def test_in_shadow_mode_nothing_is_written_and_everything_is_kept(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (before,) = queue(desk, clock, agent, "C1")
    assert backlog.set_shadow(desk, "shop", on=True) == ShadowSwitch(kept=1, due=0, in_hand=0)
    (after,) = queue(desk, clock, agent, "C2")
    clock.pass_time(days=30)
    assert deliver_due(desk) == 0
    assert states(desk) == {"shadow": 2}
    assert backlog.set_shadow(desk, "shop", on=False) == ShadowSwitch(kept=2, due=0, in_hand=0)
    (later,) = queue(desk, clock, agent, "C1")
    deliver_due(desk)
    assert list(shop.crm.outcomes) == [later], "what was kept stays kept"
    assert shop.faults.calls["log_outcome"] == 1
    with desk.database.reading() as session:
        kept = backlog.list_kept(session, "shop", limit=5)
    assert [one.key for one in kept] == [after, before]
    assert kept[0].note.startswith("Zoë offered Product CASE.\nPrice: €10.00")


@on_both_databases
def test_what_was_kept_is_delivered_in_order_where_somebody_says_so(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    backlog.set_shadow(desk, "shop", on=True)
    keys = queue(desk, clock, agent, "C1", "C1", "C2")
    clock.pass_time(days=30)
    assert backlog.set_shadow(desk, "shop", on=False, deliver=True).due == 3
    assert deliver_due(desk) == 3
    assert list(shop.crm.outcomes) == keys
    assert [event for event, _ in audited(desk)] == ["connection.shadow_on", "connection.shadow_off"]


@on_both_databases
def test_a_courier_that_holds_an_entry_while_shadow_mode_begins_writes_it_at_most_once_more(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, clock, agent, "C1")
    switched: list[ShadowSwitch] = []
    shop.meanwhile = lambda: switched.append(backlog.set_shadow(desk, "shop", on=True))
    shop.faults.plan = (Fault("log_outcome", Unavailable("away")),)
    deliver_due(desk)
    assert switched == [ShadowSwitch(kept=0, due=0, in_hand=1)]
    assert entry(desk, key).state == "waiting"
    clock.pass_time(hours=1)
    deliver_due(desk)
    assert (entry(desk, key).state, entry(desk, key).attempts) == ("shadow", 1)
    assert shop.faults.calls["log_outcome"] == 1


@on_both_databases
def test_an_answer_that_was_lost_before_shadow_mode_is_looked_up_after_it(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, clock, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", OutcomeUnknown("no answer"), after=True),)
    deliver_due(desk)
    backlog.set_shadow(desk, "shop", on=True)
    backlog.set_shadow(desk, "shop", on=False, deliver=True)
    clock.pass_time(minutes=1)
    deliver_due(desk)
    assert entry(desk, key).state == "delivered"
    assert shop.faults.calls["log_outcome"] == 1


def test_an_outcome_is_undone_in_shadow_mode_too(desk: Desk, shop: World, agent: int) -> None:
    backlog.set_shadow(desk, "shop", on=True)
    undone = offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    outcomes.undo(desk, undone.id, agent_id=agent)
    assert states(desk) == {"cancelled": 1}


def test_the_card_tells_what_was_not_written(desk: Desk, shop: World, agent: int, clock: HandClock) -> None:
    def look() -> tuple[bool, int, int]:
        with desk.database.reading() as session:
            found = find_write_back(desk, session, find_id(desk, "C1"))
        return found.shadow, found.kept, found.waiting

    assert look() == (False, 0, 0)
    backlog.set_shadow(desk, "shop", on=True)
    queue(desk, clock, agent, "C1", "C2")
    assert look() == (True, 1, 0)
    backlog.set_shadow(desk, "shop", on=False)
    assert look() == (False, 1, 0)


def test_what_is_read_only_has_nothing_to_keep(desk: Desk, shop: World) -> None:
    forbid_writing(desk, "shop")
    with pytest.raises(BadSettings, match="read only"):
        backlog.set_shadow(desk, "shop", on=True)


@on_both_databases
def test_what_waits_or_is_dead_is_cancelled_and_never_written(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    dead, waiting = queue(desk, clock, agent, "C1", "C2")
    shop.faults.plan = (
        Fault("log_outcome", PermissionDenied("no")),
        Fault("log_outcome", Unavailable("away"), nth=2),
    )
    deliver_due(desk)
    assert [backlog.cancel(desk, entry(desk, key).id) for key in (dead, waiting)] == [False, False]
    clock.pass_time(days=1)
    assert (deliver_due(desk), backlog.replay(desk)) == (0, 0)
    assert not shop.crm.outcomes
    assert audited(desk) == [("outbox.cancelled", {"was": "dead"}), ("outbox.cancelled", {"was": "waiting"})]
    with pytest.raises(NotCancelled, match="is cancelled"):
        backlog.cancel(desk, entry(desk, dead).id)


@on_both_databases
def test_what_a_courier_has_in_hand_is_not_cancelled(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, clock, agent, "C1")
    refused: list[str] = []

    def try_to_cancel() -> None:
        with pytest.raises(NotCancelled) as error:
            backlog.cancel(desk, entry(desk, key).id)
        refused.append(str(error.value))

    shop.meanwhile = try_to_cancel
    deliver_due(desk)
    assert "being delivered this moment" in refused[0]
    assert entry(desk, key).state == "delivered"
    with pytest.raises(NotCancelled, match="is delivered"):
        backlog.cancel(desk, entry(desk, key).id)


def test_a_write_whose_answer_was_lost_is_cancelled_with_a_warning(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, clock, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", OutcomeUnknown("no answer"), after=True),)
    deliver_due(desk)
    assert backlog.cancel(desk, entry(desk, key).id)


def test_an_entry_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(UnknownEntry, match="no entry 7"):
        backlog.cancel(desk, 7)


@on_both_databases
def test_dead_letters_are_replayed_by_connection_and_cause(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    other = connect(desk, "helpdesk")
    other.put(customer("H1"), product("CASE"))
    sync(desk, "helpdesk")
    queue(desk, clock, agent, "C1", "C2", "H1")
    shop.faults.plan = (
        Fault("log_outcome", PermissionDenied("no")),
        Fault("log_outcome", BadSettings("wrong"), nth=2),
    )
    other.faults.plan = (Fault("log_outcome", PermissionDenied("no")),)
    deliver_due(desk)
    assert states(desk) == {"dead": 3}
    assert backlog.replay(desk, connection="shop", cause="PermissionDenied") == 1
    assert backlog.replay(desk, cause="BadSettings") == 1
    backlog.set_shadow(desk, "helpdesk", on=True)
    assert backlog.replay(desk) == 0, "a connection in shadow mode is told nothing"
    backlog.set_shadow(desk, "helpdesk", on=False)
    assert backlog.replay(desk, connection="helpdesk") == 1
    assert audited(desk)[0] == (
        "outbox.replayed", {"count": 1, "connection": "shop", "cause": "PermissionDenied"}
    )  # fmt: skip
