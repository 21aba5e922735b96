"""What a CRM under test holds, as far as the conformance suite must know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from crm_adapters.fakes.seed import Record
from crm_adapters.model import Act, CustomerKey, Kind, Money, SuggestionOutcome

NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class World:
    refs: Mapping[Kind, frozenset[str]]
    """All refs of every kind the adapter declares."""
    customer_ref: str
    """Somebody with at least two orders."""
    name: str
    """That customer's full name; holds letters outside ASCII, which must arrive unharmed."""
    keys: tuple[CustomerKey, ...]
    """One key of each declared kind that finds that customer and nobody else; phones in E.164."""
    order_refs: tuple[str, ...]
    """All of that customer's orders, newest first."""
    shared_key: CustomerKey
    shared_refs: frozenset[str]
    """The two or more customers who carry `shared_key`."""
    related_product: str = ""
    """A product with at least one relation; needed where relations are declared."""
    product_ref: str = ""
    """One that can be put on a deal; needed where `add_line` is declared."""
    patch: Mapping[str, str] = field(default_factory=lambda: {"name": "Ana Nuñez"})
    """What `update_customer` can change of that customer."""
    records: tuple[Record, ...] = ()
    """What must be read exactly so, with the CRM's refs."""
    lacks: frozenset[str] = frozenset()
    """What the CRM has no place for, as `product.family`, and `order.time` where it keeps only days."""
    odd_emails: Mapping[str, str] = field(default_factory=lambda: NOBODY)
    """Addresses with signs that searches take for something else → the one customer who has it."""
    marker: str = ""
    """In all that is personal in this world; empty: not marked."""
    paged: bool = False
    """Every kind fills several pages."""


def make_outcome(customer_ref: str, *, note: str = "Ofereci a capa.") -> SuggestionOutcome:
    return SuggestionOutcome(
        customer_ref=customer_ref,
        act=Act.ACCEPTED,
        product_sku="CASE-1",
        product_name="Capa de couro",
        at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        agent="Zoë Müller",
        kind="cross_sell",
        anchor_sku="PHONE-1",
        channel="insert",
        price=Money(Decimal("29.90"), "EUR"),
        note=note,
    )
