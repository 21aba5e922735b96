"""New secrets for a connection: tried at the CRM before they replace those that work."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

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
    Work that begins afterwards uses them; tokens that were got with the old ones are dropped.

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
        connection.sealed = desk.vault.seal(_read(desk, connection.sealed) | dict(secrets))
        _replace_token(desk, session, connection_id, token)
        event = actor.entry("connection.secrets_rotated", f"connection:{connection_id}")
        record(session, event, at=desk.clock.now(), secrets=sorted(secrets))


def _replace_token(desk: Desk, session: Session, connection_id: int, token: Token | None) -> None:
    if token is None:
        store.drop(session, connection_id)
    else:
        store.keep(session, connection_id, seal(desk.vault, token))
