"""The two ways in, who is let in, and what Odoo's own people do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes import server
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.odoo import filling
from crm_adapters.fakes.vendors.odoo.database import Database
from crm_adapters.fakes.vendors.odoo.methods import READING, Methods, OdooError
from crm_adapters.fakes.vendors.odoo.models import MODELS
from crm_adapters.fakes.wire import Refused, Route, reply, route
from crm_adapters.locales import name_country
from crm_adapters.model import Kind, WebhookRequest

MODEL_OF = {Kind.CUSTOMERS: "res.partner", Kind.PRODUCTS: "product.product", Kind.ORDERS: "sale.order"}
FIRST_JSON2 = 19
COUNTRIES = ("BR", "DE", "DK", "ES", "MX", "PT", "US")
ADDRESS = "https://assist.example.com/webhooks/1?secret="
DENIED = ("odoo.exceptions.AccessDenied", "Access Denied")


class Fake(server.Fake):
    name = "odoo"
    token = "key-Qzx7-secret"  # noqa: S105 - of a fake
    login = "assist@Qzx7.example.com"
    database_name = "shop"
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake
    release: tuple[Any, ...] = (19, 0)

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.database = Database(self.now, lambda: self.major)
        user = {"name": "Assist", "login": self.login, "email": self.login, "company_ids": [1]}
        self.methods = Methods(self.database, int(self.database.add("res.users", user).id))
        self._various = ""
        self.absent: set[str] = set()
        """Models whose apps are not installed."""
        for code in COUNTRIES:
            self.database.add("res.country", {"name": name_country(code), "code": code})

    @property
    def major(self) -> int:
        """Online, 18.3 is `saas~18`, 3."""
        return int(str(self.release[0]).rpartition("~")[2])

    @property
    def various(self) -> str:
        """The product of lines that are written in by hand; it is not for sale by itself."""
        if not self._various:
            self._various = filling.add_various(self.database)
        return self._various

    def settings(self, url: str) -> dict[str, Any]:
        account = {"database": self.database_name, "login": self.login, "key": self.token}
        return {"url": url, **account, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.database, record, self.various)

    def delete(self, kind: Kind, ref: str) -> None:
        self.database.tables[MODEL_OF[kind]].remove(self.database.need(MODEL_OF[kind], ref))

    def archive(self, kind: Kind, ref: str, *, active: bool = False) -> None:
        self.database.change(MODEL_OF[kind], self.database.need(MODEL_OF[kind], ref), {"active": active})

    def merge(self, ref: str, *, into: str) -> None:
        """§1, §4: what was the loser's is the survivor's, and nothing tells where the loser went."""
        for order in self.database.tables["sale.order"].live():
            if order.values["partner_id"] == int(ref):
                self.database.change("sale.order", order, {"partner_id": int(into)})
        for message in self.database.tables["mail.message"].live():
            if message.values["res_id"] == int(ref):
                self.database.change("mail.message", message, {"res_id": int(into)})
        self.delete(Kind.CUSTOMERS, ref)

    def close_deal(self, ref: str) -> None:
        self.database.change("sale.order", self.database.need("sale.order", ref), {"state": "sale"})

    def move_stock(self, product: str, quantity: float) -> None:
        """§4: a product does not change when its stock does."""
        self.database.need("product.product", product).values["qty_available"] = quantity
        self.database.add("stock.quant", {"product_id": int(product), "quantity": quantity})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.database.tables["mail.message"].live()]

    def lines(self) -> list[str]:
        """With the name that an import gave to each."""
        names = {
            row.values["res_id"]: row.values["name"] for row in self.database.tables["ir.model.data"].live()
        }
        rows = self.database.tables["sale.order.line"].live()
        return [json.dumps([row.id, row.values, names.get(int(row.id))]) for row in rows]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """§9: unsigned."""
        body = {"_action": f"Tell Assist(#{ref})", "_id": int(ref), "_model": MODEL_OF[kind], "name": "Qzx7"}
        headers = {"Content-Type": "application/json"}
        return WebhookRequest(
            "POST", f"{ADDRESS}{self.webhook_secret}", headers, json.dumps(body).encode(), self.now()
        )

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        genuine = self.webhook(kind, ref)
        return [replace(genuine, url=ADDRESS.partition("?")[0]), replace(genuine, url=f"{ADDRESS}another")]

    def sort(self, request: Request, one: Route) -> Route:
        """Methods are named in the path by JSON-2, and in the body by JSON-RPC."""
        if "/json/2/" in request.path:
            return replace(one, reads=request.path.rpartition("/")[2] in READING)
        if request.path != "/jsonrpc":
            return one
        params = (request.get_json(silent=True) or {}).get("params", {})
        free = params.get("method") == "version"
        return replace(
            one, free=free, reads=free or params["service"] == "common" or params["args"][4] in READING
        )

    def authorize(self, request: Request) -> None:
        """§0: JSON-RPC has the key in its body."""
        if "/json/2/" in request.path and self.major >= FIRST_JSON2:
            given = request.headers.get("Authorization", "")
            if given.lower() != f"bearer {self.token}".lower() or given.partition(" ")[2] != self.token:
                raise Refused(self.unauthorized())
            if request.headers.get("X-Odoo-Database", self.database_name) != self.database_name:
                raise Refused(self._fault("werkzeug.exceptions.NotFound", "no such database", 404))

    def unauthorized(self) -> Response:
        if self.major >= FIRST_JSON2:
            return self._fault("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401)
        return self._fault(*DENIED, 403)

    def limited(self, wait: str | None) -> Response:
        """§8: not Odoo's own, but of the hosting before it."""
        headers = {"Retry-After": wait} if wait else None
        return Response("<h1>429 Too Many Requests</h1>", 429, headers, content_type="text/html")

    def refused(self, request: Request) -> Response:
        said = f"Wrong value: {request.full_path} {request.get_data(as_text=True)}"
        return self._fault("odoo.exceptions.ValidationError", said, 422)

    @route("GET", "/web/version", free=True)
    def tell_version(self, _request: Request) -> Response:
        """§0: from 19 on, without a key."""
        if self.major < FIRST_JSON2:
            return Response("<h1>404 Not Found</h1>", 404, content_type="text/html")
        return reply({"version_info": [*self.release, 0, "final", 0, ""], "version": self._version()})

    def _version(self) -> str:
        return ".".join(map(str, self.release))

    @route("POST", "/json/2/<model>/<method>")
    def call_by_name(self, request: Request, model: str, method: str) -> Response:
        """§0: parameters by name, and the value alone in return. *Seen*: an older one answers with a page."""
        if self.major < FIRST_JSON2:
            return Response("<!DOCTYPE html><title>Odoo</title>", content_type="text/html")
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return self._fault("werkzeug.exceptions.BadRequest", "could not parse the body as json", 400)
        ids, context = body.pop("ids", []), body.pop("context", {})
        try:
            return reply(self._call(model, method, ids, body, context))
        except OdooError as error:
            return self._fault(error.kind, str(error), error.status)

    def _call(
        self, model: str, method: str, ids: list[int], named: dict[str, Any], context: dict[str, Any]
    ) -> Any:
        if model not in MODELS or model in self.absent:
            kind = (
                "werkzeug.exceptions.NotFound" if self.major >= FIRST_JSON2 else "odoo.exceptions.UserError"
            )
            raise OdooError(kind, f"the model {model!r} does not exist", 404)
        try:
            return self.methods.call(model, method, ids, named, context)
        except ValueError as error:
            raise OdooError("builtins.ValueError", str(error), 500) from None

    @route("POST", "/jsonrpc")
    def call_by_rpc(self, request: Request) -> Response:
        """§0: with 200 whatever happens; *seen*: without `result` where a method returns nothing."""
        body = request.get_json()
        params = body["params"]
        try:
            result = self._serve(params["service"], params["method"], params["args"])
        except OdooError as error:
            return self._fault(error.kind, str(error), error.status)
        told = {} if result is None else {"result": result}
        return reply({"jsonrpc": "2.0", "id": body.get("id"), **told})

    def _serve(self, service: str, method: str, arguments: list[Any]) -> Any:
        if (service, method) == ("common", "version"):
            info = [*self.release, 0, "final", 0, ""]
            return {"server_version": self._version(), "server_version_info": info, "protocol_version": 1}
        if (service, method) == ("common", "authenticate"):
            good = arguments[:3] == [self.database_name, self.login, self.token]
            return self.methods.uid if good else False
        database, uid, key, model, called, positional, *named = arguments
        if [database, uid, key] != [self.database_name, self.methods.uid, self.token]:
            raise OdooError(*DENIED, 403)
        words = dict(named[0]) if named else {}
        context = words.pop("context", {})
        found = self._call(model, called, positional[0] if positional else [], words, context)
        return found[0] if called == "message_post" else found

    def _fault(self, kind: str, message: str, status: int) -> Response:
        """§8: `debug` is for nobody's eyes."""
        debug = f"Traceback (most recent call last): {message}"
        data = {"name": kind, "message": message, "arguments": [message], "context": {}, "debug": debug}
        if self.major >= FIRST_JSON2:
            return reply(data, status)
        return reply(
            {
                "jsonrpc": "2.0",
                "id": None,
                "error": {"code": 200, "message": "Odoo Server Error", "data": data},
            }
        )
