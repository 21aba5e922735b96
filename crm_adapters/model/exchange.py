"""What passes between a CRM and us: pages of changes, what is written, and webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crm_adapters.model.people import NOTHING, Customer
from crm_adapters.model.sales import Case, Money, Order, Product


class Kind(StrEnum):
    """The kinds of record that can be listed and synced, in the order in which they should be."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    CASES = "cases"


class Act(StrEnum):
    """What is logged about a suggestion."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WRONG_DATA = "wrong_data"


@dataclass(frozen=True, slots=True)
class SuggestionOutcome:
    """One act on one suggestion, as it is written to the CRM."""

    customer_ref: str
    act: Act
    product_sku: str
    product_name: str
    at: datetime
    agent: str
    """The agent's name, for the people who read the CRM."""
    kind: str
    """`upsell`, `cross_sell` or `replenish`."""
    anchor_sku: str | None = None
    reason: str | None = None
    channel: str | None = None
    """How it was offered: `insert`, `copy` or `voice`."""
    price: Money | None = None
    note: str = ""
    """The sentence to show in the CRM, in the language its people read: `CRMAdapter.note_language`."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    ref: str
    """The record that now holds the write."""
    created: bool
    """False where the key had been written before: the effect is there once."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A source row that could not be read; the rest went on."""

    source: str
    """The file or endpoint."""
    line: int
    """1 is the header of a file."""
    reason: str


@dataclass(frozen=True, slots=True)
class SyncCursor:
    """Where the last sync of a kind ended: opaque outside the adapter, JSON-able text."""

    value: str


@dataclass(frozen=True, slots=True)
class SyncPage:
    """One page of `changes`, in an order that makes restarting from `next_cursor` safe."""

    items: tuple[Customer | Product | Order | Case, ...]
    next_cursor: SyncCursor
    more: bool
    """False on the last page of this run."""
    deleted_refs: tuple[str, ...] = ()
    merged: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Refs that are gone → the ref under which each lives on; in `deleted_refs` they are not named again."""
    snapshot: bool = False
    """This run lists everything: what it does not list is gone. The same on every page of a run."""
    rejected: tuple[RejectedRow, ...] = ()
    may_miss_deletes: bool = False
    total_hint: int | None = None
    """How many rows the run will read in all, for a progress bar; None where the CRM does not say."""
    rows_read: int = 0
    """Source rows behind this page, rejected ones included."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What came in where a CRM was told to call."""

    method: str
    url: str
    """The public address as the CRM knows it, query and all; what a proxy made of it proves nothing."""
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    """As it came: signatures are over these bytes."""
    at: datetime
    """When it came; aware."""

    def header(self, name: str) -> str:
        """Empty where it was not sent."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class WebhookSetup:
    """What an admin does at the vendor so that it calls us."""

    place: str = "where the CRM lets webhooks be set up"
    events: tuple[str, ...] = ()
    """To choose there, in the vendor's words; empty: whatever is about customers, products, orders and cases."""
    settings: tuple[str, ...] = ("webhook_secret",)
    """Ours, of which one holds what proves who calls."""
    proof: str = "the secret that the CRM signs with"
    """What that is, in the vendor's words."""
    query: str = ""
    """The parameter it stands in, where the address itself carries it."""
    note: str = ""
    """What else must be known."""


@dataclass(frozen=True, slots=True)
class ChangeHint:
    """Something a webhook says has changed. A hint only: what is true is read by ref, or by the next sync."""

    kind: Kind
    ref: str
    """Empty: something of this kind."""
    id: str
    """The same for every delivery of the same event."""
