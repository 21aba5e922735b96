"""Dolibarr's REST interface, as far as we use it: rows in, rows out, failures in our words."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import HeaderKey
from crm_adapters.errors import (
    AuthExpired,
    CRMError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    VendorChanged,
)
from crm_adapters.http import ApiClient
from crm_adapters.limiter import Pace
from crm_adapters.transport import Transport
from crm_adapters.vendors.dolibarr.filters import above, all_of

Row = Mapping[str, Any]
"""Numbers are texts on most versions, moments seconds since 1970, empty tables lists (seen on 20)."""
ROOT = "api/index.php"
MOST_LISTED = 100
"""Rows of a list that one answer holds; Dolibarr reads every row anew, so that long pages take long."""
PACE = Pace("api", at_once=4)
"""Dolibarr has no limits of its own; a small host has."""
KEY_REFUSED = re.compile(r"user not valid|login to api|api.?key", re.IGNORECASE)
"""How 18 to 22 tell that nobody has the key; these texts are not translated."""
NOT_UNDERSTOOD = re.compile(r"column|clause|syntax", re.IGNORECASE)
"""How databases refuse a question, in English; a server that is away is told otherwise."""
RIGHTS = {
    "agendaevents": ("agenda.myactions.read", "agenda.myactions.create"),
    "categories": ("categorie.lire", ""),
    "contacts": ("societe.contact.lire", ""),
    "invoices": ("facture.lire", ""),
    "orders": ("commande.lire", ""),
    "products": ("produit.lire", ""),
    "proposals": ("propal.lire", "propal.creer"),
    "thirdparties": ("societe.lire", "societe.creer"),
    "tickets": ("ticket.read", ""),
    "users": ("user.self.creer", ""),
}
"""First part of a path → what is needed to read, and to write, by the names that Dolibarr gives its rights."""


class NoSuchCallError(VendorChanged):
    """This version has no such call, so that nothing was done."""


class Api:
    def __init__(self, url: str, key: str, transport: Transport) -> None:
        base = url.rstrip("/").removesuffix(f"/{ROOT}")
        self._client = ApiClient(
            f"{base}/{ROOT}",
            auth=HeaderKey("DOLAPIKEY", key),
            headers={"Accept": "application/json"},
            transport=transport,
            pace=PACE,
            translate=translate,
        )

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        try:
            return self._client.read(path, params=params or {})
        except PermissionDenied as error:
            told = str(error)
        raise PermissionDenied(told, scope=_right(path, 0))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Row | None:
        try:
            found = self.ask(path, params).json()
        except NotFound:
            return None
        if not isinstance(found, dict):
            raise VendorChanged("the answer is no object")
        return found

    def get_list(self, path: str) -> list[Any]:
        """All of a list that is not by id; where there are none, as with `list_some`."""
        try:
            found = self.ask(path).json()
        except NotFound:
            return []
        if not isinstance(found, list):
            raise VendorChanged("the answer is no list")
        return found

    def read(self, path: str, ref: str) -> Row | None:
        """One record by its id. An id of 0 is not asked for: Dolibarr would show a specimen."""
        row = self.get(f"{path}/{ref}") if is_id(ref) else None
        if row is not None and row_id(row) != int(ref):
            raise VendorChanged("the answer is another record")
        return row

    def list_some(
        self,
        path: str,
        conditions: Collection[str] = (),
        *,
        after: int = 0,
        limit: int = MOST_LISTED,
        key: str = "t.rowid",
        **params: str,
    ) -> list[Row]:
        """The first rows by id, of those behind `after`. Where there are none the answer is 404, or a list without
        any, as kind and version have it (seen on 20)."""
        filters = [*conditions, *([above(after, field=key)] if after else [])]
        asked = {"sortfield": key, "sortorder": "ASC", "limit": str(limit), **params}
        asked |= {"sqlfilters": all_of(filters)} if filters else {}
        try:
            found = self.ask(path, asked).json()
        except NotFound:
            return []
        return _ordered(found, after, limit)

    def list_all(
        self, path: str, conditions: Collection[str] = (), *, limit: int = MOST_LISTED, **params: str
    ) -> Iterator[Row]:
        after = 0
        while rows := self.list_some(path, conditions, after=after, limit=limit, **params):
            yield from rows
            after = row_id(rows[-1])
            if len(rows) < limit:
                return

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        try:
            answer = self._client.write(method, path, json=body)
        except PermissionDenied as error:
            told = str(error)
        else:
            return _written(answer)
        raise PermissionDenied(told, scope=_right(path, 1))

    def version(self) -> tuple[str, Answer]:
        answer = self.ask("status")
        try:
            return str(answer.json()["success"]["dolibarr_version"]), answer
        except (VendorChanged, KeyError, TypeError):
            pass
        raise VendorChanged("no Dolibarr whose module API/Web services REST is on answers here")


def is_id(ref: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\d{0,9}", ref, re.ASCII))


def row_id(row: Row) -> int:
    """Lines of a document have it by another name on some versions."""
    try:
        return int(row.get("id") or row["rowid"])
    except (KeyError, TypeError, ValueError):
        pass
    raise VendorChanged("a record has no id")


def translate(answer: Answer) -> CRMError | None:
    """A refusal holds a code, and words that may repeat what was sent. Rights are refused with 401 up to 19, with
    403 later (from Dolibarr's source). 503 is what it answers to a column it lacks, which trying again will not
    mend (seen on 20), and where its database is away."""
    told, words = f"Dolibarr answered {answer.status}", _words(answer)
    detail = (words or "").partition(":")[2].strip()
    match answer.status:
        case 401 if words is None or KEY_REFUSED.search(words):
            return AuthExpired(f"{told}: nobody has this key")
        case 401:
            return PermissionDenied(told)
        case 404 if not detail:
            return _missing(told, words)
        case 501:
            return VendorChanged(f"{told}: the call is missing, or closed by API_ENDPOINT_RULES")
        case 503 if NOT_UNDERSTOOD.search(detail):
            return VendorChanged(f"{told}: it does not understand the question")
    return None


def _missing(told: str, words: str | None) -> VendorChanged:
    """Of a record that is not there more is told."""
    if words is None:
        return VendorChanged(f"{told}: no Dolibarr is at this address")
    return NoSuchCallError(f"{told}: this Dolibarr has no such call")


def _words(answer: Answer) -> str | None:
    """As `Not Found: Thirdparty not found`; None where the answer is not Dolibarr's own."""
    try:
        found = answer.json()["error"]["message"]
    except (VendorChanged, KeyError, TypeError):
        return None
    return str(found)


def _right(path: str, writes: int) -> str:
    return RIGHTS.get(path.partition("/")[0], ("", ""))[writes]


def _ordered(found: Any, after: int, limit: int) -> list[Row]:
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise VendorChanged("the answer is no list of records")
    rows: Sequence[Row] = found
    ids = [row_id(row) for row in rows]
    if ids != sorted(set(ids)) or len(ids) > limit or (ids and ids[0] <= after):
        raise VendorChanged("the answer is not the page that was asked for")
    return list(rows)


def _written(answer: Answer) -> Any:
    try:
        return answer.json()
    except VendorChanged:
        pass
    raise OutcomeUnknown("the answer to a write cannot be read")
