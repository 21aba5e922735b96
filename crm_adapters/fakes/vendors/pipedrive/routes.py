"""The routes of v2 and v1."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.pipedrive.storing import (
    DEAL_FIELDS,
    FAMILY,
    PERSON_FIELDS,
    Account,
    show,
    split,
)
from crm_adapters.fakes.wire import Refused, reply, route

MOST_LISTED, MOST_FOUND, MOST_IDS = 500, 100, 100
KINDS = ("persons", "organizations", "products", "deals")
PAGING = frozenset({"limit", "cursor", "sort_by", "sort_direction"})
FILTERS = PAGING | {"ids", "updated_since", "updated_until", "include_fields", "custom_fields"}
DEAL_FILTERS = FILTERS | {"person_id", "org_id", "owner_id", "status"}


def fault(status: int, error: str) -> Response:
    """§8."""
    body = {"success": False, "error": error, "error_info": "see the reference", "data": None}
    return reply(body | {"additional_data": None}, status)


class Routes(Fake):
    account: Account

    def require(self, scope: str) -> None:
        """Raises Refused where the app lacks the scope."""
        raise NotImplementedError

    @route("GET", "/api/v2/persons/search")
    def search_persons(self, request: Request) -> Response:
        """§1: at least two signs, unless exact; telephones by the very signs that were typed."""
        self.require("search:read")
        _check(request, PAGING | {"term", "fields", "exact_match"})
        term, exact = request.args["term"].lower(), request.args.get("exact_match") == "true"
        if len(term) < (1 if exact else 2):
            raise Refused(fault(400, "term must be at least 2 characters"))
        if not 1 <= int(request.args.get("limit", 100)) <= MOST_FOUND:
            raise Refused(fault(400, "limit must not exceed 100"))
        wanted = request.args.get("fields", "").split(",")

        def fits(values: Values) -> bool:
            texts = [text.lower() for name in wanted for text in _texts(values, name)]
            return term in texts if exact else any(term in text for text in texts)

        found = self.account.tables["persons"].search(fits)
        items = [
            {"result_score": 1, "item": {"id": int(row.id), "type": "person", "name": row.values["name"]}}
            for row in found[: int(request.args.get("limit", 100))]
        ]
        return reply({"success": True, "data": {"items": items}, "additional_data": {"next_cursor": None}})

    @route("GET", "/api/v2/deals/products")
    def list_lines(self, request: Request) -> Response:
        """§3: of several deals at once; the product's own code is not told."""
        self.require("deals:read")
        _check(request, PAGING | {"deal_ids"})
        asked = {int(ref) for ref in _ids(request, "deal_ids")}
        rows = [row for row in self.account.tables["lines"].live() if row.values["deal_id"] in asked]
        return _page(request, rows, self._show)

    @route("GET", "/api/v2/deals/archived")
    def list_archived(self, request: Request) -> Response:
        """§3."""
        self.require("deals:read")
        _check(request, DEAL_FILTERS)
        return _page(request, self._deals(request, archived=True), self._show)

    @route("GET", "/api/v2/<any(persons,organizations,products,deals):kind>")
    def list_rows(self, request: Request, kind: str) -> Response:
        """§3, §4: live ones; deals that were deleted only where they are asked for."""
        self.require("contacts:read" if kind in {"persons", "organizations"} else f"{kind}:read")
        _check(request, DEAL_FILTERS if kind == "deals" else FILTERS)
        rows = self._deals(request, archived=False) if kind == "deals" else self._listed(request, kind)
        return _page(request, rows, self._show)

    @route("GET", "/api/v2/<any(persons,organizations,products,deals):kind>/<ref>")
    def read_row(self, _request: Request, kind: str, ref: str) -> Response:
        """§1: what was deleted may still be shown, marked so."""
        self.require("contacts:read" if kind in {"persons", "organizations"} else f"{kind}:read")
        row = self.account.tables[kind].rows.get(ref)
        if row is None or (row.deleted_at and kind != "deals"):
            raise Refused(fault(404, f"{kind} {ref} not found"))
        return _told(self._show(row))

    @route("PATCH", "/api/v2/persons/<ref>")
    def change_person(self, request: Request, ref: str) -> Response:
        """§2, §7: null clears, arrays are replaced, nothing guards it."""
        self.require("contacts:full")
        row = self.account.tables["persons"].get(ref)
        if row is None:
            raise Refused(fault(404, "Person not found"))
        body = request.get_json()
        if body.keys() - {"name", "emails", "phones", "org_id", "label_ids", "custom_fields"}:
            raise Refused(fault(400, "Validation failed: unknown field"))
        custom = {**row.values["custom_fields"], **_checked(body.get("custom_fields", {}))}
        named = split(body["name"]) if "name" in body else {}
        changed = self.account.tables["persons"].change(row, {**body, **named, "custom_fields": custom})
        return _told(self._show(changed))

    @route("POST", "/api/v2/deals/<ref>/products")
    def add_line(self, request: Request, ref: str) -> Response:
        """§6: 201, in the deal's currency. A closed deal takes lines all the same."""
        self.require("deals:full")
        deal = self.account.tables["deals"].get(ref)
        body = request.get_json()
        if deal is None:
            raise Refused(fault(404, "Deal not found"))
        if not {"product_id", "item_price", "quantity"} <= body.keys():
            raise Refused(fault(400, "product_id, item_price and quantity are required"))
        product = self.account.tables["products"].get(str(body["product_id"]))
        if product is None:
            raise Refused(fault(404, "Product not found"))
        told = {"name": product.values["name"], "currency": deal.values["currency"], "comments": None}
        row = self.account.tables["lines"].add({"deal_id": int(ref), **told, **body})
        self.account.tables["deals"].change(deal, {})
        return _told(self._show(row), 201)

    @route("GET", "/api/v1/notes")
    def list_notes(self, request: Request) -> Response:
        """§0: v1 counts rows; nothing found is null."""
        self.require("contacts:read")
        start, limit = int(request.args.get("start", 0)), int(request.args.get("limit", 100))
        whose = request.args.get("person_id")
        rows = self.account.tables["notes"].live()
        rows = [row for row in rows if not whose or row.values["person_id"] == int(whose)]
        more = len(rows) > start + limit
        paging = {"start": start, "limit": limit, "more_items_in_collection": more}
        paging |= {"next_start": start + limit} if more else {}
        data = [self._show(row) for row in rows[start : start + limit]] or None
        return reply({"success": True, "data": data, "additional_data": {"pagination": paging}})

    @route("POST", "/api/v1/notes")
    def add_note(self, request: Request) -> Response:
        """§6: 200, not 201; of somebody or something."""
        self.require("contacts:full")
        body = request.get_json()
        owners = ("person_id", "deal_id", "org_id", "lead_id", "project_id")
        if not body.get("content") or not any(body.get(name) for name in owners):
            raise Refused(fault(400, "content and an owner are required"))
        person = body.get("person_id")
        if person and not self.account.tables["persons"].get(str(person)):
            raise Refused(fault(404, "Person not found"))
        return _told(self._show(self.account.tables["notes"].add({"person_id": None, **body})))

    @route("GET", "/api/v1/<any(personFields,productFields,dealFields,organizationFields):name>")
    def list_fields(self, _request: Request, name: str) -> Response:
        """§2."""
        categories = ("category", "Category", "enum", self.account.categories)
        family: tuple[str, str, str, dict[str, int]] = (FAMILY, "Line", "varchar", {})
        known = {"personFields": PERSON_FIELDS, "dealFields": DEAL_FIELDS, "organizationFields": ()}
        found = known.get(name, (("code", "Code", "varchar", {}), categories, family))
        data = [
            {"field_code": code, "field_name": label, "field_type": kind, "options": _options(choices)}
            for code, label, kind, choices in found
        ]
        return _told(data)

    def _listed(self, request: Request, kind: str, *, gone: bool = False) -> list[Row]:
        table = self.account.tables[kind]
        rows = table.deleted() if gone else table.live()
        since, asked = request.args.get("updated_since"), _ids(request, "ids")
        if since and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", since):
            raise Refused(fault(400, "updated_since must be RFC3339 without fractions"))
        rows = [row for row in rows if not since or show(row.modified_at) >= since]
        return [row for row in rows if not asked or row.id in asked]

    def _deals(self, request: Request, *, archived: bool) -> list[Row]:
        status, person = request.args.get("status"), request.args.get("person_id")
        rows = self._listed(request, "deals", gone=status == "deleted")
        rows = [row for row in rows if bool(row.values.get("is_archived")) == archived]
        rows = [row for row in rows if not person or row.values["person_id"] == int(person)]
        return [row for row in rows if status in {None, "deleted", row.values["status"]}]

    def _show(self, row: Row) -> dict[str, Any]:
        gone = row.deleted_at is not None
        times = {"add_time": show(row.created_at), "update_time": show(row.modified_at)}
        return {"id": int(row.id), "is_deleted": gone, "owner_id": 1, **row.values, **times}


