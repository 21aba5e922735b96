"""Who is let in, how much is granted, and what the organisation's own people do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.zoho.routes import Routes, fault
from crm_adapters.fakes.vendors.zoho.storing import CURRENCY, Organisation
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, WebhookRequest

MODULES = {Kind.CUSTOMERS: "Contacts", Kind.PRODUCTS: "Products", Kind.ORDERS: "Sales_Orders"}
KEY = "Zoho-oauthtoken "


class Fake(Routes):
    name = "zoho"
    lag = timedelta(seconds=5)
    """§1: a little; how much is not told."""
    webhook_secret = "channel-Qzx7-secret"  # noqa: S105 - of a fake

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.org = Organisation(self.now, self.lag)
        self.tokens = TokenEndpoint(self.now)
        self.missing_scopes: set[str] = set()
        self.several_currencies = True

    def settings(self, url: str) -> dict[str, Any]:
        app = {"client_id": self.tokens.client_id, "client_secret": self.tokens.client_secret}
        known = {"refresh_token": "refresh-Qzx7-0", "webhook_secret": self.webhook_secret}
        return {"url": url, **app, **known}

    def put(self, record: Record) -> str:
        return self.org.put(record)

    def delete(self, kind: Kind, ref: str) -> None:
        table = self.org.tables[MODULES[kind]]
        table.remove(table.rows[ref])

    def close_deal(self, ref: str) -> None:
        table = self.org.tables["Quotes"]
        table.change(table.rows[ref], {"Quote_Stage": "Closed Won"})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.org.tables["Notes"].live()]

    def lines(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.org.tables["Quoted_Items"].live()]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """§9."""
        body = {
            "server_time": int(self.now().timestamp() * 1000),
            "query_params": {},
            "module": MODULES[kind],
            "ids": [ref],
            "operation": "update",
            "channel_id": "1000001",
            "token": self.webhook_secret,
        }
        headers = {"Content-Type": "application/json"}
        told = json.dumps(body).encode()
        return WebhookRequest("POST", "https://assist.example.com/webhooks/1", headers, told, self.now())

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """§9: nothing is signed; only the token can be wrong."""
        genuine = self.webhook(kind, ref)
        body = json.loads(genuine.body)
        wrong = [{**body, "token": "another"}, {**body, "token": None}, {"ids": [ref]}, [body]]
        return [replace(genuine, body=json.dumps(one).encode()) for one in wrong]

    def authorize(self, request: Request) -> None:
        """§0: not the usual word before the token."""
        given = request.headers.get("Authorization", "")
        if not given.startswith(KEY) or not self.tokens.accepts(given.removeprefix(KEY)):
            raise Refused(self.unauthorized())

    def require(self, scope: str) -> None:
        """§8: 401, as if the token were no longer good."""
        if scope in self.missing_scopes:
            raise Refused(fault(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL"))

    def unauthorized(self) -> Response:
        self.tokens.expire()
        return fault(401, "INVALID_TOKEN", "invalid oauth token")

    def limited(self, wait: str | None) -> Response:
        """§8: of itself Zoho does not say how long to wait."""
        answer = fault(429, "TOO_MANY_REQUESTS", "You have reached the maximum API limit")
        if wait:
            answer.headers["Retry-After"] = wait
        return answer

    def refused(self, request: Request) -> Response:
        told = f"invalid request: {request.full_path} {request.get_data(as_text=True)}"
        return fault(400, "SYNTAX_ERROR", told)

    def not_found(self) -> Response:
        return fault(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")

    @route("GET", "/crm/v8/org")
    def tell_org(self, _request: Request) -> Response:
        self.require("ZohoCRM.org.READ")
        told = {"id": "1", "iso_code": CURRENCY, "mc_status": self.several_currencies}
        return reply({"org": [told]})

    @route("POST", "/oauth/v2/token", free=True)
    def give_token(self, request: Request) -> Response:
        """§0: refused with 200; where to call comes with the token."""
        status, body = self.tokens.answer(request.form.to_dict())
        if status != 200:
            return reply({"error": "invalid_client" if status == 401 else "invalid_code"})
        return reply({**body, "api_domain": request.host_url.rstrip("/"), "scope": "ZohoCRM.modules.ALL"})
