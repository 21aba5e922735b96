"""Delivers the outbox to the CRMs: at least once under a key each CRM honours once, in order per customer."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.outbox import DeliveryAttempt, OutboxEntry
from assist.services import operations
from assist.services.backoff import tell_cause, wait_after
from assist.services.connect import open_adapter
from assist.services.desk import Desk
from assist.services.switchboard import STOP_WRITES
from assist.services.views import WriteBack
from assist.store import outbox, switches
from assist.vault import VaultError
from crm_adapters.errors import BadSettings, CRMError, Merged, OutcomeUnknown, Retryable
from crm_adapters.model import Act, Money, SuggestionOutcome, WriteResult
from crm_adapters.transport import Purpose

UNSURE_WAIT = timedelta(seconds=30)
"""After a write without an answer: a CRM may still be at what its gateway or we gave up on, and a note that is looked
for before it is there would be written twice."""
PATIENCE = timedelta(days=3)
"""How long a CRM may be away; a replayed dead letter, older by nature, gets its attempts all the same."""
HALFWAY = "Delivery stopped halfway every time."

log = structlog.get_logger(__name__)


class OvertakenError(Exception):
    """Somebody else delivers the entry by now: nothing of it may be written here any more."""


class SwitchedOffError(Exception):
    """Somebody has switched writes off since the entry was claimed."""


def deliver_due(desk: Desk, *, limit: int = 1_000) -> int:
    """Deliver what is due now, at most `limit` entries, none while writes are switched off. How many were tried."""
    for tried in range(limit):
        with desk.database.writing() as session:
            off = switches.is_off(session, STOP_WRITES)
            lease = desk.config.delivery_lease_seconds
            entry = None if off else outbox.claim(session, desk.clock.now(), lease=lease)
        if entry is None:
            return tried
        _deliver(desk, entry)
    return limit


def state(
    session: Session, customer_ids: Sequence[int], *, shadow: bool = False, held: bool = False
) -> WriteBack:
    rows = outbox.list_states(session, customer_ids)
    counts = {row.state: row.entries for row in rows}
    return WriteBack(
        waiting=counts.get(outbox.WAITING, 0),
        failed=counts.get(outbox.DEAD, 0),
        delivered_at=max((row.delivered_at for row in rows if row.delivered_at), default=None),
        shadow=shadow,
        kept=counts.get(outbox.SHADOW, 0),
        held=held,
    )


def to_payload(outcome: SuggestionOutcome) -> dict[str, Any]:
    """JSON-able, and read back by `from_payload`."""
    payload = asdict(outcome) | {"act": outcome.act.value, "at": outcome.at.isoformat()}
    if outcome.price:
        payload["price"] = {"amount": str(outcome.price.amount), "currency": outcome.price.currency}
    return payload


def from_payload(payload: dict[str, Any], customer_ref: str) -> SuggestionOutcome:
    price = payload["price"]
    return SuggestionOutcome(
        **payload
        | {
            "customer_ref": customer_ref,
            "act": Act(payload["act"]),
            "at": datetime.fromisoformat(payload["at"]),
            "price": Money(Decimal(price["amount"]), price["currency"]) if price else None,
        }
    )


def _deliver(desk: Desk, entry: OutboxEntry) -> None:
    with desk.database.reading() as session:
        connection = session.get_one(Connection, entry.connection_id)
    if connection.shadow:
        return _settle(desk, entry, state=outbox.SHADOW, attempts=entry.attempts - 1)
    tired = entry.attempts > desk.config.delivery_attempts
    if tired and not entry.cause:
        # Claimed again and again without an answer of any kind: this entry takes its deliverer down.
        return _settle(desk, entry, state=outbox.DEAD, cause=HALFWAY)
    try:
        result = _write(desk, connection, entry)
    except OvertakenError:
        log.info("write_back_overtaken", entry=entry.id, key=entry.key)
    except SwitchedOffError:
        _settle(desk, entry, attempts=entry.attempts - 1)
    except Merged as error:
        if tired:
            # Two records that each name the other would be asked for ever.
            return _settle(desk, entry, state=outbox.DEAD, cause=tell_cause(error))
        _settle(desk, entry, customer_ref=error.new_ref, due_at=desk.clock.now())
    except (Retryable, OutcomeUnknown) as error:
        _retry(desk, entry, error)
    except (CRMError, BadSettings, VaultError) as error:
        _settle(desk, entry, state=outbox.DEAD, cause=tell_cause(error))
    else:
        now = desk.clock.now()
        _settle(
            desk, entry, state=outbox.DELIVERED, delivered_at=now, record_ref=result.ref[:190], cause=None
        )
    return None


def _write(desk: Desk, connection: Connection, entry: OutboxEntry) -> WriteResult:
    adapter = open_adapter(
        desk,
        connection,
        Purpose.WRITE_BACK,
        correlation_id=entry.key,
        before_write=lambda: _renew(desk, entry),
    )
    if entry.operation != outbox.NOTE:
        return operations.write(adapter, entry)
    if (entry.cause or "").startswith(OutcomeUnknown.__name__):
        written = adapter.find_outcome(entry.key, customer_ref=entry.customer_ref)
        if written:
            return written
    return adapter.log_outcome(from_payload(entry.payload, entry.customer_ref), key=entry.key)


def _renew(desk: Desk, entry: OutboxEntry) -> None:
    """A CRM may be so slow to read from that the lease has ended by the time of the write, and only some CRMs
    refuse a second one. Raises OvertakenError, or SwitchedOffError."""
    with desk.database.writing() as session:
        if switches.is_off(session, STOP_WRITES):
            raise SwitchedOffError(f"entry {entry.id} waits: writes are switched off")
        current = session.get(OutboxEntry, entry.id, with_for_update=True)
        if current is None or current.state != outbox.WAITING or current.attempts != entry.attempts:
            raise OvertakenError(f"entry {entry.id} was taken over")
        current.claimed_until = desk.clock.now() + timedelta(seconds=desk.config.delivery_lease_seconds)


def _retry(desk: Desk, entry: OutboxEntry, error: CRMError) -> None:
    now = desk.clock.now()
    if now - entry.created_at > PATIENCE and entry.attempts >= desk.config.delivery_attempts:
        return _settle(desk, entry, state=outbox.DEAD, cause=tell_cause(error))
    wait = wait_after(entry.attempts, error)
    if isinstance(error, OutcomeUnknown):
        wait = max(wait, UNSURE_WAIT)
    return _settle(desk, entry, due_at=now + wait, cause=tell_cause(error))


def _settle(desk: Desk, entry: OutboxEntry, **values: Any) -> None:
    """Write what came of a delivery, unless another deliverer has taken the entry over meanwhile."""
    with desk.database.writing() as session:
        current = session.get(OutboxEntry, entry.id, with_for_update=True)
        if current is None or current.state != outbox.WAITING or current.attempts != entry.attempts:
            return
        if "attempts" not in values:
            _note_attempt(desk, session, entry, values)
        for name, value in (values | {"claimed_until": None}).items():
            setattr(current, name, value)
    log.info("write_back", entry=entry.id, key=entry.key, **_loggable(values))


def _note_attempt(desk: Desk, session: Session, entry: OutboxEntry, values: dict[str, Any]) -> None:
    now, lease = desk.clock.now(), timedelta(seconds=desk.config.delivery_lease_seconds)
    attempt = DeliveryAttempt(
        entry_id=entry.id,
        begun_at=entry.claimed_until - lease if entry.claimed_until else now,
        ended_at=now,
        state=values.get("state", outbox.WAITING),
        cause=values.get("cause"),
    )
    session.add(attempt)


def _loggable(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if name in {"state", "cause", "record_ref"}}
