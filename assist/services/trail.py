"""From an agent's click to the CRM's record: all that is stored under one id, in the order it happened."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assist.logs import redact_text
from assist.models.account import AuditEntry
from assist.models.connection import Connection
from assist.models.decision import Decision, Outcome
from assist.models.outbox import DeliveryAttempt, OutboxEntry
from assist.store import trails as store

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
CALL = re.compile(r"(.+)\.\d{1,6}")
"""What a CRM's own log holds: the id, and the number of the call."""


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    kind: str
    """`decision` · `outcome` · `undone` · `queued` · `attempt` · `delivered` · `act`."""
    id: str
    words: str = ""
    """Stable: the outcome's act, the entry's state, what was done."""
    detail: str = ""
    who: str | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    id: str
    steps: tuple[Step, ...] = ()
    records: tuple[str, ...] = ()
    """What CRMs call the records that hold it, each with its connection."""
    ids: tuple[str, ...] = field(default=())
    """The others under which the same can be looked for."""


def follow(session: Session, wanted: str) -> Trail:
    """Empty where nothing is stored under it. A call's number at its end is left out."""
    name = wanted.strip()
    if not WELL_FORMED.fullmatch(name):
        return Trail(name[:64])
    call = CALL.fullmatch(name)
    names = (name, call[1]) if call else (name,)
    entries = store.find_entries(session, names, ())
    outcomes = store.find_outcomes(session, [*names, *_outcomes_of(entries)])
    entries = store.find_entries(session, names, [outcome.id for outcome in outcomes])
    decisions = store.find_decisions(session, names, [outcome.id for outcome in outcomes])
    requests = {one.request_id for one in outcomes} | {one.request_id for one in entries}
    audits = store.find_audits(
        session, {*names, *filter(None, requests)}, [f"outbox:{entry.id}" for entry in entries]
    )
    attempts = store.find_attempts(session, [entry.id for entry in entries])
    steps = [
        *map(_decided, decisions),
        *_acted(outcomes, store.find_products(session, [one.suggestion_id for one in outcomes])),
        *_queued(session, entries),
        *(_tried(one) for one in attempts),
        *(_did(entry, who) for entry, who in audits),
    ]
    keys = {entry.key for entry in entries}
    return Trail(
        id=name,
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        records=tuple(_records(session, entries)),
        ids=tuple(sorted({*filter(None, requests), *keys} - {name})),
    )


def _outcomes_of(entries: Sequence[OutboxEntry]) -> list[str]:
    return [entry.outcome_id for entry in entries if entry.outcome_id]


def _decided(decision: Decision) -> Step:
    told = " · ".join(filter(None, (decision.silence, decision.persona, decision.model_version)))
    return Step(decision.decided_at, "decision", decision.id, detail=told)


def _acted(outcomes: Sequence[Outcome], shown: dict[str, Any]) -> Iterator[Step]:
    for outcome in outcomes:
        product = (shown.get(outcome.suggestion_id) or {}).get("name", "")
        told = " · ".join(filter(None, (product, outcome.reason, outcome.channel)))
        yield Step(outcome.at, "outcome", outcome.id, outcome.act, told)
        if outcome.undone_at:
            yield Step(outcome.undone_at, "undone", outcome.id)


def _queued(session: Session, entries: Sequence[OutboxEntry]) -> Iterator[Step]:
    for entry in entries:
        name = session.get_one(Connection, entry.connection_id).name
        yield Step(entry.created_at, "queued", entry.key, entry.operation, name, entry_id=entry.id)
        if entry.delivered_at and entry.record_ref:
            told = f"{name}: {entry.record_ref}"
            yield Step(entry.delivered_at, "delivered", entry.key, entry.state, told, entry_id=entry.id)


def _tried(attempt: DeliveryAttempt) -> Step:
    told = redact_text(attempt.cause or "")
    return Step(attempt.ended_at, "attempt", str(attempt.id), attempt.state, told, entry_id=attempt.entry_id)


def _did(entry: AuditEntry, who: str | None) -> Step:
    return Step(entry.at, "act", entry.subject, entry.event, who=who)


def _records(session: Session, entries: Sequence[OutboxEntry]) -> Iterator[str]:
    for entry in entries:
        if entry.record_ref:
            yield f"{session.get_one(Connection, entry.connection_id).name}: {entry.record_ref}"
