"""What changed at Tryton, page by page.

Every run pages by id through what changed since the run before began: ids do not move while they are paged through,
and whatever changes meanwhile is later than the beginning. Stamps are those of the beginning of a transaction, which
may end minutes later, so every run looks back. A change of a party's contact mechanisms, or of a sale's lines, does
not stamp the party or the sale; a merge stamps neither the surviving party nor the sales that it takes over.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from crm_adapters.errors import PermissionDenied
from crm_adapters.model import Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.vendors.tryton import records
from crm_adapters.vendors.tryton.api import Api, Domain, Row
from crm_adapters.vendors.tryton.catalogue import Catalogue
from crm_adapters.vendors.tryton.known import read_ids, write_ids
from crm_adapters.vendors.tryton.sales import Sales
from crm_adapters.vendors.tryton.search import Search

LOOK_BACK = timedelta(minutes=10)
FEW_GONE = 50
"""More than these, and more than half: taken for rights that were lost, not for records that were deleted."""
MODELS = {Kind.CUSTOMERS: "party.party", Kind.PRODUCTS: "product.product", Kind.ORDERS: "sale.sale"}
STAMPED: Mapping[Kind, Sequence[str]] = {
    Kind.CUSTOMERS: ("", "contact_mechanisms.", "addresses."),
    Kind.PRODUCTS: ("", "template.", "template.categories.", "template.products."),
    Kind.ORDERS: ("", "lines."),
}
"""Parts of a record whose changes are changes of it."""


@dataclass(frozen=True, slots=True)
class Position:
    since: float | None = None
    """Seconds since 1970; None: from the beginning."""
    after: int = 0
    """The id after which this run goes on."""
    began: float | None = None
    """When this run did; None: it has not."""
    known: str = ""
    """Ids that were listed and are not known to be gone."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Customer | Product | Order, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    deleted: tuple[str, ...] = ()
    merged: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    api: Api
    search: Search
    catalogue: Catalogue
    sales: Sales
    stock: bool

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int, now: datetime) -> SyncPage:
        start = _begin(_position(cursor), now)
        rows = self._find(kind, self._domain(kind, start), limit)
        batch = self._load(kind, rows)
        known = read_ids(start.known) | {int(item.ref) for item in batch.items}
        if len(rows) == limit:
            reached = replace(start, after=rows[-1]["id"], known=write_ids(known))
            return _page(batch, Gone(), start, reached, rows=len(rows))
        gone = self._find_gone(kind, known) if start.since is not None else Gone()
        left = known - {int(ref) for ref in (*gone.deleted, *(gone.merged or {}))}
        return _page(batch, gone, start, _end(start, write_ids(left)), rows=len(rows))

    def _find(self, kind: Kind, domain: Domain, limit: int) -> list[Row]:
        if kind is Kind.PRODUCTS:
            return self.catalogue.find(domain, limit=limit)
        fields = self.search.fields.party if kind is Kind.CUSTOMERS else records.SALE
        return self.api.find(MODELS[kind], domain, fields, limit=limit, archived=True)

    def _load(self, kind: Kind, rows: Sequence[Row]) -> Batch:
        if kind is Kind.CUSTOMERS:
            return Batch(tuple(self.search.read(row) for row in rows if records.is_living(row)))
        if kind is Kind.PRODUCTS:
            return Batch(tuple(self.catalogue.read(row) for row in rows))
        return Batch(*self.sales.read(rows))

    def _domain(self, kind: Kind, start: Position) -> Domain:
        here = [("id", ">", start.after)] if start.after else []
        if start.since is None:
            return here
        since = datetime.fromtimestamp(start.since, UTC)
        stamps = [
            (f"{part}{stamp}", ">=", since)
            for part in STAMPED[kind]
            for stamp in ("write_date", "create_date")
        ]
        return [*here, ["OR", *stamps, *self._unstamped(kind, since)]]

    def _unstamped(self, kind: Kind, since: datetime) -> Domain:
        """Changes that leave no stamp on what they change."""
        if kind is Kind.PRODUCTS:
            return [("id", "in", self._moved(since))] if self.stock else []
        name = "id" if kind is Kind.CUSTOMERS else "party"
        return [(name, "in", self._survivors(since))]

    def _survivors(self, since: datetime) -> list[int]:
        """Parties that others were merged into."""
        domain = [("replaced_by", "!=", None), ("write_date", ">=", since)]
        found = self.api.find("party.party", domain, ["replaced_by"], archived=True)
        return sorted({row["replaced_by"] for row in found})

    def _moved(self, since: datetime) -> list[int]:
        """Products of which there may be another number in stock."""
        stamps = ["OR", ("write_date", ">=", since), ("create_date", ">=", since)]
        return sorted({row["product"] for row in self.api.find("stock.move", [stamps], ["product"])})

    def _find_gone(self, kind: Kind, known: set[int]) -> Gone:
        """Archived parties are gone as deleted ones are: nobody at Tryton finds them either."""
        domain = [("replaced_by", "=", None)] if kind is Kind.CUSTOMERS else []
        there = self.api.list_ids(MODELS[kind], domain, archived=kind is Kind.PRODUCTS)
        gone = known - set(there)
        if len(gone) > max(FEW_GONE, len(known) / 2):
            raise PermissionDenied(
                f"of {len(known):,} {kind} Tryton shows {len(gone):,} no more: did the user lose a company, or a group?"
                " If they really are gone, sync everything anew",
                scope=f"{MODELS[kind]} read",
            )
        merged = self._find_merged(gone) if kind is Kind.CUSTOMERS and gone else {}
        return Gone(tuple(str(one) for one in sorted(gone) if str(one) not in merged), merged)

    def _find_merged(self, gone: set[int]) -> dict[str, str]:
        domain = [("id", "in", sorted(gone)), ("replaced_by", "!=", None)]
        found = self.api.find("party.party", domain, ["replaced_by"], archived=True)
        return {str(row["id"]): str(row["replaced_by"]) for row in found}


def _position(cursor: SyncCursor | None) -> Position:
    """What is not one of ours starts from the beginning."""
    try:
        found = Position(**json.loads(cursor.value)) if cursor else Position()
        read_ids(found.known)
    except (ValueError, TypeError, AttributeError):
        return Position()
    return found


def _begin(position: Position, now: datetime) -> Position:
    return position if position.began is not None else replace(position, began=now.timestamp())


def _end(position: Position, known: str) -> Position:
    began = datetime.fromtimestamp(position.began or 0, UTC)
    return Position(since=(began - LOOK_BACK).timestamp(), known=known)


def _page(batch: Batch, gone: Gone, start: Position, reached: Position, *, rows: int) -> SyncPage:
    return SyncPage(
        items=batch.items,
        next_cursor=reached.to_cursor(),
        more=reached.began is not None,
        deleted_refs=gone.deleted,
        merged=gone.merged or {},
        snapshot=start.since is None,
        rejected=batch.rejected,
        rows_read=rows,
    )
