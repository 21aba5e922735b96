"""The words in which every CRM speaks to us: immutable records, independent of any vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class Kind(StrEnum):
    """The kinds of record that can be listed and synced, in the order in which they should be."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"
    CASES = "cases"


class KeyKind(StrEnum):
    """What a customer can be looked up by."""

    EMAIL = "email"
    PHONE = "phone"
    REF = "ref"


class OrderStatus(StrEnum):
    """What became of an order; the CRM's own word stays in `Order.raw_status`."""

    WON = "won"
    OPEN = "open"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


class Act(StrEnum):
    """What is logged about a suggestion."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WRONG_DATA = "wrong_data"


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str
    """ISO 4217, upper case."""


@dataclass(frozen=True, slots=True)
class Email:
    value: str
    """Lower case, as the CRM compares it."""
    verified: bool = False
    """The CRM vouches that this person reads it; only then do two connections' records become one person."""


@dataclass(frozen=True, slots=True)
class Phone:
    raw: str
    e164: str | None = None
    """None where the digits do not make a possible number; `raw` is then only shown, never matched."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's stated wish about being offered things; no record at all means nobody asked."""

    purpose: str
    """`offers`, or the CRM's own word."""
    granted: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    ref: str
    name: str
    given_name: str = ""
    family_name: str = ""
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    language: str | None = None
    """BCP 47, as `es-MX`."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    company: str | None = None
    register: str | None = None
    """`formal`, `neutral` or `informal`, where the CRM records the form of address."""
    declared_ids: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Identifiers this person is known by elsewhere, as `{"shop": "8841"}`."""
    consents: tuple[Consent, ...] = ()
    custom: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: str | None = None
    """What `update_customer(expected_version=…)` compares, where the CRM has it."""


@dataclass(frozen=True, slots=True)
class CustomerKey:
    kind: KeyKind
    value: str


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    customer: Customer
    matched_on: KeyKind
    confidence: float
    """1.0 for equality after normalising; less where the CRM only searched for something alike."""


@dataclass(frozen=True, slots=True)
class Product:
    ref: str
    sku: str
    name: str
    family: str | None = None
    """Products that replace one another, as the storage sizes and generations of a phone line."""
    category: str | None = None
    tier: int | None = None
    """Rank within the family, higher is better; None where only the price tells."""
    prices: tuple[Money, ...] = ()
    """At most one per currency, the CRM's main price first; empty where the price is unknown."""
    active: bool = True
    stock: int | None = None
    """None: not known or not counted (a repair, a plan)."""
    description: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    ref: str
    product_ref: str | None
    """None for a line written in by hand."""
    name: str
    quantity: Decimal
    """Negative for a return."""
    unit_price: Money | None = None


@dataclass(frozen=True, slots=True)
class Order:
    ref: str
    customer_ref: str
    placed_at: datetime
    """Aware, UTC."""
    status: OrderStatus
    lines: tuple[OrderLine, ...] = ()
    number: str = ""
    """What a person would call it, as `4411`."""
    raw_status: str = ""
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A customer's open or closed question to the service desk."""

    ref: str
    customer_ref: str
    subject: str
    complaint: bool
    open: bool
    opened_at: datetime
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProductRelation:
    """A link between two products that somebody keeps by hand in the CRM."""

    product_ref: str
    related_ref: str
    kind: str
    """`upsell`, `cross_sell` or `accessory`."""


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
    """The sentence to show in the CRM, in the CRM's language."""


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
    snapshot: bool = False
    """This run lists everything: what it does not list is gone. The same on every page of a run."""
    rejected: tuple[RejectedRow, ...] = ()
    may_miss_deletes: bool = False
    total_hint: int | None = None
    """How many rows the run will read in all, for a progress bar; None where the CRM does not say."""
    rows_read: int = 0
    """Source rows behind this page, rejected ones included."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    name: str
    label: str
    type: str
    """`text`, `number`, `boolean`, `datetime`, `choice` or `other`."""
    writable: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a connection check."""

    name: str
    ok: bool
    message: str
    """What was found, and where it is not ok, what to do about it."""


@dataclass(frozen=True, slots=True)
class Health:
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)
