"""What changed in Pipedrive, page by page.

A run lists by id whatever changed since a little before the last run began. Rows only ever join that list while it
is gone through, and by id they do not move in it. Deals that were deleted are listed for thirty days; of persons
and products that are gone only webhooks tell.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_adapters.model import Kind, SyncCursor, SyncPage
from crm_adapters.vendors.pipedrive import records
from crm_adapters.vendors.pipedrive.api import Api, Row, ref_of
from crm_adapters.vendors.pipedrive.deals import EVERY, Deals
from crm_adapters.vendors.pipedrive.search import Search

LOOK_BACK = timedelta(minutes=10)
DELETED = "deleted deals"
SOURCES = {
    Kind.CUSTOMERS: ("persons",),
    Kind.PRODUCTS: ("products",),
    Kind.ORDERS: (*EVERY, DELETED),
}


@dataclass(frozen=True, slots=True)
class Position:
    source: int = 0
    """Which of the kind's lists is being gone through."""
    after: str | None = None
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
    deals: Deals

    def read(self, kind: Kind, cursor: SyncCursor | None, *, now: datetime) -> SyncPage:
        start = _position(cursor)
        start = replace(start, began=start.began or _show(now))
        source = SOURCES[kind][start.source]
        params = {"sort_by": "id", "sort_direction": "asc"}
        params |= {"status": "deleted"} if source == DELETED else {}
        params |= {"updated_since": start.since} if start.since else {}
        found = self.api.page("deals" if source == DELETED else source, params, start.after)
        reached = replace(start, after=found.after)
        if not found.after:
            reached = _advance(reached, sources=len(SOURCES[kind]))
        page = self._load(kind, source, found.rows)
        return replace(page, next_cursor=reached.to_cursor(), more=bool(reached.began))

    def _load(self, kind: Kind, source: str, rows: Sequence[Row]) -> SyncPage:
        """Some kinds show what was deleted for a while."""
        gone = tuple(ref_of(row) for row in rows if source == DELETED or row.get("is_deleted"))
        live = [row for row in rows if ref_of(row) not in gone]
        page = SyncPage(
            (), SyncCursor(""), more=False, deleted_refs=gone, may_miss_deletes=True, rows_read=len(rows)
        )
        if kind is Kind.CUSTOMERS:
            return replace(page, items=tuple(self.search.read(live)))
        if kind is Kind.PRODUCTS:
            items = tuple(records.to_product(row, self.search.fields) for row in live)
            return replace(page, items=items)
        orders, rejected = self.deals.load(live)
        return replace(page, items=orders, rejected=rejected)


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        return Position(**json.loads(cursor.value)) if cursor else Position()
    except (ValueError, TypeError):
        return Position()


def _advance(reached: Position, *, sources: int) -> Position:
    if reached.source + 1 < sources:
        return replace(reached, source=reached.source + 1)
    began = records.read_moment(reached.began)
    return Position(since=_show(began - LOOK_BACK) if began else None)


def _show(moment: datetime) -> str:
    """Pipedrive takes no fractions of seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
