"""Tryton's models: rows in, rows out."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.errors import OutcomeUnknown, PermissionDenied, ValidationFailed, VendorChanged
from crm_adapters.vendors.tryton.failures import Rejected
from crm_adapters.vendors.tryton.rights import Right, Rights, for_reading, name_right
from crm_adapters.vendors.tryton.rpc import Rpc

Row = Mapping[str, Any]
"""`id` and the fields asked for; what was asked for by `a.b` is at `a.`, in one row or several."""
Domain = Sequence[Any]
"""Conditions as (field, operator, value), all of which hold; one of them, where "OR" stands first."""
BY_ID = [("id", "ASC")]
MOST_ID = 2**31 - 1


class Api:
    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc
        self.rights = Rights(rpc)

    def find(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int | None = None,
        archived: bool = False,
        **context: Any,
    ) -> list[Row]:
        """By id. `archived`: with what was archived, and the archived parts of all. Only the context can say so:
        in a domain, each bracket is tested apart from the others."""
        more = _with_archived(context) if archived else context
        rows = self.run(model, "search_read", domain, 0, limit, BY_ID, list(fields), **more)
        wanted = {f"{name}{dot}" for name, dot, _ in (field.partition(".") for field in ("id", *fields))}
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and wanted <= row.keys() for row in rows
        ):
            raise VendorChanged("the answer is not a list of records")
        return rows

    def list_ids(self, model: str, domain: Domain, *, archived: bool) -> list[int]:
        """All at once: where a server limits how many may be asked for, it looks at numbers only."""
        found = self.run(model, "search", domain, 0, None, BY_ID, **(_with_archived({}) if archived else {}))
        if not isinstance(found, list) or not all(isinstance(one, int) for one in found):
            raise VendorChanged("the answer is not a list of ids")
        return found

    def run(self, model: str, method: str, *params: Any, **context: Any) -> Any:
        """Whatever only reads."""
        try:
            return self.rpc.call(f"model.{model}.{method}", *params, self.rpc.context | context)
        except Rejected:
            denied = self._explain(for_reading(model))
        raise denied

    def create(self, model: str, values: Row, *needed: Right) -> int:
        """`needed`: what else Tryton wants the user to have a right to."""
        found = self._write(model, "create", [values], needed=[(model, "create"), *needed])
        if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], int):
            raise OutcomeUnknown("the answer to a write is not the id of a record")
        return found[0]

    def change(self, model: str, number: int, values: Row, *, version: str | None) -> None:
        """Raises Conflict where the record's `_timestamp` is another by now."""
        guard = {"_timestamp": {f"{model},{number}": version}} if version else {}
        self._write(model, "write", [number], values, needed=[(model, "write")], **guard)

    def _write(self, model: str, method: str, *params: Any, needed: Sequence[Right], **context: Any) -> Any:
        full = (*params, self.rpc.context | context)
        try:
            return self.rpc.call(f"model.{model}.{method}", *full, writes=True)
        except Rejected:
            denied = self._explain(needed)
        raise denied

    def _explain(self, needed: Sequence[Right]) -> PermissionDenied | ValidationFailed:
        missing = ", ".join(map(name_right, self.rights.find_missing(needed)))
        if missing:
            return PermissionDenied(f"the user has no right to {missing}", scope=missing)
        return ValidationFailed("Tryton refuses this")


def _with_archived(context: Mapping[str, Any]) -> dict[str, Any]:
    return {"active_test": False, **context}


def to_id(ref: str) -> int | None:
    """None for what cannot be one."""
    number = int(ref) if ref.isascii() and ref.isdecimal() and len(ref) <= len(str(MOST_ID)) else 0
    return number if 0 < number <= MOST_ID else None
