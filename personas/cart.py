"""Facts from what a customer is about to buy."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from personas.facts import FactValue, slug


class CartLine(NamedTuple):
    """One piece; None is unknown."""

    category: str | None = None
    price: Decimal | None = None
    """In the cart's currency."""
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    lines: tuple[CartLine, ...]
    currency: str | None = None


def cart_facts(cart: Cart | None) -> dict[str, FactValue | None]:
    """All unknown where no cart was named."""
    if cart is None:
        return {}
    value = _value(cart.lines)
    return {
        "cart.count": len(cart.lines),
        "cart.value": value,
        "cart.currency": None if value is None else cart.currency,
        "cart.categories": frozenset(short for each in cart.lines if (short := slug(each.category or ""))),
        "cart.in_stock": _in_stock(cart.lines),
    }


def _value(lines: Sequence[CartLine]) -> Decimal | None:
    prices = [each.price for each in lines if each.price is not None]
    return sum(prices, Decimal(0)) if len(prices) == len(lines) else None


def _in_stock(lines: Sequence[CartLine]) -> bool | None:
    """One piece that is sold out decides; one that nobody counts leaves it open."""
    if any(each.stock is not None and each.stock <= 0 for each in lines):
        return False
    return None if any(each.stock is None for each in lines) else True
