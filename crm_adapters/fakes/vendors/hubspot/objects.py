"""The routes of objects and of what belongs to what."""

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.hubspot.answers import fault, invalid, missing
from crm_adapters.fakes.vendors.hubspot.properties import PROPERTIES
from crm_adapters.fakes.vendors.hubspot.searching import search
from crm_adapters.fakes.vendors.hubspot.storing import LABELS, Portal, show
from crm_adapters.fakes.wire import Refused, reply, route

MOST_LISTED = 100
MOST_AT_ONCE = 100
LONGEST_ADDRESS = 8_000
LONGEST_NOTE = 65_536
STAMPS = ("hs_object_id", "createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate")
"""Come with every answer."""


class Objects(Fake):
    """§0 to §7."""

    portal: Portal
    links_at_once = 2
    """Associations of one record in an answer; HubSpot gives hundreds, too many for a test to reach."""

    def require(self, kind: str, act: str) -> None:
        """Raises Refused where the app lacks the scope."""
        raise NotImplementedError

    @route("GET", "/crm/v3/objects/<kind>")
    def list_objects(self, request: Request, kind: str) -> Response:
        """§4: by id, without lag and without end; the archived apart from the rest."""
        self.require(kind, "read")
        limit, after = int(request.args.get("limit", 10)), int(request.args.get("after", 0))
        if not 1 <= limit <= MOST_LISTED:
            raise invalid(f"limit must be at most {MOST_LISTED}")
        table = self.portal.table(kind)
        merged = [row for row in table.deleted() if row.merged_into]
        gone = [row for row in table.deleted() if row not in merged]
        rows = sorted(
            gone if request.args.get("archived") == "true" else table.live(), key=lambda row: int(row.id)
        )
        rest = [row for row in rows if int(row.id) >= after]
        paging = _paging(str(rest[limit].id)) if len(rest) > limit else {}
        return reply({"results": [_show(row, _asked(request)) for row in rest[:limit]], **paging})

    @route("GET", "/crm/v3/objects/<kind>/<ref>")
    def read_object(self, request: Request, kind: str, ref: str) -> Response:
        self.require(kind, "read")
        by = request.args.get("idProperty")
        if not by and not ref.isdecimal():
            raise invalid(f"Invalid id: {ref}")
        row = self.portal.find(kind, by, ref) if by else self.portal.get(kind, ref)
        if row is None:
            raise missing(f"{kind} {ref} not found")
        return reply(_show(row, _asked(request)))

    @route("POST", "/crm/v3/objects/<kind>/search", reads=True)
    def search_objects(self, request: Request, kind: str) -> Response:
        """§1, §4: archived rows are never found, nor what was written in the last seconds."""
        self.require(kind, "read")
        body = request.get_json()
        rows, start = search(self.portal.table(kind), kind, body)
        end = start + body.get("limit", 10)
        paging = _paging(str(end)) if len(rows) > end else {}
        found = [_show(row, body.get("properties", [])) for row in rows[start:end]]
        return reply({"total": len(rows), "results": found, **paging})

    @route("POST", "/crm/v3/objects/<kind>/batch/read", reads=True)
    def read_batch(self, request: Request, kind: str) -> Response:
        """§3: what is missing is told beside the rest, with 207."""
        self.require(kind, "read")
        body = request.get_json()
        refs = [one["id"] for one in _inputs(body)]
        rows = [row for ref in refs if (row := self.portal.table(kind).get(ref))]
        lost = sorted(set(refs) - {row.id for row in rows})
        return _batch([_show(row, body.get("properties", [])) for row in rows], lost)

    @route("POST", "/crm/v3/objects/<kind>")
    def create_object(self, request: Request, kind: str) -> Response:
        self.require(kind, "write")
        body = request.get_json()
        properties = _checked(kind, body.get("properties", {}))
        if kind == "notes" and not properties.get("hs_timestamp"):
            raise invalid("hs_timestamp is required", propertyName="hs_timestamp")
        if len(properties.get("hs_note_body") or "") > LONGEST_NOTE:
            raise invalid("the note is too long", propertyName="hs_note_body")
        owners = [_owner(kind, one) for one in body.get("associations", [])]
        for owner in owners:
            self.portal.get(*owner)
        row = self.portal.add(kind, self._completed(kind, properties), owners)
        return reply(_show(row, list(properties)), 201)

    def _completed(self, kind: str, properties: dict[str, str | None]) -> dict[str, str | None]:
        """§6: a line takes over what it does not say from its product."""
        product_ref = properties.get("hs_product_id")
        if kind != "line_items" or not product_ref:
            return properties
        product = self.portal.get("products", product_ref)
        known = {name: product.values.get(name) for name in ("name", "price", "hs_sku")}
        return {**known, **properties}

    @route("PATCH", "/crm/v3/objects/<kind>/<ref>")
    def change_object(self, request: Request, kind: str, ref: str) -> Response:
        """§7: nothing guards it."""
        self.require(kind, "write")
        row = self.portal.get(kind, ref)
        properties = _checked(kind, request.get_json().get("properties", {}))
        return reply(_show(self.portal.change(kind, row, properties), list(properties)))

    @route("POST", "/crm/v4/associations/<kind>/<other>/batch/read", reads=True)
    def read_links(self, request: Request, kind: str, other: str) -> Response:
        """§3: whoever has none, or is not there, is told among the errors, with 207."""
        self.require(kind, "read")
        results, lost = [], []
        for one in _inputs(request.get_json()):
            found = self.portal.links((kind, one["id"]), other)
            start = int(one.get("after", 0))
            part = found[start : start + self.links_at_once]
            paging = _paging(str(start + len(part))) if len(found) > start + len(part) else {}
            to = [{"toObjectId": int(ref), "associationTypes": _types(kind, other)} for ref in part]
            results += [{"from": {"id": one["id"]}, "to": to, **paging}] if to else []
            lost += [] if to else [one["id"]]
        return _batch(results, lost)

    @route("GET", "/crm/v4/associations/<kind>/<other>/labels")
    def list_labels(self, _request: Request, kind: str, other: str) -> Response:
        return reply({"results": _types(kind, other)})

    @route("GET", "/crm/v3/properties/<kind>")
    def list_properties(self, _request: Request, kind: str) -> Response:
        self.require(kind, "read")
        return reply({"results": [one.describe() for one in PROPERTIES[kind].values()]})

    @route("GET", "/crm/v3/properties/<kind>/<name>")
    def read_property(self, _request: Request, kind: str, name: str) -> Response:
        self.require(kind, "read")
        if name not in PROPERTIES[kind]:
            raise missing()
        return reply(PROPERTIES[kind][name].describe())


