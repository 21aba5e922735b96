"""Calls to Odoo's models: rows in, rows out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_adapters.errors import AuthExpired, OutcomeUnknown, PermissionDenied, VendorChanged
from crm_adapters.vendors.odoo.interfaces import Invocation
from crm_adapters.vendors.odoo.server import Server, Session

Row = Mapping[str, Any]
"""`id` and the fields asked for: false where there is nothing, `[id, name]` for a record, ids for several."""
Domain = Sequence[Any]
"""Conditions as `[field, operator, value]`, all of which hold; `"|"` before two of which one does."""
MOST_ID = 2**31
STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Api:
    session: Session

    @property
    def server(self) -> Server:
        return self.session.server

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, repeatable: bool = True, **named: Any
    ) -> Any:
        one = Invocation(model, method, named, ids, repeatable)
        try:
            return self._attempt(one)
        except PermissionDenied as error:
            told = str(error)
        raise PermissionDenied(told, scope=f"{model}: {method}")

    def _attempt(self, one: Invocation) -> Any:
        try:
            return self.session.interface.call(one)
        except AuthExpired:
            if not self.session.renew():
                raise
        return self.session.interface.call(one)

    def search(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: str = "id",
        archived: bool = False,
    ) -> list[Row]:
        """Fields that this server lacks are left out. `archived`: those too."""
        more: dict[str, Any] = {"limit": limit} if limit else {}
        more |= {"context": {"active_test": False}} if archived else {}
        names = self.known(model, fields)
        rows = self.call(model, "search_read", domain=list(domain), fields=names, order=order, **more)
        if not isinstance(rows, list) or not all(_is_row(row, names) for row in rows):
            raise VendorChanged("the answer holds no rows, or other fields than were asked for")
        return rows

    def get(self, model: str, ref: str, fields: Sequence[str]) -> Row | None:
        """None where there is none, or it is archived."""
        if not is_id(ref):
            return None
        rows = self.search(model, [["id", "=", int(ref)]], fields)
        if any(row["id"] != int(ref) for row in rows):
            raise VendorChanged("the answer holds what was not asked for")
        return rows[0] if rows else None

    def known(self, model: str, fields: Sequence[str]) -> list[str]:
        if model not in self.server.fields:
            return sorted(set(fields))
        return sorted(self.session.require(model) & set(fields))

    def write(self, model: str, ref: str, values: Mapping[str, Any]) -> None:
        """What is written twice is the same the second time."""
        if self.call(model, "write", [int(ref)], vals=dict(values)) is not True:
            raise OutcomeUnknown("the answer to a write cannot be read")


def is_id(ref: str) -> bool:
    """Larger numbers make the database fail."""
    return ref.isascii() and ref.isdecimal() and len(ref) <= 10 and int(ref) < MOST_ID


def show(moment: datetime) -> str:
    return moment.strftime(STAMP)


def _is_row(row: Any, fields: Sequence[str]) -> bool:
    return isinstance(row, dict) and isinstance(row.get("id"), int) and row.keys() >= set(fields)
