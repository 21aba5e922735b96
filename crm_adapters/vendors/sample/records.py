"""The records in the sample CRM's file, each numbered anew with every change to it.

Whoever remembers the last number seen can ask for what came after it. A record without a body was deleted.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from crm_adapters.errors import Merged, NotFound
from crm_adapters.model import Case, Customer, CustomerKey, KeyKind, Kind, Order, Product
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.sample import documents
from crm_adapters.vendors.sample.documents import Record

TABLES = """
CREATE TABLE records (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, ref TEXT NOT NULL, owner TEXT,
  version INTEGER NOT NULL DEFAULT 1, body TEXT, UNIQUE (kind, ref)
);
CREATE INDEX records_in_order ON records (kind, seq);
CREATE INDEX records_of_customer ON records (owner, kind);
CREATE TABLE keys (
  kind TEXT NOT NULL, value TEXT NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (kind, value, ref)
) WITHOUT ROWID;
CREATE INDEX keys_of_customer ON keys (ref);
"""

_ROW = "SELECT seq, ref, version, body FROM records"
_PUT = """
INSERT INTO records (seq, kind, ref, owner, body)
VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM records), ?, ?, ?, ?)
ON CONFLICT (kind, ref) DO UPDATE
SET seq = excluded.seq, owner = excluded.owner, body = excluded.body, version = version + 1
"""


@dataclass(frozen=True, slots=True)
class Stored:
    seq: int
    ref: str
    record: Record | None
    """None: deleted."""


def add_all(connection: sqlite3.Connection, kind: Kind, records: Iterable[Record]) -> None:
    """For a new file: nothing with these refs is there yet."""
    rows = ((kind, record.ref, _owner(record), documents.write(record)) for record in records)
    connection.executemany("INSERT INTO records (kind, ref, owner, body) VALUES (?, ?, ?, ?)", rows)
    if kind is Kind.CUSTOMERS:
        for record in records:
            _put_keys(connection, record)


def put(connection: sqlite3.Connection, record: Record) -> None:
    connection.execute(_PUT, (kind_of(record), record.ref, _owner(record), documents.write(record)))
    _put_keys(connection, record)


def remove(connection: sqlite3.Connection, kind: Kind, ref: str) -> None:
    connection.execute(_PUT, (kind, ref, None, None))
    if kind is Kind.CUSTOMERS:
        connection.execute("DELETE FROM keys WHERE ref = ?", (ref,))


def kind_of(record: Record) -> Kind:
    match record:
        case Product():
            return Kind.PRODUCTS
        case Customer():
            return Kind.CUSTOMERS
        case Order():
            return Kind.ORDERS
    return Kind.CASES


def find_record(connection: sqlite3.Connection, kind: Kind, ref: str) -> Record | None:
    row = connection.execute(f"{_ROW} WHERE kind = ? AND ref = ?", (kind, ref)).fetchone()
    return _stored(kind, row).record if row else None


def get_customer(connection: sqlite3.Connection, ref: str) -> Customer:
    """Raises NotFound or Merged."""
    found = find_record(connection, Kind.CUSTOMERS, ref)
    if isinstance(found, Customer):
        return found
    merged = connection.execute("SELECT new_ref FROM merges WHERE ref = ?", (ref,)).fetchone()
    if merged:
        raise Merged("This customer was merged into another", new_ref=merged[0])
    raise NotFound("The sample CRM has no such customer")


def list_merged(connection: sqlite3.Connection, refs: Sequence[str]) -> dict[str, str]:
    """Of these, the ones that live on under another reference, and under which."""
    question = "SELECT ref, new_ref FROM merges WHERE ref IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(question, (json.dumps(refs),)).fetchall())


def list_of(connection: sqlite3.Connection, kind: Kind, customer_ref: str) -> list[Record]:
    rows = connection.execute(f"{_ROW} WHERE owner = ? AND kind = ?", (customer_ref, kind))
    return [stored.record for stored in (_stored(kind, row) for row in rows) if stored.record]


def list_after(connection: sqlite3.Connection, kind: Kind, seq: int, *, limit: int) -> list[Stored]:
    """Oldest change first, deletions among them."""
    rows = connection.execute(f"{_ROW} WHERE kind = ? AND seq > ? ORDER BY seq LIMIT ?", (kind, seq, limit))
    return [_stored(kind, row) for row in rows]


def count_kept(connection: sqlite3.Connection, kind: Kind) -> int:
    question = "SELECT count(*) FROM records WHERE kind = ? AND body IS NOT NULL"
    (count,) = connection.execute(question, (kind,)).fetchone()
    return int(count)


def count_after(connection: sqlite3.Connection, kind: Kind, seq: int) -> int:
    """Deletions among them."""
    question = "SELECT count(*) FROM records WHERE kind = ? AND seq > ?"
    (count,) = connection.execute(question, (kind, seq)).fetchone()
    return int(count)


def find_refs(connection: sqlite3.Connection, key: CustomerKey, *, limit: int) -> list[str]:
    value = normalised(key)
    if key.kind is KeyKind.REF:
        return [value] if find_record(connection, Kind.CUSTOMERS, value) else []
    question = "SELECT ref FROM keys WHERE kind = ? AND value = ? ORDER BY ref LIMIT ?"
    return [ref for (ref,) in connection.execute(question, (key.kind, value, limit))]


def normalised(key: CustomerKey) -> str:
    """Empty where it can be nobody's."""
    if key.kind is KeyKind.PHONE:
        return match_key(e164(key.value) or "")
    value = key.value.strip()
    return value.lower() if key.kind is KeyKind.EMAIL else value


def _put_keys(connection: sqlite3.Connection, record: Record) -> None:
    """Only adds: no edit takes an e-mail or a phone away from a customer."""
    if isinstance(record, Customer):
        rows = ((kind, value, record.ref) for kind, value in _keys(record))
        connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", rows)


def _keys(customer: Customer) -> Iterator[tuple[KeyKind, str]]:
    for email in customer.emails:
        yield KeyKind.EMAIL, email.value.lower()
    for phone in customer.phones:
        if phone.e164:
            yield KeyKind.PHONE, match_key(phone.e164)


def _stored(kind: Kind, row: tuple[int, str, int, str | None]) -> Stored:
    seq, ref, version, body = row
    record = documents.read(kind, body) if body else None
    if isinstance(record, Customer):
        record = replace(record, version=str(version))
    return Stored(seq, ref, record)


def _owner(record: Record) -> str | None:
    return record.customer_ref if isinstance(record, Order | Case) else None
