"""EspoCRM's interface as far as we use it: rows in, rows out, failures in our words."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import HeaderKey, NoAuth
from crm_adapters.errors import NotFound, OutcomeUnknown, PermissionDenied, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.limiter import Pace
from crm_adapters.signatures import sign_hex
from crm_adapters.transport import Transport
from crm_adapters.vendors.espocrm.failures import translate

Row = Mapping[str, Any]
Where = Mapping[str, Any]
ROOT = "api/v1"
MOST_LISTED = 200
"""Unless the installation's `recordListMaxSizeLimit` says less."""
AT_ONCE = Pace("api", at_once=4)
"""EspoCRM has no limits of its own; a small host has."""
STAMP = "modifiedAt"
NO_TOTAL = {"X-No-Total": "true"}


class Api:
    def __init__(self, url: str, key: str, secret: str, transport: Transport) -> None:
        """`secret`: of an API user that signs its calls; empty: the key is enough."""
        self._key = key
        self._secret = secret
        self._client = ApiClient(
            f"{url.rstrip('/')}/{ROOT}",
            auth=NoAuth() if secret else HeaderKey("X-Api-Key", key),
            transport=transport,
            pace=AT_ONCE,
            translate=translate,
        )

    def _run(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        signed = self._sign(method, path) | dict(headers or {})
        call = Call(method, path, params=params or {}, json=body, headers=signed, repeatable=repeatable)
        try:
            return self._client.run(call)
        except PermissionDenied as error:
            raise PermissionDenied(str(error), scope=_right(method, path)) from None

    def _sign(self, method: str, path: str) -> dict[str, str]:
        """Method and path only: neither the query nor the body, nor when it was."""
        if not self._secret:
            return {}
        told = f"{self._key}:{sign_hex(self._secret, f'{method} /{path}'.encode())}"
        return {"X-Hmac-Authorization": b64encode(told.encode()).decode()}

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> tuple[Row, Answer]:
        answer = self._run("GET", path, params=params, repeatable=True)
        return _object(answer), answer

    def get(self, entity: str, ref: str) -> Row | None:
        """Whole, with what lists leave out."""
        if not is_id(ref):
            return None
        try:
            row = _row(self.ask(f"{entity}/{ref}")[0])
        except NotFound:
            return None
        if row["id"] != ref:
            raise VendorChanged("the answer is another record")
        return None if row.get("deleted") is True else row

    def select(
        self, entity: str, where: Sequence[Where], *, limit: int, fields: Sequence[str] = ()
    ) -> tuple[Row, ...]:
        """The first rows by id. `fields`: beside the id and the stamp; none gives all that lists tell."""
        search = {"where": list(where), "orderBy": "id", "order": "asc", "maxSize": limit}
        search |= {"select": ["id", STAMP, *fields]} if fields else {}
        rows = _rows(self._list(entity, search, NO_TOTAL))
        if any(STAMP not in row for row in rows):
            raise VendorChanged("the answer lacks what was asked for")
        return rows

    def select_all(
        self, entity: str, where: Sequence[Where], *, fields: Sequence[str] = (), limit: int = MOST_LISTED
    ) -> Iterator[Row]:
        after = ""
        while True:
            asked = [*where, condition("greaterThan", "id", after)] if after else where
            rows = self.select(entity, asked, fields=fields, limit=limit)
            if after in {row["id"] for row in rows}:
                raise VendorChanged("a page came twice")
            yield from rows
            if len(rows) < limit:
                return
            after = rows[-1]["id"]

    def count(self, entity: str, where: Sequence[Where]) -> int | None:
        """None where the installation does not count records of this kind."""
        search = {"where": list(where), "maxSize": 1, "select": ["id"]}
        total = self._list(entity, search).get("total")
        return total if isinstance(total, int) and total >= 0 else None

    def _list(self, entity: str, search: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Row:
        params = {"searchParams": json.dumps(search, ensure_ascii=False)}
        return _object(self._run("GET", entity, params=params, headers=headers, repeatable=True))

    def posts(self, entity: str, ref: str) -> Iterator[Row]:
        """What people wrote on a record, the latest first; a new one moves the others on, so that none is missed."""
        offset = 0
        while True:
            params = {"offset": str(offset), "maxSize": str(MOST_LISTED)}
            found, _ = self.ask(f"{entity}/{ref}/posts", params)
            rows = _rows(found)
            yield from rows
            offset += len(rows)
            if len(rows) < MOST_LISTED:
                return

    def create(self, entity: str, body: Mapping[str, Any]) -> Row:
        return _written(self._run("POST", entity, body=dict(body)))

    def change(
        self, entity: str, ref: str, body: Mapping[str, Any], *, version: object, repeatable: bool = False
    ) -> Row:
        """`version`: the number that was read, where records of this kind have one. EspoCRM then refuses a change
        of a value that somebody else has changed since."""
        headers = {"X-Version-Number": str(version)} if isinstance(version, int) else {}
        path = f"{entity}/{ref}"
        row = _written(self._run("PUT", path, body=dict(body), headers=headers, repeatable=repeatable))
        if row["id"] != ref:
            raise OutcomeUnknown("the answer is to another write")
        return row

    def metadata(self, path: str) -> Any:
        """None for what there is not, or is not for us to see. Before 8.2 all of it is answered."""
        found: Any = self._run("GET", "Metadata", params={"key": path}, repeatable=True).json()
        if not isinstance(found, dict) or not {"entityDefs", "scopes"} <= found.keys():
            return found
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found


def condition(kind: str, attribute: str, value: object = None) -> dict[str, object]:
    return {"type": kind, "attribute": attribute} | ({} if value is None else {"value": value})


def _right(method: str, path: str) -> str:
    """That a role lacks, for EspoCRM does not say; everybody may ask what there is, and who they are."""
    entity, _, rest = path.partition("/")
    if entity == "Note" or rest.endswith("/posts"):
        return "Contact: stream"
    if entity in {"App", "Metadata"}:
        return ""
    return f"{entity}: {'edit' if method == 'PUT' else 'read'}"


def is_id(ref: str) -> bool:
    """Seventeen signs, or a UUID; imported records may have others."""
    return bool(re.fullmatch(r"[0-9A-Za-z_-]{1,36}", ref))


def show(moment: datetime) -> str:
    """In UTC, and without a word of it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _written(answer: Answer) -> Row:
    try:
        return _row(answer.json())
    except VendorChanged:
        raise OutcomeUnknown("the answer to a write cannot be read") from None


def _object(answer: Answer) -> Row:
    found = answer.json()
    if not isinstance(found, dict):
        raise VendorChanged("the answer is no object")
    return found


def _rows(found: Row) -> tuple[Row, ...]:
    rows = found.get("list")
    if not isinstance(rows, list):
        raise VendorChanged("the answer is no list")
    return tuple(map(_row, rows))


def _row(found: Any) -> Row:
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        raise VendorChanged("the answer is no record")
    return found
