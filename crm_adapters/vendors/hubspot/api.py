"""HubSpot's interface for objects, as far as we use it: rows in, rows out, failures in our words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from crm_adapters.answers import Answer
from crm_adapters.auth import Auth
from crm_adapters.errors import NotFound, OutcomeUnknown, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.limiter import Pace
from crm_adapters.quota import read_hubspot
from crm_adapters.transport import Transport
from crm_adapters.vendors.hubspot.failures import make_translate

Row = Mapping[str, Any]
"""`id`, `properties` (texts or None), `createdAt`, `updatedAt`, `archived`."""
Filter = tuple[str, str, str]
"""A property, an operator and a value."""
PRIVATE = "pat-"
"""Tokens of private apps begin so."""
MOST_AT_ONCE = 100
"""Inputs of one batch."""
MOST_LISTED = 100
MOST_FOUND = 200
CALLS = Pace("api", calls=100, seconds=10, read_quotas=read_hubspot)
"""What the smallest plan grants a private app; the headers tell of more."""
SEARCHES = Pace("search", calls=4, seconds=1)
"""Per account, without headers."""


@dataclass(frozen=True, slots=True)
class Rows:
    rows: tuple[Row, ...]
    after: str | None
    """Where the next page begins; None: this was the last."""


class Api:
    def __init__(self, url: str, auth: Auth, transport: Transport) -> None:
        self._auth = auth
        translate = make_translate(transport.timing.clock)
        self._calls = ApiClient(url, auth=auth, transport=transport, pace=CALLS, translate=translate)
        self._searches = ApiClient(url, auth=auth, transport=transport, pace=SEARCHES, translate=translate)

    def ask(self, path: str) -> tuple[dict[str, Any], Answer]:
        """Anything that answers with an object."""
        answer = self._calls.read(path)
        return _object(answer), answer

    def granted_scopes(self) -> frozenset[str]:
        """Of the token in use. HubSpot's reference describes both calls; neither was tried on a real portal."""
        token = self._auth.headers()["Authorization"].removeprefix("Bearer ")
        if token.startswith(PRIVATE):
            path = "oauth/v2/private-apps/get/access-token-info"
            call = Call("POST", path, json={"tokenKey": token}, repeatable=True)
        else:
            call = Call("GET", f"oauth/v1/access-tokens/{quote(token, safe='')}", repeatable=True)
        scopes = _object(self._calls.run(call)).get("scopes")
        if not isinstance(scopes, list):
            raise VendorChanged("the answer holds no scopes")
        return frozenset(map(str, scopes))

    def get(self, kind: str, ref: str, properties: Sequence[str], *, by: str = "") -> Row | None:
        """`by`: a unique property that holds `ref`; without, the record's id. Reads what is, without lag."""
        params = _named(properties) | ({"idProperty": by} if by else {})
        try:
            answer = self._calls.read(f"crm/v3/objects/{kind}/{quote(ref, safe='')}", params=params)
        except NotFound:
            return None
        return _row(_object(answer))

    def list_all(
        self, kind: str, properties: Sequence[str], *, limit: int, after: str | None, archived: bool = False
    ) -> Rows:
        """By id, without lag or end; cannot be narrowed down."""
        params = {"limit": str(limit)} | _named(properties)
        params |= {"after": after} if after else {}
        params |= {"archived": "true"} if archived else {}
        return _rows(self._calls.read(f"crm/v3/objects/{kind}", params=params))

    def search(
        self,
        kind: str,
        groups: Sequence[Sequence[Filter]],
        properties: Sequence[str],
        *,
        limit: int,
        sort: str = "hs_object_id",
    ) -> Rows:
        """Rows that fit all filters of one of the groups, at most five of six each. Knows of a change some
        seconds later."""
        body = {
            "filterGroups": [{"filters": [_filter(*one) for one in group]} for group in groups],
            "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        call = Call("POST", f"crm/v3/objects/{kind}/search", json=body, repeatable=True)
        return _rows(self._searches.run(call))

    def read_many(self, kind: str, refs: Sequence[str], properties: Sequence[str]) -> list[Row]:
        """Those there are."""
        found: list[Row] = []
        for part in _parts(refs):
            body = {"properties": list(properties), "inputs": [{"id": ref} for ref in part]}
            call = Call("POST", f"crm/v3/objects/{kind}/batch/read", json=body, repeatable=True)
            found += _rows(self._calls.run(call)).rows
        if not {row["id"] for row in found} <= set(refs):
            raise VendorChanged("the answer holds what was not asked for")
        return found

    def associated(self, kind: str, other: str, refs: Sequence[str]) -> dict[str, list[str]]:
        """Ids of each one's `other` objects, oldest first; nothing for one without any."""
        found: dict[str, list[str]] = {ref: [] for ref in refs}
        for part in _parts(refs):
            inputs = [{"id": ref} for ref in part]
            while inputs:
                inputs = self._associate(f"crm/v4/associations/{kind}/{other}/batch/read", inputs, found)
        return {ref: sorted(set(ids), key=lambda one: (len(one), one)) for ref, ids in found.items()}

    def _associate(
        self, path: str, inputs: list[dict[str, str]], found: dict[str, list[str]]
    ) -> list[dict[str, str]]:
        """What is still to be asked: whoever has more than one answer holds."""
        answer = self._calls.run(Call("POST", path, json={"inputs": inputs}, repeatable=True))
        more = []
        for result in _results(_object(answer)):
            ref = str(result["from"]["id"])
            if ref not in found:
                raise VendorChanged("the answer holds what was not asked for")
            found[ref] += [str(to["toObjectId"]) for to in result["to"]]
            after = result.get("paging", {}).get("next", {}).get("after")
            more += [{"id": ref, "after": str(after)}] if after else []
        return more

    def label(self, kind: str, other: str) -> int:
        """The type of HubSpot's own association between the two."""
        found, _ = self.ask(f"crm/v4/associations/{kind}/{other}/labels")
        own = [one for one in _results(found) if one.get("category") == "HUBSPOT_DEFINED"]
        if not own:
            raise VendorChanged(f"{kind} and {other} have no association of HubSpot's own")
        return int(min(own, key=lambda one: one.get("label") is not None)["typeId"])

    def create(self, kind: str, properties: Mapping[str, str], *, other: str, ref: str) -> Row:
        """A record that belongs to `ref`. Raises Conflict where a unique value is taken."""
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": self.label(kind, other)}]
        body = {"properties": dict(properties), "associations": [{"to": {"id": ref}, "types": types}]}
        answer = self._calls.write("POST", f"crm/v3/objects/{kind}", json=body)
        try:
            return _row(_object(answer))
        except VendorChanged:
            raise OutcomeUnknown("the answer to a write cannot be read") from None

    def change(self, kind: str, ref: str, properties: Mapping[str, str]) -> None:
        path = f"crm/v3/objects/{kind}/{quote(ref, safe='')}"
        self._calls.run(Call("PATCH", path, json={"properties": dict(properties)}, repeatable=True))


def _parts(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(refs), MOST_AT_ONCE):
        yield refs[start : start + MOST_AT_ONCE]


def _named(properties: Sequence[str]) -> dict[str, str]:
    return {"properties": ",".join(properties)} if properties else {}


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _object(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise VendorChanged("the answer is not an object")
    return found


def _results(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    results = found.get("results")
    if not isinstance(results, list):
        raise VendorChanged("the answer holds no results")
    return results


def _row(found: dict[str, Any]) -> Row:
    if not isinstance(found.get("id"), str) or not isinstance(found.get("properties"), dict):
        raise VendorChanged("the answer is not a record")
    return found


def _rows(answer: Answer) -> Rows:
    found = _object(answer)
    after = found.get("paging", {}).get("next", {}).get("after")
    return Rows(tuple(_row(row) for row in _results(found)), str(after) if after else None)
