"""WooCommerce's REST interface, as far as we use it: rows in, rows out, failures in our words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import basic
from crm_adapters.errors import (
    CRMError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.http import ApiClient
from crm_adapters.limiter import Pace
from crm_adapters.transport import Transport

Row = Mapping[str, Any]
MOST_LISTED = 100
ROOT = "wp-json/wc/v3"
AT_ONCE = Pace("api", at_once=4)
"""WooCommerce has no limits of its own; a small host has."""
INVALID_ID = "_invalid_id"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list by id goes on: with the last row that was seen, where it is expected."""

    offset: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    rows: tuple[Row, ...]
    place: Place | None
    """None: this was the end."""


class Api:
    def __init__(self, url: str, key: str, secret: str, transport: Transport) -> None:
        self._client = ApiClient(
            f"{url.rstrip('/')}/{ROOT}",
            auth=basic(key, secret),
            transport=transport,
            pace=AT_ONCE,
            translate=translate,
        )

    def ask(self, path: str) -> tuple[Row, Answer]:
        answer = self._client.read(path)
        return _object(answer.json()), answer

    def get(self, path: str) -> Row | None:
        try:
            return self.ask(path)[0]
        except NotFound:
            return None

    def list_some(self, path: str, params: Mapping[str, str]) -> list[Row]:
        """One page, as `params` has it."""
        return _rows(self._client.read(path, params=params))

    def list_on(self, path: str, params: Mapping[str, str], place: Place, *, limit: int) -> Listed:
        """The next rows by id. There is no filter by id, and places move while rows come and go: each page begins
        with the last row of the one before, and where that is missing we go back."""
        asked = {"orderby": "id", "order": "asc", "per_page": str(limit), "offset": str(place.offset)}
        answer = self._client.read(path, params={**params, **asked})
        rows = _rows(answer)
        return _advance(rows, _total(answer), place, limit)

    def list_all(self, path: str, params: Mapping[str, str], *, limit: int) -> Iterator[Row]:
        place: Place | None = Place()
        while place is not None:
            listed = self.list_on(path, params, place, limit=limit)
            yield from listed.rows
            place = listed.place

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Row:
        answer = self._client.write(method, path, json=body)
        try:
            return _object(answer.json())
        except VendorChanged:
            pass
        raise OutcomeUnknown("the answer to a write cannot be read")


def _advance(rows: Sequence[Row], total: int, place: Place, limit: int) -> Listed:
    ids = [row["id"] for row in rows]
    if ids != sorted(set(ids)) or place.offset > total + 2 * limit:
        raise VendorChanged("the list is not by id, or has no end")
    if place.offset and (not ids or ids[0] > place.last):
        return Listed((), Place(max(0, place.offset - limit), place.last))
    fresh = tuple(row for row in rows if row["id"] > place.last)
    if place.offset + len(ids) >= total and (fresh or len(ids) <= 1):
        return Listed(fresh, None)
    if len(ids) <= 1:
        raise VendorChanged("the list breaks off")
    return Listed(fresh, Place(place.offset + len(ids) - 1, max(place.last, ids[-1])))


def translate(answer: Answer) -> CRMError | None:
    """Refusals hold a code, and a message that may repeat what was sent."""
    told, code = f"WooCommerce answered {answer.status}", _code(answer)
    match answer.status:
        case 401 if code == "woocommerce_rest_authentication_error" and b"write permissions" in answer.body:
            return PermissionDenied(f"{told}: the key may only read", scope="write")
        case 403 if not code:
            return PermissionDenied(f"{told}: a firewall before the shop keeps us out")
        case 400:
            return ValidationFailed(told, fields=_fields(answer))
        case 404 if not code.endswith(INVALID_ID):
            return VendorChanged(f"{told}: no REST interface is at this address")
    return None


def _code(answer: Answer) -> str:
    return str(_data(answer).get("code") or "")


def _fields(answer: Answer) -> dict[str, str]:
    data = _data(answer).get("data")
    names = data.get("params") if isinstance(data, dict) else None
    return {str(name): "WooCommerce refuses the value" for name in names or ()}


def _data(answer: Answer) -> Row:
    try:
        found = answer.json()
    except VendorChanged:
        return {}
    return found if isinstance(found, dict) else {}


def _object(found: Any) -> Row:
    if not isinstance(found, dict):
        raise VendorChanged("the answer is no object")
    return found


def _rows(answer: Answer) -> list[Row]:
    found = answer.json()
    if not isinstance(found, list) or not all(isinstance(row, dict) and "id" in row for row in found):
        raise VendorChanged("the answer is no list of records")
    return found


def _total(answer: Answer) -> int:
    text = answer.headers.get("X-WP-Total", "")
    if not text.isdecimal():
        raise VendorChanged("the answer does not tell how many there are")
    return int(text)
