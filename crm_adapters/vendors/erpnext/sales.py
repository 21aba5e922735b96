"""What was bought, and quotations, which may still be.

A purchase is a sales order, and an invoice as far as no order stands behind it, as at a till: the lines of an invoice
name their order, so that nothing is counted twice. A credit note takes back: its lines have negative quantities, and
what was bought stays bought beside it, as it is when only a part of it comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from crm_adapters.errors import VendorChanged
from crm_adapters.model import DealKind, OpenDeal, Order, OrderLine, OrderStatus
from crm_adapters.vendors.erpnext.api import Api, Filters, Row
from crm_adapters.vendors.erpnext.records import read_money, read_number, text
from crm_adapters.vendors.erpnext.site import start_of_day

ORDER, INVOICE, QUOTATION = "Sales Order", "Sales Invoice", "Quotation"
INVOICE_REF = "invoice:"
"""Before the name of an invoice, where an order may be called the same."""
ORDER_KEYS = (
    "name", "customer", "status", "docstatus", "transaction_date", "delivery_date", "currency", "per_delivered",
    "per_billed", "creation", "modified",
)  # fmt: skip
INVOICE_KEYS = (
    "name", "customer", "status", "docstatus", "posting_date", "posting_time", "currency", "is_return", "modified",
)  # fmt: skip
QUOTATION_KEYS = ("name", "party_name", "status", "docstatus", "currency", "grand_total", "modified")
LINE_KEYS = ("name", "parent", "idx", "item_code", "item_name", "qty", "rate")
FIELDS: Mapping[str, Sequence[str]] = {ORDER: ORDER_KEYS, INVOICE: INVOICE_KEYS}
DRAFT, SUBMITTED, CANCELLED = 0, 1, 2
QUOTED = frozenset({"Draft", "Open", "Replied", "Partially Ordered"})
UNDELIVERED = frozenset({"To Deliver and Bill", "To Deliver"})


@dataclass(frozen=True, slots=True)
class Sales:
    api: Api
    invoices: bool
    delivers: bool
    """Deliveries are booked, so that what is not delivered is open."""

    @property
    def doctypes(self) -> tuple[str, ...]:
        return (ORDER, INVOICE) if self.invoices else (ORDER,)

    def orders_of(self, customers: Sequence[str], *, since: datetime | None = None) -> list[Order]:
        """Newest first."""
        found = [one for doctype in self.doctypes for one in self._of_customers(doctype, customers, since)]
        recent = [order for order in found if since is None or order.placed_at >= since]
        return sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True)

    def load(self, doctype: str, rows: Sequence[Row]) -> list[Order]:
        """An invoice all of whose lines come from orders is none."""
        extra = ("sales_order",) if doctype == INVOICE else ()
        lines = self._lines(doctype, [row["name"] for row in rows], extra)
        orders = [self._to_order(doctype, row, lines.get(row["name"], [])) for row in rows]
        return [order for order in orders if order.lines or not order.ref.startswith(INVOICE_REF)]

    def quotations_of(self, customer: str) -> list[OpenDeal]:
        filters: Filters = [
            ["quotation_to", "=", "Customer"],
            ["party_name", "=", customer],
            ["docstatus", "<", CANCELLED],
        ]
        rows = self.api.find(QUOTATION, filters, QUOTATION_KEYS) if customer else []
        if any(row["party_name"].casefold() != customer.casefold() for row in rows):
            raise VendorChanged("the answer holds somebody else's quotations")
        mine = [row for row in rows if row["party_name"] == customer and text(row["status"]) in QUOTED]
        lines = self._lines(QUOTATION, [row["name"] for row in mine], ())
        deals = [self._to_deal(row, lines.get(row["name"], [])) for row in mine]
        return sorted(deals, key=lambda deal: (str(deal.updated_at), deal.ref), reverse=True)

    def _of_customers(self, doctype: str, names: Sequence[str], since: datetime | None) -> list[Order]:
        filters: Filters = [["customer", "in", list(names)], *self._since(doctype, since)]
        rows = self.api.find(doctype, filters, FIELDS[doctype]) if any(names) else []
        if not {row["customer"].casefold() for row in rows} <= {name.casefold() for name in names}:
            raise VendorChanged("the answer holds somebody else's orders")
        return self.load(doctype, [row for row in rows if row["customer"] in names])

    def _since(self, doctype: str, since: datetime | None) -> Filters:
        """A day more: days are the site's, and an order's is no moment."""
        if since is None:
            return []
        day = self.api.site.time.day_of(since - timedelta(days=1))
        return [["transaction_date" if doctype == ORDER else "posting_date", ">=", day]]

    def _lines(self, doctype: str, names: Sequence[str], extra: Sequence[str]) -> dict[str, list[Row]]:
        child = f"{doctype} Item"
        filters: Filters = [["parenttype", "=", doctype], ["parent", "in", list(names)]]
        rows = self.api.find(child, filters, [*LINE_KEYS, *extra], parent=doctype) if names else []
        if not {row["parent"] for row in rows} <= set(names):
            raise VendorChanged("the answer holds lines of other documents")
        found: dict[str, list[Row]] = {}
        for row in sorted(rows, key=lambda row: (row["idx"], row["name"])):
            found.setdefault(row["parent"], []).append(row)
        return found

    def _to_order(self, doctype: str, row: Row, lines: Sequence[Row]) -> Order:
        sold = doctype == INVOICE
        own = [line for line in lines if not (sold and line["sales_order"]) or row.get("is_return")]
        placed = self._placed_at(doctype, row)
        if placed is None or not row["customer"]:
            raise VendorChanged("an order has no date or is nobody's")
        promised = start_of_day(text(row["delivery_date"])) if not sold else None
        return Order(
            ref=f"{INVOICE_REF}{row['name']}" if sold else row["name"],
            customer_ref=row["customer"],
            placed_at=placed,
            status=_by_docstatus(row) if sold else self._order_status(row),
            lines=_to_lines(own, row),
            number=row["name"],
            raw_status=text(row["status"]),
            promised_at=promised,
            updated_at=self.api.site.time.read(row["modified"]),
        )

    def _placed_at(self, doctype: str, row: Row) -> datetime | None:
        """An order has a day only; of one that was entered on its day the moment is known."""
        local = self.api.site.time
        if doctype == INVOICE:
            return local.read_parts(row["posting_date"], row["posting_time"])
        day, entered = text(row["transaction_date"]), local.read(row["creation"])
        same = entered is not None and text(row["creation"]).startswith(day)
        return entered if same and day else start_of_day(day)

    def _order_status(self, row: Row) -> OrderStatus:
        """One that was closed before anything was delivered or billed came to nothing."""
        status = text(row["status"])
        if row["docstatus"] != SUBMITTED or status == "On Hold":
            return _by_docstatus(row, won=OrderStatus.OPEN)
        if status == "Closed":
            used = (read_number(row["per_delivered"]) or 0) + (read_number(row["per_billed"]) or 0)
            return OrderStatus.WON if used else OrderStatus.CANCELLED
        return OrderStatus.OPEN if self.delivers and status in UNDELIVERED else OrderStatus.WON

    def _to_deal(self, row: Row, lines: Sequence[Row]) -> OpenDeal:
        return OpenDeal(
            ref=row["name"],
            kind=DealKind.QUOTE,
            name=row["name"],
            customer_ref=row["party_name"],
            stage=text(row["status"]),
            amount=read_money(row["grand_total"], row["currency"]),
            lines=_to_lines(lines, row),
            updated_at=self.api.site.time.read(row["modified"]),
        )


def _by_docstatus(row: Row, *, won: OrderStatus = OrderStatus.WON) -> OrderStatus:
    known = {DRAFT: OrderStatus.OPEN, SUBMITTED: won, CANCELLED: OrderStatus.CANCELLED}
    return known.get(row["docstatus"], OrderStatus.UNKNOWN)


def _to_lines(rows: Sequence[Row], document: Row) -> tuple[OrderLine, ...]:
    taken_back = bool(document.get("is_return"))
    return tuple(
        _as_return(line) if taken_back else line for line in (_to_line(row, document) for row in rows)
    )


def _to_line(row: Row, document: Row) -> OrderLine:
    """The price is that of the price list, less the line's discount."""
    quantity = read_number(row["qty"])
    return OrderLine(
        ref=str(row["name"]),
        product_ref=text(row["item_code"]) or None,
        name=text(row["item_name"]) or text(row["item_code"]),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=read_money(row["rate"], document["currency"]),
    )


def _as_return(line: OrderLine) -> OrderLine:
    return replace(line, quantity=-abs(line.quantity))
