"""Background work: syncs and training as queued jobs, and couriers: one delivers the outbox, one looks into what
CRMs say has changed.

Outbox and hints are queues already, in the database and in the transaction of what they are about; a second
message about the same could only get lost or lie. So they are no jobs: the couriers ask what is due.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

import structlog
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.exceptions import TaskLockedException
from huey.registry import Message
from huey.serializer import Serializer

from assist.config import BadConfig, Config
from assist.services import lineages
from assist.services.audit import Actor
from assist.services.connect import UnknownConnection
from assist.services.desk import Desk
from assist.services.hints import read_due
from assist.services.lease import SyncRunning
from assist.services.releases import ReleaseError
from assist.services.rotation import drop_expired
from assist.services.simulation import simulate
from assist.services.switchboard import Switch
from assist.services.sync import ORDER, ShrunkenListingError, list_due_connections, sync
from assist.services.training import train
from assist.services.writeback import deliver_due
from crm_adapters.errors import BadSettings, CRMError
from crm_adapters.model import Kind
from personas.content import InvalidContent

LEASE_SECONDS = 600.0
"""Longer than any step of a training takes between two signs of life."""

log = structlog.get_logger(__name__)


class JsonSerializer(Serializer):  # type: ignore[misc]  # huey publishes no types
    """Messages as JSON: huey's own pickles would run whatever somebody with access to the queue put there."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(_to_plain(data), allow_nan=False).encode()

    def _deserialize(self, data: bytes) -> Any:
        return _from_plain(json.loads(data))


def _to_plain(value: Any) -> Any:
    """JSON has no messages and no times: an object with one name says which it is. Tuples become lists."""
    match value:
        case Message():
            given = value._asdict().items()
            return {"message": {name: _to_plain(field) for name, field in given if field is not None}}
        case datetime():
            return {"time": value.isoformat()}
        case dict():
            return {"dict": {name: _to_plain(item) for name, item in value.items()}}
        case list() | tuple():
            return [_to_plain(item) for item in value]
    return value


def _from_plain(plain: Any) -> Any:
    match plain:
        case {"message": dict() as fields, **rest} if not rest:
            return Message(**{name: _from_plain(field) for name, field in fields.items()})
        case {"time": str() as text, **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"dict": dict() as items, **rest} if not rest:
            return {name: _from_plain(item) for name, item in items.items()}
        case list():
            return [_from_plain(item) for item in plain]
        case dict():
            raise ValueError("a message in the queue is not ours")
    return plain


def open_queue(config: Config) -> Huey:
    """Raises BadConfig for a URL of another kind than SQLite, Redis or PostgreSQL."""
    url, options = config.jobs_url, {"serializer": JsonSerializer(), "utc": True, "results": False}
    match urlsplit(url).scheme:
        case "sqlite":
            return SqliteHuey("assist", filename=url.removeprefix("sqlite:///"), **options)
        case "redis" | "rediss":
            return RedisHuey("assist", url=url, **options)
        case "postgresql":
            return PostgresHuey("assist", dsn=url, **options)
    raise BadConfig("ASSIST_JOBS_URL must begin with sqlite:///, redis:// or postgresql://")


class Jobs:
    """The jobs over one queue; calling one from the web only puts a message there."""

    def __init__(self, desk: Desk, queue: Huey) -> None:
        self.queue = queue
        self.sync = queue.task(name="sync")(lambda name, kind=None: _sync(desk, name, kind))
        self.train = queue.task(name="train")(lambda: _train(desk, queue))
        self.simulate = queue.task(name="simulate")(
            lambda digest, actor_id: _simulate(desk, queue, digest, actor_id)
        )
        self.count = queue.task(name="count_outcomes")(lambda: _count_outcomes(desk))
        queue.periodic_task(crontab(), name="sync_due")(lambda: self._enqueue_due(desk))

    def _enqueue_due(self, desk: Desk) -> None:
        drop_expired(desk)
        if desk.switches.find(Switch.EVERYTHING):
            return
        for name in list_due_connections(desk):
            self.sync(name)
        if lineages.is_due(desk.database, desk.clock.now()):
            self.count()


