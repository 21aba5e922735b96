"""What changed in a shop, page by page, each list by id.

Orders and products are asked for by the time of their change, and those in the trash once more. Accounts cannot
be: once an hour all are listed, and those kept that say that they have changed. Guests come with their orders.
What was deleted for good leaves no trace.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_adapters.errors import VendorChanged
from crm_adapters.lazy import lazy
from crm_adapters.model import Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.vendors.woocommerce import records
from crm_adapters.vendors.woocommerce.api import MOST_LISTED, Api, Listed, Place, Row
from crm_adapters.vendors.woocommerce.people import People
from crm_adapters.vendors.woocommerce.purchases import Purchases

LOOK_BACK = timedelta(minutes=10)
SCAN_EVERY = timedelta(hours=1)
ACCOUNTS, GUESTS, LIVE, TRASH = "accounts", "guests", "live", "trash"
STEPS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMERS: (ACCOUNTS, GUESTS),
    Kind.ORDERS: (LIVE, TRASH),
    Kind.PRODUCTS: (LIVE, TRASH),
}


@dataclass(frozen=True, slots=True)
class Position:
    """Moments are seconds since 1970; 0: none."""

    step: int = 0
    offset: int = 0
    last: int = 0
    since: int = 0
    """Changes after it; 0 takes everything."""
    began: int = 0
    """When this run began; 0: it has not."""
    scanned: int = 0
    """When the last run that looked at all accounts began."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order, ...] = ()
    gone: tuple[str, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()


class Feed:
    def __init__(self, api: Api, people: People, purchases: Purchases, fields: Mapping[str, str]) -> None:
        self._api = api
        self._people = people
        self._purchases = purchases
        self._fields = fields

    @lazy
    def currency(self) -> str:
        """Of the catalogue; an order has its own."""
        currency = str(self._api.ask("data/currencies/current")[0].get("code", ""))
        if len(currency) != 3:
            raise VendorChanged("the shop tells no currency")
        return currency.upper()

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = _begin(_position(cursor), kind, now)
        step = STEPS[kind][start.step]
        place = Place(start.offset, start.last)
        listed = self._api.list_on(*_asked(kind, step, start.since), place, limit=limit)
        batch = self._load(kind, step, listed.rows, start)
        reached = _reach(start, kind, step, listed)
        return SyncPage(
            items=batch.items,
            next_cursor=reached.to_cursor(),
            more=bool(reached.began),
            deleted_refs=batch.gone,
            snapshot=not start.since,
            rejected=batch.rejected,
            rows_read=len(batch.items) + len(batch.rejected),
            may_miss_deletes=True,
        )

    def _load(self, kind: Kind, step: str, rows: Sequence[Row], start: Position) -> Batch:
        if step == ACCOUNTS:
            since = start.scanned and start.scanned - _seconds(LOOK_BACK)
            return Batch(tuple(self._people.read(row) for row in rows if _changed(row) >= since))
        if step == GUESTS:
            return Batch(tuple(self._guests(rows, anew=bool(start.since))))
        if step == TRASH:
            trashed = [row for row in rows if row.get("status") == "trash"]
            return Batch(gone=tuple(str(row["id"]) for row in trashed) if start.since else ())
        return self._orders(rows) if kind is Kind.ORDERS else Batch(tuple(self._products(rows)))

    def _guests(self, rows: Sequence[Row], *, anew: bool) -> Iterator[Customer]:
        """`anew`: as their latest order has them, for it may be an old one that was changed."""
        orders = {records.owner(row): row for row in rows if not row.get("customer_id")}
        for ref, order in orders.items():
            found = self._people.get(ref) if ref and anew else self._people.read_guest(order)
            if ref and found:
                yield found

    def _orders(self, rows: Sequence[Row]) -> Batch:
        owned = [row for row in rows if records.owner(row)]
        rejected = tuple(
            RejectedRow(f"order {row['id']}", 0, "it has neither an account nor an address")
            for row in rows
            if not records.owner(row)
        )
        return Batch(tuple(self._purchases.read(owned)), rejected=rejected)

    def _products(self, rows: Sequence[Row]) -> Iterator[Product]:
        for row in rows:
            product = records.to_product(row, self._fields, currency=self.currency)
            yield product
            if row.get("type") == "variable":
                yield from self._variations(row, product)

    def _variations(self, parent: Row, product: Product) -> Iterator[Product]:
        path = f"products/{parent['id']}/variations"
        for row in self._api.list_all(path, {}, limit=MOST_LISTED):
            told = records.to_variation(row, parent)
            found = records.to_product(told, self._fields, currency=self.currency)
            yield replace(found, family=product.family, category=found.category or product.category)


def _asked(kind: Kind, step: str, since: int) -> tuple[str, dict[str, str]]:
    """WooCommerce ignores what it does not know, as a time of change for accounts."""
    if step == ACCOUNTS:
        return "customers", {"role": "all"}
    params = {"status": TRASH if step == TRASH else "any"}
    if step == GUESTS:
        params["customer"] = "0"
    if since:
        moment = datetime.fromtimestamp(since, UTC).replace(tzinfo=None)
        params |= {"modified_after": moment.isoformat(), "dates_are_gmt": "true"}
    return "products" if kind is Kind.PRODUCTS else "orders", params


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        return Position(**json.loads(cursor.value)) if cursor else Position()
    except (ValueError, TypeError):
        return Position()


def _begin(position: Position, kind: Kind, now: datetime) -> Position:
    if position.began:
        return position
    began = int(now.timestamp())
    scans = kind is Kind.CUSTOMERS and began - position.scanned >= _seconds(SCAN_EVERY)
    return replace(position, began=began, step=0 if scans or kind is not Kind.CUSTOMERS else 1)


def _reach(start: Position, kind: Kind, step: str, listed: Listed) -> Position:
    """Where to go on once the listed rows are kept; a run ends with a look back for the next."""
    if listed.place:
        return replace(start, offset=listed.place.offset, last=listed.place.last)
    scanned = start.began if step == ACCOUNTS else start.scanned
    if start.step + 1 < len(STEPS[kind]):
        return replace(start, step=start.step + 1, offset=0, last=0, scanned=scanned)
    return Position(since=start.began - _seconds(LOOK_BACK), scanned=scanned)


def _changed(row: Row) -> int:
    """An account that was never changed has only been made; one that tells neither is taken as changed."""
    found = records.read_moment(row.get("date_modified_gmt") or row.get("date_created_gmt"))
    return int(found.timestamp()) if found else 1 << 62


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
