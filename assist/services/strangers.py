"""Suggestions for somebody without a record: a history named by SKUs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from assist.models.mirror import Customer
from assist.services.decide import preview
from assist.services.desk import Desk
from assist.services.facts import Dossier
from assist.services.views import SuggestionView
from assist.store.customers import PurchaseRow
from assist.store.shelf import ProductRow, find_products
from crm_adapters.model import OrderStatus


class UnknownProduct(LookupError):  # noqa: N818 - named for what it says
    """A SKU that the mirror does not hold; the message names it."""


def imagine(desk: Desk, history: Sequence[str], *, basket: Sequence[str] = ()) -> tuple[SuggestionView, ...]:
    """As if these had been bought just now. Raises UnknownProduct."""
    with desk.database.reading() as session:
        products = get_products(session, [*history, *basket])
        now = desk.clock.now()
        bought = [_bought(products[sku], now, position) for position, sku in enumerate(history)]
        dossier = Dossier(Customer(name="", given_name="", custom={}), [], bought, [], now)
        return preview(desk, session, dossier, basket=basket)


def get_products(session: Session, skus: Sequence[str]) -> Mapping[str, ProductRow]:
    """By SKU. Raises UnknownProduct."""
    products = find_products(session, skus)
    unknown = [sku for sku in skus if sku not in products]
    if unknown:
        raise UnknownProduct(f"No product has the SKU {', '.join(unknown)}.")
    return products


def _bought(product: ProductRow, now: datetime, position: int) -> PurchaseRow:
    return PurchaseRow(
        order_id=position,
        number="",
        placed_at=now,
        status=OrderStatus.WON,
        promised_at=None,
        delivered_at=None,
        name=product.name,
        quantity=Decimal(1),
        unit_price=None,
        currency=None,
        product_id=product.id,
        sku=product.sku,
        category=product.category,
        family=None,
        tier=None,
    )
