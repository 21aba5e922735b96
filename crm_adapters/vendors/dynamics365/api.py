"""Dataverse's Web API, as far as we use it: rows in, rows out, failures in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import Auth
from crm_adapters.errors import Conflict, CRMError, NotFound, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.limiter import Pace
from crm_adapters.model import WriteResult
from crm_adapters.quota import read_dynamics365
from crm_adapters.transport import Transport
from crm_adapters.vendors.dynamics365.odata import in_parts, one_of

Row = Mapping[str, Any]
"""By the names of the columns; a lookup is `_name_value`, and its label an annotation."""
VERSION = "v9.2"
HEADERS = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
LABELS = 'odata.include-annotations="*"'
PACE = Pace("api", calls=6_000, seconds=300, at_once=52, read_quotas=read_dynamics365)
"""Per user and web server; how many servers there are is not told."""


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    following: str | None
    """Address of the next page of this run."""
    delta: str | None
    """Address of what will have changed."""


class Api:
    def __init__(self, url: str, auth: Auth, transport: Transport) -> None:
        self._client = ApiClient(
            url, auth=auth, transport=transport, pace=PACE, translate=_translate, headers=HEADERS
        )
        self._root = f"api/data/{VERSION}"

    def ask(self, path: str, **params: str) -> tuple[dict[str, Any], Answer]:
        """Anything that answers with an object. `params` without their dollar."""
        return self._get(
            f"{self._root}/{path}", {f"${name}": value for name, value in params.items()}, LABELS
        )

    def _get(self, path: str, params: Mapping[str, str], prefer: str) -> tuple[dict[str, Any], Answer]:
        """No cached answer: whatever tag it has, it is not ours."""
        headers = {"Prefer": prefer, "If-None-Match": "null"}
        answer = self._client.run(Call("GET", path, params=params, headers=headers, repeatable=True))
        found = answer.json()
        if not isinstance(found, dict):
            raise VendorChanged("the answer is not an object")
        return found, answer

    def get(self, table: str, ref: str, columns: Sequence[str]) -> Row | None:
        try:
            found, _ = self.ask(f"{table}({ref})", select=",".join(columns))
        except NotFound:
            return None
        if str(found.get(columns[0])).lower() != ref:
            raise VendorChanged("the answer holds what was not asked for")
        return found

    def find(
        self, table: str, columns: Sequence[str], where: str, *, order: str = "", top: int | None = None
    ) -> list[Row]:
        """All of them, or the first `top`. Reads what is, without lag."""
        params = {"select": ",".join(columns), "filter": where}
        params |= {"orderby": order} if order else {}
        params |= {"top": str(top)} if top else {}
        found, _ = self.ask(table, **params)
        page = _page(found, table)
        rows = list(page.rows)
        while page.following:
            found, _ = self._get(page.following, {}, LABELS)
            page = _page(found, table)
            rows += page.rows
        return rows

    def find_by(self, table: str, columns: Sequence[str], column: str, refs: Sequence[str]) -> list[Row]:
        """Those whose `column` is one of the ids; a lookup is filtered by its plain name."""
        rows: list[Row] = []
        plain = column.removeprefix("_").removesuffix("_value")
        for part in in_parts(refs):
            rows += self.find(table, columns, one_of(plain, part), order=f"{columns[0]} asc")
        if not {str(row.get(column)).lower() for row in rows} <= set(refs):
            raise VendorChanged("the answer holds what was not asked for")
        return rows

    def track(self, table: str, columns: Sequence[str], *, link: str | None, limit: int) -> Page:
        """A page of everything, or of what `link` leads to; the last one tells where changes will be."""
        prefer = f"odata.track-changes,odata.maxpagesize={limit},{LABELS}"
        first = (f"{self._root}/{table}", {"$select": ",".join(columns)})
        path, params = (link, {}) if link else first
        page = _page(self._get(path, params, prefer)[0], table)
        if not (page.following or page.delta):
            raise VendorChanged("the answer does not tell where changes are to be found")
        return page

    def create(self, table: str, ref: str, values: Mapping[str, Any]) -> WriteResult:
        """Under an id of our choosing. Raises Conflict where there is one."""
        self._patch(table, ref, values, {"If-None-Match": "*"})
        return WriteResult(ref, created=True)

    def change(self, table: str, ref: str, values: Mapping[str, Any], *, version: str) -> None:
        """Raises Conflict where that is no longer the version. `*` fits all, and makes no new record."""
        self._patch(table, ref, values, {"If-Match": version})

    def _patch(self, table: str, ref: str, values: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self._client.run(Call("PATCH", f"{self._root}/{table}({ref})", json=dict(values), headers=headers))


def _translate(answer: Answer) -> CRMError | None:
    """412 says both that a record is there already and that its version is another."""
    return Conflict("Dynamics 365 answered 412") if answer.status == 412 else None


def _page(found: Mapping[str, Any], table: str) -> Page:
    rows, context = found.get("value"), str(found.get("@odata.context", ""))
    if not isinstance(rows, list) or context.partition("#")[2].partition("(")[0].partition("/")[0] != table:
        raise VendorChanged("the answer holds what was not asked for")
    links = [found.get(f"@odata.{name}") for name in ("nextLink", "deltaLink")]
    following, delta = (str(link) if link else None for link in links)
    return Page(tuple(rows), following, delta)
