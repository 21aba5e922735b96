"""Whether fields that somebody mapped are still at the CRM, looked at with each sync: the facts of a lost one are
unknown until it is back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from assist.models.connection import Connection, LostField
from assist.services import fields
from assist.services.backoff import tell_cause
from assist.services.lease import Lease
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import CRMError
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.model import Finding
from personas.catalogue import Catalogue
from personas.conditions import Condition, clauses
from personas.facts import find_fact

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    """What speaks of a fact."""

    kind: str
    """`persona` · `icp` · `rule` · `question`."""
    key: str


@dataclass(frozen=True, slots=True)
class Loss:
    ours: str
    """As `customer.crm.store`."""
    theirs: str
    cause: str
    since: datetime
    fact: str | None
    """Unknown now; None where none was made of the field."""
    uses: tuple[Use, ...]


def look(lease: Lease, adapter: CRMAdapter) -> None:
    """What could not be looked at is noted, and what was known of it stands."""
    entries = {ours: theirs for ours, theirs in fields.read_mapping(adapter).items() if theirs}
    try:
        described = fields.describe(adapter) if entries else {}
    except CRMError as error:
        log.warning("fields_not_looked_at", connection=lease.connection_id, cause=type(error).__name__)
        return _note(lease, None, tell_cause(error))
    found = {ours: fields.check_field(ours, theirs, described) for ours, theirs in entries.items()}
    lost = {ours: one for ours, one in found.items() if not one.ok}
    return _note(lease, {ours: (entries[ours], finding) for ours, finding in lost.items()}, None)


def list_losses(session: Session, catalogue: Catalogue) -> dict[int, tuple[Loss, ...]]:
    """By connection."""
    losses: dict[int, list[Loss]] = {}
    for row in session.scalars(select(LostField).order_by(LostField.ours)):
        losses.setdefault(row.connection_id, []).append(_loss(row, catalogue))
    return {connection_id: tuple(found) for connection_id, found in losses.items()}


def find_uses(catalogue: Catalogue, fact: str) -> tuple[Use, ...]:
    return tuple(dict.fromkeys(use for use, name in _speak(catalogue) if name == fact))


def name_fact(ours: str) -> str | None:
    """`customer.crm.store` is the fact `crm.store`; not every field is one."""
    name = ours.removeprefix("customer.") if ours.startswith(f"customer.{CUSTOM}") else ours
    return name if find_fact(name) else None


def _loss(row: LostField, catalogue: Catalogue) -> Loss:
    fact = name_fact(row.ours)
    uses = find_uses(catalogue, fact) if fact else ()
    return Loss(row.ours, row.theirs, row.cause, row.since, fact, uses)


def _speak(catalogue: Catalogue) -> Iterator[tuple[Use, str]]:
    for use, conditions in _parts(catalogue):
        for condition in conditions:
            yield from ((use, clause.fact) for clause in clauses(condition))
    for fact in catalogue.questions:
        yield Use("question", fact), fact


def _parts(catalogue: Catalogue) -> Iterator[tuple[Use, Sequence[Condition]]]:
    for persona in catalogue.personas:
        yield Use("persona", persona.key), [criterion.condition for criterion in persona.criteria]
    for side in catalogue.icp.dimensions:
        yield Use("icp", side.key), [points.condition for points in side.criteria]
    yield Use("icp", "disqualifiers"), catalogue.icp.disqualifiers
    for rule in catalogue.rules:
        yield Use("rule", rule.key), [rule.condition] if rule.condition else []


def _note(lease: Lease, lost: Mapping[str, tuple[str, Finding]] | None, error: str | None) -> None:
    now = lease.desk.clock.now()
    with lease.desk.database.writing() as session:
        lease.renew(session)
        connection = session.get_one(Connection, lease.connection_id)
        connection.fields_error = error
        if lost is None:
            return
        connection.fields_checked_at = now
        known = {row.ours: row.since for row in session.scalars(_mine(lease.connection_id))}
        session.execute(delete(LostField).where(LostField.connection_id == lease.connection_id))
        for ours, (theirs, finding) in lost.items():
            since = known.get(ours, now)
            session.add(_row(lease.connection_id, ours, theirs, finding.message, since=since))
            if ours not in known:
                log.warning("field_lost", connection=connection.name, field=ours)


def _mine(connection_id: int) -> Select[LostField]:
    return select(LostField).where(LostField.connection_id == connection_id)


def _row(connection_id: int, ours: str, theirs: str, cause: str, *, since: datetime) -> LostField:
    return LostField(
        connection_id=connection_id, ours=ours[:120], theirs=theirs[:200], cause=cause[:300], since=since
    )
