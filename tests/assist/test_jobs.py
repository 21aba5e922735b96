"""Background work: messages that are data and nothing else, on each kind of queue; a courier that lives."""

import os
import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from huey import Huey, SqliteHuey
from huey.exceptions import TaskLockedException
from huey.registry import Message
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from assist.config import BadConfig, Config
from assist.jobs import Courier, Jobs, JsonSerializer, Lease, open_queue
from assist.models.release import Simulation
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.lease import hold
from assist.services.lineages import is_due
from assist.services.sync import sync
from crm_adapters.errors import Unavailable
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import connect, customer, product
from tests.assist.databases import missing, postgres_database
from tests.assist.scenes import add_agent, find_id, offer, suggest

REDIS = os.environ.get("ASSIST_TEST_REDIS", "redis://127.0.0.1:6379/11")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def sqlite_jobs(config: Config) -> str:
    return config.jobs_url


@pytest.fixture
def redis_jobs() -> Iterator[str]:
    with redis.Redis.from_url(REDIS) as client:
        try:
            client.flushdb()
        except redis.ConnectionError as error:
            missing("Redis", REDIS, error)
        yield REDIS
        client.flushdb()


@pytest.fixture(scope="module")
def postgres_jobs() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "redis", "postgres"])
def queue(request: pytest.FixtureRequest, config: Config) -> Iterator[Huey]:
    queue = open_queue(replace(config, jobs_url=request.getfixturevalue(f"{request.param}_jobs")))
    yield queue
    queue.storage.flush_all()
    queue.storage.close()


def work_off(queue: Huey) -> int:
    """As a worker would; how many tasks there were."""
    done = 0
    while queue.pending_count():
        queue.execute(queue.dequeue())
        done += 1
    return done


@given(JSON)
def test_any_value_comes_back_from_json(value: Any) -> None:
    serializer = JsonSerializer()
    assert serializer.deserialize(serializer.serialize(value)) == value


@given(st.lists(JSON, max_size=3), st.dictionaries(st.text(), JSON, max_size=3))
def test_a_message_comes_back_with_those_that_follow_it(args: list[Any], kwargs: dict[str, Any]) -> None:
    after = Message(id="2", name="train", args=[], kwargs={})
    message = Message(
        id="1", name="sync", eta=datetime(2026, 3, 2, tzinfo=UTC), retries=3, retry_delay=5, args=args,
        kwargs=kwargs, on_complete=after, on_error=after, expires=datetime(2026, 3, 3),  # noqa: DTZ001 - huey's own are naive
        chord_config=["c", 2, 0, after],
    )  # fmt: skip
    serializer = JsonSerializer()
    assert serializer.deserialize(serializer.serialize(message)) == message


class Exploit:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("exploited",)


@pytest.mark.parametrize(
    "found", [pickle.dumps(Exploit()), b'{"message": {"id": "1", "evil": 1}}', b'{"name": "sync"}', b"\x80"]
)
def test_what_is_not_ours_is_refused_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, TypeError)):
        JsonSerializer().deserialize(found)
    assert not list(tmp_path.iterdir())


def test_a_queued_sync_is_run_once_by_whoever_takes_it(desk: Desk, queue: Huey) -> None:
    connect(desk).put(customer("C1"))
    jobs = Jobs(desk, queue)
    assert work_off(queue) == 0
    jobs.sync("shop")
    assert work_off(queue) == 1
    assert find_id(desk, "C1")
    assert work_off(queue) == 0


def test_a_job_can_wait_for_its_time(desk: Desk, queue: Huey) -> None:
    jobs = Jobs(desk, queue)
    later = datetime.now(UTC) + timedelta(hours=1)
    queue.add_schedule(jobs.sync.s("shop", eta=later))
    assert queue.read_schedule(later - timedelta(minutes=1)) == []
    assert [task.args for task in queue.read_schedule(later + timedelta(minutes=1))] == [["shop"]]


def test_syncs_that_are_due_are_queued_every_minute(desk: Desk, config: Config, clock: HandClock) -> None:
    connect(desk).put(customer("C1"))
    queue = open_queue(config)
    Jobs(desk, queue)
    (periodic,) = queue.read_periodic(datetime.now(UTC))
    for minutes, expected in ((0, True), (5, False), (10, True)):
        clock.pass_time(minutes=minutes)
        queue.execute(periodic)
        assert bool(work_off(queue)) is expected


