"""What changed in Salesforce, page by page.

The first run reads everything by id. Later runs go on by stamp and id, for many rows may share a stamp; every run
looks back further than a transaction may take to become visible. What lines, roles and prices changed is read
anew as a whole. Deletions are listed by an interface of their own, for 30 days; a longer silence starts over.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Case, Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.vendors.salesforce import records
from crm_adapters.vendors.salesforce.api import Api, Row
from crm_adapters.vendors.salesforce.contacts import Contacts
from crm_adapters.vendors.salesforce.records import Fields, text
from crm_adapters.vendors.salesforce.sales import ORDER, ROLE, Sales
from crm_adapters.vendors.salesforce.soql import in_parts, one_of, quote, stamp

LOOK_BACK = timedelta(minutes=15)
"""A transaction of ten minutes is the longest that Salesforce lets run."""
LONGEST_SILENCE = timedelta(days=29)
ALL, CHANGED, DELETED = "all", "changed", "deleted"


@dataclass(frozen=True, slots=True)
class Position:
    step: str = ALL
    source: int = 0
    """Which of the kind's objects is being gone through."""
    moment: str = ""
    """Stamp of the last row; with `after` empty, where to begin."""
    after: str = ""
    """Id of the last row."""
    since: str = ""
    """Where this run began to look."""
    began: str = ""
    """When this run began; empty: it has not."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Source:
    """An object whose changes are changes of a kind."""

    name: str
    names: Sequence[str]
    parent: str = ""
    """The field that leads to the kind's own object; empty: this is it."""


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order | Case, ...]
    rejected: tuple[RejectedRow, ...] = ()


class Feed:
    def __init__(self, api: Api, contacts: Contacts, sales: Sales, fields: Fields) -> None:
        self._api = api
        self._contacts = contacts
        self._sales = sales
        self._fields = fields
        shape = sales.shape
        lines = [_child(shape.line, shape.parent)]
        roles = [] if shape is ORDER else [_child(ROLE, "OpportunityId")]
        self._sources: Mapping[Kind, Sequence[Source]] = {
            Kind.CUSTOMERS: (Source("Contact", fields.contact_names),),
            Kind.PRODUCTS: (
                Source("Product2", fields.product_names),
                _child("PricebookEntry", "Product2Id"),
            ),
            Kind.ORDERS: (Source(shape.name, sales.names), *lines, *roles),
            Kind.CASES: (Source("Case", records.CASE_KEYS),),
        }

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = _begin(_position(cursor), now)
        if start.step == DELETED:
            return self._read_deleted(kind, start)
        sources = self._sources[kind]
        rows = self._next(sources[start.source], start, limit)
        batch = self._load(kind, sources[start.source], rows)
        reached = _advance(start, rows, full=len(rows) == limit, sources=len(sources))
        return _page(batch, reached, rows=len(rows), snapshot=start.step == ALL)

    def _next(self, source: Source, start: Position, limit: int) -> list[Row]:
        if start.step == ALL:
            where, order = f"Id > {quote(start.after)}" if start.after else "Id != null", "Id"
        else:
            where, order = _later(start), "SystemModstamp, Id"
        lost = bool(source.parent)
        rows = self._api.select(source.name, source.names, where, order=order, limit=limit, deleted=lost)
        if start.step == CHANGED and any(_stamp(row) < start.moment for row in rows):
            raise VendorChanged("the answer holds what was not asked for")
        return rows

    def _load(self, kind: Kind, source: Source, rows: Sequence[Row]) -> Batch:
        if source.parent:
            main = self._sources[kind][0]
            parents = sorted({text(row, source.parent) for row in rows} - {""})
            rows = self._api.select_by(main.name, main.names, "Id", parents)
        match kind:
            case Kind.CUSTOMERS:
                return Batch(tuple(self._contacts.read(row) for row in rows))
            case Kind.PRODUCTS:
                return Batch(self._products(rows))
            case Kind.ORDERS:
                loaded = self._sales.load(rows)
                return Batch(loaded.orders, loaded.rejected)
        return self._cases(rows)

    def _products(self, rows: Sequence[Row]) -> tuple[Product, ...]:
        """With the prices of the standard price book, which every product has one in per currency."""
        names = [*records.PRICE_KEYS, *self._fields.money]
        prices: dict[str, list[Row]] = {row["Id"]: [] for row in rows}
        for part in in_parts([*prices]):
            where = f"Pricebook2.IsStandard = true AND {one_of('Product2Id', part)}"
            for price in self._api.select("PricebookEntry", names, where, order="Id"):
                if text(price, "Product2Id") not in prices:
                    raise VendorChanged("the answer holds what was not asked for")
                prices[text(price, "Product2Id")].append(price)
        return tuple(records.to_product(row, prices[row["Id"]], self._fields) for row in rows)

    def _cases(self, rows: Sequence[Row]) -> Batch:
        known = [row for row in rows if row.get("ContactId")]
        nobodys = [
            RejectedRow(f"Case {row['Id']}", 0, "it has no contact") for row in rows if row not in known
        ]
        return Batch(tuple(records.to_case(row, self._fields) for row in known), tuple(nobodys))

    def _read_deleted(self, kind: Kind, start: Position) -> SyncPage:
        name = self._sources[kind][0].name
        gone = self._api.deleted(name, _moment(start.since), _moment(start.began))
        merged = self._merged(gone) if kind is Kind.CUSTOMERS else {}
        page = _page(Batch(()), _end(start), rows=0, snapshot=False)
        return replace(page, deleted_refs=tuple(ref for ref in gone if ref not in merged), merged=merged)

    def _merged(self, gone: Sequence[str]) -> dict[str, str]:
        names = ("Id", "MasterRecordId", "IsDeleted")
        rows = [
            row
            for part in in_parts(gone)
            for row in self._api.select("Contact", names, one_of("Id", part), order="Id", deleted=True)
        ]
        return {row["Id"]: str(row["MasterRecordId"]) for row in rows if row.get("MasterRecordId")}


