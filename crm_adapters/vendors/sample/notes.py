"""What was written to the sample CRM about suggestions: one note per key, whoever writes it and how often."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from crm_adapters.model import SuggestionOutcome, WriteResult
from crm_adapters.vendors.sample import documents
from crm_adapters.vendors.sample.records import get_customer


@dataclass(frozen=True, slots=True)
class Note:
    ref: str
    key: str
    outcome: SuggestionOutcome
    written_at: datetime


def find_note(connection: sqlite3.Connection, key: str) -> WriteResult | None:
    row = connection.execute("SELECT id FROM notes WHERE key = ?", (key,)).fetchone()
    return WriteResult(_ref(row[0]), created=False) if row else None


def add_note(
    connection: sqlite3.Connection, outcome: SuggestionOutcome, *, key: str, at: datetime
) -> WriteResult:
    """Inside a transaction. Raises NotFound or Merged for the customer."""
    written = find_note(connection, key)
    if written:
        return written
    get_customer(connection, outcome.customer_ref)
    row = (key, outcome.customer_ref, documents.write(outcome), at.isoformat())
    insert = "INSERT INTO notes (key, customer_ref, body, written_at) VALUES (?, ?, ?, ?) RETURNING id"
    (number,) = connection.execute(insert, row).fetchone()
    return WriteResult(_ref(number), created=True)


def list_notes(connection: sqlite3.Connection, customer_ref: str) -> list[Note]:
    """Oldest first."""
    question = "SELECT id, key, body, written_at FROM notes WHERE customer_ref = ? ORDER BY id"
    return [
        Note(_ref(number), key, documents.read_outcome(body), datetime.fromisoformat(at))
        for number, key, body, at in connection.execute(question, (customer_ref,))
    ]


def _ref(number: int) -> str:
    return f"N-{number:05d}"
