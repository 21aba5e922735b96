"""Sales orders with their lines: what was bought, and as quotations what may still be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from crm_adapters.errors import VendorChanged
from crm_adapters.model import DealKind, Money, OpenDeal, Order, OrderLine, OrderStatus
from crm_adapters.vendors.odoo.api import Api, Domain, Row, is_id, show
from crm_adapters.vendors.odoo.records import currency, read_moment, read_number, text

ORDER = "sale.order"
LINE = "sale.order.line"
ORDER_KEYS = (
    "name", "state", "locked", "date_order", "partner_id", "amount_total", "currency_id", "client_order_ref",
    "order_line", "commitment_date", "effective_date", "write_date",
)  # fmt: skip
LINE_KEYS = (
    "order_id", "product_id", "name", "product_uom_qty", "price_unit", "discount", "display_type",
    "is_downpayment", "write_date",
)  # fmt: skip
QUOTED = ("draft", "sent")
STATES: Mapping[str, OrderStatus] = {
    **dict.fromkeys(QUOTED, OrderStatus.OPEN),
    "sale": OrderStatus.WON,
    "done": OrderStatus.WON,
    "cancel": OrderStatus.CANCELLED,
}
"""`done`: locked, before 17."""


@dataclass(frozen=True, slots=True)
class Sales:
    api: Api

    def orders_of(self, partner: str, *, since: datetime | None) -> list[Order]:
        """Newest first."""
        domain: list[Domain] = [["date_order", ">=", show(since)]] if since else []
        found = [to_order(row, lines) for row, lines in self._of_partner(partner, domain)]
        recent = [order for order in found if since is None or order.placed_at >= since]
        return sorted(recent, key=lambda order: (order.placed_at, int(order.ref)), reverse=True)

    def quotations_of(self, partner: str) -> list[OpenDeal]:
        found = [
            to_deal(row, lines) for row, lines in self._of_partner(partner, [["state", "in", [*QUOTED]]])
        ]
        return sorted(found, key=lambda deal: (str(deal.updated_at), int(deal.ref)), reverse=True)

    def load(self, rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
        """Orders with their lines, which come in one call."""
        lines = self._lines([row["id"] for row in rows]) if rows else []
        listed = {number for row in rows for number in row["order_line"]}
        if not listed <= {line["id"] for line in lines}:
            raise VendorChanged("an order names lines that the answer lacks")
        return [(row, [line for line in lines if line["order_id"][0] == row["id"]]) for row in rows]

    def of_lines(self, rows: Sequence[Row]) -> list[Row]:
        """The orders that these lines are on."""
        numbers = sorted({row["order_id"][0] for row in rows if row["order_id"]})
        return self.api.search(ORDER, [["id", "in", numbers]], ORDER_KEYS) if numbers else []

    def _of_partner(self, partner: str, more: Sequence[Domain]) -> list[tuple[Row, list[Row]]]:
        if not is_id(partner):
            return []
        number = int(partner)
        rows = self.api.search(ORDER, [["partner_id", "=", number], *more], ORDER_KEYS)
        if any(row["partner_id"][0] != number for row in rows):
            raise VendorChanged("the answer holds somebody else's orders")
        return self.load(rows)

    def _lines(self, orders: Sequence[int]) -> list[Row]:
        rows = self.api.search(
            LINE, [["order_id", "in", list(orders)]], LINE_KEYS, order="order_id, sequence, id"
        )
        if any(not row["order_id"] or row["order_id"][0] not in orders for row in rows):
            raise VendorChanged("the answer holds lines of other orders")
        return rows


def to_order(row: Row, lines: Sequence[Row]) -> Order:
    placed = read_moment(row["date_order"])
    if placed is None or not row["partner_id"]:
        raise VendorChanged("an order has no date or is nobody's")
    return Order(
        ref=str(row["id"]),
        customer_ref=str(row["partner_id"][0]),
        placed_at=placed,
        status=STATES.get(row["state"], OrderStatus.UNKNOWN),
        lines=_to_lines(lines, currency(row)),
        number=text(row["name"]),
        raw_status=text(row["state"]),
        promised_at=read_moment(row.get("commitment_date")),
        delivered_at=read_moment(row.get("effective_date")),
        updated_at=read_moment(row["write_date"]),
    )


def to_deal(row: Row, lines: Sequence[Row]) -> OpenDeal:
    amount = read_number(row["amount_total"])
    named = [text(row["name"]), text(row["client_order_ref"])]
    return OpenDeal(
        ref=str(row["id"]),
        kind=DealKind.QUOTE,
        name=" · ".join(filter(None, named)),
        customer_ref=str(row["partner_id"][0]),
        stage=text(row["state"]),
        amount=None if amount is None else Money(amount, currency(row)),
        lines=_to_lines(lines, currency(row)),
        updated_at=read_moment(row["write_date"]),
    )


def _to_lines(rows: Sequence[Row], code: str) -> tuple[OrderLine, ...]:
    """Headings, notes and down payments are rows too."""
    bought = (row for row in rows if not row["display_type"] and not row.get("is_downpayment"))
    return tuple(_to_line(row, code) for row in bought)


def _to_line(row: Row, code: str) -> OrderLine:
    """The price is what the customer pays: less the discount, before tax."""
    price, quantity = read_number(row["price_unit"]), read_number(row["product_uom_qty"])
    less = 1 - (read_number(row.get("discount")) or Decimal(0)) / 100
    return OrderLine(
        ref=str(row["id"]),
        product_ref=str(row["product_id"][0]) if row["product_id"] else None,
        name=text(row["name"]),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=None if price is None else Money(price * less, code),
    )
