"""The live CRM's word on one customer, patched into the mirror; what is slow or down is left for later."""

from concurrent.futures import TimeoutError as DeadlinePassed
from dataclasses import dataclass, replace

import structlog

from assist.models.connection import Connection
from assist.services import patches
from assist.services.connect import open_adapter
from assist.services.desk import Desk
from assist.services.lookup import LookUp, look_up
from assist.services.patches import Patch
from assist.services.views import Card
from assist.store.customers import find_customer
from assist.vault import VaultError
from crm_adapters.errors import BadSettings, CRMError, Merged, NotFound
from crm_adapters.transport import Purpose

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refreshed:
    changed: bool
    card: Card


@dataclass(frozen=True, slots=True)
class _Live:
    answered: bool
    patch: Patch | None = None
    """None where the CRM did not answer, or knows no such customer any more."""


def refresh(
    desk: Desk, *, customer_id: int, language: str, context: str = "", agent_id: int = 0
) -> Refreshed:
    """The card as it is after the CRM was asked. `changed` is whether the mirror learned anything."""
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return Refreshed(changed=False, card=Card(state="unknown"))
        connection = session.get_one(Connection, customer.connection_id)
    live = _ask(desk, connection, customer.ref)
    changed = live.patch is not None and patches.apply(desk, connection.id, live.patch)
    with desk.database.reading() as session:
        asked = LookUp(customer_id=customer_id, language=language, context=context, agent_id=agent_id)
        card = look_up(desk, session, asked)
    return Refreshed(changed, _marked(card, live=live.answered))


def _ask(desk: Desk, connection: Connection, ref: str) -> _Live:
    breaker = desk.live.breaker
    if not breaker.allows(connection.id):
        return _Live(answered=False)
    future = desk.live.start(lambda: _read(desk, connection, ref))
    try:
        patch = future.result(timeout=desk.config.live_deadline_seconds)
    except (NotFound, Merged) as error:
        # An answer, and a quick one: the next sync will take the record out of the mirror.
        breaker.note(connection.id, failed=False)
        log.info("live_crm_knows_no_such_customer", connection=connection.name, cause=type(error).__name__)
        return _Live(answered=True)
    except (CRMError, BadSettings, VaultError, DeadlinePassed) as error:
        future.cancel()
        breaker.note(connection.id, failed=True)
        log.warning("live_crm_failed", connection=connection.name, cause=type(error).__name__)
        return _Live(answered=False)
    breaker.note(connection.id, failed=False)
    return _Live(answered=True, patch=patch)


def _read(desk: Desk, connection: Connection, ref: str) -> Patch:
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    return Patch(adapter.get_customer(ref), tuple(adapter.orders(ref)))


def _marked(card: Card, *, live: bool) -> Card:
    if card.freshness is None:
        return card
    return replace(card, freshness=replace(card.freshness, live=live, crm_down=not live))
