"""Questions about products."""

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from assist.db import fetch
from assist.models.mirror import Product


class ProductRow(NamedTuple):
    id: int
    sku: str
    name: str
    category: str | None
    prices: Mapping[str, str]
    """Currency → amount as text, the main price first."""
    active: bool
    stock: int | None

    def price_in(self, currency: str | None) -> Decimal | None:
        amount = self.prices.get(currency or "")
        return Decimal(amount) if amount else None


_BY_SKU = (
    select(
        Product.id,
        Product.sku,
        Product.name,
        Product.category,
        cast(Product.prices, Text),
        Product.active & Product.deleted.is_(False),
        Product.stock,
    )
    .where(Product.sku.in_(bindparam("skus", expanding=True)))
    .order_by(Product.id)
)


def find_products(session: Session, skus: Collection[str]) -> dict[str, ProductRow]:
    """By SKU; where several connections sell one, the one that is sold now counts."""
    found: dict[str, ProductRow] = {}
    for id_, sku, name, category, prices, active, stock in fetch(session, _BY_SKU, {"skus": list(skus)}):
        product = ProductRow(id_, sku, name, category, _read_prices(prices), active, stock)
        if product.sku not in found or not found[product.sku].active:
            found[product.sku] = product
    return found


@lru_cache(maxsize=20_000)  # each answer asks for forty products, the same ones again and again
def _read_prices(text: str) -> Mapping[str, str]:
    return MappingProxyType(json.loads(text))


def search_products(session: Session, text: str, *, limit: int) -> list[ProductRow]:
    """The one with this SKU, or else those whose name or SKU contains the text, what is sold now first."""
    exact = find_products(session, [text])
    if exact:
        return list(exact.values())
    like = or_(Product.name.icontains(text, autoescape=True), Product.sku.icontains(text, autoescape=True))
    sold = case((Product.active & Product.deleted.is_(False), 0), else_=1)
    rows = (
        select(Product.sku).where(like).group_by(Product.sku).order_by(func.min(sold), func.min(Product.name))
    )
    found = find_products(session, session.scalars(rows.limit(limit)).all()) if text else {}
    return sorted(found.values(), key=lambda row: (not row.active, row.name, row.sku))


def list_unavailable(session: Session) -> Sequence[str]:
    """SKUs that no connection sells now: inactive, gone from the catalogue, or out of stock."""
    other = aliased(Product)
    sold = select(other.id).where(other.sku == Product.sku, ~_is_gone(other)).exists()
    return session.scalars(select(Product.sku).where(_is_gone(Product), ~sold).distinct()).all()


def _is_gone(product: type[Product]) -> ColumnElement[bool]:
    return or_(product.active.is_(False), product.deleted, func.coalesce(product.stock, 1) <= 0)
