"""What customers bought: orders and the credit notes that took some of it back, or invoices where no orders are
kept; and the proposals they have not answered yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from crm_adapters.errors import PermissionDenied, VendorChanged
from crm_adapters.model import OpenDeal, Order
from crm_adapters.vendors.dolibarr import filters, sales
from crm_adapters.vendors.dolibarr.api import Api, Row, is_id
from crm_adapters.vendors.dolibarr.records import text

ORDERS, INVOICES, PROPOSALS = "orders", "invoices", "proposals"
CREDIT_NOTES = filters.equals("t.type", sales.CREDIT_NOTE)


class Treasury:
    """Which currency Dolibarr calculates in. Only administrators may ask."""

    def __init__(self, api: Api, stated: str) -> None:
        self._api = api
        self._stated = stated.upper()

    def __call__(self) -> str:
        return self._stated or self._asked

    @cached_property
    def _asked(self) -> str:
        try:
            company = self._api.get("setup/company") or {}
        except PermissionDenied:
            company = {}
        code = text(company.get("currency_code")).upper()
        if len(code) != 3:
            raise PermissionDenied(
                "Dolibarr tells its currency to administrators only: enter the setting currency"
            )
        return code


@dataclass(frozen=True, slots=True)
class Purchases:
    api: Api
    currency: sales.Currency
    kept_as: str
    """`orders` or `invoices`."""
    credit_notes: bool
    """Beside orders."""
    page_size: int

    @property
    def sources(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Lists to go through, each with its conditions."""
        if self.kept_as == INVOICES:
            return ((INVOICES, ()),)
        return ((ORDERS, ()), *(((INVOICES, (CREDIT_NOTES,)),) if self.credit_notes else ()))

    def of(self, customer: str, *, since: datetime | None) -> list[Order]:
        """Newest first."""
        found = [order for path, asked in self.sources for order in self._of(customer, path, asked)]
        recent = [order for order in found if since is None or order.placed_at >= since]
        return sorted(recent, key=_age, reverse=True)

    def read(self, path: str, rows: Sequence[Row]) -> list[Order]:
        if path == ORDERS:
            return [sales.to_order(row, self.currency) for row in rows]
        return [sales.to_invoice(row, self.currency) for row in rows if sales.sells(row)]

    def open_of(self, customer: str) -> list[OpenDeal]:
        rows = [row for row in self._rows(customer, PROPOSALS) if sales.status_of(row) in sales.OPEN]
        rows.sort(
            key=lambda row: (int(text(row.get("date_modification")) or 0), int(row["id"])), reverse=True
        )
        return [sales.to_deal(row, self.currency) for row in rows]

    def _of(self, customer: str, path: str, conditions: Sequence[str]) -> list[Order]:
        return self.read(path, list(self._rows(customer, path, conditions)))

    def _rows(self, customer: str, path: str, conditions: Sequence[str] = ()) -> Iterator[Row]:
        if not is_id(customer):
            return
        for row in self.api.list_all(path, conditions, limit=self.page_size, thirdparty_ids=customer):
            if text(row.get("socid")) != customer:
                raise VendorChanged("the answer holds somebody else's documents")
            yield row


def _age(order: Order) -> tuple[datetime, str, int]:
    kind, _, number = order.ref.rpartition(":")
    return order.placed_at, kind, int(number)
