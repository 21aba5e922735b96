"""Pipedrive's interface as far as we use it: rows in, rows out, failures in our words.

v2 for whatever has moved there; v1 for notes, users and the lists of fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_adapters.answers import Answer, retry_after
from crm_adapters.auth import Auth
from crm_adapters.errors import CRMError, NotFound, OutcomeUnknown, RateLimited, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.limiter import Pace
from crm_adapters.quota import read_pipedrive
from crm_adapters.transport import Transport

Row = Mapping[str, Any]
V1, V2 = "api/v1", "api/v2"
MOST_LISTED = 500
MOST_AT_ONCE = 100
"""Ids in one address."""
CALLS = Pace("api", calls=20, seconds=2, read_quotas=read_pipedrive)
"""Of the smallest plan; the headers tell of more."""
SEARCHES = Pace("search", calls=10, seconds=2)
"""Counted apart, whatever the plan."""
DAILY_WAIT = 3_600.0
"""Seconds; the day's tokens come back at once, and nobody says when."""
GATE_WAIT = 60.0
"""Seconds; the gate before Pipedrive refuses with a page, and says nothing."""
WINDOW = 2.0


@dataclass(frozen=True, slots=True)
class Rows:
    rows: tuple[Row, ...]
    after: str | None
    """Where the next page begins; None: this was the last."""


class Api:
    def __init__(self, url: str, auth: Auth, transport: Transport, *, page_size: int) -> None:
        self._page_size = page_size
        clock = transport.timing.clock

        def translate(answer: Answer) -> CRMError | None:
            return _refusal(answer, retry_after(answer.headers, now=clock()))

        self._calls = ApiClient(url, auth=auth, transport=transport, pace=CALLS, translate=translate)
        self._searches = ApiClient(url, auth=auth, transport=transport, pace=SEARCHES, translate=translate)

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> tuple[Any, Answer]:
        """The `data` of the answer."""
        answer = self._calls.read(path, params=params or {})
        return _body(answer)["data"], answer

    def get(self, path: str, ref: str) -> Row | None:
        """None for what there is not, or was deleted: some kinds are still shown for a while."""
        if not is_id(ref):
            return None
        try:
            row = _row(self.ask(f"{V2}/{path}/{ref}")[0])
        except NotFound:
            return None
        if ref_of(row) != ref:
            raise VendorChanged("the answer is another record")
        return None if row.get("is_deleted") else row

    def page(self, path: str, params: Mapping[str, str], after: str | None) -> Rows:
        """Of a list of v2."""
        asked = {"limit": str(self._page_size), **params} | ({"cursor": after} if after else {})
        body = _body(self._calls.read(f"{V2}/{path}", params=asked))
        return Rows(_rows(body), _next(body))

    def list_all(self, path: str, params: Mapping[str, str]) -> list[Row]:
        found: dict[str, Row] = {}
        after: str | None = None
        while True:
            page = self.page(path, params, after)
            _add(found, page.rows)
            after = page.after
            if after is None:
                return list(found.values())

    def by_ids(self, path: str, refs: Sequence[str], name: str = "ids") -> list[Row]:
        """Those there are. `name`: of the parameter."""
        found: list[Row] = []
        for start in range(0, len(refs), MOST_AT_ONCE):
            found += self.list_all(path, {name: ",".join(refs[start : start + MOST_AT_ONCE])})
        return found

    def search(self, path: str, params: Mapping[str, str]) -> list[str]:
        """Ids of the best hundred. Knows of a change some seconds later."""
        asked = {"limit": str(MOST_AT_ONCE), **params}
        data = _body(self._searches.read(f"{V2}/{path}/search", params=asked))["data"]
        items = data.get("items") if isinstance(data, dict) else None
        if not isinstance(items, list):
            raise VendorChanged("the answer holds no items")
        return [ref_of(_row(one.get("item"))) for one in items]

    def list_notes(self, person: str) -> list[Row]:
        found: dict[str, Row] = {}
        start = 0
        while True:
            asked = {"person_id": person, "sort": "id ASC", "start": str(start), "limit": "100"}
            body = _body(self._calls.read(f"{V1}/notes", params=asked))
            _add(found, _rows(body))
            paging = (body.get("additional_data") or {}).get("pagination") or {}
            if not paging.get("more_items_in_collection"):
                return list(found.values())
            start = int(paging["next_start"])

    def create(self, path: str, body: Mapping[str, Any], mark: str) -> str:
        """The ref of a record that bears the mark. Notes answer with 200, lines with 201."""
        answer = self._calls.write("POST", path, json=dict(body))
        try:
            row = _row(_body(answer)["data"])
        except VendorChanged:
            raise OutcomeUnknown("the answer to a write cannot be read") from None
        if mark not in f"{row.get('content')} {row.get('comments')}":
            raise OutcomeUnknown("the answer is to another write")
        return ref_of(row)

    def change(self, path: str, ref: str, body: Mapping[str, Any]) -> None:
        self._calls.run(Call("PATCH", f"{V2}/{path}/{ref}", json=dict(body), repeatable=True))


def is_id(ref: str) -> bool:
    return ref.isascii() and ref.isdecimal()


def ref_of(row: Row) -> str:
    return str(row["id"])


def _refusal(answer: Answer, told: float | None) -> CRMError | None:
    """Whoever goes on after a 429 is refused by the gate before Pipedrive: 403 with a page."""
    names = answer.headers
    if answer.status == 403 and "html" in names.get("Content-Type", ""):
        return RateLimited("Pipedrive's gate is closed to us", retry_after=told or GATE_WAIT)
    if answer.status != 429:
        return None
    if names.get("X-Daily-RateLimit-Token-Remaining") == "0":
        return RateLimited("the day's tokens are used up", retry_after=told or DAILY_WAIT, scope="daily")
    return RateLimited("Pipedrive answered 429", retry_after=WINDOW if told is None else told, scope="burst")


def _body(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict) or found.get("success") is not True or "data" not in found:
        raise VendorChanged("the answer holds no data")
    return found


def _rows(body: Mapping[str, Any]) -> tuple[Row, ...]:
    """Nothing found is null in v1."""
    rows = body["data"] or []
    if not isinstance(rows, list):
        raise VendorChanged("the answer is not a list")
    return tuple(_row(row) for row in rows)


def _row(found: Any) -> Row:
    if not isinstance(found, dict) or not isinstance(found.get("id"), int):
        raise VendorChanged("the answer is not a record")
    return found


def _next(body: Mapping[str, Any]) -> str | None:
    after = (body.get("additional_data") or {}).get("next_cursor")
    return str(after) if after else None


def _add(found: dict[str, Row], rows: Sequence[Row]) -> None:
    fresh = {ref_of(row): row for row in rows}
    if fresh.keys() & found.keys():
        raise VendorChanged("a page came twice")
    found.update(fresh)
