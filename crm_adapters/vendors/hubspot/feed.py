"""What changed in HubSpot, page by page.

The first run reads everything by id, which lags in nothing. Later runs search by the time of the change: a page
goes on after the last moment seen, and the rows of that very moment are gone through by id, for many may share
it. Every run looks back further than the search index lags. What was archived is listed once an hour: that list
cannot be narrowed down.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.vendors.hubspot import records
from crm_adapters.vendors.hubspot.account import Account
from crm_adapters.vendors.hubspot.api import MOST_LISTED, Api, Filter, Row, Rows
from crm_adapters.vendors.hubspot.deals import Deals
from crm_adapters.vendors.hubspot.search import Search

LOOK_BACK = timedelta(minutes=10)
ARCHIVED_EVERY = timedelta(hours=1)
ALL, CHANGED, SAME_MOMENT, ARCHIVED = "all", "changed", "same moment", "archived"


@dataclass(frozen=True, slots=True)
class Position:
    step: str = ALL
    source: int = 0
    """Which of the kind's objects is being gone through."""
    after: str | None = None
    """Where the list goes on, or the id after which the same moment does."""
    moment: int = 0
    """Milliseconds: changes after it, or at it."""
    since: int = 0
    """Where this run began to look."""
    began: int = 0
    """When this run began; 0: it has not."""
    looked: int = 0
    """When the archived were last looked at."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Source:
    """Objects whose changes are changes of a kind."""

    objects: str
    stamp: str
    properties: Sequence[str]


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order, ...]
    merged: Mapping[str, str]
    rejected: tuple[RejectedRow, ...] = ()


class Feed:
    def __init__(self, api: Api, search: Search, deals: Deals, account: Account) -> None:
        self._api = api
        self._search = search
        self._deals = deals
        self._account = account
        products = sorted({*records.PRODUCT_KEYS, *search.fields.product.values()})
        self._sources: Mapping[Kind, tuple[Source, ...]] = {
            Kind.CUSTOMERS: (Source("contacts", "lastmodifieddate", search.fields.contact_properties),),
            Kind.PRODUCTS: (Source("products", "hs_lastmodifieddate", products),),
            Kind.ORDERS: (
                Source("deals", "hs_lastmodifieddate", records.DEAL_KEYS),
                Source("line_items", "hs_lastmodifieddate", ("hs_lastmodifieddate",)),
            ),
        }

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = _begin(_position(cursor), now)
        source = self._sources[kind][start.source]
        if start.step == ARCHIVED:
            return self._read_archived(kind, start, limit=limit)
        found = self._next(source, start, limit)
        batch = self._load(kind, source, found.rows)
        reached = _advance(start, source, found, sources=len(self._sources[kind]))
        return _page(batch, reached, rows=len(found.rows), snapshot=start.step == ALL)

    def _next(self, source: Source, start: Position, limit: int) -> Rows:
        if start.step == ALL:
            return self._api.list_all(
                source.objects, source.properties, limit=min(limit, MOST_LISTED), after=start.after
            )
        same = start.step == SAME_MOMENT
        filters: list[Filter] = [(source.stamp, "EQ" if same else "GT", str(start.moment))]
        filters += [("hs_object_id", "GT", start.after)] if start.after else []
        sort = "hs_object_id" if same else source.stamp
        found = self._api.search(source.objects, [filters], source.properties, limit=limit, sort=sort)
        moments = [stamp_of(row, source) for row in found.rows]
        if not all(moment == start.moment if same else moment > start.moment for moment in moments):
            raise VendorChanged("the answer holds what was not asked for")
        return Rows(found.rows, found.after if len(found.rows) == limit else None)

    def _load(self, kind: Kind, source: Source, rows: Sequence[Row]) -> Batch:
        if kind is Kind.CUSTOMERS:
            merged = {old: new for row in rows for old, new in records.merged_into(row).items()}
            return Batch(tuple(self._search.read(row) for row in rows), merged)
        if kind is Kind.PRODUCTS:
            fields, currency = self._search.fields, self._account.currency
            return Batch(tuple(records.to_product(row, fields, currency=currency) for row in rows), {})
        deals = rows if source.objects == "deals" else self._deals.of_lines([row["id"] for row in rows])
        loaded = self._deals.load(deals)
        return Batch(loaded.orders, {}, loaded.rejected)

    def _read_archived(self, kind: Kind, start: Position, *, limit: int) -> SyncPage:
        objects = self._sources[kind][0].objects
        found = self._api.list_all(
            objects, (), limit=min(limit, MOST_LISTED), after=start.after, archived=True
        )
        reached = (
            replace(start, after=found.after) if found.after else _end(replace(start, looked=start.began))
        )
        since = (start.looked or start.since) - _milliseconds(LOOK_BACK)
        gone = tuple(row["id"] for row in found.rows if _archived_at(row) >= since)
        page = _page(Batch((), {}), reached, rows=0, snapshot=False)
        return replace(page, deleted_refs=gone)


def stamp_of(row: Row, source: Source) -> int:
    found = records.read_moment(row["properties"].get(source.stamp))
    if found is None:
        raise VendorChanged("a row does not say when it was changed")
    return _stamp(found)


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        return Position(**json.loads(cursor.value)) if cursor else Position()
    except (ValueError, TypeError):
        return Position()


def _begin(position: Position, now: datetime) -> Position:
    return position if position.began else replace(position, began=_stamp(now))


def _advance(start: Position, source: Source, found: Rows, *, sources: int) -> Position:
    """Where to go on once the found rows are kept."""
    if start.step == ALL:
        return replace(start, after=found.after) if found.after else _end(replace(start, looked=start.began))
    if found.after and start.step == CHANGED:
        return replace(start, step=SAME_MOMENT, moment=stamp_of(found.rows[-1], source), after=None)
    if found.after:
        return replace(start, after=found.rows[-1]["id"])
    if start.step == SAME_MOMENT:
        return replace(start, step=CHANGED, after=None)
    if start.source + 1 < sources:
        return replace(start, source=start.source + 1, moment=start.since, after=None)
    due = start.began - start.looked >= _milliseconds(ARCHIVED_EVERY)
    return replace(start, step=ARCHIVED, source=0, after=None) if due else _end(start)


def _end(position: Position) -> Position:
    """Of a run: the next one looks at what came after this one began, and a little before."""
    since = position.began - _milliseconds(LOOK_BACK)
    return Position(step=CHANGED, moment=since, since=since, looked=position.looked)


def _page(batch: Batch, reached: Position, *, rows: int, snapshot: bool) -> SyncPage:
    return SyncPage(
        items=batch.items,
        next_cursor=reached.to_cursor(),
        more=bool(reached.began),
        merged=batch.merged,
        snapshot=snapshot,
        rejected=batch.rejected,
        rows_read=rows,
    )


def _archived_at(row: Row) -> int:
    """A row that does not tell counts as archived just now."""
    found = records.read_moment(row.get("archivedAt"))
    return _stamp(found) if found else 1 << 62


def _stamp(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