def test_outcomes_are_counted_every_ten_minutes(desk: Desk, config: Config, clock: HandClock) -> None:
    queue = open_queue(config)
    Jobs(desk, queue)
    (periodic,) = queue.read_periodic(datetime.now(UTC))
    counted = []
    for minutes in (0, 9, 1):
        clock.pass_time(minutes=minutes)
        queue.execute(periodic)
        counted.append(work_off(queue))
        assert not is_due(desk.database, clock.now())
    assert counted == [1, 0, 1]


def test_a_simulation_is_made_in_the_name_of_who_asked(desk: Desk, config: Config) -> None:
    queue = open_queue(config)
    jobs = Jobs(desk, queue)
    person = add_agent(desk)
    jobs.simulate("shipped", person)
    jobs.simulate("no such release", person)
    assert work_off(queue) == 2
    with desk.database.reading() as session:
        assert session.scalars(select(Simulation.made_by)).all() == [person]


def test_a_release_is_not_simulated_twice_at_once(desk: Desk, config: Config) -> None:
    queue = open_queue(config)
    jobs = Jobs(desk, queue)
    with Lease(queue, "simulate.shipped"):
        jobs.simulate("shipped", 1)
        work_off(queue)
    with desk.database.reading() as session:
        assert session.scalars(select(Simulation)).all() == []


def test_a_sync_that_fails_or_is_running_already_does_not_break_the_worker(
    desk: Desk, config: Config
) -> None:
    shop = connect(desk)
    queue = open_queue(config)
    jobs = Jobs(desk, queue)
    shop.faults.plan = (Fault("changes", Unavailable("away")),)
    jobs.sync("shop")
    jobs.sync("no such connection")
    assert work_off(queue) == 2
    with desk.database.reading() as session:
        connection = get_connection(session, "shop").id
    with hold(desk, connection):
        jobs.sync("shop")
        assert work_off(queue) == 1
    assert work_off(queue) == 0


def test_a_lease_keeps_others_away_until_it_is_given_back(queue: Huey) -> None:
    with Lease(queue, "train"):
        with pytest.raises(TaskLockedException), Lease(queue, "train"):
            pass
        with Lease(queue, "something else"):
            pass
    with Lease(queue, "train"):
        pass


def test_a_lease_whose_holder_shows_no_sign_of_life_is_taken_over(queue: Huey) -> None:
    Lease(queue, "train", seconds=-1).__enter__()
    with Lease(queue, "train"), pytest.raises(TaskLockedException), Lease(queue, "train"):
        pass


def test_a_sign_of_life_keeps_a_lease(queue: Huey) -> None:
    lease = Lease(queue, "train", seconds=-1).__enter__()
    lease.seconds = 600
    lease.renew()
    with pytest.raises(TaskLockedException), Lease(queue, "train"):
        pass


def test_a_queue_of_another_kind_is_refused(config: Config) -> None:
    with pytest.raises(BadConfig, match="ASSIST_JOBS_URL"):
        open_queue(replace(config, jobs_url="amqp://localhost"))


def test_queued_messages_hold_no_pickle(desk: Desk, config: Config) -> None:
    queue = open_queue(config)
    assert isinstance(queue, SqliteHuey)
    Jobs(desk, queue).sync("shop")
    (message,) = queue.storage.enqueued_items()
    assert b'"sync' in message or b".sync" in message
    assert message.startswith(b'{"message"')


def test_the_courier_survives_an_error_and_stops_when_told(desk: Desk, clock: HandClock) -> None:
    shop = connect(desk)
    shop.put(customer("C1"), product("CASE"))
    sync(desk, "shop")
    agent = add_agent(desk)
    offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    clock.pass_time(seconds=10)
    failed, delivered = threading.Event(), threading.Event()

    def fail() -> None:
        clock.pass_time(seconds=desk.config.delivery_lease_seconds)
        shop.meanwhile = delivered.set
        failed.set()
        raise KeyError

    shop.meanwhile = fail
    courier = Courier(desk, seconds=0.01)
    courier.start()
    assert failed.wait(20)
    assert delivered.wait(20), "the courier goes on"
    courier.stop()
    courier.join(20)
    assert not courier.is_alive()
    assert len(shop.crm.outcomes) == 1