def _child(name: str, parent: str) -> Source:
    """Deleted ones are read too: what they were part of has changed."""
    return Source(name, ("Id", parent, "SystemModstamp", "IsDeleted"), parent)


def _later(start: Position) -> str:
    if not start.after:
        return f"SystemModstamp >= {start.moment}"
    same = f"SystemModstamp = {start.moment} AND Id > {quote(start.after)}"
    return f"SystemModstamp > {start.moment} OR ({same})"


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        return Position(**json.loads(cursor.value)) if cursor else Position()
    except (ValueError, TypeError):
        return Position()


def _begin(position: Position, now: datetime) -> Position:
    if position.since and _moment(position.since) < now - LONGEST_SILENCE:
        position = Position()
    return position if position.began else replace(position, began=stamp(now))


def _advance(start: Position, rows: Sequence[Row], *, full: bool, sources: int) -> Position:
    """Where to go on once the rows are kept."""
    if full:
        return replace(start, moment=_stamp(rows[-1]), after=rows[-1]["Id"])
    if start.step == ALL:
        return _end(start)
    if start.source + 1 < sources:
        return replace(start, source=start.source + 1, moment=start.since, after="")
    return replace(start, step=DELETED)


def _end(position: Position) -> Position:
    """Of a run: the next one looks at what came after this one began, and a little before."""
    since = stamp(_moment(position.began) - LOOK_BACK)
    return Position(step=CHANGED, moment=since, since=since)


def _page(batch: Batch, reached: Position, *, rows: int, snapshot: bool) -> SyncPage:
    return SyncPage(
        items=batch.items,
        next_cursor=reached.to_cursor(),
        more=bool(reached.began),
        snapshot=snapshot,
        rejected=batch.rejected,
        rows_read=rows,
    )


def _stamp(row: Row) -> str:
    found = records.moment(row, "SystemModstamp")
    if found is None:
        raise VendorChanged("a row does not say when it was changed")
    return stamp(found)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
