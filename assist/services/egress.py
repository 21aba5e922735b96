"""The hosts that a connection may call: those its settings and its adapter lead to, and those somebody added."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assist.models.account import UserAccount
from assist.models.connection import Connection
from assist.services.audit import COMMAND_LINE, Actor, record
from assist.services.connect import get_connection, list_hosts
from assist.services.desk import Desk
from assist.services.transport import make_network
from assist.vault import VaultError
from crm_adapters import registry
from crm_adapters.errors import BadSettings

NAME = re.compile(r"(?=.{4,190}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_REASON = 200
MOST_ADDED = 20


class HostNotAdded(ValueError):  # noqa: N818 - named for what it says
    """It cannot be added; the `code` says why: `name`, `reason`, `known`, `many`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class AddedHost:
    host: str
    reason: str
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Egress:
    own: tuple[str, ...] | None
    """By settings and adapter; None where the settings cannot be read."""
    private: frozenset[str]
    """Of those, the ones that whoever runs this has opened although they may be private."""
    added: tuple[AddedHost, ...]


def read_egress(desk: Desk, session: Session, name: str) -> Egress:
    """Raises UnknownConnection."""
    connection = get_connection(session, name)
    own, network = _own(desk, connection), make_network(desk)
    return Egress(
        own=own,
        private=frozenset(host for host in own or () if network.is_opened(host)),
        added=tuple(_added(session, entry) for entry in connection.hosts or ()),
    )


def add_host(desk: Desk, name: str, host: str, *, reason: str, actor: Actor = COMMAND_LINE) -> str:
    """The name as it is kept. Raises UnknownConnection, HostNotAdded, and HostRefused for what no connection may
    call: private addresses that nobody has opened, and those that no CRM can have."""
    wanted, why = host.strip().rstrip(".").lower(), " ".join(reason.split())[:LONGEST_REASON]
    network = make_network(desk)
    if not NAME.fullmatch(wanted) and not network.is_opened(wanted):
        raise HostNotAdded("name")
    if not why:
        raise HostNotAdded("reason")
    network.vet(wanted)
    with desk.database.writing() as session:
        connection = _lock(session, name)
        added = list(connection.hosts or ())
        if wanted in {entry["host"] for entry in added} | set(_own(desk, connection) or ()):
            raise HostNotAdded("known")
        if len(added) >= MOST_ADDED:
            raise HostNotAdded("many")
        now = desk.clock.now()
        entry = {"host": wanted, "reason": why, "by": actor.id, "at": now.isoformat()}
        connection.hosts = [*added, entry]
        event = actor.entry("connection.host_added", f"connection:{connection.id}")
        record(session, event, at=now, host=wanted, why=why)
    return wanted


def remove_host(desk: Desk, name: str, host: str, *, actor: Actor = COMMAND_LINE) -> bool:
    """False where it was not among those added. Raises UnknownConnection."""
    with desk.database.writing() as session:
        connection = _lock(session, name)
        left = [entry for entry in connection.hosts or () if entry["host"] != host]
        if len(left) == len(connection.hosts or ()):
            return False
        connection.hosts = left
        event = actor.entry("connection.host_removed", f"connection:{connection.id}")
        record(session, event, at=desk.clock.now(), host=host)
    return True


def _own(desk: Desk, connection: Connection) -> tuple[str, ...] | None:
    try:
        raw = connection.settings | desk.vault.open(connection.sealed)
        return list_hosts(connection, registry.load(connection.adapter).load_settings(raw))
    except (BadSettings, VaultError):
        return None


def _lock(session: Session, name: str) -> Connection:
    found = get_connection(session, name)
    return session.get_one(Connection, found.id, with_for_update=True, populate_existing=True)


def _added(session: Session, entry: Mapping[str, Any]) -> AddedHost:
    who = session.get(UserAccount, entry["by"]) if entry["by"] else None
    return AddedHost(
        entry["host"], entry["reason"], who.name if who else None, datetime.fromisoformat(entry["at"])
    )
