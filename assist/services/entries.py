"""The outbox as people look at it: page by page, by cause, and one entry with its attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from assist.logs import redact_text
from assist.models.connection import Connection
from assist.models.outbox import OutboxEntry
from assist.services import backlog
from assist.services.backlog import EntryView
from assist.store import outbox
from assist.store.outbox_search import (
    PAGE,
    OutboxFilter,
    count_dead,
    list_attempts,
    list_causes,
    search,
)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    customer: str
    customer_ref: str
    connection: str
    act: str
    """Or the operation, where it is no note about one."""
    product: str
    """Or what is to be changed: `country: ES → MX`."""
    deal: str
    state: str
    attempts: int
    cause: str | None
    created_at: datetime
    due_at: datetime
    delivered_at: datetime | None
    record_ref: str | None
    may_replay: bool
    """A dead letter of a connection that is written to."""


@dataclass(frozen=True, slots=True)
class OutboxPage:
    rows: tuple[OutboxRow, ...]
    before: int | None
    """What to ask for the next page with; None on the last."""
    counts: dict[str, int]
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadCause:
    """Dead letters of one connection with one kind of failure."""

    connection: str
    kind: str
    """As `PermissionDenied`."""
    example: str
    """One of them in full: what is wrong and what to do."""
    count: int
    oldest: datetime
    shadow: bool
    """Its connection is in shadow mode: they cannot be replayed."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    begun_at: datetime
    took: timedelta
    state: str
    cause: str | None


@dataclass(frozen=True, slots=True)
class EntryDetail:
    entry: EntryView
    """Its texts without addresses and telephones."""
    outcome_id: str | None
    request_id: str | None
    attempts: tuple[AttemptView, ...]
    """Latest first; those of a deliverer that died are missing."""
    may_replay: bool
    may_cancel: bool


def search_outbox(session: Session, wanted: OutboxFilter) -> OutboxPage:
    found = search(session, wanted)
    rows = tuple(_outbox_row(*row) for row in found[:PAGE])
    return OutboxPage(
        rows=rows,
        before=rows[-1].id if len(found) > PAGE else None,
        counts=outbox.count_states(session),
        causes=tuple(list_causes(session)),
    )


def list_dead(session: Session) -> tuple[DeadCause, ...]:
    """The most first."""
    groups: dict[tuple[str, str], DeadCause] = {}
    for name, shadow, cause, count, oldest in count_dead(session):
        kind = (cause or "").partition(":")[0]
        known = groups.get((name, kind))
        groups[name, kind] = DeadCause(
            connection=name,
            kind=kind,
            example=known.example if known else redact_text(cause or ""),
            count=count + (known.count if known else 0),
            oldest=min(oldest, known.oldest) if known else oldest,
            shadow=shadow,
        )
    return tuple(sorted(groups.values(), key=lambda group: (-group.count, group.connection, group.kind)))


def open_entry(session: Session, entry_id: int, *, now: datetime) -> EntryDetail:
    """Raises UnknownEntry."""
    view = backlog.find_entry(session, entry_id)
    row = session.get_one(OutboxEntry, entry_id)
    silent = session.get_one(Connection, row.connection_id).shadow
    in_hand = row.claimed_until is not None and row.claimed_until > now
    return EntryDetail(
        entry=backlog.redact(view),
        outcome_id=row.outcome_id,
        request_id=row.request_id,
        attempts=tuple(
            AttemptView(one.begun_at, one.ended_at - one.begun_at, one.state, one.cause)
            for one in list_attempts(session, entry_id)
        ),
        may_replay=row.state == outbox.DEAD and not silent,
        may_cancel=row.state in (outbox.WAITING, outbox.DEAD, outbox.SHADOW) and not in_hand,
    )


def _outbox_row(entry: OutboxEntry, customer: str, connection: Connection) -> OutboxRow:
    payload: dict[str, Any] = entry.payload
    return OutboxRow(
        id=entry.id,
        customer=customer,
        customer_ref=entry.customer_ref,
        connection=connection.name,
        act=str(payload.get("act", entry.operation)),
        product=str(payload.get("product_name") or _changes(payload)),
        deal=str(payload.get("deal_name", "")),
        state=entry.state,
        attempts=entry.attempts,
        cause=entry.cause,
        created_at=entry.created_at,
        due_at=entry.due_at,
        delivered_at=entry.delivered_at,
        record_ref=entry.record_ref,
        may_replay=entry.state == outbox.DEAD and not connection.shadow,
    )


def _changes(payload: dict[str, Any]) -> str:
    before: dict[str, str] = payload.get("before", {})
    patch: dict[str, str] = payload.get("patch", {})
    return ", ".join(f"{name}: {before.get(name) or '–'} → {value or '–'}" for name, value in patch.items())
