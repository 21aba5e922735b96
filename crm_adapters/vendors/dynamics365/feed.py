"""What changed in Dynamics 365, page by page, by its own change tracking.

A table's first listing ends with an address that leads to what changes from its beginning on, deletions included; that
leads to the next one. Tables whose changes are changes of a kind, as the lines of orders, are begun before the kind's
own: nothing that happens in between is lost. Addresses are good for seven days; after a longer silence all starts over.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from crm_adapters.errors import NotFound, ValidationFailed
from crm_adapters.model import Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.vendors.dynamics365 import records
from crm_adapters.vendors.dynamics365.api import Api, Page, Row
from crm_adapters.vendors.dynamics365.catalogue import Catalogue
from crm_adapters.vendors.dynamics365.contacts import Contacts
from crm_adapters.vendors.dynamics365.records import text
from crm_adapters.vendors.dynamics365.sales import ORDER_COLUMNS, Sales


@dataclass(frozen=True, slots=True)
class Position:
    source: int = 0
    """Which of the kind's tables is being gone through."""
    link: str = ""
    """Where its listing goes on."""
    deltas: Mapping[str, str] = field(default_factory=dict)
    """Tables → where their changes will be."""
    full: bool = True
    """This run lists everything."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose changes are changes of a kind."""

    table: str
    columns: Sequence[str]
    parent: str = ""
    """The lookup that leads to the kind's own table; empty: this is it."""


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order, ...]
    merged: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[RejectedRow, ...] = ()


class Feed:
    def __init__(self, api: Api, contacts: Contacts, catalogue: Catalogue, sales: Sales) -> None:
        self._api = api
        self._contacts = contacts
        self._catalogue = catalogue
        self._sales = sales
        order, product = "_salesorderid_value", "_productid_value"
        self._sources: Mapping[Kind, Sequence[Source]] = {
            Kind.CUSTOMERS: (Source("contacts", contacts.fields.contact_columns),),
            Kind.PRODUCTS: (
                Source("productpricelevels", ("productpricelevelid", product), product),
                Source("products", catalogue.fields.product_columns),
            ),
            Kind.ORDERS: (
                Source("salesorderdetails", ("salesorderdetailid", order), order),
                Source("salesorders", ORDER_COLUMNS),
            ),
        }

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int) -> SyncPage:
        start = _position(cursor)
        try:
            page = self._next(kind, start, limit)
        except (NotFound, ValidationFailed):
            if start.link or start.source or not start.deltas:
                raise
            start = Position()
            page = self._next(kind, start, limit)
        return self._page(kind, start, page)

    def _next(self, kind: Kind, start: Position, limit: int) -> Page:
        source = self._sources[kind][start.source]
        link = start.link or start.deltas.get(source.table)
        return self._api.track(source.table, source.columns, link=link, limit=limit)

    def _page(self, kind: Kind, start: Position, page: Page) -> SyncPage:
        source = self._sources[kind][start.source]
        live = [row for row in page.rows if "$deletedEntity" not in text(row, "@odata.context")]
        gone = [] if source.parent else [text(row, "id") for row in page.rows if row not in live]
        batch = self._load(kind, source, start, live)
        reached = _advance(start, source, page, sources=len(self._sources[kind]))
        return SyncPage(
            items=batch.items,
            next_cursor=reached.to_cursor(),
            more=bool(reached.link or reached.source),
            deleted_refs=tuple(gone),
            merged=batch.merged,
            snapshot=start.full,
            rejected=batch.rejected,
            rows_read=len(page.rows),
        )

    def _load(self, kind: Kind, source: Source, start: Position, rows: Sequence[Row]) -> Batch:
        if source.parent:
            # Where everything is listed, the kind's own table comes yet.
            parents = [] if start.full else sorted({text(row, source.parent) for row in rows} - {""})
            own = self._sources[kind][-1]
            rows = self._api.find_by(own.table, own.columns, _key(kind), parents)
        match kind:
            case Kind.CUSTOMERS:
                merged = {row["contactid"]: master for row in rows if (master := records.merged_into(row))}
                kept = [row for row in rows if row["contactid"] not in merged]
                return Batch(tuple(self._contacts.read(row) for row in kept), merged)
            case Kind.PRODUCTS:
                return Batch(self._catalogue.load(rows))
        loaded = self._sales.load(rows)
        return Batch(loaded.orders, rejected=loaded.rejected)


def _key(kind: Kind) -> str:
    return "productid" if kind is Kind.PRODUCTS else "salesorderid"


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        return Position(**json.loads(cursor.value)) if cursor else Position()
    except (ValueError, TypeError):
        return Position()


def _advance(start: Position, source: Source, page: Page, *, sources: int) -> Position:
    """Where to go on once the rows are kept; after the last table the next run begins."""
    if page.following:
        return replace(start, link=page.following)
    deltas = {**start.deltas, source.table: page.delta or ""}
    if start.source + 1 < sources:
        return replace(start, source=start.source + 1, link="", deltas=deltas)
    return Position(deltas=deltas, full=False)
