"""Order lines as numbers: what every source is fitted on."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from math import isfinite, nan
from typing import Any, NamedTuple, Self, SupportsFloat

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]
Floats = NDArray[Any]
Mask = NDArray[np.bool_]

SECONDS_A_DAY = 86_400.0


class Purchase(NamedTuple):
    """One order line. A quantity of zero or less is a return."""

    customer_id: str | None
    order_id: str | None
    """None: all of a customer's lines of one moment are one order."""
    at: datetime | None
    product_id: str | None
    quantity: SupportsFloat = 1
    unit_price: SupportsFloat | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines that are no purchase of a known customer, by why."""

    returns: int = 0
    no_customer: int = 0
    no_product: int = 0

    def __str__(self) -> str:
        parts = (
            (self.returns, "returns"),
            (self.no_customer, "without customer"),
            (self.no_product, "without product"),
        )
        return ", ".join(f"{count:,} {why}" for count, why in parts if count)


@dataclass(frozen=True, slots=True)
class Interactions:
    """One row per customer, order and product, sorted by customer, day and product; ids sorted,
    so that the same lines in any order give the same numbers."""

    customers: tuple[str, ...]
    products: tuple[str, ...]
    customer: Ints
    """Position in `customers`, int32; one per row, as all columns below."""
    product: Ints
    order: Ints
    """Equal for lines of the same order; the value itself means nothing."""
    day: Floats
    """Days since 1970-01-01 UTC with the fraction; NaN where unknown."""
    quantity: Floats
    price: Floats
    """Per unit; NaN where unknown."""
    left_out: LeftOut = LeftOut()

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def end(self) -> float:
        """The day of the last purchase; 0 where no line has a date."""
        return float(np.nan_to_num(np.fmax.reduce(self.day, initial=nan)))

    @property
    def start(self) -> float:
        return float(np.nan_to_num(np.fmin.reduce(self.day, initial=nan)))

    def rows(self, mask: Mask) -> Self:
        """The same customers and products, fewer lines."""
        columns = ("customer", "product", "order", "day", "quantity", "price")
        return replace(self, **{name: getattr(self, name)[mask] for name in columns})

    def before(self, day: float) -> Self:
        """Lines without a date count as earlier than any day."""
        return self.rows(~(self.day >= day))

    def ages(self, now: float) -> Floats:
        """Days before `now`, never negative; a line without a date is as old as the oldest with one."""
        ages = np.maximum(now - self.day, 0.0)
        unknown = np.isnan(ages)
        if unknown.any():
            ages[unknown] = np.nan_to_num(np.fmax.reduce(ages, initial=nan))
        return ages

    def bounds(self) -> Ints:
        """Rows of customer c are bounds[c] to bounds[c + 1]."""
        return np.searchsorted(self.customer, np.arange(len(self.customers) + 1))

    def median_prices(self) -> Floats:
        """Per product; NaN where no line has a price."""
        prices = np.full(len(self.products), np.nan)
        known = self.price > 0
        product, price = self.product[known], self.price[known]
        order = np.argsort(price)
        order = order[np.argsort(product[order], kind="stable")]
        counts = np.bincount(product, minlength=len(prices))
        sold = np.flatnonzero(counts)
        count, start = counts[sold], (np.cumsum(counts) - counts)[sold]
        low, high = order[start + (count - 1) // 2], order[start + count // 2]
        prices[sold] = (price[low] + price[high]) / 2
        return prices


def day_of(at: datetime | None) -> float:
    """Days since 1970-01-01 UTC; NaN for None. Raises ValueError for a time without a zone."""
    if at is None:
        return nan
    if at.tzinfo is None:
        raise ValueError("a purchase's time needs a time zone: datetime(…, tzinfo=UTC)")
    return at.timestamp() / SECONDS_A_DAY


def moment(day: float) -> datetime:
    return datetime.fromtimestamp(day * SECONDS_A_DAY, UTC)


class InteractionsBuilder:
    """Takes order lines one by one: 36 bytes a line, and each id once."""

    def __init__(self) -> None:
        self._customers: dict[str, int] = {}
        self._products: dict[str, int] = {}
        self._codes = (array("i"), array("i"), array("q"))
        self._values = (array("d"), array("f"), array("d"))
        self._returns = self._no_customer = self._no_product = 0

    def add(self, purchase: Sequence[Any]) -> None:
        """A Purchase, or a plain row in its order."""
        customer, order, at, product, quantity, price = purchase
        self.add_line(customer, order, day_of(at), (product, quantity, price))

    def add_line(
        self,
        customer: str | None,
        order: str | None,
        day: float,
        line: tuple[str | None, SupportsFloat, SupportsFloat | None],
    ) -> None:
        product, quantity, price = line
        amount = float(quantity)
        if not self._accept(customer, product, amount):
            return
        assert customer is not None  # noqa: S101 - _accept has seen to it
        assert product is not None  # noqa: S101 - the same
        customers, products, orders = self._codes
        customers.append(self._customers.setdefault(customer, len(self._customers)))
        products.append(self._products.setdefault(product, len(self._products)))
        # As text, because one unknown day does not equal another.
        orders.append(_number_order(order or f"@{day}"))
        days, quantities, prices = self._values
        days.append(day)
        quantities.append(amount)
        prices.append(nan if price is None else float(price))

    def _accept(self, customer: str | None, product: str | None, amount: float) -> bool:
        if not customer:
            self._no_customer += 1
        elif not product:
            self._no_product += 1
        elif not (amount > 0 and isfinite(amount)):
            self._returns += 1
        else:
            return True
        return False

    def build(self) -> Interactions:
        customers, customer = _sorted_ids(self._customers, np.frombuffer(self._codes[0], np.int32))
        products, product = _sorted_ids(self._products, np.frombuffer(self._codes[1], np.int32))
        order = np.frombuffer(self._codes[2], np.int64)
        day, price = np.frombuffer(self._values[0]), np.frombuffer(self._values[2])
        quantity = np.frombuffer(self._values[1], np.float32)
        kept, total = _distinct((customer, order, product), (day, quantity, price))
        return Interactions(
            customers=customers,
            products=products,
            customer=customer[kept],
            product=product[kept],
            order=order[kept],
            day=day[kept],
            quantity=total,
            price=price[kept],
            left_out=LeftOut(self._returns, self._no_customer, self._no_product),
        )


def from_purchases(purchases: Iterable[Sequence[Any]]) -> Interactions:
    """Purchases, or plain rows in the order of Purchase's fields; read once, one at a time."""
    builder = InteractionsBuilder()
    for purchase in purchases:
        builder.add(purchase)
    return builder.build()


