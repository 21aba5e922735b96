"""What the outbox holds beside notes, and the call by which each is delivered."""

from decimal import Decimal

from assist.models.outbox import OutboxEntry
from assist.store import outbox
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import Unsupported
from crm_adapters.model import NewLine, WriteResult


def write(adapter: CRMAdapter, entry: OutboxEntry) -> WriteResult:
    """Simply called again after an answer that was lost: see `CRMAdapter.add_line`."""
    if entry.operation == outbox.LINE:
        return _add_line(adapter, entry)
    raise Unsupported(f"This version of the program knows no operation {entry.operation!r}")


def _add_line(adapter: CRMAdapter, entry: OutboxEntry) -> WriteResult:
    """The price is the CRM's own, as of a line that its people write."""
    line = NewLine(entry.payload["product_ref"], Decimal(entry.payload["quantity"]))
    return adapter.add_line(entry.payload["deal_ref"], line, key=entry.key)
