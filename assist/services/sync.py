"""Brings the mirror up to date with a CRM: page by page, each committed with its cursor, so that it can be
stopped anywhere and goes on where it was."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from assist.models.connection import Connection, SyncState
from assist.services import drift, figures
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.lease import Lease, SyncRunning, hold
from assist.services.relations import Reading, read_relations
from assist.store import mirror
from assist.store import rejections as store
from assist.store.records import clean, find_fault
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import CRMError
from crm_adapters.model import Kind, RejectedRow, SyncCursor, SyncPage
from crm_adapters.transport import Purpose

KEPT_REJECTIONS = 10_000
ORDER = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CASES)

FEW_GONE, MOST_GONE = 50, 0.5
"""A listing that leaves out more than both is taken for a broken export, not for what was deleted."""

Progress = Callable[[Kind, SyncPage], None]


class ShrunkenListingError(Exception):
    """A listing lacks most of what there was; the message says how to sync it all the same."""


@dataclass(frozen=True, slots=True)
class KindReport:
    """What a sync did to one kind of record."""

    kind: Kind
    read: int
    changed: int
    deleted: int
    rows: int
    """In the mirror afterwards."""
    rejected: int
    rejections: tuple[RejectedRow, ...]
    """The first of them; all are stored up to a bound."""
    may_miss_deletes: bool


@dataclass(slots=True)
class _Run:
    desk: Desk
    adapter: CRMAdapter
    lease: Lease
    kind: Kind
    batch: mirror.Batch
    cursor: SyncCursor | None
    full: bool
    resumed: bool
    """Goes on where a run stopped that did not finish."""
    rows: int = 0
    pages: int = 0
    read: int = 0
    changed: int = 0
    deleted: int = 0
    rejected: int = 0
    rejections: tuple[RejectedRow, ...] = ()
    may_miss_deletes: bool = False

    @property
    def connection_id(self) -> int:
        return self.lease.connection_id


def sync(
    desk: Desk,
    name: str,
    *,
    full: bool = False,
    kinds: Collection[Kind] = ORDER,
    progress: Progress | None = None,
) -> list[KindReport]:
    """Sync every kind the adapter lists, products first. With fewer `kinds`, what rests on all of them is left to
    the next sync.

    Raises CRMError and ShrunkenListingError after noting them with the connection, and SyncRunning while
    another process syncs it.
    """
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    adapter = open_adapter(desk, connection, Purpose.BACKGROUND)
    listed = [kind for kind in ORDER if kind in adapter.capabilities.kinds and kind in kinds]
    with hold(desk, connection.id, whole=kinds is ORDER) as lease:
        behind = figures.are_behind(desk.database)
        runs = [_sync_kind(_begin(lease, adapter, kind, full=full), progress) for kind in listed]
        if lease.whole and (behind or any(run.changed or run.deleted or run.resumed for run in runs)):
            figures.compute(desk.database, desk.clock.now())
        if lease.whole and adapter.capabilities.relations:
            _relate(runs)
        if lease.whole:
            drift.look(lease, adapter)
    return [_report(run) for run in runs]


def list_due_connections(desk: Desk) -> list[str]:
    """Connections whose last sync, good or bad, is longer ago than the configured minutes."""
    limit = desk.clock.now() - timedelta(minutes=desk.config.sync_minutes)
    old = or_(Connection.last_sync_at.is_(None), Connection.last_sync_at <= limit)
    with desk.database.reading() as session:
        due = select(Connection.name).where(Connection.enabled, old)
        return list(session.scalars(due.order_by(Connection.name)))


def _begin(lease: Lease, adapter: CRMAdapter, kind: Kind, *, full: bool) -> _Run:
    desk, connection_id = lease.desk, lease.connection_id
    now = desk.clock.now()
    with desk.database.writing() as session:
        lease.renew(session)
        state = session.get(SyncState, (connection_id, kind.value)) or SyncState(
            connection_id=connection_id, kind=kind.value, rows=0, changed=0, rejected=0, run=0
        )
        session.add(state)
        resumed = state.started_at is not None and not full
        if full:
            state.cursor = None
        if not resumed:
            state.run += 1
        state.started_at, state.error = now, None
        cursor = SyncCursor(state.cursor) if state.cursor else None
        batch = mirror.Batch(connection_id, run=state.run, at=now)
    return _Run(desk, adapter, lease, kind, batch, cursor, full, resumed)


def _sync_kind(run: _Run, progress: Progress | None) -> _Run:
    try:
        for page in _pages(run):
            _take(run, page)
            if progress:
                progress(run.kind, page)
    except CRMError as error:
        _note_error(run, f"{type(error).__name__}: {error}")
        raise
    except ShrunkenListingError as error:
        _note_error(run, str(error))
        raise
    except SyncRunning:
        raise
    except Exception as error:
        _note_error(run, type(error).__name__)  # its message may hold customer data
        raise
    return run


def _relate(runs: Sequence[_Run]) -> None:
    """Last, because suggestions can do without relations and not without orders."""
    for run in runs:
        if run.kind is Kind.PRODUCTS:
            try:
                read_relations(run.lease, run.adapter, partial(_replace_rejections, run))
            except SyncRunning:
                raise
            except Exception as error:
                _note_error(run, type(error).__name__)  # its message may hold customer data
                raise


def _pages(run: _Run) -> Iterator[SyncPage]:
    cursor, more = run.cursor, True
    while more:
        page = run.adapter.changes(run.kind, cursor)
        yield page
        cursor, more = page.next_cursor, page.more


def _take(run: _Run, page: SyncPage) -> None:
    with run.desk.database.writing() as session:
        run.lease.renew(session)
        items, refused = _sift(run.kind, page)
        changed = _write(session, run, items)
        gone = (*page.deleted_refs, *page.merged)
        deleted = mirror.mark_deleted(session, run.kind, run.connection_id, gone)
        if page.snapshot and not page.more:
            deleted += _drop_unlisted(session, run)
        _store_rejections(session, run, page, (*page.rejected, *refused))
        _state(session, run).cursor = page.next_cursor.value
        if not page.more:
            _finish(session, run, changed=changed + deleted)
    run.pages += 1
    run.read += page.rows_read or len(page.items)
    run.changed += changed
    run.deleted += deleted
    run.may_miss_deletes = run.may_miss_deletes or page.may_miss_deletes


def _drop_unlisted(session: Session, run: _Run) -> int:
    gone = mirror.count_unlisted(session, run.kind, run.batch)
    there = mirror.count_rows(session, run.kind, run.connection_id)
    if gone > FEW_GONE and gone > MOST_GONE * there and not run.full:
        raise ShrunkenListingError(
            f"The listing leaves out {gone:,} of {there:,} {run.kind}; nothing was marked as gone. "
            "If they really are, sync once with --full."
        )
    return mirror.mark_unlisted_deleted(session, run.kind, run.batch)


def _sift(kind: Kind, page: SyncPage) -> tuple[list[Any], list[RejectedRow]]:
    """What the mirror can hold, and the rest with the reason."""
    faults = [(record, find_fault(record)) for record in page.items]
    refused = [
        RejectedRow(f"{kind.value} {ascii(record.ref)[:100]}", 0, fault) for record, fault in faults if fault
    ]
    return [record for record, fault in faults if not fault], refused


def _write(session: Session, run: _Run, items: list[Any]) -> int:
    match run.kind:
        case Kind.PRODUCTS:
            return mirror.write_products(session, run.batch, items)
        case Kind.ORDERS:
            return mirror.write_orders(session, run.batch, items)
        case Kind.CASES:
            return mirror.write_cases(session, run.batch, items)
    return len(mirror.write_customers(session, run.batch, items))


def _store_rejections(session: Session, run: _Run, page: SyncPage, rejected: Sequence[RejectedRow]) -> None:
    state = _state(session, run)
    if run.pages == 0 and not run.resumed and (page.snapshot or run.cursor is None):
        store.forget(session, run.connection_id, run.kind.value)
        state.rejected = 0
    _add_rejections(session, run, rejected)


def _replace_rejections(run: _Run, session: Session, reading: Reading) -> None:
    """Of the same sources, what an earlier sync could not read is forgotten."""
    gone = store.forget_sources(session, run.connection_id, run.kind.value, reading.asked)
    _state(session, run).rejected -= gone
    _add_rejections(session, run, reading.rejections)


def _add_rejections(session: Session, run: _Run, rejected: Sequence[RejectedRow]) -> None:
    state = _state(session, run)
    room = max(0, KEPT_REJECTIONS - state.rejected)
    store.add(session, run.connection_id, run.kind.value, rejected[:room])
    state.rejected += len(rejected)
    run.rejected += len(rejected)
    run.rejections = (*run.rejections, *rejected[: max(0, 20 - len(run.rejections))])


def _state(session: Session, run: _Run) -> SyncState:
    return session.get_one(SyncState, (run.connection_id, run.kind.value))


def _note_error(run: _Run, cause: str) -> None:
    with run.desk.database.writing() as session:
        _state(session, run).error = clean(cause, 500)


def _finish(session: Session, run: _Run, *, changed: int) -> None:
    """With the last page: a run that was stopped after it would else be gone through again."""
    state = _state(session, run)
    state.rows = run.rows = mirror.count_rows(session, run.kind, run.connection_id)
    state.changed = run.changed + run.deleted + changed
    state.through_at, state.started_at, state.finished_at = state.started_at, None, run.desk.clock.now()


def _report(run: _Run) -> KindReport:
    return KindReport(
        kind=run.kind,
        read=run.read,
        changed=run.changed,
        deleted=run.deleted,
        rows=run.rows,
        rejected=run.rejected,
        rejections=run.rejections,
        may_miss_deletes=run.may_miss_deletes,
    )
