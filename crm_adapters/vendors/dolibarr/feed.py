"""What changed in Dolibarr, page by page, by the ids of what was stamped since the run before.

Stamps are asked for by whole days (see `filters.changed_since`), so that what was changed today is listed again by
every run of the day. Deleting leaves no trace but in the weekly run through everything.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from crm_adapters import sweeps
from crm_adapters.model import Case, Customer, Kind, Order, Product, RejectedRow, SyncCursor, SyncPage
from crm_adapters.transport import Clock
from crm_adapters.vendors.dolibarr import catalogue, people, records, sales
from crm_adapters.vendors.dolibarr.api import Api, Row, row_id
from crm_adapters.vendors.dolibarr.catalogue import Catalogue
from crm_adapters.vendors.dolibarr.filters import changed_since
from crm_adapters.vendors.dolibarr.people import People
from crm_adapters.vendors.dolibarr.purchases import Purchases
from crm_adapters.vendors.dolibarr.records import text

TICKETS = "tickets"


@dataclass(frozen=True, slots=True)
class Batch:
    items: Sequence[Customer | Product | Order | Case]
    gone: tuple[str, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Rows whose changes are changes of a kind."""

    path: str
    load: Callable[[Sequence[Row]], Batch]
    conditions: tuple[str, ...] = ()
    complete: bool = True
    """Holds records of the kind itself, which a run through everything must not leave out."""


@dataclass(frozen=True, slots=True)
class Feed:
    api: Api
    people: People
    catalogue: Catalogue
    purchases: Purchases
    complaints: Collection[str]
    clock: Clock

    def read(self, kind: Kind, cursor: SyncCursor | None, *, limit: int) -> SyncPage:
        sources = self._sources(kind)
        start = sweeps.begin(cursor, now=self.clock())
        source = sources[min(start.source, len(sources) - 1)]
        rows = self._next(source, start, limit)
        # A row that cannot be read any more is left out of its page: only an empty page is surely the last.
        reached = sweeps.advance(
            start,
            [row_id(row) for row in rows],
            limit=len(rows) or limit,
            sources=len(sources),
            whole=sum(one.complete for one in sources),
        )
        batch = source.load(rows)
        return SyncPage(
            items=tuple(batch.items),
            next_cursor=reached.to_cursor(),
            more=not reached.ended,
            deleted_refs=() if start.whole else batch.gone,
            snapshot=start.whole,
            rejected=batch.rejected,
            may_miss_deletes=True,
            rows_read=len(rows),
        )

    def _next(self, source: Source, start: sweeps.Position, limit: int) -> list[Row]:
        since = [] if start.whole else [changed_since(start.moment)]
        after = int(start.after)
        return self.api.list_some(source.path, [*source.conditions, *since], after=after, limit=limit)

    def _sources(self, kind: Kind) -> tuple[Source, ...]:
        known: Mapping[Kind, Callable[[], tuple[Source, ...]]] = {
            Kind.CUSTOMERS: lambda: (
                Source(people.PATH, self._load_people),
                Source(people.CONTACTS, self._load_contacts, complete=False),
            ),
            Kind.PRODUCTS: lambda: (Source(catalogue.PATH, lambda rows: Batch(self.catalogue.read(rows))),),
            Kind.ORDERS: lambda: tuple(
                Source(path, self._documents(path), conditions) for path, conditions in self.purchases.sources
            ),
            Kind.CASES: lambda: (Source(TICKETS, self._load_tickets),),
        }
        return known[kind]()

    def _load_people(self, rows: Sequence[Row]) -> Batch:
        """Who is neither customer nor prospect any more is gone, and comes back when they are again."""
        gone = tuple(text(row["id"]) for row in rows if not records.is_buyer(row))
        return Batch(self.people.read(rows), gone)

    def _load_contacts(self, rows: Sequence[Row]) -> Batch:
        """A third party knows nothing of what happens to its contacts."""
        return Batch(self.people.read(self.people.load(people.owner(row) for row in rows)))

    def _documents(self, path: str) -> Callable[[Sequence[Row]], Batch]:
        return lambda rows: Batch(self.purchases.read(path, rows))

    def _load_tickets(self, rows: Sequence[Row]) -> Batch:
        found = [sales.to_case(row, self.complaints) for row in rows]
        nobodys = tuple(
            RejectedRow(f"ticket {case.ref}", 0, "it is nobody's") for case in found if not case.customer_ref
        )
        return Batch([case for case in found if case.customer_ref], rejected=nobodys)
