"""One connection as it runs: syncs, what was lost, what is granted, and how far a change of secrets has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.drift import Loss, list_losses
from assist.services.entries import DeadCause, list_dead
from assist.services.fields import find_mapping
from assist.services.quotas import QuotaState, read_quotas
from assist.services.status import ConnectionState, find_connection
from assist.vault import VaultError
from crm_adapters import registry
from crm_adapters.errors import BadSettings

SOON = timedelta(minutes=1)
"""What is due starts within it."""


@dataclass(frozen=True, slots=True)
class SecretState:
    name: str
    is_set: bool | None
    """None where the vault's key is lost."""


@dataclass(frozen=True, slots=True)
class SecretsState:
    secrets: tuple[SecretState, ...]
    rotated_at: datetime | None
    former_until: datetime | None
    """None where no former ones are kept."""
    former_used_at: datetime | None
    older_sync: datetime | None
    """Since when a sync runs that began before: it may still use the former ones."""


@dataclass(frozen=True, slots=True)
class Running:
    connection: ConnectionState
    quotas: tuple[QuotaState, ...]
    next_sync: datetime | None
    """None where none comes by itself; in the past for one that is due."""
    losses: tuple[Loss, ...]
    fields_checked_at: datetime | None
    fields_error: str | None
    maps: bool
    """Somebody has mapped fields."""
    dead: tuple[DeadCause, ...]
    secrets: SecretsState


def read_running(desk: Desk, session: Session, name: str) -> Running:
    """Asks the database and this machine's files, never the CRM. Raises UnknownConnection."""
    row = get_connection(session, name)
    state = find_connection(session, name)
    assert state is not None  # noqa: S101 - the row is there
    return Running(
        connection=state,
        quotas=read_quotas(desk, row.id),
        next_sync=_find_next(desk, row),
        losses=list_losses(session, desk.personas).get(row.id, ()),
        fields_checked_at=row.fields_checked_at,
        fields_error=row.fields_error,
        maps=_maps(row),
        dead=tuple(group for group in list_dead(session) if group.connection == name),
        secrets=_read_secrets(desk, row, state),
    )


def read_secrets(desk: Desk, session: Session, name: str) -> SecretsState:
    """Raises UnknownConnection."""
    state = find_connection(session, name)
    row = get_connection(session, name)
    assert state is not None  # noqa: S101 - the row is there
    return _read_secrets(desk, row, state)


def _find_next(desk: Desk, row: Connection) -> datetime | None:
    if not row.enabled:
        return None
    minutes = timedelta(minutes=desk.config.sync_minutes)
    return row.last_sync_at + minutes if row.last_sync_at else desk.clock.now()


def _maps(row: Connection) -> bool:
    try:
        setting = find_mapping(registry.load(row.adapter))
    except BadSettings:
        return False
    return bool(setting and row.settings.get(setting))


def _read_secrets(desk: Desk, row: Connection, state: ConnectionState) -> SecretsState:
    now = desk.clock.now()
    kept = row.former_sealed is not None and row.former_until is not None and row.former_until > now
    return SecretsState(
        secrets=_list_secrets(desk, row),
        rotated_at=row.rotated_at,
        former_until=row.former_until if kept else None,
        former_used_at=row.former_used_at if kept else None,
        older_sync=_find_older(row, state, now),
    )


def _list_secrets(desk: Desk, row: Connection) -> tuple[SecretState, ...]:
    try:
        names = sorted(registry.load(row.adapter).secret_names())
    except BadSettings:
        return ()
    try:
        known = desk.vault.open(row.sealed)
    except VaultError:
        return tuple(SecretState(name, None) for name in names)
    return tuple(SecretState(name, bool(known.get(name))) for name in names)


def _find_older(row: Connection, state: ConnectionState, now: datetime) -> datetime | None:
    """A sync that was killed holds nothing any more."""
    held = row.sync_until is not None and row.sync_until > now
    begun = [kind.running_since for kind in state.kinds if kind.running_since]
    old = [at for at in begun if row.rotated_at and at < row.rotated_at]
    return min(old) if held and old else None
