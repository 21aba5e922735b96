"""What changed in EspoCRM, page by page, by the ids of what was stamped since the run before.

Deleting leaves no trace; that there are fewer than there were does, and everything is gone through again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from crm_adapters import sweeps
from crm_adapters.model import Case, Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.vendors.espocrm import records
from crm_adapters.vendors.espocrm.api import STAMP, Api, Row, condition, show
from crm_adapters.vendors.espocrm.sales import Sales
from crm_adapters.vendors.espocrm.search import CONTACT, Search

CASE, PRODUCT = "Case", "Product"
CLOSED = "entityDefs.Case.fields.status.notActualOptions"
USUALLY_CLOSED = ("Closed", "Rejected", "Duplicate")


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order | Case, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    entity: str
    load: Callable[[Sequence[Row]], Batch]
    reread: bool = False
    """Each is read by itself: the list need tell no more than which there are."""


class Feed:
    def __init__(self, api: Api, search: Search, sales: Sales, *, complaint: str, limit: int) -> None:
        self._api = api
        self._search = search
        self._sales = sales
        self._complaint = complaint
        self._limit = limit
        sold = sales.shape
        self._sources: Mapping[Kind, Source] = {
            Kind.CUSTOMERS: Source(CONTACT, self._load_contacts, reread=not search.main_only),
            Kind.PRODUCTS: Source(PRODUCT, self._load_products),
            Kind.ORDERS: Source(sold.entity, self._load_orders, reread=sold.itemized),
            Kind.CASES: Source(CASE, self._load_cases),
        }

    def read(self, kind: Kind, cursor: SyncCursor | None, *, now: datetime) -> SyncPage:
        source = self._sources[kind]
        start = sweeps.begin(cursor, now=now, first="", count=self._counter(source.entity))
        rows = self._next(source, start)
        reached = sweeps.advance(start, [row["id"] for row in rows], limit=self._limit, first="")
        batch = source.load(rows)
        return SyncPage(
            items=batch.items,
            next_cursor=reached.to_cursor(),
            more=not reached.ended,
            snapshot=start.whole,
            rejected=batch.rejected,
            may_miss_deletes=True,
            rows_read=len(rows),
        )

    def _counter(self, entity: str) -> sweeps.Count:
        return lambda moment: self._api.count(entity, [condition("lessThan", "createdAt", show(moment))])

    def _next(self, source: Source, start: sweeps.Position) -> tuple[Row, ...]:
        where = [condition("greaterThan", "id", start.after)] if start.after else []
        if not start.whole:
            where.append(condition("greaterThanOrEquals", STAMP, show(start.moment)))
        fields = ("createdAt",) if source.reread else ()
        return self._api.select(source.entity, where, limit=self._limit, fields=fields)

    def _load_contacts(self, rows: Sequence[Row]) -> Batch:
        return Batch(tuple(self._search.read(rows)))

    def _load_products(self, rows: Sequence[Row]) -> Batch:
        return Batch(tuple(records.to_product(row, self._search.fields) for row in rows))

    def _load_orders(self, rows: Sequence[Row]) -> Batch:
        sold = self._sales.shape.entity
        return Batch(*self._sales.load(self._sales.read(sold, rows)))

    @cached_property
    def _closed(self) -> frozenset[str]:
        """States of cases in which nobody works on them any more."""
        found = self._api.metadata(CLOSED)
        return frozenset(found if isinstance(found, list) else USUALLY_CLOSED)

    def _load_cases(self, rows: Sequence[Row]) -> Batch:
        known = [row for row in rows if row.get("contactId")]
        found = [records.to_case(row, complaint=self._complaint, closed=self._closed) for row in known]
        nobodys = [
            RejectedRow(f"Case {row['id']}", 0, "it has no contact") for row in rows if row not in known
        ]
        return Batch(tuple(found), tuple(nobodys))
