"""What a customer is about to buy, where the request says so."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from assist.services.candidates import find_currency
from assist.services.facts import Dossier
from assist.store.shelf import ProductRow, find_products
from personas.cart import Cart, CartLine


def read_cart(session: Session, dossier: Dossier, basket: Sequence[str]) -> Cart | None:
    """None where the request carries no basket; a SKU that the mirror does not hold is a piece without price."""
    if not basket:
        return None
    products = find_products(session, basket)
    currency = find_currency(dossier, products.values())
    return Cart(tuple(_line(products.get(sku), currency) for sku in basket), currency)


def _line(product: ProductRow | None, currency: str | None) -> CartLine:
    if product is None:
        return CartLine()
    return CartLine(product.category, product.price_in(currency), product.stock)
