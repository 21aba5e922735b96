"""ACME's server in small."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.marks import make_mark
from crm_adapters.model import Customer, Kind, Order

PATHS = {Customer: "people", Order: "orders"}


class AcmeFake(Fake):
    name = "acme"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.rows: dict[str, dict[str, dict[str, Any]]] = {"people": {}, "orders": {}, "notes": {}}
        self.change = 0

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "token": self.token}

    def put(self, record: Record) -> str:
        if isinstance(record, Customer):
            return self._keep("people", record.ref, person(record))
        return (
            self._keep("orders", record.ref, order(record)) if isinstance(record, Order) else f"n{id(record)}"
        )

    def delete(self, kind: Kind, ref: str) -> None:
        table = "people" if kind is Kind.CUSTOMERS else "orders"
        self._keep(table, ref, {"deleted": True})

    def notes(self) -> list[str]:
        """With the marks by which the suite looks for keys."""
        return [f"{make_mark(row['key'])} {json.dumps(row)}" for row in self.rows["notes"].values()]

    @route("GET", "/<table>")
    def list_rows(self, request: Request, table: str) -> Response:
        """Whole values are compared, addresses in small letters; what was deleted is in the list of changes only."""
        asked = request.args.to_dict()
        limit, after = int(asked.pop("limit", 1_000_000)), asked.pop("after", None)
        rows = sorted(self.rows[table].values(), key=lambda row: row["change"])
        changed = [row for row in rows if after is not None and row["change"] > number(after)]
        fitting = [row for row in rows if not row["deleted"] and fits(row, asked)]
        return reply((fitting if after is None else changed)[:limit])

    @route("PUT", "/notes")
    def keep_note(self, request: Request) -> Response:
        note = request.get_json()
        held = [row["id"] for row in self.rows["notes"].values() if row["key"] == note["key"]]
        if held:
            return reply({"id": held[0]})
        if note["person"] not in self.rows["people"]:
            raise Refused(reply({"message": f"no person {note['person']}"}, 404))
        return reply({"id": self._keep("notes", "", note)}, 201)

    def _keep(self, table: str, ref: str, values: dict[str, Any]) -> str:
        self.change += 1
        known = self.rows[table].get(ref, {"id": f"{table[0]}{self.change}", "deleted": False})
        row = {**known, **values, "change": self.change}
        self.rows[table][row["id"]] = row
        return str(row["id"])


def number(after: str) -> int:
    """Of the change to begin behind; what is no number begins at the first."""
    return int(after) if after.isdecimal() else 0


def fits(row: dict[str, Any], asked: dict[str, str]) -> bool:
    held = {"email": row.get("emails", [])}
    return all(value in held.get(name, [row.get(name)]) for name, value in asked.items())


def person(customer: Customer) -> dict[str, Any]:
    return {"name": customer.name, "emails": [email.value for email in customer.emails]}


def order(record: Order) -> dict[str, Any]:
    lines = [
        {
            "name": line.name,
            "count": str(line.quantity),
            "price": str(line.unit_price.amount if line.unit_price else 0),
            "currency": line.unit_price.currency if line.unit_price else "EUR",
        }
        for line in record.lines
    ]
    placed = record.placed_at.isoformat()
    return {"person": record.customer_ref, "placed": placed, "status": record.status, "lines": lines}