def _asked(request: Request) -> list[str]:
    """§4: an address with hundreds of properties in it does not get through."""
    if len(request.full_path) > LONGEST_ADDRESS:
        raise Refused(fault(414, "URI_TOO_LONG", "the address is too long"))
    return request.args.get("properties", "").split(",")


def _show(row: Row, names: Sequence[str]) -> dict[str, Any]:
    """§0: what does not exist is left out without a word; what is empty is null."""
    wanted = {*names, *STAMPS} & row.values.keys() | {*names} & set().union(*PROPERTIES.values())
    shown = {
        "id": row.id,
        "properties": {name: row.values.get(name) or None for name in sorted(wanted)},
        "createdAt": show(row.created_at),
        "updatedAt": show(row.modified_at),
        "archived": row.deleted_at is not None,
    }
    return shown | ({"archivedAt": show(row.deleted_at)} if row.deleted_at else {})


def _checked(kind: str, properties: Mapping[str, str]) -> dict[str, str | None]:
    """§0: on writing, a property that there is not is refused; so is what is HubSpot's own."""
    for name, value in properties.items():
        known = PROPERTIES[kind].get(name)
        if known is None or known.fixed:
            raise invalid(f'Property "{name}" does not exist or is read only', propertyName=name)
        if value and known.options and value not in known.options:
            raise invalid(f"{value} was not one of the allowed options", propertyName=name)
    return dict(properties)


def _owner(kind: str, one: Mapping[str, Any]) -> tuple[str, str]:
    """§6: the type says what the other is."""
    number = one["types"][0]["associationTypeId"]
    other = next((to for (of, to), known in LABELS.items() if of == kind and known == number), None)
    if other is None:
        raise invalid(f"no association {number} of {kind}")
    return other, one["to"]["id"]


def _types(kind: str, other: str) -> list[dict[str, Any]]:
    number = LABELS.get((kind, other), 999)
    return [{"category": "HUBSPOT_DEFINED", "typeId": number, "label": None}]


def _inputs(body: Mapping[str, Any]) -> list[dict[str, str]]:
    inputs: list[dict[str, str]] = body.get("inputs", [])
    if not 1 <= len(inputs) <= MOST_AT_ONCE:
        raise invalid(f"1 to {MOST_AT_ONCE} inputs")
    return inputs


def _paging(after: str) -> dict[str, Any]:
    return {"paging": {"next": {"after": after, "link": f"?after={after}"}}}


def _batch(results: list[Any], lost: list[str]) -> Response:
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": "2026-01-05T09:00:00.000Z",
        "completedAt": "2026-01-05T09:00:00.100Z",
    }
    errors = [
        {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "none found", "context": {"ids": lost}}
    ]
    return reply(body | {"numErrors": len(lost), "errors": errors}, 207) if lost else reply(body)
