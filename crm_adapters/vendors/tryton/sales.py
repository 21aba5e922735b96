"""Sales as purchases, and what is not closed yet: drafts, quotations and opportunities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_adapters.model import OpenDeal, Order, RejectedRow
from crm_adapters.vendors.tryton import records
from crm_adapters.vendors.tryton.api import Api, Row


@dataclass(frozen=True, slots=True)
class Sales:
    api: Api
    opportunities: bool

    def of_party(self, party: int, since: datetime | None) -> list[Order]:
        """Newest first."""
        domain: list[Any] = [("party", "=", party)]
        if since:
            domain.append(["OR", ("sale_date", "=", None), ("sale_date", ">=", since.date())])
        orders = [records.to_order(row) for row in self.api.find("sale.sale", domain, records.SALE)]
        recent = [order for order in orders if since is None or order.placed_at >= since]
        return sorted(recent, key=lambda order: (order.placed_at, int(order.ref)), reverse=True)

    def read(self, rows: Sequence[Row]) -> tuple[tuple[Order, ...], tuple[RejectedRow, ...]]:
        """A draft may be nobody's yet."""
        orders = tuple(records.to_order(row) for row in rows if row["party"])
        nobodys = (f"sale {row['id']}" for row in rows if not row["party"])
        return orders, tuple(RejectedRow(source, 0, "it has no party") for source in nobodys)

    def open_of(self, party: int) -> list[OpenDeal]:
        """Latest change first."""
        quotes = self._find("sale.sale", party, records.OPEN_SALES, records.QUOTE)
        deals = [records.to_quote(row) for row in quotes]
        if self.opportunities and self.api.rights.exists("sale.opportunity"):
            states, fields = records.OPEN_OPPORTUNITIES, records.OPPORTUNITY
            found = self._find("sale.opportunity", party, states, fields)
            deals += [records.to_opportunity(row) for row in found]
        return sorted(deals, key=lambda deal: (deal.updated_at is not None, deal.updated_at), reverse=True)

    def _find(self, model: str, party: int, states: Sequence[str], fields: Sequence[str]) -> list[Row]:
        return self.api.find(model, [("party", "=", party), ("state", "in", list(states))], fields)
