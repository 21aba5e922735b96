"""What changed in the sample CRM, page by page, from any cursor it ever gave."""

import sqlite3
from dataclasses import dataclass, replace

from crm_adapters.model import Kind, SyncCursor, SyncPage
from crm_adapters.vendors.sample.records import count_after, list_after, list_merged

PAGE = 500


@dataclass(frozen=True, slots=True)
class Position:
    shop: str
    """The file the cursor was given for; in another one, or an older copy, everything is listed anew."""
    snapshot: bool = True
    after: int = 0
    read: int = 0
    """Rows of this run so far."""

    def cursor(self) -> SyncCursor:
        return SyncCursor(f"{self.shop}:{int(self.snapshot)}:{self.after}:{self.read}")


def read_page(connection: sqlite3.Connection, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
    start = _position(connection, cursor)
    remaining = count_after(connection, kind, start.after)
    found = list_after(connection, kind, start.after, limit=PAGE)
    after = found[-1].seq if found else start.after
    more = remaining > len(found)
    gone = [stored.ref for stored in found if not stored.record]
    merged = list_merged(connection, gone) if kind is Kind.CUSTOMERS else {}
    here = replace(start, after=after, read=start.read + len(found))
    return SyncPage(
        items=tuple(stored.record for stored in found if stored.record),
        next_cursor=(here if more else Position(start.shop, snapshot=False, after=after)).cursor(),
        more=more,
        deleted_refs=tuple(ref for ref in gone if ref not in merged),
        merged=merged,
        snapshot=start.snapshot,
        total_hint=start.read + remaining,
        rows_read=len(found),
    )


def _position(connection: sqlite3.Connection, cursor: SyncCursor | None) -> Position:
    question = "SELECT value, (SELECT max(seq) FROM records) FROM about WHERE name = 'shop'"
    shop, newest = connection.execute(question).fetchone()
    parts = cursor.value.split(":") if cursor else []
    if len(parts) != 4 or parts[0] != shop or not all(part.isdecimal() for part in parts[1:]):
        return Position(shop)
    found = Position(shop, snapshot=parts[1] == "1", after=int(parts[2]), read=int(parts[3]))
    return found if found.after <= newest else Position(shop)
