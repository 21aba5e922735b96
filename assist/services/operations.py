"""What the outbox holds beside notes, and the call by which each is delivered."""

from collections.abc import Mapping
from decimal import Decimal

from assist.models.outbox import OutboxEntry
from assist.services.corrections import read_field
from assist.store import outbox
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import Conflict, Unsupported
from crm_adapters.model import NewLine, WriteResult


def write(adapter: CRMAdapter, entry: OutboxEntry) -> WriteResult:
    """Simply called again after an answer that was lost."""
    if entry.operation == outbox.LINE:
        return _add_line(adapter, entry)
    if entry.operation == outbox.FIELD:
        return _change_fields(adapter, entry)
    raise Unsupported(f"This version of the program knows no operation {entry.operation!r}")


def _add_line(adapter: CRMAdapter, entry: OutboxEntry) -> WriteResult:
    """Under a key that the CRM honours once. The price is its own, as of a line that its people write."""
    line = NewLine(entry.payload["product_ref"], Decimal(entry.payload["quantity"]))
    return adapter.add_line(entry.payload["deal_ref"], line, key=entry.key)


def _change_fields(adapter: CRMAdapter, entry: OutboxEntry) -> WriteResult:
    """A conflict may be with ourselves: an earlier attempt whose answer was lost."""
    ref, patch = entry.customer_ref, entry.payload["patch"]
    try:
        adapter.update_customer(ref, patch, expected_version=entry.payload["version"])
    except Conflict:
        if entry.attempts == 1 or not _has(adapter, ref, patch):
            raise
        return WriteResult(ref, created=False)
    return WriteResult(ref, created=True)


def _has(adapter: CRMAdapter, ref: str, patch: Mapping[str, str]) -> bool:
    current = adapter.get_customer(ref)
    return all(read_field(current, name) == value for name, value in patch.items())
