"""One customer as the CRM has them now, put into the mirror between two syncs."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assist.models.connection import SyncState
from assist.services.desk import Desk
from assist.store import mirror
from assist.store.records import find_fault
from crm_adapters import model as crm


@dataclass(frozen=True, slots=True)
class Patch:
    customer: crm.Customer
    orders: tuple[crm.Order, ...]


def apply(desk: Desk, connection_id: int, patch: Patch) -> bool:
    """Whether the mirror learned anything. What it cannot hold is left to the next sync, which says why."""
    if find_fault(patch.customer):
        return False
    now = desk.clock.now()
    with desk.database.writing() as session:
        if mirror.lock(session, connection_id).removed_at:
            return False
        customers = mirror.Batch(connection_id, run=_run(session, connection_id, crm.Kind.CUSTOMERS), at=now)
        orders = mirror.Batch(connection_id, run=_run(session, connection_id, crm.Kind.ORDERS), at=now)
        changed = bool(mirror.write_customers(session, customers, [patch.customer]))
        changed = bool(mirror.write_orders(session, orders, _sound(patch.orders))) or changed
        mirror.touch_customer(session, connection_id, patch.customer.ref, now)
    return changed


def remove(desk: Desk, connection_id: int, ref: str) -> bool:
    """The CRM has no such customer any more. Whether they were here."""
    with desk.database.writing() as session:
        mirror.lock(session, connection_id)
        return bool(mirror.mark_deleted(session, crm.Kind.CUSTOMERS, connection_id, [ref]))


def _sound(orders: Iterable[crm.Order]) -> list[crm.Order]:
    return [order for order in orders if not find_fault(order)]


def _run(session: Session, connection_id: int, kind: crm.Kind) -> int:
    state = session.get(SyncState, (connection_id, kind.value))
    return state.run if state else 0
