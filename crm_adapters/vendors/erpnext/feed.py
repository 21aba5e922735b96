"""What changed in ERPNext, page by page, by name among what was stamped since the run before.

A change of a contact or an address does not stamp the customer, nor one of a price or of the stock the item. A new
name stamps nothing at all, and is seen by the remark on it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from crm_adapters import sweeps
from crm_adapters.errors import VendorChanged
from crm_adapters.model import Case, Customer, Kind, Order, Product, SyncCursor, SyncPage
from crm_adapters.vendors.erpnext.api import Api, Filters, Row
from crm_adapters.vendors.erpnext.cases import ISSUE, ISSUE_KEYS, Cases
from crm_adapters.vendors.erpnext.catalogue import BIN, PRICE, Catalogue
from crm_adapters.vendors.erpnext.gone import DELETED, REMARK, Gone, Graveyard, read_copy, read_links
from crm_adapters.vendors.erpnext.people import People
from crm_adapters.vendors.erpnext.records import ADDRESS, CONTACT, CUSTOMER, CUSTOMER_KEYS, ITEM, ITEM_KEYS
from crm_adapters.vendors.erpnext.sales import FIELDS, INVOICE, INVOICE_REF, ORDER, Sales

SOLD = [["has_variants", "=", 0]]
"""A template is sold by its variants only."""


@dataclass(frozen=True, slots=True)
class Batch:
    items: Sequence[Customer | Product | Order | Case]
    gone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Documents whose changes are changes of a kind."""

    doctype: str
    fields: Sequence[str]
    load: Callable[[Sequence[Row]], Batch]
    filters: Filters = ()
    may_lack: Sequence[str] = ()
    stamp: str = "modified"


