"""Deals with their line items and contacts: what HubSpot knows of purchases, and of what may become one."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_adapters.model import OpenDeal, Order, OrderLine, RejectedRow
from crm_adapters.vendors.hubspot import records
from crm_adapters.vendors.hubspot.account import Account
from crm_adapters.vendors.hubspot.api import Api, Row


@dataclass(frozen=True, slots=True)
class Loaded:
    orders: tuple[Order, ...]
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class Deals:
    api: Api
    account: Account

    def of_contact(self, ref: str) -> list[Row]:
        """Those whose first contact it is: a deal of several people is the purchase of one."""
        refs = self.api.associated("contacts", "deals", [ref])[ref]
        first = self._first_contacts(refs)
        return self.api.read_many(
            "deals", [deal for deal in refs if first.get(deal) == ref], records.DEAL_KEYS
        )

    def load(self, rows: Sequence[Row]) -> Loaded:
        """As orders; a deal without a contact is nobody's."""
        first = self._first_contacts([row["id"] for row in rows])
        lines = self._lines([row["id"] for row in rows if row["id"] in first])
        orders = tuple(
            records.to_order(
                row, lines[row["id"]], customer_ref=first[row["id"]], currency=self.account.currency
            )
            for row in rows
            if row["id"] in first
        )
        rejected = tuple(
            RejectedRow(f"deal {row['id']}", 0, "it has no contact") for row in rows if row["id"] not in first
        )
        return Loaded(orders, rejected)

    def open_of(self, ref: str) -> list[OpenDeal]:
        rows = [row for row in self.of_contact(ref) if records.is_open(row)]
        lines = self._lines([row["id"] for row in rows])
        currency = self.account.currency
        found = [
            records.to_open_deal(row, lines[row["id"]], customer_ref=ref, currency=currency) for row in rows
        ]
        return sorted(found, key=lambda deal: (deal.updated_at is not None, deal.updated_at), reverse=True)

    def of_lines(self, refs: Sequence[str]) -> list[Row]:
        """The deals that these line items are on."""
        owners = self.api.associated("line_items", "deals", refs)
        deals = sorted({deal for found in owners.values() for deal in found})
        return self.api.read_many("deals", deals, records.DEAL_KEYS)

    def lines_of(self, row: Row) -> tuple[OrderLine, ...]:
        return records.to_lines(row, self._lines([row["id"]])[row["id"]], currency=self.account.currency)

    def _first_contacts(self, refs: Sequence[str]) -> dict[str, str]:
        found = self.api.associated("deals", "contacts", refs)
        return {deal: contacts[0] for deal, contacts in found.items() if contacts}

    def _lines(self, refs: Sequence[str]) -> dict[str, list[Row]]:
        owned = self.api.associated("deals", "line_items", refs)
        every = [line for lines in owned.values() for line in lines]
        rows = {row["id"]: row for row in self.api.read_many("line_items", every, records.LINE_KEYS)}
        return {deal: [rows[line] for line in lines if line in rows] for deal, lines in owned.items()}
