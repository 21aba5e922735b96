"""What customers bought, and what they have not paid for yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_adapters.model import OpenDeal, Order
from crm_adapters.vendors.woocommerce import records
from crm_adapters.vendors.woocommerce.api import Api, Row
from crm_adapters.vendors.woocommerce.people import ADDRESS, is_id, is_of_guest
from crm_adapters.vendors.woocommerce.records import GUEST, OPEN


@dataclass(frozen=True, slots=True)
class Purchases:
    api: Api
    page_size: int

    def of(self, customer_ref: str, *, status: str = "any") -> list[Row]:
        """The latest order first."""
        params = {"status": status} | self._whose(customer_ref)
        if "customer" not in params and "search" not in params:
            return []
        email = customer_ref.removeprefix(GUEST) if customer_ref.startswith(GUEST) else None
        rows = [
            row
            for row in self.api.list_all("orders", params, limit=self.page_size)
            if (is_of_guest(row, email) if email else str(row.get("customer_id")) == customer_ref)
        ]
        return sorted(rows, key=lambda row: (str(row.get("date_created_gmt")), row["id"]), reverse=True)

    def _whose(self, customer_ref: str) -> dict[str, str]:
        email = customer_ref.removeprefix(GUEST)
        if email != customer_ref:
            return {"search": email} if ADDRESS.fullmatch(email) else {}
        return {"customer": customer_ref} if is_id(customer_ref) else {}

    def read(self, rows: Sequence[Row]) -> list[Order]:
        return [records.to_order(row, self._refunds(row)) for row in rows]

    def _refunds(self, row: Row) -> list[Row]:
        """What came back of an order that stands; one that was refunded wholly says so by its status."""
        if not row.get("refunds") or row["status"] == "refunded":
            return []
        return list(self.api.list_all(f"orders/{row['id']}/refunds", {}, limit=self.page_size))

    def open_of(self, customer_ref: str) -> list[OpenDeal]:
        rows = [row for row in self.of(customer_ref, status=",".join(OPEN)) if row["status"] in OPEN]
        rows.sort(key=lambda row: str(row.get("date_modified_gmt")), reverse=True)
        return [records.to_open_deal(row) for row in rows]