@lru_cache(maxsize=1_024)  # lines of an order mostly come together
def _number_order(order: str) -> int:
    """Of 64 bits, and the same in every process, which `hash` is not."""
    digest = blake2b(order.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _sorted_ids(codes: dict[str, int], column: Ints) -> tuple[tuple[str, ...], Ints]:
    ids = sorted(codes)
    place = np.empty(len(ids), np.int32)
    place[[codes[identifier] for identifier in ids]] = np.arange(len(ids), dtype=np.int32)
    return tuple(ids), place[column]


def _distinct(key: tuple[Ints, Ints, Ints], values: tuple[Floats, Floats, Floats]) -> tuple[Ints, Floats]:
    """The first line of each customer, order and product, and its quantity with the others' added."""
    (customer, order, product), (day, quantity, price) = key, values
    if not len(customer):
        return np.zeros(0, np.int64), np.zeros(0)
    by = np.lexsort((price, quantity, day, product, order, customer))
    first = np.ones(len(by), np.bool_)
    first[1:] = np.any([column[by][1:] != column[by][:-1] for column in key], axis=0)
    starts = np.flatnonzero(first)
    total = np.add.reduceat(quantity[by].astype(np.float64), starts)
    kept = by[starts]
    rank = np.lexsort((total, product[kept], day[kept], customer[kept]))
    return kept[rank], total[rank]
