"""What is sold, what was bought, what may still be bought, and what went wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class OrderStatus(StrEnum):
    """What became of an order; the CRM's own word stays in `Order.raw_status`."""

    WON = "won"
    OPEN = "open"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str
    """ISO 4217, upper case."""


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


class DealKind(StrEnum):
    """What a line can still be put on."""

    DEAL = "deal"
    QUOTE = "quote"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal, quote or order of a customer that is not closed: what they are about to buy."""

    ref: str
    """One for all kinds, as `add_line` takes it."""
    kind: DealKind
    name: str
    customer_ref: str
    stage: str = ""
    """The CRM's own word."""
    amount: Money | None = None
    lines: tuple[OrderLine, ...] = ()
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """A product to put on an open deal, quote or order."""

    product_ref: str
    quantity: Decimal = Decimal(1)
    unit_price: Money | None = None
    """None leaves it to the CRM's price list."""
