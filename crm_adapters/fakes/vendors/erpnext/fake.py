"""The site: who is let in, the methods that may be called, and what its own people do."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes import server
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.erpnext import documents, filling
from crm_adapters.fakes.vendors.erpnext.database import Database, FrappeError, Values, missing
from crm_adapters.fakes.vendors.erpnext.listing import fold
from crm_adapters.fakes.vendors.erpnext.schema import DOCTYPES
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, WebhookRequest
from crm_adapters.signatures import sign_base64

ADDRESS = "https://assist.example.com/webhooks/1"
SIGNATURE = "X-Frappe-Webhook-Signature"
LANGUAGES = ("de", "en", "es", "es-MX", "pt", "pt-BR")
USUAL_ROWS = 20
"""*Seen*: of a list that does not say how many."""


class Fake(server.Fake):
    name = "erpnext"
    token = "secret-Qzx7"  # noqa: S105 - of a fake
    key = "key-Qzx7"
    user = "assist@shop.example.com"
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake
    version = "15.41.2"
    zone: str = "Europe/Madrid"
    """Of the site: half an hour before the seed's moments clocks change there."""
    tells_zone = True

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.database = Database(self.now, lambda: self.zone)
        self.unreadable: set[str] = set()
        """Doctypes that the user may not read."""
        self.rights = {("Customer", "write"), ("Quotation", "write")}
        for code in LANGUAGES:
            self.database.add("Language", {}, name=code)

    def settings(self, url: str) -> dict[str, Any]:
        secrets = {"api_key": self.key, "api_secret": self.token, "webhook_secret": self.webhook_secret}
        return {"url": url, **secrets, "price_lists": ",".join(filling.PRICE_LISTS.values())}

    def put(self, record: Record) -> str:
        return filling.put(self.database, record)

    def delete(self, kind: Kind, ref: str) -> None:
        doctype, name = filling.locate(kind, ref)
        self.database.remove(doctype, self.database.need(doctype, name))

    def merge(self, ref: str, *, into: str) -> None:
        self.database.rename("Customer", ref, into, merge=True)

    def close_deal(self, ref: str) -> None:
        row = self.database.need("Quotation", ref)
        self.database.change("Quotation", row, {"docstatus": 1, "status": "Ordered"})

    def notes(self) -> list[str]:
        comments = [row.values for row in self.database.tables["Comment"].live()]
        return [json.dumps(one) for one in comments if one["comment_type"] == "Comment"]

    def lines(self) -> list[str]:
        rows = self.database.tables["Quotation"].live()
        return [json.dumps(line) for row in rows for line in row.values["items"]]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """*Source*: signed over the body with the secret, and sent up to three times as it is."""
        doctype, name = filling.locate(kind, ref)
        row = self.database.get(doctype, name)
        stamp = self.database.show(doctype, row)["modified"] if row else ""
        body = json.dumps({"doctype": doctype, "name": name, "modified": stamp}).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: sign_base64(self.webhook_secret, body)}
        return WebhookRequest("POST", ADDRESS, headers, body, self.now())

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        genuine = self.webhook(kind, ref)
        unsigned = {"Content-Type": "application/json"}
        other = {**unsigned, SIGNATURE: sign_base64("another", genuine.body)}
        tampered = genuine.body.replace(b"modified", b"Modified")
        return [
            replace(genuine, headers=unsigned),
            replace(genuine, headers=other),
            replace(genuine, body=tampered),
        ]

    def authorize(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"token {self.key}:{self.token}":
            raise Refused(self.unauthorized())

    def unauthorized(self) -> Response:
        return self._fault(FrappeError("AuthenticationError", 401, "Authentication failed"))

    def limited(self, wait: str | None) -> Response:
        """*Source*: where the site is configured so."""
        response = self._fault(FrappeError("TooManyRequestsError", 429, "Too Many Requests"))
        if wait:
            response.headers["Retry-After"] = wait
        return response

    def refused(self, request: Request) -> Response:
        said = f"Wrong: {request.full_path} {request.get_data(as_text=True)}"
        return self._fault(FrappeError("ValidationError", 417, said))

    def not_found(self) -> Response:
        return self._fault(FrappeError("PageDoesNotExistError", 404, "Not Found"))

    def _fault(self, error: FrappeError) -> Response:
        """*Seen*: what is said to the site's people, who know their customers, stands there three times."""
        body = {
            "exception": f"frappe.exceptions.{error.kind}: {error}",
            "exc_type": error.kind,
            "exc": json.dumps([f"Traceback (most recent call last): {error}"]),
            "_server_messages": json.dumps([json.dumps({"message": str(error)})]),
        }
        return reply(body, error.status)

    def _answer(self, work: Callable[[], Values]) -> Response:
        try:
            return reply(work())
        except FrappeError as error:
            return self._fault(error)
        except ValueError as error:
            return self._fault(FrappeError("ValidationError", 417, str(error)))

    def _require(self, doctype: str, right: str = "read") -> None:
        self.database.table(doctype)
        may = doctype not in self.unreadable if right == "read" else (doctype, right) in self.rights
        if not may:
            raise FrappeError("PermissionError", 403, f"No permission for {doctype}")

    @route("GET", "/api/method/frappe.client.get_time_zone", free=True)
    def tell_zone(self, _request: Request) -> Response:
        """*Source*: anybody may ask."""
        return reply({"message": {"time_zone": self.zone if self.tells_zone else None}})

    @route("GET", "/api/method/frappe.auth.get_logged_user")
    def tell_user(self, _request: Request) -> Response:
        return reply({"message": self.user})

    @route("POST", "/api/method/frappe.utils.change_log.get_versions", reads=True)
    def tell_versions(self, _request: Request) -> Response:
        return reply({"message": {"erpnext": {"title": "ERPNext", "version": self.version}}})

    @route("POST", "/api/method/frappe.client.get_list", reads=True)
    def list_documents(self, request: Request) -> Response:
        return self._answer(lambda: {"message": self._list(request.get_json())})

    def _list(self, asked: Values) -> list[Values]:
        """*Seen*: rows of a child table are listed for nobody who does not name what they belong to."""
        doctype, parent = asked["doctype"], asked.get("parent") or ""
        self.database.table(doctype)
        if not parent and any(
            field.options == doctype
            for one in DOCTYPES.values()
            for field in one.values()
            if field.type == "Table"
        ):
            raise FrappeError("PermissionError", 403, f"No permission for {doctype}")
        self._require(parent or doctype)
        fields = asked.get("fields") or ["name"]
        found = self.database.find(doctype, asked.get("filters") or (), fields, parent=parent)
        if asked.get("order_by") == "name asc":
            found.sort(key=lambda one: str(fold(one["name"])))
        limit = asked.get("limit_page_length", USUAL_ROWS)
        return found[:limit] if limit else found

    @route("POST", "/api/method/frappe.client.has_permission", reads=True)
    def tell_permission(self, request: Request) -> Response:
        return self._answer(lambda: {"message": self._may(**request.get_json())})

    def _may(self, doctype: str, docname: str, perm_type: str) -> dict[str, bool]:
        if self.database.get(doctype, docname) is None:
            raise missing(doctype, docname)
        return {"has_permission": (doctype, perm_type) in self.rights}

    @route("POST", "/api/method/frappe.desk.form.load.getdoctype", reads=True)
    def describe(self, request: Request) -> Response:
        return self._answer(lambda: {"docs": [self._meta(request.get_json()["doctype"])]})

    def _meta(self, doctype: str) -> Values:
        self.database.table(doctype)
        fields = [
            {
                "fieldname": name,
                "label": name.removeprefix("custom_").replace("_", " ").title(),
                "fieldtype": field.type,
                "options": field.options or None,
                "read_only": int(field.read_only),
                "reqd": int(field.reqd),
                "permlevel": 0,
            }
            for name, field in DOCTYPES[doctype].items()
        ]
        return {"doctype": "DocType", "name": doctype, "fields": fields}

    @route("POST", "/api/method/frappe.desk.form.load.get_docinfo", reads=True)
    def tell_about(self, request: Request) -> Response:
        """*Source*: comments come with the document to whoever may read it, though reading comments themselves is
        for administrators."""
        return self._answer(lambda: {"docinfo": self._info(**request.get_json())})

    def _info(self, doctype: str, name: str) -> Values:
        self._require(doctype)
        if self.database.get(doctype, name) is None:
            raise missing(doctype, name)
        filters = [["reference_doctype", "=", doctype], ["reference_name", "=", name]]
        fields = ["name", "creation", "content", "comment_type"]
        found = self.database.find("Comment", filters, fields)
        comments = [one for one in found if one["comment_type"] == "Comment"]
        return {"doctype": doctype, "name": name, "comments": comments, "info_logs": [], "versions": []}

    @route("POST", "/api/method/frappe.desk.form.utils.add_comment")
    def comment(self, request: Request) -> Response:
        """*Seen*: the way for sales roles, to whom creating a comment is forbidden."""
        return self._answer(lambda: {"message": self._comment(**request.get_json())})

    def _comment(
        self, reference_doctype: str, reference_name: str, content: str, comment_email: str, comment_by: str
    ) -> Values:
        self._require(reference_doctype)
        if self.database.get(reference_doctype, reference_name) is None:
            raise missing(reference_doctype, reference_name)
        clean = re.sub(r"<script.*?</script>", "", content)
        about = {"reference_doctype": reference_doctype, "reference_name": reference_name}
        by = {"comment_email": comment_email, "comment_by": comment_by}
        row = self.database.add("Comment", {"comment_type": "Comment", **about, **by, "content": clean})
        return self.database.show("Comment", row)

    @route("GET", "/api/resource/<doctype>/<path:name>")
    def read(self, _request: Request, doctype: str, name: str) -> Response:
        return self._answer(lambda: {"data": self._read(doctype, name)})

    def _read(self, doctype: str, name: str) -> Values:
        self._require(doctype)
        row = self.database.get(doctype, name)
        if row is None:
            raise missing(doctype, name)
        return self.database.show(doctype, row)

    @route("PUT", "/api/resource/<doctype>/<path:name>")
    def change(self, request: Request, doctype: str, name: str) -> Response:
        return self._answer(lambda: {"data": self._change(doctype, name, request.get_json())})

    def _change(self, doctype: str, name: str, data: Values) -> Values:
        self._require(doctype, "write")
        return documents.save(self.database, doctype, name, data)
