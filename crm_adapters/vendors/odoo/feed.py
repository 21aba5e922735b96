"""What changed in Odoo, page by page, by the ids of what the database stamped since the run before.

Answers cut stamps to seconds while the database keeps more, so that nothing is paged by them. Deleting leaves no
trace, archiving does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_adapters import sweeps
from crm_adapters.model import Customer, Kind, Order, Product, SyncCursor, SyncPage
from crm_adapters.vendors.odoo import records
from crm_adapters.vendors.odoo.api import Api, Domain, Row, show
from crm_adapters.vendors.odoo.records import PARTNER, PRODUCT
from crm_adapters.vendors.odoo.sales import LINE, LINE_KEYS, ORDER, ORDER_KEYS, Sales, to_order
from crm_adapters.vendors.odoo.search import PERSONS, Search
from crm_adapters.vendors.odoo.server import STOCK

STOCK_KEYS = ("product_id", "write_date")


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order, ...]
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Rows whose changes are changes of a kind."""

    model: str
    fields: Sequence[str]
    load: Callable[[Sequence[Row]], Batch]
    domain: Sequence[Domain] = ()


class Feed:
    def __init__(self, api: Api, search: Search, sales: Sales) -> None:
        self._api = api
        self._search = search
        self._sales = sales
        fields = search.fields
        self._sources: Mapping[Kind, tuple[Source, ...]] = {
            Kind.CUSTOMERS: (Source(PARTNER, fields.of_partner, self._load_partners, [PERSONS]),),
            Kind.PRODUCTS: (
                Source(PRODUCT, fields.of_product, self._load_products),
                Source(STOCK, STOCK_KEYS, self._load_stock),
            ),
            Kind.ORDERS: (
                Source(ORDER, ORDER_KEYS, self._load_orders),
                Source(LINE, LINE_KEYS, lambda rows: self._load_orders(sales.of_lines(rows))),
            ),
        }

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = sweeps.begin(cursor, now=now)
        sources = [one for one in self._sources[kind] if one.model != STOCK or self._api.server.fields[STOCK]]
        source = sources[min(start.source, len(sources) - 1)]
        rows = self._next(source, start, limit)
        reached = sweeps.advance(start, [row["id"] for row in rows], limit=limit, sources=len(sources))
        batch = source.load(rows)
        return SyncPage(
            items=batch.items,
            next_cursor=reached.to_cursor(),
            more=not reached.ended,
            deleted_refs=() if start.whole else batch.gone,
            snapshot=start.whole,
            may_miss_deletes=True,
            rows_read=len(rows),
        )

    def _next(self, source: Source, start: sweeps.Position, limit: int) -> list[Row]:
        since: list[Domain] = [] if start.whole else [["write_date", ">=", show(start.moment)]]
        domain = [*source.domain, *since, ["id", ">", start.after]]
        return self._api.search(source.model, domain, source.fields, limit=limit, archived=True)

    def _load_partners(self, rows: Sequence[Row]) -> Batch:
        """An archived one is gone, and comes back when it is taken out again."""
        items = tuple(self._search.read(row) for row in rows if row["active"])
        return Batch(items, tuple(str(row["id"]) for row in rows if not row["active"]))

    def _load_products(self, rows: Sequence[Row]) -> Batch:
        return Batch(tuple(records.to_product(row, self._search.fields) for row in rows))

    def _load_stock(self, rows: Sequence[Row]) -> Batch:
        """A product knows nothing of what happens to its stock."""
        numbers = sorted({row["product_id"][0] for row in rows if row["product_id"]})
        domain: Domain = [["id", "in", numbers]]
        fields = self._search.fields.of_product
        return self._load_products(
            self._api.search(PRODUCT, domain, fields, archived=True) if numbers else []
        )

    def _load_orders(self, rows: Sequence[Row]) -> Batch:
        return Batch(tuple(to_order(row, lines) for row, lines in self._sales.load(rows)))
