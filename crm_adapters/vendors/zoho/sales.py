"""Sales orders and quotes with their lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_adapters.errors import VendorChanged
from crm_adapters.model import OpenDeal, Order, OrderStatus, RejectedRow
from crm_adapters.vendors.zoho import records
from crm_adapters.vendors.zoho.account import Account
from crm_adapters.vendors.zoho.api import MOST_PARENTS, Api, Row, link_of, quote_text

ORDERS, ORDERED = "Sales_Orders", "Ordered_Items"
QUOTES, QUOTED = "Quotes", "Quoted_Items"
QUOTE_KEYS = ("id", "Subject", "Quote_Stage", "Contact_Name", "Grand_Total", "Modified_Time")
CLOSED = "closed"
"""How the stages begin in which nothing more is put on a quote."""


@dataclass(frozen=True, slots=True)
class Sales:
    api: Api
    account: Account
    statuses: Mapping[str, OrderStatus]
    placed: str

    @property
    def order_fields(self) -> list[str]:
        return sorted({*records.ORDER_KEYS, self.placed, *self.account.currency_field})

    def of_contact(self, ref: str) -> list[Order]:
        rows = self.api.select_all(ORDERS, self.order_fields, f"Contact_Name = {quote_text(ref)}")
        return list(self.load(_of(rows, ref))[0])

    def open_of(self, ref: str) -> list[OpenDeal]:
        fields = [*QUOTE_KEYS, *self.account.currency_field]
        rows = self.api.select_all(QUOTES, fields, f"Contact_Name = {quote_text(ref)}")
        open_ones = [row for row in _of(rows, ref) if is_open(row)]
        lines, currency = self._lines(QUOTED, open_ones), self.account.currency
        found = [records.to_open_quote(row, lines[row["id"]], currency=currency) for row in open_ones]
        return sorted(found, key=lambda deal: (deal.updated_at is not None, deal.updated_at), reverse=True)

    def load(self, rows: Sequence[Row]) -> tuple[tuple[Order, ...], tuple[RejectedRow, ...]]:
        """An order of an account alone is nobody's."""
        whose = [row for row in rows if link_of(row.get("Contact_Name"))]
        lines, currency = self._lines(ORDERED, whose), self.account.currency
        orders = tuple(
            records.to_order(row, lines[row["id"]], self.statuses, placed=self.placed, currency=currency)
            for row in whose
        )
        rejected = [row for row in rows if row not in whose]
        return orders, tuple(RejectedRow(f"order {row['id']}", 0, "it has no contact") for row in rejected)

    def _lines(self, module: str, parents: Sequence[Row]) -> defaultdict[str, list[Row]]:
        """By the parent's ref, oldest first."""
        asked = [row["id"] for row in parents]
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for start in range(0, len(asked), MOST_PARENTS):
            part = ", ".join(map(quote_text, asked[start : start + MOST_PARENTS]))
            for line in self.api.select_all(module, records.LINE_KEYS, f"Parent_Id in ({part})"):
                found[link_of(line["Parent_Id"]) or ""].append(line)
        if not found.keys() <= set(asked):
            raise VendorChanged("the answer holds what was not asked for")
        return found


def is_open(quote: Row) -> bool:
    return not str(quote.get("Quote_Stage") or "").lower().startswith(CLOSED)


def _of(rows: Sequence[Row], ref: str) -> Sequence[Row]:
    if not all(link_of(row.get("Contact_Name")) == ref for row in rows):
        raise VendorChanged("the answer holds what was not asked for")
    return rows
