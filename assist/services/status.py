"""How things stand: connections and their syncs, the outbox in figures, the serving model."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assist.models.connection import Connection, LostField, RejectedRecord, SyncState
from assist.models.training import ModelVersion
from assist.models.webhook import Webhook
from assist.store import outbox
from assist.store.outbox_search import find_oldest_waiting
from assist.store.training import find_serving_versions
from assist.store.webhooks import count_waiting

KINDS = ("products", "customers", "orders", "cases")
REJECTED_PAGE = 100
GAUGED = (outbox.WAITING, outbox.DEAD, outbox.SHADOW)
Gauge = tuple[str, str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class KindState:
    kind: str
    rows: int
    changed: int
    rejected: int
    running_since: datetime | None
    finished_at: datetime | None
    error: str | None
    through_at: datetime | None = None
    """Up to when it is complete: what the CRM knew then is in the mirror."""


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What a CRM that was given an address made of it."""

    deliveries: int
    received_at: datetime | None
    refused: int
    refused_at: datetime | None
    waiting: int
    """Hints that were not looked into yet."""
    cause: str | None
    """Why they wait, where the CRM does not answer."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    id: int
    name: str
    adapter: str
    enabled: bool
    writes: bool
    shadow: bool
    """Outcomes are kept in the outbox instead of being written."""
    notes_first: bool
    counts: dict[str, int]
    """Outbox entries by state."""
    kinds: tuple[KindState, ...]
    webhook: WebhookState | None
    """None where it has no address."""
    last_sync_at: datetime | None = None
    """When a sync of every kind last began or ended."""
    lost: int = 0
    """Mapped fields that the CRM has no more."""

    @property
    def synced_at(self) -> datetime | None:
        """When the slowest kind was last up to date; None where one never was."""
        done = [kind.finished_at for kind in self.kinds]
        known = [at for at in done if at is not None]
        return min(known) if known and len(known) == len(done) else None

    @property
    def failing(self) -> bool:
        return any(kind.error for kind in self.kinds)

    @property
    def running(self) -> bool:
        return any(kind.running_since and not kind.error for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class ModelState:
    version: str
    trained_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    connections: tuple[ConnectionState, ...]
    counts: dict[str, int]
    """Outbox entries by state."""
    oldest_waiting: datetime | None
    model: ModelState | None


@dataclass(frozen=True, slots=True)
class Rejection:
    id: int
    source: str
    line: int
    reason: str


def overview(session: Session) -> Overview:
    return Overview(
        connections=list_connections(session),
        counts=outbox.count_states(session),
        oldest_waiting=find_oldest_waiting(session),
        model=find_model(session),
    )


def list_connections(session: Session) -> tuple[ConnectionState, ...]:
    states: dict[int, list[KindState]] = {}
    for row in session.scalars(select(SyncState)):
        states.setdefault(row.connection_id, []).append(_kind_state(row))
    webhooks = _list_webhooks(session)
    there = select(Connection).where(Connection.removed_at.is_(None))
    connections = session.scalars(there.order_by(Connection.name))
    counts, lost = outbox.count_by_connection(session), _count_lost(session)
    return tuple(
        replace(
            _connection_state(
                row, states.get(row.id, []), counts=counts.get(row.id, {}), webhook=webhooks.get(row.id)
            ),
            lost=lost.get(row.id, 0),
        )
        for row in connections
    )


def find_connection(session: Session, name: str) -> ConnectionState | None:
    return next((found for found in list_connections(session) if found.name == name), None)


def list_rejections(
    session: Session, connection_id: int, *, kind: str, after: int = 0
) -> tuple[tuple[Rejection, ...], int | None]:
    """A page in the order they were met, and what to ask for the next one with."""
    query = select(RejectedRecord).where(
        RejectedRecord.connection_id == connection_id, RejectedRecord.kind == kind, RejectedRecord.id > after
    )
    found = session.scalars(query.order_by(RejectedRecord.id).limit(REJECTED_PAGE + 1)).all()
    rows = tuple(Rejection(row.id, row.source, row.line, row.reason) for row in found[:REJECTED_PAGE])
    return rows, rows[-1].id if len(found) > REJECTED_PAGE else None


def find_model(session: Session) -> ModelState | None:
    versions = find_serving_versions(session)
    row = session.get(ModelVersion, versions[0]) if versions else None
    return ModelState(row.version, row.trained_at) if row else None


def gauges(session: Session, *, at: datetime) -> Iterable[Gauge]:
    """For Prometheus, as (name, help, label → value); what is unknown is left out rather than zero."""
    state = overview(session)
    counts = {word: float(state.counts.get(word, 0)) for word in GAUGED}
    ages = {c.name: (at - c.synced_at).total_seconds() for c in state.connections if c.synced_at}
    failing = {c.name: float(c.failing) for c in state.connections}
    hints = {c.name: float(c.webhook.waiting) for c in state.connections if c.webhook}
    waiting = {"waiting": (at - state.oldest_waiting).total_seconds()} if state.oldest_waiting else {}
    return (
        ("assist_outbox_entries", "CRM writes by state.", counts),
        ("assist_outbox_oldest_seconds", "Age of the oldest CRM write that waits.", waiting),
        (
            "assist_hints_waiting",
            "Changes that CRMs told of and nobody looked into yet, by connection.",
            hints,
        ),
        (
            "assist_fields_lost",
            "Mapped fields that the CRM has no more, by connection.",
            {c.name: float(c.lost) for c in state.connections},
        ),
        ("assist_sync_age_seconds", "Since the last complete sync, by connection.", ages),
        ("assist_sync_failing", "1 where the last sync ended in an error, by connection.", failing),
    )


def _kind_state(row: SyncState) -> KindState:
    return KindState(
        kind=row.kind,
        rows=row.rows,
        changed=row.changed,
        rejected=row.rejected,
        running_since=row.started_at,
        finished_at=row.finished_at,
        error=row.error,
        through_at=row.through_at,
    )


def _count_lost(session: Session) -> dict[int, int]:
    counts = select(LostField.connection_id, func.count()).group_by(LostField.connection_id)
    return dict(session.execute(counts).all())


def _list_webhooks(session: Session) -> dict[int, WebhookState]:
    waiting = count_waiting(session)
    return {
        row.connection_id: WebhookState(
            deliveries=row.deliveries,
            received_at=row.received_at,
            refused=row.refused,
            refused_at=row.refused_at,
            waiting=waiting.get(row.connection_id, 0),
            cause=row.cause,
        )
        for row in session.scalars(select(Webhook))
    }


def _connection_state(
    row: Connection, kinds: list[KindState], *, counts: dict[str, int], webhook: WebhookState | None
) -> ConnectionState:
    ordered = sorted(kinds, key=lambda state: KINDS.index(state.kind) if state.kind in KINDS else len(KINDS))
    return ConnectionState(
        id=row.id,
        name=row.name,
        adapter=row.adapter,
        enabled=row.enabled,
        writes=row.writes,
        shadow=row.shadow,
        notes_first=row.notes_first,
        counts=counts,
        kinds=tuple(ordered),
        webhook=webhook,
        last_sync_at=row.last_sync_at,
    )
