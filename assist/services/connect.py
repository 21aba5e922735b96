"""Connections: adding them, testing them, and opening the adapter behind one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.connection import Connection, ConnectionToken
from assist.services.desk import Desk
from assist.services.fields import check_mapping
from assist.services.relay import Other, hand_on
from assist.services.transport import make_transport
from crm_adapters import registry
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings
from crm_adapters.model import Health
from crm_adapters.tokens import TokenStore
from crm_adapters.transport import Purpose, Transport

RARELY = timedelta(minutes=1)
"""How often it is noted that former secrets are still needed."""


class UnknownConnection(LookupError):  # noqa: N818 - named for what it says
    """No connection has this name; the message lists those there are."""


def add_connection(
    desk: Desk,
    name: str,
    *,
    adapter: str,
    settings: Mapping[str, str],
    writes: bool = True,
    shadow: bool | None = None,
) -> Connection:
    """Stores the connection after its settings were understood; nothing is asked of the CRM yet. It starts in
    shadow mode, unless `shadow` says else or what we write to it can spoil nothing.

    Raises BadSettings for an unknown adapter, a setting it does not understand, or a name that is taken or
    cannot stand in an address.
    """
    if not re.fullmatch(r"[\w][\w .-]{0,79}", name):
        raise BadSettings("A connection's name has 1 to 80 letters, digits, spaces, dots, _ or -.")
    kind = registry.load(adapter)
    can = kind.capabilities
    writes = writes and can.log_outcome
    understood = _as_understood(settings, kind.load_settings(settings))
    secrets = {key: value for key, value in understood.items() if key in kind.secret_names()}
    row = Connection(
        name=name,
        adapter=adapter,
        settings={key: value for key, value in understood.items() if key not in secrets},
        sealed=desk.vault.seal(secrets) if secrets else None,
        writes=writes,
        shadow=writes and (not can.writes_aside if shadow is None else shadow),
        created_at=desk.clock.now(),
    )
    with desk.database.writing() as session:
        if session.scalar(select(Connection.id).where(Connection.name == name)):
            raise BadSettings(f"There is a connection called {name} already; choose another name.")
        session.add(row)
        session.flush()
        session.add(ConnectionToken(connection_id=row.id))
    return row


def _as_understood(raw: Mapping[str, str], loaded: Mapping[str, Any]) -> dict[str, str]:
    """An adapter may complete a text, as a path to an absolute one: what it means here and now is kept."""
    texts = {key: value for key, value in loaded.items() if isinstance(value, str)}
    return {key: texts.get(key, value) for key, value in raw.items()}


def get_connection(session: Session, name: str) -> Connection:
    """Raises UnknownConnection."""
    row = session.scalar(select(Connection).where(Connection.name == name, Connection.removed_at.is_(None)))
    if row is None:
        known = ", ".join(list_names(session)) or "none yet"
        raise UnknownConnection(f"There is no connection called {name}; there are: {known}.")
    return row


def list_names(session: Session) -> list[str]:
    there = select(Connection.name).where(Connection.removed_at.is_(None))
    return list(session.scalars(there.order_by(Connection.name)))


def open_adapter(
    desk: Desk,
    connection: Connection,
    purpose: Purpose,
    *,
    correlation_id: str | None = None,
    changed: Mapping[str, Any] | None = None,
    tokens: TokenStore | None = None,
    **more: Any,
) -> CRMAdapter:
    """For one piece of work, whose id is the request's unless it is given. `changed` settings and other `tokens`
    are for trying out; `more` as in `make_transport`. Raises BadSettings where the settings do not suit the
    adapter."""
    transport = make_transport(desk, connection.id, purpose, correlation_id=correlation_id, **more)
    if tokens is not None:
        transport = replace(transport, tokens=tokens)
    secrets = desk.vault.open(connection.sealed)
    adapter = _build(connection, secrets | dict(changed or {}), transport)
    if changed or tokens is not None:
        return adapter
    return hand_on(adapter, lambda: _list_others(desk, connection.id, secrets, transport))


def list_hosts(connection: Connection, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the connection may lead by itself: `settings` as loaded. What people added comes on top."""
    return tuple(sorted(registry.load(connection.adapter).hosts(settings)))


def _build(connection: Connection, secrets: Mapping[str, Any], transport: Transport) -> CRMAdapter:
    kind = registry.load(connection.adapter)
    settings = kind.load_settings(connection.settings | dict(secrets))
    added = {entry["host"] for entry in connection.hosts or ()}
    network = replace(transport.network, hosts=frozenset(list_hosts(connection, settings)) | added)
    return kind(settings, replace(transport, network=network))


def _list_others(
    desk: Desk, connection_id: int, tried: Mapping[str, str], transport: Transport
) -> Iterator[Other]:
    """With the secrets that replaced those that were tried, then with those that are kept from before."""
    with desk.database.reading() as session:
        connection = session.get(Connection, connection_id)
    if connection is None or connection.removed_at:
        return
    now, until = desk.clock.now(), connection.former_until
    secrets = desk.vault.open(connection.sealed)
    if secrets != tried:
        yield _build(connection, secrets, transport), lambda: None
    former = desk.vault.open(connection.former_sealed) if until and until > now else tried
    if former != tried:
        yield _build(connection, former, transport), lambda: _note_former(desk, connection_id)


def _note_former(desk: Desk, connection_id: int) -> None:
    with desk.database.writing(promised=False) as session:
        connection = session.get_one(Connection, connection_id)
        last, now = connection.former_used_at, desk.clock.now()
        if last is None or last < now - RARELY:
            connection.former_used_at = now


def check_connection(desk: Desk, name: str) -> Health:
    """What the adapter finds, and whether the fields that somebody mapped are still there."""
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    health = adapter.check(writes=connection.writes)
    return Health((*health.findings, *check_mapping(adapter))) if health.ok else health
