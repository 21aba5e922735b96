"""What changed in Zoho, page by page.

A run lists by id whatever changed since a little before the last run began. Rows only ever join that list while it
is gone through, and by id they do not move in it. What was deleted, merged contacts among it, is listed apart.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Kind, SyncCursor, SyncPage
from crm_adapters.vendors.zoho import records
from crm_adapters.vendors.zoho.api import Api, Row
from crm_adapters.vendors.zoho.sales import ORDERS, Sales
from crm_adapters.vendors.zoho.search import Search

LOOK_BACK = timedelta(minutes=10)
MODULES = {Kind.CUSTOMERS: "Contacts", Kind.PRODUCTS: "Products", Kind.ORDERS: ORDERS}


@dataclass(frozen=True, slots=True)
class Position:
    after: str = "0"
    """The last id that was listed."""
    gone: int = 0
    """The page of the deleted to be read next; 0: not there yet."""
    since: str | None = None
    """None: everything."""
    began: str | None = None
    """When this run began; None: it has not."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Feed:
    api: Api
    search: Search
    sales: Sales

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = _position(cursor)
        start = replace(start, began=start.began or _show(now))
        if start.gone and start.since:
            return self._read_deleted(kind, start, start.since, limit=limit)
        fields = self._fields(kind)
        where = f"id > '{start.after}'"
        if start.since:
            where = f"(Modified_Time >= '{start.since}' and {where})"
        found = self.api.select(MODULES[kind], fields, where, limit=limit)
        if not all(int(row["id"]) > int(start.after) for row in found.rows):
            raise VendorChanged("the answer holds what was not asked for")
        more = found.more and bool(found.rows)
        reached = replace(start, after=found.rows[-1]["id"]) if more else _advance(start)
        page = self._load(kind, found.rows)
        return replace(
            page,
            next_cursor=reached.to_cursor(),
            more=bool(reached.began),
            snapshot=start.since is None,
            rows_read=len(found.rows),
        )

    def _fields(self, kind: Kind) -> Sequence[str]:
        if kind is Kind.ORDERS:
            return self.sales.order_fields
        fields = self.search.fields
        return fields.contact_fields if kind is Kind.CUSTOMERS else fields.product_fields

    def _load(self, kind: Kind, rows: Sequence[Row]) -> SyncPage:
        page = SyncPage((), SyncCursor(""), more=False)
        if kind is Kind.CUSTOMERS:
            return replace(page, items=tuple(self.search.read(rows)))
        if kind is Kind.PRODUCTS:
            fields, currency = self.search.fields, self.sales.account.currency
            return replace(
                page, items=tuple(records.to_product(row, fields, currency=currency) for row in rows)
            )
        orders, rejected = self.sales.load(rows)
        return replace(page, items=orders, rejected=rejected)

    def _read_deleted(self, kind: Kind, start: Position, since: str, *, limit: int) -> SyncPage:
        found = self.api.deleted(MODULES[kind], since=since, page=start.gone, limit=limit)
        reached = replace(start, gone=start.gone + 1) if found.more else _end(start)
        gone = tuple(row["id"] for row in found.rows)
        return SyncPage((), reached.to_cursor(), more=bool(reached.began), deleted_refs=gone)


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        return Position(**json.loads(cursor.value)) if cursor else Position()
    except (ValueError, TypeError):
        return Position()


def _advance(position: Position) -> Position:
    """Once all rows are listed. After a run that listed everything, whatever it did not list is gone."""
    return replace(position, gone=1) if position.since else _end(position)


def _end(position: Position) -> Position:
    began = records.read_moment(position.began)
    return Position(since=_show(began - LOOK_BACK) if began else None)


def _show(moment: datetime) -> str:
    """Zoho's moments have whole seconds and an offset."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
