"""The sample shop's order book: baskets become numbered orders with prices, deliveries and returns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from crm_adapters.model import Money, Order, OrderLine, OrderStatus
from crm_adapters.vendors.sample.catalogue import Catalogue

FIRST_NUMBER = 1001

RAW = {
    OrderStatus.WON: "delivered",
    OrderStatus.OPEN: "in preparation",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.REFUNDED: "refunded",
    OrderStatus.UNKNOWN: "",
}


@dataclass(frozen=True, slots=True)
class Sale:
    """An order before it has a number."""

    customer_ref: str
    currency: str
    placed_at: datetime
    basket: tuple[tuple[str, int], ...]
    """SKU and quantity."""
    status: OrderStatus = OrderStatus.WON
    promised_at: datetime | None = None
    delivered_at: datetime | None = None


def settle(sale: Sale, dice: Random, today: datetime) -> Iterator[Sale]:
    """What became of it: mostly delivered; some are cancelled, refunded, sent back in part, open or late."""
    age = (today - sale.placed_at).days
    if age < 4 and dice.random() < 0.5:
        yield _open(sale, promised=today + timedelta(days=5 + dice.randrange(20)))
    elif 12 <= age <= 25 and dice.random() < 0.05:
        yield _open(sale, promised=today - timedelta(days=2 + dice.randrange(6)))
    else:
        yield from _closed(sale, dice, today)


def delivered(sale: Sale, *, days: int) -> Sale:
    """It came two days before it was promised."""
    came = sale.placed_at + timedelta(days=days)
    return replace(sale, promised_at=came + timedelta(days=2), delivered_at=came)


def returned(sale: Sale, *, days: int, sku: str) -> Sale:
    """The order that takes one unit of `sku` back."""
    at = sale.placed_at + timedelta(days=days)
    return Sale(sale.customer_ref, sale.currency, at, ((sku, -1),), delivered_at=at)


def _closed(sale: Sale, dice: Random, today: datetime) -> Iterator[Sale]:
    fate = dice.random()
    if fate < 0.012:
        yield replace(sale, status=OrderStatus.CANCELLED)
        return
    if fate < 0.030:
        yield replace(delivered(sale, days=2), status=OrderStatus.REFUNDED)
        return
    yield delivered(sale, days=1 + dice.randrange(4))
    back = returned(sale, days=5 + dice.randrange(20), sku=dice.choice(sale.basket)[0])
    if fate < 0.055 and back.placed_at <= today:
        yield back


def _open(sale: Sale, *, promised: datetime) -> Sale:
    return replace(sale, status=OrderStatus.OPEN, promised_at=promised)


def number_orders(sales: Iterable[Sale], catalogue: Catalogue, today: datetime) -> list[Order]:
    """Oldest first, as a till would number them."""
    by_time = sorted(sales, key=lambda sale: (sale.placed_at, sale.customer_ref))
    return [
        make_order(sale, catalogue, number, today=today) for number, sale in enumerate(by_time, FIRST_NUMBER)
    ]


def make_order(sale: Sale, catalogue: Catalogue, number: int, *, today: datetime) -> Order:
    ref = f"O-{number:05d}"
    discount = _discount(sale.placed_at, today)
    lines = tuple(
        _line(
            f"{ref}-{place}",
            catalogue,
            sku,
            quantity=quantity,
            price=_charged(catalogue, sku, sale.currency, discount),
        )
        for place, (sku, quantity) in enumerate(sale.basket, 1)
    )
    return Order(
        ref,
        sale.customer_ref,
        sale.placed_at,
        sale.status,
        lines,
        number=str(number),
        raw_status="returned" if sale.basket[0][1] < 0 else RAW[sale.status],
        promised_at=sale.promised_at,
        delivered_at=sale.delivered_at,
        updated_at=sale.delivered_at or sale.placed_at,
    )


def _line(ref: str, catalogue: Catalogue, sku: str, *, quantity: int, price: Money) -> OrderLine:
    product = catalogue.by_sku[sku].product
    return OrderLine(ref, product.ref, product.name, Decimal(quantity), price)


def _charged(catalogue: Catalogue, sku: str, currency: str, discount: Decimal) -> Money:
    return Money((catalogue.price(sku, currency) * discount).quantize(Decimal("0.01")), currency)


def _discount(at: datetime, today: datetime) -> Decimal:
    """Prices rose by about three percent a year; Novembers are a tenth cheaper."""
    years = Decimal((today - at).days // 365)
    return (1 - years * Decimal("0.03")) * (Decimal("0.90") if at.month == 11 else 1)
