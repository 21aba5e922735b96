"""Where a CRM may tell us that something has changed: its address, and what comes in there."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import structlog

from assist.models.connection import Connection
from assist.models.webhook import Webhook
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from assist.store import webhooks as store
from crm_adapters.errors import Unsupported, VendorChanged
from crm_adapters.model import ChangeHint, WebhookRequest, WebhookSetup
from crm_adapters.transport import Purpose

PATH = "/webhooks/"
KEPT = timedelta(days=7)
"""How long a repetition is known for one: vendors repeat for a day or two."""
SETTLES = timedelta(seconds=3)
"""From a hint to looking: what else is said of the record meanwhile is looked into with it, and a CRM whose
listings lag a little has caught up."""

log = structlog.get_logger(__name__)


class UnknownKey(LookupError):  # noqa: N818 - named for what it says
    """No connection that is switched on has this address."""


@dataclass(frozen=True, slots=True)
class Address:
    """What an admin needs to have the CRM call us."""

    url: str
    setup: WebhookSetup
    unset: tuple[str, ...]
    """The settings that prove who calls, where none of them has a value: everything is refused then."""


def make_address(desk: Desk, name: str, *, rotate: bool = False) -> Address:
    """The connection's address, made where there is none yet. `rotate`: a new one, and the former ends at once.

    Raises UnknownConnection, and Unsupported for a CRM that does not call.
    """
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    adapter = open_adapter(desk, connection, Purpose.BACKGROUND)
    if not adapter.capabilities.webhooks:
        raise Unsupported(
            f"{connection.adapter} sends no webhooks as {name} is set up; it is synced every while"
        )
    setup = adapter.webhook_setup
    proves = any(adapter.settings.get(setting) for setting in setup.settings)
    url = f"{desk.config.public_url}{PATH}{_find_key(desk, connection, rotate=rotate)}"
    return Address(url, setup, () if proves else setup.settings)


def receive(desk: Desk, key: str, request: WebhookRequest) -> int:
    """Keep what is news of it. How much that was.

    Raises UnknownKey, NotTrusted, and BadSettings or VaultError where the connection cannot be opened.
    """
    with desk.database.reading() as session:
        connection = store.find_connection(session, _digest(key))
    if connection is None:
        raise UnknownKey
    hints = _read(desk, connection, request)
    now = desk.clock.now()
    with desk.database.writing() as session:
        webhook = store.lock(session, connection.id)
        webhook.deliveries += 1
        webhook.received_at = now
        store.forget_read(session, connection.id, before=now - KEPT)
        news = store.add_hints(session, connection.id, hints, at=now, due_at=now + SETTLES)
    log.info("webhook", connection=connection.name, hints=len(hints), news=news)
    return news


def note_refusal(desk: Desk, key: str) -> None:
    """For the admin, who looks for the reason: a wrong secret looks like a forgery."""
    with desk.database.writing(promised=False) as session:
        connection = store.find_connection(session, _digest(key))
        if connection:
            webhook = store.lock(session, connection.id)
            webhook.refused += 1
            webhook.refused_at = desk.clock.now()


def _read(desk: Desk, connection: Connection, request: WebhookRequest) -> list[ChangeHint]:
    adapter = open_adapter(desk, connection, Purpose.BACKGROUND)
    try:
        return adapter.read_webhook(request)
    except Unsupported:
        raise UnknownKey from None
    except VendorChanged as error:
        # Sent again it would be no clearer; the next sync sees what it meant.
        log.warning("webhook_not_understood", connection=connection.name, cause=str(error))
        return []


def _find_key(desk: Desk, connection: Connection, *, rotate: bool) -> str:
    with desk.database.writing() as session:
        row = session.get(Webhook, connection.id)
        if row is not None and not rotate:
            return desk.vault.open(row.sealed)["key"]
        key = secrets.token_urlsafe(24)
        if row is None:
            row = Webhook(connection_id=connection.id, deliveries=0, refused=0, failures=0)
            session.add(row)
        row.digest, row.sealed, row.created_at = _digest(key), desk.vault.seal({"key": key}), desk.clock.now()
    return key


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
