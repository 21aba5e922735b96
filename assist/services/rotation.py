"""New secrets for a connection: tried at the CRM before they are used, beside the former for a while."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.services.audit import COMMAND_LINE, Actor, record
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.tokens import DatabaseTokens, seal
from assist.store import tokens as store
from assist.vault import VaultError
from crm_adapters import registry
from crm_adapters.errors import BadSettings
from crm_adapters.model import Finding, Health
from crm_adapters.tokens import MemoryTokenStore, Token
from crm_adapters.transport import Purpose

KEPT = timedelta(days=7)
"""How long former secrets stay beside the new ones, if nobody drops them before."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
UNTRIED = Health(
    (Finding("sign-in", ok=True, message="Nobody signed in yet, so it was not tried.", warning=True),)
)


def list_secrets(desk: Desk, name: str) -> list[str]:
    """The names of the settings that are secret, whether set or not. Raises UnknownConnection."""
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    return sorted(registry.load(connection.adapter).secret_names())


def rotate(desk: Desk, name: str, secrets: Mapping[str, str], *, actor: Actor = COMMAND_LINE) -> Health:
    """What the CRM said to the new secrets: they are kept where that is well, and nothing is changed otherwise.
    Work that begins afterwards uses them; tokens that were got with the old ones are dropped. The old ones stay, to
    be tried where the CRM refuses the new, until somebody drops them or KEPT is over.

    Raises UnknownConnection, and BadSettings for what is no secret of the adapter's or does not suit it.
    """
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    unknown = sorted(set(secrets) - registry.load(connection.adapter).secret_names())
    if unknown:
        known = ", ".join(list_secrets(desk, name)) or "none"
        raise BadSettings(f"{unknown[0]} is no secret of {connection.adapter}; there are: {known}.")
    connection.sealed = desk.vault.seal(_read(desk, connection.sealed))
    if open_adapter(desk, connection, Purpose.INTERACTIVE, changed=secrets).sign_in():
        return _rotate_signed_in(desk, connection, secrets, actor)
    trial = MemoryTokenStore()
    health = _try(desk, connection, secrets, trial)
    if health.ok:
        _keep(desk, connection.id, secrets, None, actor=actor)
    return health


def _rotate_signed_in(desk: Desk, connection: Connection, secrets: Mapping[str, str], actor: Actor) -> Health:
    """The token that an admin signed in for is renewed with the new secrets, and by nobody else meanwhile."""
    kept = DatabaseTokens(desk.database, desk.vault, desk.clock, connection.id)
    with kept.locked():
        before = _expired(kept)
        trial = MemoryTokenStore(before)
        health = _try(desk, connection, secrets, trial) if before else UNTRIED
        renewed = trial.load() if trial.load() is not before else None
        if health.ok:
            _keep(desk, connection.id, secrets, renewed, actor=actor)
        elif renewed:
            kept.save(renewed)  # the CRM takes the refresh token before it no more, whatever else was wrong
    return health


def _try(desk: Desk, connection: Connection, secrets: Mapping[str, str], trial: MemoryTokenStore) -> Health:
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE, changed=secrets, tokens=trial)
    return adapter.check(writes=connection.writes)


def _expired(store: DatabaseTokens) -> Token | None:
    """Else it would be used as it is, and tell nothing of the new secrets."""
    try:
        token = store.load()
    except VaultError:
        return None
    return replace(token, expires_at=LONG_AGO) if token else None


def _read(desk: Desk, sealed: bytes | None) -> dict[str, str]:
    """Where the vault's key is lost, entering all secrets anew is the way out."""
    try:
        return desk.vault.open(sealed)
    except VaultError:
        return {}


def _keep(
    desk: Desk, connection_id: int, secrets: Mapping[str, str], token: Token | None, *, actor: Actor
) -> None:
    with desk.database.writing() as session:
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        now, before = desk.clock.now(), _read(desk, connection.sealed)
        after = before | dict(secrets)
        if before and before != after:
            connection.former_sealed, connection.former_until = desk.vault.seal(before), now + KEPT
            connection.former_used_at = None
        connection.sealed, connection.rotated_at = desk.vault.seal(after), now
        _replace_token(desk, session, connection_id, token)
        event = actor.entry("connection.secrets_rotated", f"connection:{connection_id}")
        record(session, event, at=now, secrets=sorted(secrets))


def drop_former(desk: Desk, name: str, *, actor: Actor = COMMAND_LINE) -> bool:
    """False where none were kept. Raises UnknownConnection."""
    with desk.database.writing() as session:
        connection = session.get_one(
            Connection, get_connection(session, name).id, with_for_update=True, populate_existing=True
        )
        if connection.former_sealed is None:
            return False
        _forget_former(connection)
        event = actor.entry("connection.former_secrets_dropped", f"connection:{connection.id}")
        record(session, event, at=desk.clock.now())
    return True


def drop_expired(desk: Desk) -> None:
    """What nobody dropped in time."""
    now = desk.clock.now()
    over = select(Connection).where(Connection.former_until <= now)
    with desk.database.reading() as session:
        if session.scalar(over.limit(1)) is None:
            return
    with desk.database.writing() as session:
        for connection in session.scalars(over.with_for_update()):
            _forget_former(connection)
            event = COMMAND_LINE.entry("connection.former_secrets_expired", f"connection:{connection.id}")
            record(session, event, at=now)


def _forget_former(connection: Connection) -> None:
    connection.former_sealed = connection.former_until = connection.former_used_at = None


def _replace_token(desk: Desk, session: Session, connection_id: int, token: Token | None) -> None:
    if token is None:
        store.drop(session, connection_id)
    else:
        store.keep(session, connection_id, seal(desk.vault, token))
