"""What customers bought, and the draft orders that they have not paid for yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_adapters.errors import VendorChanged
from crm_adapters.model import OpenDeal, Order, RejectedRow
from crm_adapters.vendors.shopify import records
from crm_adapters.vendors.shopify.api import Api, Row, is_id, next_cursor, to_gid, to_nodes, to_ref
from crm_adapters.vendors.shopify.queries import LIST_CUSTOMERS_ORDERS, LIST_DRAFTS, LIST_LINES, READ_DRAFT

MOST_LINES = 50
"""Asked for at once, of one order or draft."""
MOST_ORDERS = 10
"""Of one customer, at once: an agent waits, and what could be answered must be there in points."""
MOST_DRAFTS = 20
"""Of one customer, the last changed first."""


@dataclass(frozen=True, slots=True)
class Loaded:
    orders: tuple[Order, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    row: Row
    lines: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Purchases:
    api: Api
    page_size: int
    tests: bool
    """Whether test orders count, as on a shop that has nothing else."""

    def of(self, customer_ref: str) -> Iterator[Order]:
        """The newest first. Without leave for all orders those of the last 60 days."""
        seen: set[str] = set()
        for row in self._rows(customer_ref):
            if to_ref(row) in seen or records.owner(row) != customer_ref:
                raise VendorChanged("the answer holds what was not asked for")
            seen.add(to_ref(row))
            yield from self.load([row]).orders

    def _rows(self, customer_ref: str) -> Iterator[Row]:
        after: str | None = None
        while is_id(customer_ref):
            held = self._page(customer_ref, after)
            yield from to_nodes(held) if held else ()
            after = next_cursor(held) if held else None
            if after is None:
                return

    def _page(self, customer_ref: str, after: str | None) -> Row | None:
        asked = {"id": to_gid("Customer", customer_ref), "after": after}
        limit = min(self.page_size, MOST_ORDERS)
        buyer = self.api.ask_fitting(LIST_CUSTOMERS_ORDERS, limit=limit, **asked)[0]["buyer"]
        if buyer and to_ref(buyer) != customer_ref:
            raise VendorChanged("this is no answer to the question")
        held: Row | None = buyer["orders"] if buyer else None
        return held

    def load(self, rows: Sequence[Row]) -> Loaded:
        """Test orders are left out."""
        real = [row for row in rows if self.tests or not row.get("test")]
        orders = [records.to_order(row, self._lines(row)) for row in real if records.owner(row)]
        rejected = [
            RejectedRow(f"order {to_ref(row)}", 0, "it has no customer")
            for row in real
            if not records.owner(row)
        ]
        return Loaded(tuple(orders), tuple(rejected))

    def _lines(self, row: Row) -> list[Row]:
        lines, after = to_nodes(row["lineItems"]), next_cursor(row["lineItems"])
        while after is not None:
            found = self.api.ask(LIST_LINES, id=row["id"], first=MOST_LINES, after=after)["order"]
            lines = [*lines, *_own(found, row["id"], lines)]
            after = next_cursor(found["lineItems"])
        return lines

    def open_of(self, customer_ref: str) -> list[OpenDeal]:
        if not is_id(customer_ref):
            return []
        query = f"customer_id:{customer_ref} NOT status:completed"
        page = self.api.list_some(LIST_DRAFTS, query, limit=MOST_DRAFTS)
        refs = [to_ref(row) for row in page.rows if row.get("status") in records.OPEN_DRAFTS]
        drafts = [draft for ref in refs if (draft := self.get_draft(ref))]
        theirs = [one for one in drafts if records.owner(one.row) == customer_ref and is_open(one)]
        return [records.to_open_deal(one.row, one.lines) for one in theirs]

    def get_draft(self, ref: str) -> Draft | None:
        """With all its lines."""
        if not is_id(ref):
            return None
        draft: Draft | None = None
        after: str | None = None
        while True:
            gid = to_gid("DraftOrder", ref)
            row = self.api.ask(READ_DRAFT, id=gid, first=MOST_LINES, after=after)["draftOrder"]
            if row is None:
                return None
            known = draft.lines if draft else ()
            draft = Draft(row, (*known, *_own(row, gid, known)))
            after = next_cursor(row["lineItems"])
            if after is None:
                return draft


def is_open(draft: Draft) -> bool:
    return draft.row.get("status") in records.OPEN_DRAFTS


def _own(found: Row | None, gid: str, known: Sequence[Row]) -> list[Row]:
    """A page of one order's lines, none of which was read before."""
    if not found or found.get("id") != gid:
        raise VendorChanged("this is no answer to the question")
    lines = to_nodes(found["lineItems"])
    if any(line in known for line in lines):
        raise VendorChanged("the answer is a page that was read before")
    return lines
