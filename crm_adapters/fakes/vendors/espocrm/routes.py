"""The routes of the interface."""

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.espocrm.database import Database
from crm_adapters.fakes.vendors.espocrm.metadata import ENTITIES, Def, describe
from crm_adapters.fakes.vendors.espocrm.searching import MOST_LISTED, Invalid, fold, read_search
from crm_adapters.fakes.wire import Refused, reply, route

ROOT = "/api/v1"
HAS_MORE, NO_MORE = -1, -2
"""Core/Record/Collection: instead of a number."""


def fault(status: int, reason: str, body: Any = None) -> Response:
    """Core/Api/ErrorOutput: the reason is a header, and may repeat what was sent."""
    told = reason.encode("ascii", "replace").decode()
    return reply(body, status, {"X-Status-Reason": told})


def invalid(field: str, kind: str = "valid") -> Response:
    data = {"field": field, "type": kind}
    return fault(400, "", {"messageTranslation": {"label": "validationFailure", "scope": None, "data": data}})


class Routes(Fake):
    base: Database
    fields: dict[str, dict[str, Def]]
    rights: dict[str, dict[str, str]]
    uncounted: set[str]
    old: bool
    duplicates_refused: bool

    def require(self, entity: str, action: str) -> None:
        """Core/Acl: a scope that nobody was let into is a record type that may not be seen."""
        if entity not in self.base.tables:
            raise Refused(fault(404, f"Controller '{entity}' does not exist."))
        if self.rights.get(entity, {}).get(action, "no") == "no":
            raise Refused(fault(403, f"No {action} access."))

    @route("GET", f"{ROOT}/App/user")
    def tell_user(self, _request: Request) -> Response:
        """Tools/App/AppService: scopes without any access are left out of the table."""
        table = {name: rights for name, rights in self.rights.items() if name in self.base.tables}
        settings = {"defaultCurrency": "EUR", "currencyList": ["EUR", "USD"], "timeZone": "Europe/Berlin"}
        user = {"id": "api1", "type": "api", "userName": "assist-Qzx7"}
        return reply({"user": user, "acl": {"table": table}, "settings": settings, "token": None})

    @route("GET", f"{ROOT}/App/about")
    def tell_version(self, _request: Request) -> Response:
        if self.old:
            raise Refused(fault(404, "Action 'about' does not exist."))
        return reply({"text": "", "version": "10.0.0"})

    @route("GET", f"{ROOT}/Metadata")
    def tell_metadata(self, request: Request) -> Response:
        """Before 8.2 the key is not looked at."""
        found: Any = describe(self.fields, self.rights.keys() & self.base.tables.keys())
        for name in request.args.get("key", "").split(".") if not self.old else ():
            found = found.get(name) if isinstance(found, dict) else None
        return Response("null", content_type="application/json") if found is None else reply(found)

    @route("GET", f"{ROOT}/<entity>")
    def list_rows(self, request: Request, entity: str) -> Response:
        """Core/Record/Service: a condition that is forbidden is an error like any other."""
        self.require(entity, "read")
        try:
            search = read_search(entity, request.args.get("searchParams", "{}"))
        except Invalid as error:
            raise Refused(fault(400, str(error))) from None
        if search.limit > MOST_LISTED:
            raise Refused(fault(403, f"Max size should not exceed {MOST_LISTED}. Use offset and limit."))
        live = [row for row in self.base.tables[entity].live() if search.fits(self._comparable(entity, row))]
        shown = [self.base.show(entity, row, listed=True) for row in live]
        ordered = sorted(shown, key=lambda one: str(one.get(search.order)))
        part = [_select(one, search.select) for one in ordered[: search.limit]]
        if request.headers.get("X-No-Total") == "true" or entity in self.uncounted:
            return reply({"total": HAS_MORE if len(shown) > search.limit else NO_MORE, "list": part})
        return reply({"total": len(shown), "list": part})

    def _comparable(self, entity: str, row: Row) -> Values:
        return {**row.values, **self.base.show(entity, row, listed=False)}

    @route("GET", f"{ROOT}/<entity>/<ref>")
    def read(self, _request: Request, entity: str, ref: str) -> Response:
        self.require(entity, "read")
        return reply(self.base.show(entity, self._one(entity, ref), listed=False))

    def _one(self, entity: str, ref: str) -> Row:
        row = self.base.tables[entity].get(ref)
        if row is None:
            raise Refused(fault(404, "Record not found."))
        return row

    @route("GET", f"{ROOT}/<entity>/<ref>/posts")
    def list_posts(self, request: Request, entity: str, ref: str) -> Response:
        """Tools/Stream/RecordService: the latest first."""
        self._one(entity, ref)
        self.require(entity, "stream")
        rows = [row for row in self.base.tables["Note"].live() if row.values["parentId"] == ref][::-1]
        start, limit = int(request.args.get("offset", 0)), int(request.args.get("maxSize", MOST_LISTED))
        part = [self.base.show("Note", row, listed=True) for row in rows[start : start + limit]]
        return reply({"total": len(rows), "list": part})

    @route("POST", f"{ROOT}/Note")
    def add_note(self, request: Request) -> Response:
        """Classes/Acl/Note, Classes/RecordHooks/Note: whoever sees a record's stream may post to it. A created record
        is answered with 200."""
        body = request.get_json()
        parent = self.base.tables.get(body.get("parentType", ""))
        rights = self.rights.get(body.get("parentType", ""), {})
        if parent is None or parent.get(body.get("parentId", "")) is None or rights.get("stream") == "no":
            raise Refused(fault(403, "No access to parent."))
        if body.get("type") != "Post":
            raise Refused(fault(403, "Only 'Post' type allowed."))
        row = self.base.tables["Note"].add({**body, "versionNumber": 1})
        return reply(self.base.show("Note", row, listed=False))

    @route("PUT", f"{ROOT}/<entity>/<ref>")
    def change(self, request: Request, entity: str, ref: str) -> Response:
        """Core/Record/Service: what does not exist, or is read-only, is left out without a word."""
        row = self._one(entity, ref)
        self.require(entity, "edit")
        body = {name: value for name, value in request.get_json().items() if self._takes(entity, name)}
        self._validate(entity, body)
        self._guard(entity, row, body, request.headers.get("X-Version-Number"))
        self._refuse_duplicates(entity, row, body)
        if "itemList" in body:
            body["itemList"] = self.base.make_items(body["itemList"])
        changed = self.base.change(entity, row, body)
        return reply(self.base.show(entity, changed, listed=True))

    def _takes(self, entity: str, name: str) -> bool:
        return name in ENTITIES[entity] and not self.fields[entity].get(name, {}).get("readOnly")

    def _validate(self, entity: str, body: Values) -> None:
        """Core/FieldValidation."""
        if body.get("lastName", "-") in {None, ""}:
            raise Refused(invalid("lastName", "required"))
        for name, value in body.items():
            options = self.fields[entity].get(name, {}).get("options")
            if options and value is not None and value not in options:
                raise Refused(invalid(name))

    def _guard(self, entity: str, row: Row, body: Values, version: str | None) -> None:
        """Core/Record/ConcurrencyControl: an old number is forgiven to whoever changes nothing."""
        if version is None or entity not in self.base.versioned:
            return
        changes = any(row.values.get(name) != value for name, value in body.items())
        number = row.values["versionNumber"]
        if changes and int(version) != number:
            told = {"values": {name: row.values.get(name) for name in body}, "versionNumber": number}
            raise Refused(fault(409, "modified", told))

    def _refuse_duplicates(self, entity: str, row: Row, body: Values) -> None:
        """`updateDuplicateCheck` is off unless an admin has switched it on; the answer holds the other records."""
        if not self.duplicates_refused or entity != "Contact":
            return
        name = _full_name({**row.values, **body})
        others = [
            self.base.show(entity, other, listed=True)
            for other in self.base.tables[entity].live()
            if other is not row and fold(_full_name(other.values)) == fold(name)
        ]
        if others:
            raise Refused(fault(409, "duplicate", others))


def _full_name(values: Mapping[str, Any]) -> str:
    return f"{values.get('firstName')} {values.get('lastName')}"


def _select(shown: Values, names: tuple[str, ...]) -> Values:
    """Nothing chosen is everything."""
    return {name: shown.get(name) for name in ("id", *names)} if names else shown
