"""Who is let in, how much is granted, and what the company's own people do."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.auth import basic
from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.pipedrive.routes import Routes, fault
from crm_adapters.fakes.vendors.pipedrive.storing import Account, show
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, WebhookRequest

OBJECTS = {Kind.CUSTOMERS: "persons", Kind.PRODUCTS: "products", Kind.ORDERS: "deals"}
ENTITIES = {Kind.CUSTOMERS: "person", Kind.PRODUCTS: "product", Kind.ORDERS: "deal"}
WINDOW = timedelta(seconds=2)
CALLS = 20
"""§8: of the smallest plan, in two seconds."""
USER = "assist"


class Fake(Routes):
    name = "pipedrive"
    lag = timedelta(seconds=5)
    """§1: the search index lags; how much is not told."""
    token = "user-Qzx7-secret"  # noqa: S105 - of a fake
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.account = Account(self.now, self.lag)
        self.tokens = TokenEndpoint(self.now)
        self.missing_scopes: set[str] = set()
        self._calls: list[datetime] = []

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "token": self.token, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return self.account.put(record)

    def delete(self, kind: Kind, ref: str) -> None:
        table = self.account.tables[OBJECTS[kind]]
        table.remove(table.rows[ref])

    def close_deal(self, ref: str) -> None:
        table = self.account.tables["deals"]
        table.change(table.rows[ref], {"status": "won", "won_time": show(self.now())})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.account.tables["notes"].live()]

    def lines(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.account.tables["lines"].live()]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """§9: what it is now, and what was changed."""
        meta = {
            "action": "change",
            "entity": ENTITIES[kind],
            "entity_id": ref,
            "company_id": "1",
            "attempt": 1,
            "timestamp": self.now().isoformat(),
            "version": "2.0",
            "correlation_id": "00000000-0000-4000-8000-000000000000",
        }
        body = json.dumps({"meta": meta, "data": {"id": int(ref)}, "previous": {}}).encode()
        headers = {**basic(USER, self.webhook_secret).headers(), "Content-Type": "application/json"}
        return WebhookRequest("POST", "https://assist.example.com/webhooks/1", headers, body, self.now())

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """§9: nothing is signed, so a body that was tampered with cannot be told."""
        genuine = self.webhook(kind, ref)
        wrong = (basic(USER, "another"), basic("another", self.webhook_secret), basic(USER, ""))
        return [replace(genuine, headers={}), *(replace(genuine, headers=one.headers()) for one in wrong)]

    def authorize(self, request: Request) -> None:
        """§0: a user's token and an app's come differently. §8: calls are counted in two seconds."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.headers.get("x-api-token") != self.token and not self.tokens.accepts(token):
            raise Refused(self.unauthorized())
        now = self.now()
        self._calls = [*(one for one in self._calls if one > now - WINDOW), now]
        if len(self._calls) > CALLS:
            raise Refused(self.limited("2"))

    def require(self, scope: str) -> None:
        if scope in self.missing_scopes:
            raise Refused(fault(403, "Scope and URL mismatch"))

    def unauthorized(self) -> Response:
        self.tokens.expire()
        return fault(401, "Unauthorized access")

    def limited(self, wait: str | None) -> Response:
        body = fault(429, "Rate limit exceeded")
        body.headers["x-ratelimit-limit"] = str(CALLS)
        body.headers["x-ratelimit-remaining"] = "0"
        body.headers["x-ratelimit-reset"] = "2"
        if wait:
            body.headers["Retry-After"] = wait
        return body

    def refused(self, request: Request) -> Response:
        return fault(400, f"Validation failed: {request.full_path} {request.get_data(as_text=True)}")

    def not_found(self) -> Response:
        return fault(404, "Unknown method .")

    @route("GET", "/api/v1/users/me")
    def tell_user(self, _request: Request) -> Response:
        headers = {"X-Daily-RateLimit-Token-Limit": "30000", "X-Daily-RateLimit-Token-Remaining": "29000"}
        data = {"id": 1, "name": "Qzx7", "default_currency": "EUR", "lang": {"language_code": "en"}}
        return reply({"success": True, "data": data}, headers=headers)

    @route("POST", "/oauth/token", free=True)
    def give_token(self, request: Request) -> Response:
        """§0: id and secret in the header; where to call comes with the token."""
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        client, _, secret = b64decode(given).decode().partition(":")
        form = {**request.form.to_dict(), "client_id": client, "client_secret": secret}
        status, body = self.tokens.answer(form)
        told = {"scope": "contacts:full", "api_domain": request.host_url} if status == 200 else {}
        return reply(body | told, status)
