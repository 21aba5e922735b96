"""What a CRM under test holds, as far as the conformance suite must know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from crm_adapters.model import Act, CustomerKey, Kind, Money, SuggestionOutcome


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
