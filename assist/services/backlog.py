"""What CRMs were not told: made due again, taken back, or kept from them in shadow mode."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from assist.logs import redact_text
from assist.models.connection import Connection
from assist.models.outbox import OutboxEntry
from assist.services.audit import COMMAND_LINE, Actor, record
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.writeback import HALFWAY
from assist.store import outbox
from crm_adapters import registry
from crm_adapters.errors import BadSettings, OutcomeUnknown


class UnknownEntry(LookupError):  # noqa: N818 - named for what it says
    """The outbox has no entry of that number."""


class NotCancelled(Exception):  # noqa: N818 - named for what it says
    """The entry cannot be taken back; the message says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of one field of a customer; empty for nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """A write with all that is known of it; customers by their CRM's reference only."""

    id: int
    key: str
    connection: str
    adapter: str
    customer_ref: str
    operation: str
    """`note`, `line` or `field`."""
    act: str
    product: str
    state: str
    attempts: int
    cause: str | None
    created_at: datetime
    due_at: datetime
    delivered_at: datetime | None
    record_ref: str | None
    note: str
    """What the CRM is told, or was: of a note its text, of a line what goes where."""
    changes: tuple[Change, ...]
    """Of fields."""


@dataclass(frozen=True, slots=True)
class ShadowSwitch:
    kept: int
    """In shadow, after switching."""
    due: int
    """Were kept, and are delivered now."""
    in_hand: int
    """A deliverer was at them while shadow mode was switched on."""


def replay(
    desk: Desk,
    *,
    entry_id: int | None = None,
    connection: str | None = None,
    cause: str | None = None,
    actor: Actor = COMMAND_LINE,
) -> int:
    """Make dead letters due again: one, those of a connection or of a kind of failure, or all. How many."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        connection_id = get_connection(session, connection).id if connection else None
        ids = outbox.replay(session, now, entry_id=entry_id, connection_id=connection_id, cause=cause)
        if ids:
            subject = f"outbox:{entry_id}" if entry_id else "outbox:dead"
            limits = {"connection": connection, "cause": cause}
            told = {name: value for name, value in limits.items() if value}
            record(session, actor.entry("outbox.replayed", subject), at=now, count=len(ids), **told)
    return len(ids)


def cancel(desk: Desk, entry_id: int, *, actor: Actor = COMMAND_LINE) -> bool:
    """The CRM is never told, though the outcome stands. Whether an earlier attempt may have told it.

    Raises UnknownEntry, or NotCancelled for what is delivered, cancelled, or in the hands of a deliverer.
    """
    now = desk.clock.now()
    with desk.database.writing() as session:
        entry = session.get(OutboxEntry, entry_id, with_for_update=True)
        if entry is None:
            raise UnknownEntry(f"There is no entry {entry_id} in the outbox.")
        _refuse(entry, now)
        told = _may_be_told(entry)
        record(session, actor.entry("outbox.cancelled", f"outbox:{entry_id}"), at=now, was=entry.state)
        entry.state, entry.claimed_until = outbox.CANCELLED, None
    return told


def set_shadow(
    desk: Desk, name: str, *, on: bool, deliver: bool = False, actor: Actor = COMMAND_LINE
) -> ShadowSwitch:
    """On: what waits is kept instead, and nothing is written any more. Off: what was kept stays so, unless it is
    to be delivered. Raises UnknownConnection, and BadSettings for a connection that nothing is written to."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        connection = _lock(session, name)
        if on and not connection.writes:
            raise BadSettings(f"{name} is read only: nothing is written to it, and nothing would be.")
        connection.shadow = on
        of, to = ({outbox.WAITING}, outbox.SHADOW) if on else ({outbox.SHADOW}, outbox.WAITING)
        moved = outbox.move(session, connection.id, now, of=of, to=to) if on or deliver else 0
        kept = outbox.count_by_connection(session).get(connection.id, {}).get(outbox.SHADOW, 0)
        in_hand = outbox.count_in_hand(session, connection.id, now) if on else 0
        event = actor.entry(f"connection.shadow_{'on' if on else 'off'}", f"connection:{connection.id}")
        record(session, event, at=now, kept=kept, delivered=0 if on else moved)
    return ShadowSwitch(kept=kept, due=0 if on else moved, in_hand=in_hand)


