"""What changed in a shop, page by page, by the ids of what was changed since the run before.

Shopify lists no more than 25,000 rows by a cursor, and its index knows of a change some seconds later; by id, and with
a look back, neither matters. A change of a product is none of its variants, so that both are gone through. Deleting,
and merging customers, leaves no trace: every so often everything is gone through, and what is not listed is gone. Not
so for orders where we are shown those of the last 60 days only, for the older ones are still there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crm_adapters import sweeps
from crm_adapters.errors import VendorChanged
from crm_adapters.model import Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.sweeps import Position
from crm_adapters.vendors.shopify import records
from crm_adapters.vendors.shopify.api import Api, Row, to_ref
from crm_adapters.vendors.shopify.catalogue import Catalogue
from crm_adapters.vendors.shopify.people import People
from crm_adapters.vendors.shopify.purchases import Purchases
from crm_adapters.vendors.shopify.queries import (
    LIST_CUSTOMERS,
    LIST_ORDERS,
    LIST_PRODUCTS,
    LIST_VARIANTS,
    READ_SHOP,
    Operation,
)

ALL_ORDERS = "read_all_orders"
SOURCES = {
    Kind.CUSTOMERS: (LIST_CUSTOMERS,),
    Kind.ORDERS: (LIST_ORDERS,),
    Kind.PRODUCTS: (LIST_VARIANTS, LIST_PRODUCTS),
}
WINDOW = 1
"""In place of a source, for the whole of a run through orders of which the older ones are kept from us."""


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    api: Api
    people: People
    purchases: Purchases
    catalogue: Catalogue

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = self._begin(kind, cursor, now)
        sources = SOURCES[kind]
        operation = sources[min(start.source, len(sources) - 1)]
        page = self.api.list_some(operation, _query(start), limit=limit, **self._asked(operation))
        ids = [int(to_ref(row)) for row in page.rows]
        if ids != sorted(set(ids)):
            raise VendorChanged("the list is not by id")
        reached = sweeps.advance(start, ids, limit=page.limit, sources=len(sources))
        batch = self._load(operation, [row for row in page.rows if _is_new(row, start)], limit)
        return SyncPage(
            items=batch.items,
            next_cursor=reached.to_cursor(),
            more=not reached.ended,
            snapshot=start.whole and not start.source,
            rejected=batch.rejected,
            may_miss_deletes=True,
            rows_read=len(page.rows),
        )

    def _begin(self, kind: Kind, cursor: SyncCursor | None, now: datetime) -> Position:
        """What we may see is asked for once in a run, so that all of it is told as the same."""
        start = sweeps.begin(cursor, now=now)
        if (
            kind is Kind.ORDERS
            and start.whole
            and not start.after
            and ALL_ORDERS not in read_scopes(self.api)
        ):
            return replace(start, source=WINDOW)
        return start

    def _asked(self, operation: Operation) -> dict[str, Any]:
        asked = {LIST_CUSTOMERS: self.people.asked, LIST_VARIANTS: self.catalogue.asked}
        return dict(asked.get(operation, {}))

    def _load(self, operation: Operation, rows: Sequence[Row], limit: int) -> Batch:
        if operation is LIST_CUSTOMERS:
            return Batch(tuple(self.people.read(row) for row in rows))
        if operation is LIST_ORDERS:
            loaded = self.purchases.load(rows)
            return Batch(loaded.orders, loaded.rejected)
        if operation is LIST_VARIANTS:
            return Batch(self.catalogue.read(rows))
        return Batch(self.catalogue.of_products(rows, limit=limit))


def read_scopes(api: Api) -> frozenset[str]:
    found = api.ask(READ_SHOP)["currentAppInstallation"]["accessScopes"]
    return frozenset(str(one["handle"]) for one in found)


def _query(start: Position) -> str:
    since = "" if start.whole else f"updated_at:>='{start.moment:%Y-%m-%dT%H:%M:%SZ}' "
    return f"{since}id:>={int(start.after) + 1}"


def _is_new(row: Row, start: Position) -> bool:
    """Of customers Shopify finds those of the whole day."""
    stamp = records.read_moment(row.get("updatedAt"))
    return start.whole or stamp is None or stamp >= start.moment
