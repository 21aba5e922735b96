"""The routes of records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.zoho.coql import Invalid, read_query
from crm_adapters.fakes.vendors.zoho.storing import FIELDS, LINES, Organisation, show
from crm_adapters.fakes.wire import Refused, reply, route

MOST_LISTED, MOST_FIELDS = 200, 50


def fault(status: int, code: str, message: str, **details: str) -> Response:
    """§8."""
    return reply({"code": code, "details": details, "message": message, "status": "error"}, status)


class Routes(Fake):
    org: Organisation

    def require(self, scope: str) -> None:
        """Raises Refused where the sign-in was for less."""
        raise NotImplementedError

    @route("POST", "/crm/v8/coql", reads=True)
    def select(self, request: Request) -> Response:
        """§1: null where there is nothing, every field that was asked for, 204 for no rows at all."""
        self.require("ZohoCRM.coql.READ")
        try:
            query = read_query(request.get_json()["select_query"])
        except (Invalid, StopIteration):
            raise Refused(fault(400, "SYNTAX_ERROR", request.get_data(as_text=True))) from None
        self._require_module(query.module)
        known = FIELDS[query.module].keys() | {"id"}
        if not {*query.fields} <= known:
            raise Refused(fault(400, "INVALID_QUERY", "column given seems to be invalid"))
        shown = [self.org.show(query.module, row) for row in self.org.tables[query.module].live()]
        fits = sorted((one for one in shown if query.fits(one)), key=lambda one: int(one["id"]))
        part = fits[query.start : query.start + query.limit]
        rows = [{name: one[name] for name in query.fields} for one in part]
        return _told(rows, more=len(fits) > query.start + query.limit)

    @route("GET", "/crm/v8/<module>/search")
    def search(self, request: Request, module: str) -> Response:
        """§1: any address of the record; what was written in the last seconds is not found yet."""
        self.require("ZohoSearch.securesearch.READ")
        self._require_module(module)
        email = request.args["email"].lower()
        names = ("Email", "Secondary_Email")
        found = self.org.tables[module].search(
            lambda values: email in [str(values.get(name) or "").lower() for name in names]
        )
        return self._list(request, module, found)

    @route("GET", "/crm/v8/<module>/deleted")
    def list_deleted(self, request: Request, module: str) -> Response:
        """§4: merged ones too, without a word of it; 304 where there are none."""
        self._require_module(module)
        since = datetime.fromisoformat(request.headers["If-Modified-Since"])
        rows = [row for row in self.org.tables[module].deleted() if row.modified_at >= since]
        per_page, page = int(request.args["per_page"]), int(request.args["page"])
        part = rows[::-1][(page - 1) * per_page : page * per_page]
        data = [
            {"id": row.id, "display_name": "Qzx7", "type": "recycle", "deleted_time": show(row.modified_at)}
            for row in part
        ]
        return _told(data, more=len(rows) > page * per_page) if data else reply(None, 304)

    @route("GET", "/crm/v8/<module>/<ref>")
    def read(self, _request: Request, module: str, ref: str) -> Response:
        """§1, §3: 204 for what there is not; lines come with a single record only."""
        self._require_module(module)
        row = self.org.tables[module].get(ref)
        if row is None:
            return reply(None, 204)
        shown = self.org.show(module, row)
        if module in LINES:
            lines = self.org.lines_of(module, ref)
            shown[LINES[module]] = [self.org.show(LINES[module], line) for line in lines]
        return _told([shown], more=False)

    @route("GET", "/crm/v8/<module>")
    def list_rows(self, request: Request, module: str) -> Response:
        self._require_module(module)
        return self._list(request, module, self.org.tables[module].live())

    @route("GET", "/crm/v8/Contacts/<ref>/Notes")
    def list_notes(self, request: Request, ref: str) -> Response:
        self._require_module("Notes")
        rows = [row for row in self.org.tables["Notes"].live() if row.values["Parent_Id"]["id"] == ref]
        return self._list(request, "Notes", rows)

    @route("POST", "/crm/v8/Contacts/<ref>/Notes")
    def add_note(self, request: Request, ref: str) -> Response:
        """§6."""
        self.require("ZohoCRM.modules.notes.CREATE")
        (record,) = request.get_json()["data"]
        if self.org.tables["Contacts"].get(ref) is None:
            raise Refused(
                fault(400, "INVALID_DATA", "the related id given seems to be invalid", api_name="id")
            )
        if not record.get("Note_Content"):
            raise Refused(_failed("MANDATORY_NOT_FOUND", api_name="Note_Content"))
        row = self.org.tables["Notes"].add({**record, "Parent_Id": {"id": ref}})
        return _done(row, 201)

    @route("PUT", "/crm/v8/<module>/<ref>")
    def change(self, request: Request, module: str, ref: str) -> Response:
        """§6, §7."""
        self.require(f"ZohoCRM.modules.{module.lower()}.UPDATE")
        row = self.org.tables[module].get(ref)
        if row is None:
            raise Refused(_failed("INVALID_DATA", api_name="id"))
        (record,) = request.get_json()["data"]
        lines = record.pop(LINES.get(module, ""), None)
        unknown = sorted(record.keys() - FIELDS[module].keys())
        if unknown:
            raise Refused(_failed("INVALID_DATA", api_name=unknown[0]))
        if lines is not None:
            self._put_lines(module, ref, lines)
        changed = self.org.tables[module].change(row, record)
        if module == "Contacts":
            names = [changed.values.get(name) or "" for name in ("First_Name", "Last_Name")]
            changed.values["Full_Name"] = " ".join(names).strip()
        return _done(changed, 200)

    def _put_lines(self, module: str, ref: str, lines: list[dict[str, Any]]) -> None:
        """§7: lines that are repeated by their ids stay, new ones join them. Whether Zoho keeps the others too is
        not documented, so that here they go."""
        kept = {line["id"] for line in lines if "id" in line}
        for row in self.org.lines_of(module, ref):
            if row.id not in kept:
                self.org.tables[LINES[module]].remove(row)
        for line in lines:
            if "id" not in line:
                self.org.add_line(module, ref, line)

    @route("GET", "/crm/v8/settings/fields")
    def list_fields(self, request: Request) -> Response:
        """§2."""
        self.require("ZohoCRM.settings.fields.READ")
        own = {"Language", "Shop_Number", "Store", "Offers", "Line"}
        found = [
            {"api_name": name, "field_label": name.replace("_", " "), "data_type": kind}
            | {"custom_field": name in own, "pick_list_values": [], "read_only": name.endswith("_Time")}
            for name, kind in FIELDS[request.args["module"]].items()
        ]
        return reply({"fields": found})

    def _require_module(self, module: str) -> None:
        if module not in self.org.tables:
            raise Refused(fault(400, "INVALID_MODULE", "the module name given seems to be invalid"))
        self.require(f"ZohoCRM.modules.{module.replace('_', '').lower()}.READ")

    def _list(self, request: Request, module: str, rows: Sequence[Row]) -> Response:
        """§4: `fields` is required. Related rows and lists are told by pages."""
        names = request.args.get("fields", "").split(",")
        per_page, page = int(request.args.get("per_page", 200)), int(request.args.get("page", 1))
        if names == [""] or len(names) > MOST_FIELDS:
            raise Refused(fault(400, "REQUIRED_PARAM_MISSING", "fields", param_name="fields"))
        if not 1 <= per_page <= MOST_LISTED:
            raise Refused(fault(400, "INVALID_DATA", "per_page", param_name="per_page"))
        shown = [self.org.show(module, row) for row in rows[(page - 1) * per_page : page * per_page]]
        told = [{name: one.get(name) for name in ["id", *names]} for one in shown]
        return _told(told, more=len(rows) > page * per_page)


def _told(rows: list[dict[str, Any]], *, more: bool) -> Response:
    """§1: nothing found is 204 without a body."""
    return (
        reply({"data": rows, "info": {"count": len(rows), "more_records": more}})
        if rows
        else reply(None, 204)
    )


def _done(row: Row, status: int) -> Response:
    details = {"id": row.id, "Created_Time": show(row.created_at), "Modified_Time": show(row.modified_at)}
    told = {"code": "SUCCESS", "details": details, "message": "record written", "status": "success"}
    return reply({"data": [told]}, status)


def _failed(code: str, **details: str) -> Response:
    """§8: a record's failure stands where its success would, and may come with 202 or 207."""
    told = {"code": code, "details": details, "message": "invalid data", "status": "error"}
    return reply({"data": [told]}, 202)