@dataclass(frozen=True, slots=True)
class Feed:
    api: Api
    people: People
    catalogue: Catalogue
    sales: Sales
    cases: Cases
    deletions: bool

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = sweeps.begin(cursor, now=now, first="")
        sources = self._sources(kind)
        source = sources[min(start.source, len(sources) - 1)]
        rows = self._next(source, start, limit)
        steps = {"sources": len(sources), "whole": self._whole(kind)}
        reached = sweeps.advance(start, _names(rows), limit=limit, first="", **steps)
        batch = source.load(rows)
        gone = self._gone(kind, start) if reached.ended and not start.whole and self.deletions else Gone()
        return SyncPage(
            items=tuple(batch.items),
            next_cursor=reached.to_cursor(),
            more=not reached.ended,
            deleted_refs=() if start.whole else (*batch.gone, *gone.deleted),
            merged=gone.merged,
            snapshot=start.whole,
            may_miss_deletes=not self.deletions,
            rows_read=len(rows),
        )

    def _next(self, source: Source, start: sweeps.Position, limit: int) -> list[Row]:
        """Each run begins earlier than the one before did; see `LocalTime.show_earliest` for summer time."""
        since = [] if start.whole else [[source.stamp, ">=", self._since(start)]]
        after = [["name", ">", start.after]] if start.after else []
        filters = [*source.filters, *since, *after]
        rows = self.api.find(source.doctype, filters, source.fields, limit=limit, may_lack=source.may_lack)
        if any(row["name"] == start.after for row in rows):
            raise VendorChanged("the answer is a page that was read before")
        return rows

    def _since(self, start: sweeps.Position) -> str:
        return self.api.site.time.show_earliest(start.moment)

    def _whole(self, kind: Kind) -> int:
        return len(self.sales.doctypes) if kind is Kind.ORDERS else 1

    def _sources(self, kind: Kind) -> Sequence[Source]:
        sources: Mapping[Kind, Callable[[], list[Source]]] = {
            Kind.CUSTOMERS: self._of_customers,
            Kind.PRODUCTS: self._of_items,
            Kind.ORDERS: self._of_orders,
            Kind.CASES: lambda: [Source(ISSUE, ISSUE_KEYS, lambda rows: Batch(self.cases.read(rows)))],
        }
        return sources[kind]()

    def _of_customers(self) -> list[Source]:
        extra = self.people.fields.of_customer
        own = Source(CUSTOMER, CUSTOMER_KEYS, self._load_customers, may_lack=extra)
        linked = [Source(one, ("name",), partial(self._load_linked, one)) for one in (CONTACT, ADDRESS)]
        new = self._renamed(CUSTOMER, lambda rows: self._load_named(_names(rows, "reference_name")))
        lost = self._lost((CONTACT, ADDRESS), lambda rows: self._load_named(read_links(rows)))
        return [own, *linked, *new, *lost]

    def _of_items(self) -> list[Source]:
        extra, by_code = self.people.fields.of_item, ("name", "item_code")
        own = Source(ITEM, ITEM_KEYS, self._load_items, SOLD, may_lack=extra)
        doctypes = (PRICE, BIN) if self.catalogue.stock else (PRICE,)
        parts = [Source(one, by_code, self._load_codes) for one in doctypes]
        new = self._renamed(ITEM, lambda rows: self._load_codes(rows, "reference_name"))
        lost = self._lost((PRICE,), lambda rows: self._load_codes(list(map(read_copy, rows))))
        return [own, *parts, *new, *lost]

    def _of_orders(self) -> list[Source]:
        """Whoever lives on has the orders of the one who does not."""
        own = [Source(one, FIELDS[one], partial(self._load_orders, one)) for one in self.sales.doctypes]
        return [*own, *self._renamed(CUSTOMER, self._load_inherited)]

    def _renamed(self, doctype: str, load: Callable[[Sequence[Row]], Batch]) -> list[Source]:
        filters = Graveyard(self.api).renamed(doctype)
        fields = ("name", "reference_name")
        return [Source(REMARK, fields, load, filters, stamp="creation")] if self.deletions else []

    def _lost(self, doctypes: Sequence[str], load: Callable[[Sequence[Row]], Batch]) -> list[Source]:
        filters = [["deleted_doctype", "in", list(doctypes)]]
        return [Source(DELETED, ("name", "data"), load, filters, stamp="creation")] if self.deletions else []

    def _load_customers(self, rows: Sequence[Row]) -> Batch:
        """Who is disabled is gone, and comes back when that ends."""
        used = [row for row in rows if not row["disabled"]]
        return Batch(self.people.read(used), [row["name"] for row in rows if row["disabled"]])

    def _load_named(self, names: Sequence[str]) -> Batch:
        return self._load_customers(self.people.load(names))

    def _load_linked(self, doctype: str, rows: Sequence[Row]) -> Batch:
        return self._load_named(self.people.find_linked(doctype, _names(rows)))

    def _load_items(self, rows: Sequence[Row]) -> Batch:
        return Batch(self.catalogue.read(rows))

    def _load_codes(self, rows: Sequence[Row], field: str = "item_code") -> Batch:
        found = self.catalogue.load(_names(rows, field))
        return self._load_items([row for row in found if not row["has_variants"]])

    def _load_orders(self, doctype: str, rows: Sequence[Row]) -> Batch:
        return Batch(self.sales.load(doctype, rows))

    def _load_inherited(self, rows: Sequence[Row]) -> Batch:
        return Batch(self.sales.orders_of(_names(rows, "reference_name")))

    def _gone(self, kind: Kind, start: sweeps.Position) -> Gone:
        graves, since = Graveyard(self.api), self._since(start)
        names = {Kind.CUSTOMERS: CUSTOMER, Kind.PRODUCTS: ITEM, Kind.ORDERS: ORDER, Kind.CASES: ISSUE}
        found = graves.find(names[kind], since)
        if kind is Kind.ORDERS and self.sales.invoices:
            invoices = graves.find(INVOICE, since)
            return Gone(
                (*found.deleted, *(f"{INVOICE_REF}{name}" for name in invoices.deleted)), found.merged
            )
        return found


def _names(rows: Iterable[Row], field: str = "name") -> list[str]:
    return [str(row[field]) for row in rows if row.get(field)]