def set_writes(
    desk: Desk, name: str, *, on: bool | None, first: bool | None, actor: Actor = COMMAND_LINE
) -> Connection:
    """Whether outcomes are written to the connection, and whether before others that know the person; None
    leaves it. Raises UnknownConnection, and BadSettings where the adapter takes no notes."""
    with desk.database.writing() as session:
        connection = _lock(session, name)
        if on and not registry.load(connection.adapter).capabilities.log_outcome:
            raise BadSettings(f"{connection.adapter} takes no notes; {name} stays read only.")
        connection.writes = connection.writes if on is None else on
        connection.notes_first = connection.notes_first if first is None else first
        event = actor.entry("connection.writes_set", f"connection:{connection.id}")
        set_to = {"writes": connection.writes, "notes_first": connection.notes_first}
        record(session, event, at=desk.clock.now(), **set_to)
    return connection


def find_entry(session: Session, entry_id: int) -> EntryView:
    """Raises UnknownEntry."""
    entry = session.get(OutboxEntry, entry_id)
    if entry is None:
        raise UnknownEntry(f"There is no entry {entry_id} in the outbox.")
    return _view(entry, session.get_one(Connection, entry.connection_id))


def redact(view: EntryView) -> EntryView:
    """For a page: texts without e-mails, telephones and tokens."""
    changes = tuple(
        Change(one.field, redact_text(one.before), redact_text(one.after)) for one in view.changes
    )
    return replace(
        view, note=redact_text(view.note), cause=view.cause and redact_text(view.cause), changes=changes
    )


def list_kept(session: Session, name: str, *, limit: int) -> list[EntryView]:
    """What a connection was not told because of shadow mode, newest first."""
    connection = get_connection(session, name)
    entries = outbox.list_entries(session, state=outbox.SHADOW, connection_id=connection.id, limit=limit)
    return [_view(entry, connection) for entry in entries]


def _lock(session: Session, name: str) -> Connection:
    """Against outcomes that are being recorded for the connection just now."""
    found = get_connection(session, name)
    return session.get_one(Connection, found.id, with_for_update=True, populate_existing=True)


def _refuse(entry: OutboxEntry, now: datetime) -> None:
    if entry.state in {outbox.DELIVERED, outbox.CANCELLED}:
        raise NotCancelled(f"Entry {entry.id} is {entry.state}; there is nothing to cancel.")
    if entry.state == outbox.WAITING and entry.claimed_until is not None and entry.claimed_until > now:
        raise NotCancelled(f"Entry {entry.id} is being delivered this moment; look at it again in a minute.")


def _may_be_told(entry: OutboxEntry) -> bool:
    unsure = entry.cause is None or entry.cause.startswith((OutcomeUnknown.__name__, HALFWAY))
    return entry.attempts > 0 and unsure


def _view(entry: OutboxEntry, connection: Connection) -> EntryView:
    return EntryView(
        id=entry.id,
        key=entry.key,
        connection=connection.name,
        adapter=connection.adapter,
        customer_ref=entry.customer_ref,
        operation=entry.operation,
        act=str(entry.payload.get("act", entry.operation)),
        product=str(entry.payload.get("product_name", "")),
        state=entry.state,
        attempts=entry.attempts,
        cause=entry.cause,
        created_at=entry.created_at,
        due_at=entry.due_at,
        delivered_at=entry.delivered_at,
        record_ref=entry.record_ref,
        note=_tell(entry),
        changes=tuple(
            Change(name, entry.payload["before"].get(name, ""), after)
            for name, after in entry.payload.get("patch", {}).items()
        ),
    )


def _tell(entry: OutboxEntry) -> str:
    if entry.operation != outbox.LINE:
        return str(entry.payload.get("note", ""))
    told = entry.payload
    return f"{told['quantity']} × {told['product_name']}, on {told['deal_kind']} {told['deal_name']}"