class Lease:
    """Keeps a second job away from the work of a first, until that is done or shows no sign of life.

    huey's own locks have no end on SQLite and PostgreSQL: one that a killed process held would stay for good.
    Taking over a lease that ran out is no atomic step. Two may take it at once, which costs time and no data.
    """

    def __init__(self, queue: Huey, name: str, *, seconds: float = LEASE_SECONDS) -> None:
        self._queue = queue
        self._key = f"lease.{name}"
        self.seconds = seconds

    def __enter__(self) -> Self:
        if self._has_run_out():
            self._queue.delete(self._key)
        if not self._queue.put_if_empty(self._key, self._end()):
            raise TaskLockedException(f"{self._key} is held")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._queue.delete(self._key)

    def renew(self) -> None:
        self._queue.put(self._key, self._end())

    def _has_run_out(self) -> bool:
        end = self._queue.get(self._key, peek=True)
        return end is not None and bool(end < time.time())

    def _end(self) -> float:
        return time.time() + self.seconds


def _sync(desk: Desk, name: str, kind: str | None) -> None:
    """`kind`: that one alone. A message from before there were any names none."""
    if desk.switches.find(Switch.EVERYTHING):
        log.info("sync_switched_off", connection=name)
        return
    try:
        sync(desk, name, kinds={Kind(kind)} if kind else ORDER)
    except SyncRunning:
        log.info("sync_running", connection=name)
    except (CRMError, BadSettings, ShrunkenListingError, UnknownConnection) as error:
        log.warning("sync_failed", connection=name, cause=f"{type(error).__name__}: {error}")


def _count_outcomes(desk: Desk) -> None:
    lineages.compute(desk.database, desk.clock, desk.personas.policies)


def _train(desk: Desk, queue: Huey) -> None:
    with Lease(queue, "train") as lease:
        train(desk, progress=lambda *_: lease.renew())


def _simulate(desk: Desk, queue: Huey, digest: str, actor_id: int) -> None:
    """Asked for again while it runs, it is not tried twice."""
    try:
        with Lease(queue, f"simulate.{digest}") as lease:
            simulate(desk, digest, progress=lambda *_: lease.renew(), actor=Actor(actor_id))
    except (ReleaseError, InvalidContent) as error:
        log.warning("simulation_failed", release=digest, cause=type(error).__name__)


class Courier(threading.Thread):
    """Does what is due, once a second, until stopped."""

    def __init__(
        self, desk: Desk, work: Callable[[Desk], object] = deliver_due, *, seconds: float = 1.0
    ) -> None:
        super().__init__(name=f"courier-{work.__name__}", daemon=True)
        self._desk = desk
        self._work = work
        self._seconds = seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._work(self._desk)
            except Exception:
                # The database may be away for a while; whatever was in hand is claimed again after its lease.
                log.exception("courier_failed", courier=self.name)
            self._stopped.wait(self._seconds)

    def stop(self) -> None:
        self._stopped.set()


def run_worker(desk: Desk, *, threads: int = 2, while_parent: int | None = None) -> None:
    """Work until told to stop, or until the process `while_parent` is no longer the parent."""
    log.info("worker_started", pid=os.getpid())
    jobs = Jobs(desk, open_queue(desk.config))
    couriers = (Courier(desk, deliver_due), Courier(desk, read_due))
    consumer = jobs.queue.create_consumer(workers=threads, periodic=True, check_worker_health=True)
    if while_parent is not None:
        _watch_parent(while_parent, consumer.stop)
    for courier in couriers:
        courier.start()
    try:
        consumer.run()
    finally:
        for courier in couriers:
            courier.stop()
        for courier in couriers:
            courier.join(timeout=5.0)


def _watch_parent(parent: int, stop: Callable[[], None]) -> None:
    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(1.0)
        stop()
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
