"""The outbox reaches the CRM once, in order, whatever fails on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from assist.models.outbox import OutboxEntry
from assist.services.backlog import replay
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.writeback import HALFWAY, PATIENCE, deliver_due
from assist.services.writeback import state as write_back_state
from crm_adapters.errors import (
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from crm_adapters.testing import Crash, Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id, offer, suggest


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(*(customer(f"C{number}") for number in range(6)), product("CASE"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def agent(desk: Desk) -> int:
    return add_agent(desk)


def queue(desk: Desk, agent: int, *refs: str) -> list[str]:
    """Offers to these customers; the keys of their writes, which are due at once."""
    keys = [offer(desk, suggest(desk, ref, "CASE", agent_id=agent), agent_id=agent).id for ref in refs]
    clock = desk.clock
    assert isinstance(clock, HandClock)
    clock.pass_time(seconds=desk.config.undo_seconds)
    return keys


def entry(desk: Desk, key: str) -> OutboxEntry:
    with desk.database.reading() as session:
        return session.scalars(select(OutboxEntry).where(OutboxEntry.key == key)).one()


def wait_until_due(desk: Desk, clock: HandClock, key: str) -> timedelta:
    wait = entry(desk, key).due_at - clock.now()
    clock.pass_time(seconds=wait.total_seconds())
    return wait


@on_both_databases
def test_nothing_is_delivered_before_the_time_to_undo_is_over(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    clock.pass_time(seconds=9.9)
    assert deliver_due(desk) == 0
    clock.pass_time(seconds=0.1)
    assert deliver_due(desk) == 1
    assert len(shop.crm.outcomes) == 1
    assert deliver_due(desk) == 0


@on_both_databases
def test_a_delivery_is_noted_with_the_crms_record(desk: Desk, shop: World, agent: int) -> None:
    (key,) = queue(desk, agent, "C1")
    deliver_due(desk)
    done = entry(desk, key)
    assert (done.state, done.record_ref, done.delivered_at, done.cause) == (
        "delivered", f"note-{key}", desk.clock.now(), None
    )  # fmt: skip
    with desk.database.reading() as session:
        assert write_back_state(session, [find_id(desk, "C1")]).waiting == 0


@on_both_databases
def test_an_absent_crm_is_tried_again_with_growing_waits(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", Unavailable("away"), times=4),)
    waits = []
    for attempt in range(1, 5):
        assert deliver_due(desk) == 1
        assert (entry(desk, key).attempts, entry(desk, key).cause) == (attempt, "Unavailable: away")
        waits.append(wait_until_due(desk, clock, key).total_seconds())
    assert all(2**n / 2 <= wait <= 2**n for n, wait in enumerate(waits, start=1))
    deliver_due(desk)
    assert entry(desk, key).state == "delivered"


def test_a_rate_limit_is_waited_for(desk: Desk, shop: World, agent: int, clock: HandClock) -> None:
    (key,) = queue(desk, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", RateLimited("slow down", retry_after=120)),)
    deliver_due(desk)
    assert wait_until_due(desk, clock, key) == timedelta(seconds=120)
    deliver_due(desk)
    assert list(shop.crm.outcomes) == [key]


@on_both_databases
def test_what_cannot_succeed_is_a_dead_letter_until_it_is_replayed(
    desk: Desk, shop: World, agent: int
) -> None:
    key, other = queue(desk, agent, "C1", "C1")
    shop.faults.plan = (
        Fault("log_outcome", PermissionDenied("notes.write is missing", scope="notes.write")),
    )
    deliver_due(desk)
    dead = entry(desk, key)
    assert (dead.state, dead.cause) == ("dead", "PermissionDenied: notes.write is missing")
    assert list(shop.crm.outcomes) == [other], "a dead letter holds up nobody"
    assert (replay(desk, entry_id=dead.id), replay(desk, entry_id=dead.id)) == (1, 0)
    deliver_due(desk)
    assert list(shop.crm.outcomes) == [other, key]


def test_a_crm_that_stays_away_for_days_makes_dead_letters_that_can_be_replayed(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", Unavailable("away"), times=None),)
    while entry(desk, key).state == "waiting":
        clock.pass_time(seconds=PATIENCE.total_seconds() / 20)
        deliver_due(desk)
    assert clock.now() - entry(desk, key).created_at > PATIENCE
    replay(desk)
    deliver_due(desk)
    assert entry(desk, key).state == "waiting", "a replayed one gets its attempts, old as it is"


@on_both_databases
def test_a_lost_answer_is_looked_up_before_it_is_written_again(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    key, lost = queue(desk, agent, "C1", "C2")
    shop.faults.plan = (
        Fault("log_outcome", OutcomeUnknown("no answer"), nth=1, after=True),
        Fault("log_outcome", OutcomeUnknown("no answer"), nth=2),
    )
    deliver_due(desk)
    clock.pass_time(seconds=2)
    deliver_due(desk)
    assert [entry(desk, one).state for one in (key, lost)] == ["delivered", "delivered"]
    assert shop.faults.calls == shop.faults.calls | {"log_outcome": 3, "find_outcome": 2}
    assert set(shop.crm.outcomes) == {key, lost}


def test_a_merged_customer_is_followed(desk: Desk, shop: World, agent: int) -> None:
    keys = queue(desk, agent, "C1", "C1")
    shop.put(customer("C9"))
    shop.crm.merged = {"C1": "C9"}
    deliver_due(desk)
    assert [(key, outcome.customer_ref) for key, outcome in shop.crm.outcomes.items()] == [
        (key, "C9") for key in keys
    ]


def test_customers_merged_into_each_other_are_followed_so_far(desk: Desk, shop: World, agent: int) -> None:
    (key,) = queue(desk, agent, "C1")
    shop.crm.merged = {"C1": "C2", "C2": "C1"}
    assert deliver_due(desk) == desk.config.delivery_attempts + 1
    assert entry(desk, key).state == "dead"


@on_both_databases
def test_the_order_of_a_customers_writes_is_kept(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    first, second, other = queue(desk, agent, "C1", "C1", "C2")
    shop.faults.plan = (Fault("log_outcome", Unavailable("away")),)
    deliver_due(desk)
    assert list(shop.crm.outcomes) == [other]
    wait_until_due(desk, clock, first)
    deliver_due(desk)
    assert list(shop.crm.outcomes) == [other, first, second]


@on_both_databases
def test_a_dead_courier_hands_over_when_its_lease_ends(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", Crash(), after=True),)
    with pytest.raises(Crash):
        deliver_due(desk)
    clock.pass_time(seconds=desk.config.delivery_lease_seconds - 0.1)
    assert deliver_due(desk) == 0
    clock.pass_time(seconds=0.1)
    assert deliver_due(desk) == 1
    assert entry(desk, key).state == "delivered"
    assert list(shop.crm.outcomes) == [key]


def test_an_entry_that_takes_every_courier_down_is_set_aside(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, agent, "C1")
    shop.faults.plan = (Fault("log_outcome", Crash(), times=None),)
    for _ in range(desk.config.delivery_attempts):
        with pytest.raises(Crash):
            deliver_due(desk)
        clock.pass_time(seconds=desk.config.delivery_lease_seconds)
    assert deliver_due(desk) == 1
    assert (entry(desk, key).state, entry(desk, key).cause) == ("dead", HALFWAY)


@on_both_databases
def test_a_courier_that_was_taken_for_dead_changes_nothing_any_more(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, agent, "C1")

    def somebody_else_delivers() -> None:
        clock.pass_time(seconds=desk.config.delivery_lease_seconds)
        assert deliver_due(desk) == 1

    shop.meanwhile = somebody_else_delivers
    shop.faults.plan = (Fault("log_outcome", PermissionDenied("not any more"), nth=2),)
    deliver_due(desk)
    assert entry(desk, key).state == "delivered"
    assert list(shop.crm.outcomes) == [key]


def test_a_late_failure_is_no_word_on_an_entry_that_somebody_else_took(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    (key,) = queue(desk, agent, "C1")

    def somebody_else_tries() -> None:
        clock.pass_time(seconds=desk.config.delivery_lease_seconds)
        assert deliver_due(desk) == 1

    shop.meanwhile = somebody_else_tries
    shop.faults.plan = (
        Fault("log_outcome", Unavailable("away"), nth=1),
        Fault("log_outcome", PermissionDenied("not any more"), nth=2),
    )
    deliver_due(desk)
    assert (entry(desk, key).state, entry(desk, key).cause) == ("waiting", "Unavailable: away")


@on_both_databases
def test_two_couriers_deliver_each_write_once_and_in_order(desk: Desk, shop: World, agent: int) -> None:
    keys = queue(desk, agent, *(f"C{number % 6}" for number in range(18)))
    with ThreadPoolExecutor(2) as threads:
        couriers = [threads.submit(run_dry, desk) for _ in range(2)]
        assert sum(courier.result() for courier in couriers) == len(keys)
    assert sorted(shop.crm.outcomes) == sorted(keys)
    assert shop.faults.calls["log_outcome"] == len(keys)
    for number in range(6):
        theirs = [key for key, outcome in shop.crm.outcomes.items() if outcome.customer_ref == f"C{number}"]
        assert theirs == [key for key in keys if key in theirs]


def run_dry(desk: Desk) -> int:
    """Until nothing is left; one courier may have to wait for the other's customers."""
    delivered = 0
    while True:
        delivered += deliver_due(desk)
        with desk.database.reading() as session:
            if not session.scalars(select(OutboxEntry.id).where(OutboxEntry.state == "waiting")).first():
                return delivered
