"""Dolibarr's documents as our records: orders, invoices and credit notes, proposals, tickets."""

import html
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Case, DealKind, Money, OpenDeal, Order, OrderLine, OrderStatus
from crm_adapters.vendors.dolibarr.api import Row, row_id
from crm_adapters.vendors.dolibarr.records import read_moment, read_number, text

INVOICE = "invoice:"
"""Before the id of an invoice or credit note, so that it is not taken for an order's."""
ORDER_STATUSES = {
    "-1": OrderStatus.CANCELLED,
    "0": OrderStatus.OPEN,
    "1": OrderStatus.WON,
    "2": OrderStatus.WON,
    "3": OrderStatus.WON,
}
"""A draft may still be changed; validated, being shipped and delivered are sales."""
INVOICE_STATUSES = {
    "0": OrderStatus.OPEN,
    "1": OrderStatus.WON,
    "2": OrderStatus.WON,
    "3": OrderStatus.CANCELLED,
}
"""Draft, validated, paid, and given up or replaced by another."""
CREDIT_NOTE = "2"
SALES = frozenset({"0", "1", "5", CREDIT_NOTE})
"""Types of invoices that sell something: standard, replacement, of a situation; beside them there are deposits and
pro formas, which sell nothing."""
OPEN = {"0": "draft", "1": "validated"}
SOLD = frozenset({"", "0", "1"})
"""Types of lines: a product, a service, or none told; others are titles and sums."""
CLOSED = frozenset({"8", "9"})
"""Tickets that were solved, or given up."""
DAY = timedelta(hours=25)
"""The longest there is."""
NOON = timedelta(hours=12)

Currency = Callable[[], str]
"""The one that Dolibarr calculates in; asked for only where a document does not name its own."""


def to_order(row: Row, currency: Currency) -> Order:
    status = status_of(row)
    return Order(
        ref=text(row["id"]),
        customer_ref=text(row.get("socid")),
        placed_at=_placed(row),
        status=ORDER_STATUSES.get(status, OrderStatus.UNKNOWN),
        lines=to_lines(row, currency),
        number=text(row.get("ref")),
        raw_status=status,
        promised_at=read_moment(row.get("delivery_date") or row.get("date_livraison")),
        updated_at=read_moment(row.get("date_modification")),
    )


def to_invoice(row: Row, currency: Currency) -> Order:
    """A credit note is what came back: its lines are of negative quantity. As long as it is a draft it is nothing."""
    status, back = status_of(row), text(row.get("type")) == CREDIT_NOTE
    known = INVOICE_STATUSES.get(status, OrderStatus.UNKNOWN)
    return Order(
        ref=f"{INVOICE}{row['id']}",
        customer_ref=text(row.get("socid")),
        placed_at=_placed(row),
        status=OrderStatus.UNKNOWN if back and known is OrderStatus.OPEN else known,
        lines=to_lines(row, currency, back=back),
        number=text(row.get("ref")),
        raw_status=f"credit note {status}" if back else status,
        updated_at=read_moment(row.get("date_modification")),
    )


def sells(row: Row) -> bool:
    return text(row.get("type")) in SALES


def to_deal(row: Row, currency: Currency) -> OpenDeal:
    code, foreign = money_of(row, currency)
    amount = read_number(row.get("multicurrency_total_ht" if foreign else "total_ht"))
    named = [text(row.get("ref")), text(row.get("ref_client") or row.get("ref_customer"))]
    return OpenDeal(
        ref=text(row["id"]),
        kind=DealKind.QUOTE,
        name=" · ".join(filter(None, named)),
        customer_ref=text(row.get("socid")),
        stage=OPEN.get(status_of(row), status_of(row)),
        amount=None if amount is None else Money(amount, code),
        lines=to_lines(row, currency),
        updated_at=read_moment(row.get("date_modification")),
    )


def status_of(row: Row) -> str:
    """By the name that each kind and version has for it."""
    known = (row.get(name) for name in ("statut", "fk_statut", "status"))
    return next((text(value) for value in known if value is not None), "")


def to_case(row: Row, complaints: Collection[str]) -> Case:
    opened = read_moment(row.get("datec") or row.get("date_creation"))
    if opened is None:
        raise VendorChanged("a ticket has no date")
    return Case(
        ref=text(row["id"]),
        customer_ref=text(row.get("fk_soc") or row.get("socid")),
        subject=text(row.get("subject")),
        complaint=text(row.get("type_code")) in complaints,
        open=status_of(row) not in CLOSED,
        opened_at=opened,
        updated_at=read_moment(row.get("date_modification") or row.get("tms")),
    )


def to_lines(row: Row, currency: Currency, *, back: bool = False) -> tuple[OrderLine, ...]:
    code, foreign = money_of(row, currency)
    sold = (line for line in row.get("lines") or () if text(line.get("product_type")) in SOLD)
    return tuple(
        _line(line, code, "multicurrency_subprice" if foreign else "subprice", back=back) for line in sold
    )


def money_of(row: Row, currency: Currency) -> tuple[str, bool]:
    """A document's currency, and whether that is another than Dolibarr calculates in: then amounts stand beside
    those converted."""
    code = text(row.get("multicurrency_code")).upper()
    rate = read_number(row.get("multicurrency_tx"))
    return (code if len(code) == 3 else currency()), rate is not None and rate not in {Decimal(0), Decimal(1)}


def _line(line: Mapping[str, Any], code: str, field: str, *, back: bool) -> OrderLine:
    """The price is what the customer pays: less the discount, before tax."""
    price, quantity = read_number(line.get(field)), read_number(line.get("qty"))
    less = 1 - (read_number(line.get("remise_percent")) or Decimal(0)) / 100
    count = Decimal(1) if quantity is None else quantity
    product = text(line.get("fk_product"))
    named = next(filter(None, (plain(line.get(name)) for name in ("product_label", "label", "desc"))), "")
    return OrderLine(
        ref=str(row_id(line)),
        product_ref=product if product not in {"", "0"} else None,
        name=named,
        quantity=-abs(count) if back else count,
        unit_price=None if price is None else Money((abs(price) if back else price) * less, code),
    )


def plain(value: Any) -> str:
    """Of what may be HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", text(value))).strip()


def _placed(row: Row) -> datetime:
    """A document's date is a day only, told as its midnight where the server is; when it was entered on that day,
    that is the moment, and noon otherwise."""
    day, entered = read_moment(row.get("date")), read_moment(row.get("date_creation"))
    if day and entered and timedelta(0) <= entered - day < DAY:
        return entered
    found = day + NOON if day else entered
    if found is None:
        raise VendorChanged("a document has no date")
    return found
