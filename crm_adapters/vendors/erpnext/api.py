"""Frappe's documents: rows in, rows out.

Lists are asked for by POST: customers' addresses do not belong into the logs of web servers, and the names of a
page's customers do not fit into an address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from crm_adapters.errors import OutcomeUnknown, PermissionDenied, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.vendors.erpnext.site import Site

T = TypeVar("T")
Row = Mapping[str, Any]
Filters = Sequence[Sequence[Any]]
"""Conditions as `[field, operator, value]`, all of which hold; before them the doctype of a child table."""
LIST = "frappe.client.get_list"


@dataclass(frozen=True, slots=True)
class Api:
    client: ApiClient
    site: Site

    def find(
        self,
        doctype: str,
        filters: Filters,
        fields: Sequence[str],
        *,
        limit: int = 0,
        parent: str = "",
        may_lack: Sequence[str] = (),
    ) -> list[Row]:
        """`limit`: the first so many by name, as the database orders names; 0: all, in no order, where Frappe would
        give 20. `fields`: those of a child table as `items.qty`, with a row for each of its rows. `parent`: of a child
        table's own rows. `may_lack`: further fields; Frappe leaves out those that the user may not see."""
        asked = {
            "doctype": doctype,
            "filters": list(filters),
            "fields": [*fields, *may_lack],
            "limit_page_length": limit,
            **({"order_by": "name asc"} if limit else {}),
            **({"parent": parent} if parent else {}),
        }
        rows = self._naming(f"{doctype}: read", lambda: self.ask(LIST, **asked))
        wanted = {field.rpartition(".")[2] for field in fields}
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and wanted <= row.keys() for row in rows
        ):
            raise VendorChanged("the answer holds no rows, or other fields than were asked for")
        return rows

    def get(
        self, doctype: str, name: str, fields: Sequence[str], *, may_lack: Sequence[str] = ()
    ) -> Row | None:
        """The database takes letters of another case, or without an accent, for the same name."""
        if not name.strip():
            return None
        rows = self.find(doctype, [["name", "=", name]], fields, may_lack=may_lack)
        return next((row for row in rows if row["name"] == name), None)

    def ask(self, method: str, **arguments: Any) -> Any:
        """Of a method that changes nothing."""
        return self.load(method, **arguments).get("message")

    def load(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The whole answer of such a method: documents stand beside what it returns."""
        call = Call("POST", f"api/method/{method}", json=arguments, repeatable=True)
        found = self.client.run(call).json()
        if not isinstance(found, dict):
            raise VendorChanged("the answer is not Frappe's")
        return found

    def do(self, scope: str, method: str, **arguments: Any) -> Any:
        call = Call("POST", f"api/method/{method}", json=arguments)
        return self._naming(scope, lambda: _read(self.client.run(call).json, "message"))

    def read(self, doctype: str, name: str) -> Row:
        """All of a document, its child tables too. Raises NotFound."""
        answer = self._naming(f"{doctype}: read", lambda: self.client.read(_path(doctype, name)).json())
        found = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(found, dict) or found.get("name") != name:
            raise VendorChanged("the answer holds what was not asked for")
        return found

    def change(self, doctype: str, name: str, values: Row) -> Any:
        """The document as it is then. With `modified` among the values it raises Conflict where it is another now."""
        return self._naming(
            f"{doctype}: write",
            lambda: _read(self.client.write("PUT", _path(doctype, name), json=dict(values)).json, "data"),
        )

    def _naming(self, scope: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except PermissionDenied as error:
            told = str(error)
        raise PermissionDenied(told, scope=scope)


def _path(doctype: str, name: str) -> str:
    return f"api/resource/{quote(doctype)}/{quote(name, safe='')}"


def _read(json: Callable[[], Any], part: str) -> Any:
    """Of a write that succeeded, whatever its answer."""
    try:
        found = json()
    except VendorChanged:
        found = None
    if not isinstance(found, dict) or part not in found:
        raise OutcomeUnknown("the answer to a write cannot be read")
    return found[part]
