"""Zoho's interface as far as we use it: rows in, rows out, failures in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import HeaderKey, TokenAuth
from crm_adapters.errors import NotFound, OutcomeUnknown, ValidationFailed, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.lazy import lazy
from crm_adapters.limiter import Pace
from crm_adapters.quota import zoho_reader
from crm_adapters.transport import Transport
from crm_adapters.vendors.zoho.failures import judge_record, translate

Row = Mapping[str, Any]
VERSION = "crm/v8"
MOST_LISTED = 200
"""Rows for one credit."""
MOST_PARENTS = 50
"""Values of one `in`."""
MOST_FIELDS = 50
AT_ONCE = 5
"""Calls at the same time, of the smallest edition."""


@dataclass(frozen=True, slots=True)
class Rows:
    rows: tuple[Row, ...]
    more: bool


class Api:
    def __init__(self, url: str, auth: TokenAuth, transport: Transport, *, granted: int) -> None:
        """`url`: of the accounts server, where the interface is if the token does not say otherwise."""
        self._url = url
        self._auth = auth
        self._transport = transport
        self._pace = Pace("api", at_once=AT_ONCE, read_quotas=zoho_reader(granted))

    @lazy
    def _calls(self) -> ApiClient:
        """Where to call comes with the token: each data centre has hosts of its own."""
        base = self._auth.token().facts.get("api_domain", self._url)
        return ApiClient(
            base, auth=self._auth, transport=self._transport, pace=self._pace, translate=translate
        )

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> tuple[dict[str, Any], Answer]:
        """Nothing found is an answer without a body."""
        answer = self._calls.read(f"{VERSION}/{path}", params=params or {})
        return _object(answer), answer

    def get(self, module: str, ref: str) -> Row | None:
        if not is_id(ref):
            return None
        try:
            rows = _rows(self.ask(f"{module}/{ref}")[0]).rows
        except (NotFound, ValidationFailed) as error:
            if isinstance(error, ValidationFailed) and "id" not in error.fields:
                raise
            return None
        if not {row["id"] for row in rows} <= {ref}:
            raise VendorChanged("the answer is another record")
        return rows[0] if rows else None

    def search(self, module: str, name: str, value: str, fields: Sequence[str]) -> tuple[Row, ...]:
        """By the module's own idea of `email`. Knows of a change some seconds later."""
        params = {name: value, "fields": ",".join(fields), "per_page": str(MOST_LISTED)}
        return _rows(self.ask(f"{module}/search", params)[0]).rows

    def select(self, module: str, fields: Sequence[str], where: str, *, limit: int) -> Rows:
        """COQL, by id. Raises VendorChanged for an answer to another question."""
        parts = ("select", ", ".join(fields), "from", module, "where", where)
        query = f"{' '.join(parts)} order by id asc limit 0, {limit}"
        call = Call("POST", f"{VERSION}/coql", json={"select_query": query}, repeatable=True)
        found = _rows(_object(self._calls.run(call)))
        if any(not {*fields} <= row.keys() for row in found.rows):
            raise VendorChanged("the answer lacks what was asked for")
        return found

    def select_all(self, module: str, fields: Sequence[str], where: str) -> list[Row]:
        """`where`: one condition, in brackets if it is made of several."""
        found: dict[str, Row] = {}
        last = "0"
        while True:
            after = f"({where} and id > '{last}')"
            page = self.select(module, fields, after, limit=MOST_LISTED)
            if found.keys() & {row["id"] for row in page.rows}:
                raise VendorChanged("a page came twice")
            found |= {row["id"]: row for row in page.rows}
            if not page.more or not page.rows:
                return list(found.values())
            last = page.rows[-1]["id"]

    def related(self, module: str, ref: str, name: str, fields: Sequence[str]) -> list[Row]:
        """All rows of a related list, which lags in nothing."""
        found: list[Row] = []
        for number in range(1, MOST_LISTED):
            params = {"fields": ",".join(fields), "per_page": str(MOST_LISTED), "page": str(number)}
            page = _rows(self.ask(f"{module}/{ref}/{name}", params)[0])
            found += page.rows
            if not page.more:
                break
        return found

    def deleted(self, module: str, *, since: str, page: int, limit: int) -> Rows:
        params = {"type": "all", "per_page": str(limit), "page": str(page)}
        call = Call(
            "GET",
            f"{VERSION}/{module}/deleted",
            params=params,
            headers={"If-Modified-Since": since},
            repeatable=True,
        )
        try:
            return _rows(_object(self._calls.run(call)))
        except NotFound:
            return Rows((), more=False)

    def write(self, method: str, path: str, record: Mapping[str, Any], *, repeatable: bool = False) -> str:
        """The id of what was written, without workflows: they would take it for a person's work."""
        body = {"data": [dict(record)], "trigger": []}
        call = Call(method, f"{VERSION}/{path}", json=body, repeatable=repeatable)
        answer = self._calls.run(call)
        try:
            told = _object(answer)["data"][0]
            judge_record(told)
            return str(told["details"]["id"])
        except (VendorChanged, KeyError, IndexError, TypeError):
            raise OutcomeUnknown("the answer to a write cannot be read") from None


def is_id(ref: str) -> bool:
    return ref.isascii() and ref.isdecimal()


def quote_text(value: str) -> str:
    """For COQL, in its quotation marks."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def link_of(value: object) -> str | None:
    """The id in a field that leads to another record."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return str(found) if found else None


def _object(answer: Answer) -> dict[str, Any]:
    if answer.status == 204:
        return {"data": []}
    found = answer.json()
    if not isinstance(found, dict):
        raise VendorChanged("the answer is not an object")
    return found


def _rows(found: Mapping[str, Any]) -> Rows:
    rows = found.get("data")
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows
    ):
        raise VendorChanged("the answer holds no records")
    return Rows(tuple(rows), more=bool((found.get("info") or {}).get("more_records")))


def zoho_key(token: str) -> HeaderKey:
    """Not the usual word."""
    return HeaderKey("Authorization", f"Zoho-oauthtoken {token}")
