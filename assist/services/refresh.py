"""The live CRM's word on one customer, patched into the mirror; what is slow or down is left for later."""

from concurrent.futures import TimeoutError as DeadlinePassed
from dataclasses import dataclass, replace

import structlog

from assist.models.connection import Connection, SyncState
from assist.services.connect import open_adapter
from assist.services.desk import Desk
from assist.services.lookup import LookUp, look_up
from assist.services.views import Card
from assist.store import mirror
from assist.store.customers import find_customer
from assist.store.records import find_fault
from assist.vault import VaultError
from crm_adapters import model as crm
from crm_adapters.errors import BadSettings, CRMError, Merged, NotFound
from crm_adapters.transport import Purpose

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refreshed:
    changed: bool
    card: Card


@dataclass(frozen=True, slots=True)
class _Live:
    customer: crm.Customer | None
    """None where the CRM knows no such customer any more."""
    orders: tuple[crm.Order, ...]


def refresh(desk: Desk, *, customer_id: int, language: str) -> Refreshed:
    """The card as it is after the CRM was asked. `changed` is whether the mirror learned anything."""
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return Refreshed(changed=False, card=Card(state="unknown"))
        connection = session.get_one(Connection, customer.connection_id)
    live = _ask(desk, connection, customer.ref)
    changed = live is not None and _patch(desk, connection.id, live)
    with desk.database.reading() as session:
        card = look_up(desk, session, LookUp(customer_id=customer_id, language=language))
    return Refreshed(changed, _marked(card, live=live is not None))


def _ask(desk: Desk, connection: Connection, ref: str) -> _Live | None:
    breaker = desk.live.breaker
    if not breaker.allows(connection.id):
        return None
    future = desk.live.start(lambda: _read(desk, connection, ref))
    try:
        live = future.result(timeout=desk.config.live_deadline_seconds)
    except (NotFound, Merged) as error:
        # An answer, and a quick one: the next sync will take the record out of the mirror.
        breaker.note(connection.id, failed=False)
        log.info("live_crm_knows_no_such_customer", connection=connection.name, cause=type(error).__name__)
        return _Live(None, ())
    except (CRMError, BadSettings, VaultError, DeadlinePassed) as error:
        future.cancel()
        breaker.note(connection.id, failed=True)
        log.warning("live_crm_failed", connection=connection.name, cause=type(error).__name__)
        return None
    breaker.note(connection.id, failed=False)
    return live


def _read(desk: Desk, connection: Connection, ref: str) -> _Live:
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    return _Live(adapter.get_customer(ref), tuple(adapter.orders(ref)))


def _patch(desk: Desk, connection_id: int, live: _Live) -> bool:
    if live.customer is None or find_fault(live.customer):
        return False
    now = desk.clock.now()
    orders = [order for order in live.orders if not find_fault(order)]
    with desk.database.writing() as session:
        if mirror.lock(session, connection_id).removed_at:
            return False
        runs = {
            kind: state.run if (state := session.get(SyncState, (connection_id, kind.value))) else 0
            for kind in (crm.Kind.CUSTOMERS, crm.Kind.ORDERS)
        }
        customer_batch = mirror.Batch(connection_id, run=runs[crm.Kind.CUSTOMERS], at=now)
        order_batch = mirror.Batch(connection_id, run=runs[crm.Kind.ORDERS], at=now)
        changed = bool(mirror.write_customers(session, customer_batch, [live.customer]))
        changed = bool(mirror.write_orders(session, order_batch, orders)) or changed
        mirror.touch_customer(session, connection_id, live.customer.ref, now)
    return changed


def _marked(card: Card, *, live: bool) -> Card:
    if card.freshness is None:
        return card
    return replace(card, freshness=replace(card.freshness, live=live, crm_down=not live))