def _check(request: Request, known: frozenset[str]) -> None:
    """§8: what v2 does not know it refuses."""
    if not request.args.keys() <= known:
        raise Refused(fault(400, f"unknown parameter in {request.full_path}"))
    if request.args.get("sort_by", "id") not in {"id", "add_time", "update_time"}:
        raise Refused(fault(400, "sort_by"))


def _ids(request: Request, name: str) -> list[str]:
    found = [ref for ref in request.args.get(name, "").split(",") if ref]
    if len(found) > MOST_IDS:
        raise Refused(fault(400, f"{name}: at most {MOST_IDS}"))
    return found


def _page(request: Request, rows: Sequence[Row], display: Callable[[Row], dict[str, Any]]) -> Response:
    """§0: by id; where to go on is told in a way of its own."""
    limit = int(request.args.get("limit", 100))
    if not 1 <= limit <= MOST_LISTED:
        raise Refused(fault(400, f"limit must not exceed {MOST_LISTED}"))
    after = int(b64decode(request.args.get("cursor", "")) or 0)
    rest = sorted((row for row in rows if int(row.id) > after), key=lambda row: int(row.id))
    last = rest[limit - 1].id.encode() if len(rest) > limit else None
    data = [display(row) for row in rest[:limit]]
    cursor = b64encode(last).decode() if last else None
    return reply({"success": True, "data": data, "additional_data": {"next_cursor": cursor}})


def _told(data: Any, status: int = 200) -> Response:
    return reply({"success": True, "data": data}, status)


def _texts(values: Values, name: str) -> list[str]:
    if name in {"email", "phone"}:
        return [str(one["value"]) for one in values[f"{name}s"]]
    if name == "custom_fields":
        return [str(value) for value in values["custom_fields"].values() if value is not None]
    return [str(values.get(name) or "")]


def _options(choices: dict[str, int]) -> list[dict[str, Any]]:
    return [{"id": number, "label": label} for label, number in choices.items()]


def _checked(custom: dict[str, Any]) -> dict[str, Any]:
    """§2: a choice is given by its number; a field that there is not is refused."""
    known = {code: choices for code, _, _, choices in PERSON_FIELDS}
    for code, value in custom.items():
        if code not in known or (known[code] and value not in {None, *known[code].values()}):
            raise Refused(fault(400, f"Validation failed: {code}"))
    return custom
