"""Salesforce's REST interface, as far as we use it: rows in, rows out, failures in our words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from crm_adapters.answers import Answer
from crm_adapters.auth import TokenAuth
from crm_adapters.errors import OutcomeUnknown, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.lazy import lazy
from crm_adapters.limiter import Pace
from crm_adapters.model import WriteResult
from crm_adapters.quota import read_salesforce
from crm_adapters.transport import Transport
from crm_adapters.vendors.salesforce.failures import InvalidField, make_translate
from crm_adapters.vendors.salesforce.soql import in_parts, one_of, stamp

Row = Mapping[str, Any]
"""By the names of the fields; `attributes` says of which object. A related record is a row of its own."""
PACE = Pace("api", read_quotas=read_salesforce)
"""What is granted in 24 hours depends on edition and licences; a header tells. Only calls of twenty seconds and more
are counted at once."""


class Api:
    def __init__(self, url: str, version: str, auth: TokenAuth, transport: Transport) -> None:
        self._url = url
        self._auth = auth
        self._transport = transport
        self._root = f"services/data/v{version}"
        self._readable: dict[str, frozenset[str]] = {}

    @lazy
    def _client(self) -> ApiClient:
        """On the host that came with the token."""
        base = self._auth.token().facts.get("instance_url", self._url)
        translate = make_translate(self._transport.timing.clock)
        return ApiClient(base, auth=self._auth, transport=self._transport, pace=PACE, translate=translate)

    def ask(self, path: str, **params: str) -> tuple[dict[str, Any], Answer]:
        """Anything below the version that answers with an object."""
        answer = self._client.read(f"{self._root}/{path}", params=params)
        return _object(answer), answer

    def versions(self) -> frozenset[str]:
        found = self._client.read("services/data").json()
        if not isinstance(found, list):
            raise VendorChanged("the answer is not a list of versions")
        return frozenset(str(one.get("version")) for one in found if isinstance(one, dict))

    def describe(self, name: str) -> dict[str, Any]:
        found, _ = self.ask(f"sobjects/{name}/describe")
        if not isinstance(found.get("fields"), list):
            raise VendorChanged("the description names no fields")
        return found

    def select(
        self,
        name: str,
        fields: Sequence[str],
        where: str,
        *,
        order: str = "",
        limit: int | None = None,
        deleted: bool = False,
    ) -> list[Row]:
        """Reads what is, without lag. `deleted`: those in the bin too. Fields that are not there, or are hidden
        from us, are left out: that is looked up only once Salesforce has refused one."""
        rest = f" WHERE {where}{f' ORDER BY {order}' if order else ''}{f' LIMIT {limit}' if limit else ''}"
        while True:
            known = self._readable.get(name)
            names = [one for one in fields if known is None or _own(one) in known]
            try:
                soql = f"SELECT {', '.join(names)} FROM {name}{rest}"  # noqa: S608 - values are quoted by who asks
                return self._query(name, soql, deleted=deleted)
            except InvalidField:
                if known is not None:
                    raise
            self._readable[name] = frozenset(str(one["name"]) for one in self.describe(name)["fields"])

    def select_by(self, name: str, fields: Sequence[str], field: str, values: Sequence[str]) -> list[Row]:
        """Those whose `field`, which must be one of `fields`, is one of the ids."""
        found: list[Row] = []
        for part in in_parts(values):
            found += self.select(name, fields, one_of(field, part), order="Id")
        if not {str(row.get(field)) for row in found} <= set(values):
            raise VendorChanged("the answer holds what was not asked for")
        return found

    def sample(self, name: str, count: int) -> list[Row]:
        """With all their fields."""
        soql = f"SELECT FIELDS(ALL) FROM {name} LIMIT {count}"  # noqa: S608 - a number
        return self._query(name, soql, deleted=False)

    def _query(self, name: str, soql: str, *, deleted: bool) -> list[Row]:
        """However many answers Salesforce makes of it."""
        found, _ = self.ask("queryAll" if deleted else "query", q=soql)
        rows = _rows(found, name)
        while more := found.get("nextRecordsUrl"):
            found = _object(self._client.read(str(more)))
            rows += _rows(found, name)
        return rows

    def search_phones(self, numbers: Sequence[str]) -> list[str]:
        """Ids of contacts with one of these digits. Knows of a change seconds or minutes later."""
        terms = " OR ".join(numbers)
        found, _ = self.ask("search", q=f"FIND {{{terms}}} IN PHONE FIELDS RETURNING Contact(Id)")
        records = found.get("searchRecords")
        if not isinstance(records, list):
            raise VendorChanged("the answer holds no records")
        return [str(row["Id"]) for row in records]

    def deleted(self, name: str, since: datetime, until: datetime) -> list[str]:
        """Ids; of the last 30 days."""
        found, _ = self.ask(f"sobjects/{name}/deleted", start=stamp(since), end=stamp(until))
        records = found.get("deletedRecords")
        if not isinstance(records, list):
            raise VendorChanged("the answer holds no records")
        return [str(one["id"]) for one in records]

    def create(self, name: str, values: Mapping[str, Any]) -> WriteResult:
        return _written(self._client.write("POST", f"{self._root}/sobjects/{name}", json=dict(values)))

    def upsert(self, name: str, field: str, key: str, values: Mapping[str, Any]) -> WriteResult:
        """By a unique field, which the values must not hold."""
        path = f"{self._root}/sobjects/{name}/{field}/{quote(key, safe='')}"
        return _written(self._client.write("PATCH", path, json=dict(values)))

    def change(self, name: str, ref: str, values: Mapping[str, Any], *, since: datetime | None) -> None:
        """Raises Conflict where somebody changed it after `since`."""
        guard = {"If-Unmodified-Since": format_datetime(since, usegmt=True)} if since else {}
        path = f"{self._root}/sobjects/{name}/{ref}"
        self._client.run(Call("PATCH", path, json=dict(values), headers=guard, repeatable=since is None))


def _own(field: str) -> str:
    """The object's own field behind one of a related record: `AccountId` of `Account.Name`."""
    relation, dot, _ = field.partition(".")
    return f"{relation}Id" if dot else field


def _object(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise VendorChanged("the answer is not an object")
    return found


def _rows(found: Mapping[str, Any], name: str) -> list[Row]:
    records = found.get("records")
    if not isinstance(records, list):
        raise VendorChanged("the answer holds no records")
    for row in records:
        if not isinstance(row, dict) or row.get("attributes", {}).get("type") != name:
            raise VendorChanged("the answer holds what was not asked for")
    return records


def _written(answer: Answer) -> WriteResult:
    try:
        found = _object(answer)
    except VendorChanged:
        found = {}
    if not isinstance(found.get("id"), str) or not found.get("success"):
        raise OutcomeUnknown("the answer to a write cannot be read")
    return WriteResult(found["id"], created=bool(found.get("created", True)))
