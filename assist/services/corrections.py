"""A field of a customer, changed in their CRM by way of the outbox, and only while they are as they were read."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select

from assist.logs import current_request_id
from assist.models.connection import Connection
from assist.models.mirror import Customer
from assist.models.outbox import OutboxEntry
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from assist.store import outbox
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import NotFound, Unsupported, ValidationFailed
from crm_adapters.model import Customer as CRMCustomer
from crm_adapters.model import Kind
from crm_adapters.transport import Purpose

CUSTOM = "crm."


@dataclass(frozen=True, slots=True)
class Correction:
    entry_id: int
    guarded: bool
    """False where the CRM keeps no versions: what somebody writes there meanwhile is overwritten."""


def correct(desk: Desk, name: str, customer_ref: str, patch: Mapping[str, str]) -> Correction:
    """Queue what `patch` says: our names of fields → values, empty to take one away.

    Raises UnknownConnection, Unsupported where the CRM cannot, ValidationFailed for a field that nobody may write,
    and NotFound or Merged for the customer.
    """
    with desk.database.reading() as session:
        connection = get_connection(session, name)
        mine = Customer.connection_id == connection.id, Customer.ref == customer_ref
        customer = session.scalar(select(Customer).where(*mine, Customer.deleted.is_(False)))
    if customer is None:
        raise NotFound(f"{name} has no such customer in the mirror; sync it if they are new")
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    _require(connection, adapter, patch)
    current = adapter.get_customer(customer_ref)
    with desk.database.writing() as session:
        state = outbox.first_state(outbox.lock_connection(session, connection.id))
        entry = _entry(desk, customer, current, patch, state=state)
        session.add(entry)
    return Correction(entry.id, guarded=current.version is not None)


def read_field(customer: CRMCustomer, name: str) -> str:
    """By our name for it; empty where nothing is known."""
    if name.startswith(CUSTOM):
        return customer.custom.get(name.removeprefix(CUSTOM), "")
    return str(getattr(customer, name, None) or "")


def _require(connection: Connection, adapter: CRMAdapter, patch: Mapping[str, str]) -> None:
    if not adapter.capabilities.update_customer:
        raise Unsupported(
            f"{connection.adapter} does not let us change customers as {connection.name} is set up"
        )
    if not connection.writes:
        raise Unsupported(f"Nothing is written to {connection.name}")
    writable = {field.mapped for field in adapter.describe_fields(Kind.CUSTOMERS) if field.writable} - {""}
    refused = sorted(patch.keys() - writable) if writable else []
    if refused:
        known = ", ".join(sorted(writable))
        raise ValidationFailed(f"{', '.join(refused)} cannot be written; there are: {known}")


def _entry(
    desk: Desk, customer: Customer, current: CRMCustomer, patch: Mapping[str, str], *, state: str
) -> OutboxEntry:
    now = desk.clock.now()
    return OutboxEntry(
        request_id=current_request_id(),
        key=uuid4().hex,
        connection_id=customer.connection_id,
        customer_ref=customer.ref,
        customer_id=customer.id,
        operation=outbox.FIELD,
        payload={
            "patch": dict(patch),
            "before": {name: read_field(current, name) for name in patch},
            "version": current.version,
        },
        state=state,
        attempts=0,
        created_at=now,
        due_at=now,
    )
