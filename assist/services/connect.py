"""Connections: adding them, testing them, and opening the adapter behind one."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.connection import Connection, ConnectionToken
from assist.services.desk import Desk
from assist.services.fields import check_mapping
from assist.services.transport import make_transport
from crm_adapters import registry
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings
from crm_adapters.model import Health
from crm_adapters.tokens import TokenStore
from crm_adapters.transport import Purpose


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
) -> CRMAdapter:
    """For one piece of work, whose id is the request's unless it is given. `changed` settings and other `tokens`
    are for trying out. Raises BadSettings where the settings do not suit the adapter."""
    kind = registry.load(connection.adapter)
    raw = connection.settings | desk.vault.open(connection.sealed) | dict(changed or {})
    transport = make_transport(desk, connection.id, purpose, correlation_id=correlation_id)
    if tokens is not None:
        transport = replace(transport, tokens=tokens)
    return kind(kind.load_settings(raw), transport)


def check_connection(desk: Desk, name: str) -> Health:
    """What the adapter finds, and whether the fields that somebody mapped are still there."""
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    health = adapter.check(writes=connection.writes)
    return Health((*health.findings, *check_mapping(adapter))) if health.ok else health
