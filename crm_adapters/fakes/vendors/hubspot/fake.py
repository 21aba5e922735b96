"""Who is let in, how much is granted, and what the portal's own people do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.hubspot import filling
from crm_adapters.fakes.vendors.hubspot.answers import CORRELATION, fault
from crm_adapters.fakes.vendors.hubspot.objects import Objects
from crm_adapters.fakes.vendors.hubspot.storing import WON, Portal, show
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, WebhookRequest
from crm_adapters.signatures import sign_base64

OBJECTS = {Kind.CUSTOMERS: "contacts", Kind.PRODUCTS: "products", Kind.ORDERS: "deals"}
EVENTS = {Kind.CUSTOMERS: "contact", Kind.PRODUCTS: "product", Kind.ORDERS: "deal"}
SCOPES = frozenset(
    f"crm.objects.{name}.{act}"
    for name, acts in {
        "contacts": ("read", "write"),
        "companies": ("read",),
        "deals": ("read",),
        "line_items": ("read", "write"),
        "products": ("read",),
    }.items()
    for act in acts
)
WINDOW = timedelta(seconds=10)
CALLS = 190
"""§8: of a private app on a paid plan, in ten seconds."""
ADDRESS = "https://assist.example.com/webhooks/1?a=%24"


class Fake(Objects):
    name = "hubspot"
    lag = timedelta(seconds=5)
    """§1: seconds; how many is not told."""
    token = "pat-eu1-Qzx7-secret"  # noqa: S105 - of a fake
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.portal = Portal(self.now, self.lag)
        self.scopes = set(SCOPES)
        self.tokens = TokenEndpoint(self.now)
        self._calls: list[datetime] = []

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "token": self.token, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.portal, record)

    def delete(self, kind: Kind, ref: str) -> None:
        self.portal.table(OBJECTS[kind]).remove(self.portal.get(OBJECTS[kind], ref))

    def merge(self, ref: str, *, into: str) -> None:
        self.portal.merge(self.portal.get("contacts", ref), self.portal.get("contacts", into))

    def close_deal(self, ref: str) -> None:
        closed = {"dealstage": WON, "closedate": show(self.now())}
        self.portal.change("deals", self.portal.get("deals", ref), closed)

    def notes(self) -> list[str]:
        """Those that are somebody's."""
        rows = self.portal.tables["notes"].live()
        return [
            json.dumps([row.id, row.values])
            for row in rows
            if self.portal.links(("notes", row.id), "contacts")
        ]

    def lines(self) -> list[str]:
        rows = self.portal.tables["line_items"].live()
        return [
            json.dumps([row.id, row.values])
            for row in rows
            if self.portal.links(("line_items", row.id), "deals")
        ]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """§9: an array of events."""
        event = {
            "eventId": int(ref) + 1,
            "subscriptionId": 12345,
            "portalId": 62515,
            "occurredAt": int(self.now().timestamp() * 1000),
            "subscriptionType": f"{EVENTS[kind]}.propertyChange",
            "attemptNumber": 0,
            "objectId": int(ref),
            "propertyName": "country",
            "propertyValue": "Qzx7",
            "changeSource": "CRM",
        }
        return self._signed(json.dumps([event]).encode(), self.webhook_secret)

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        genuine = self.webhook(kind, ref)
        version = {"X-HubSpot-Signature-Version": "v2", "X-HubSpot-Signature": "0" * 64}
        return [
            replace(genuine, headers={}),
            replace(genuine, headers=version),
            replace(genuine, body=genuine.body.replace(b"country", b"Country")),
            replace(genuine, url="https://other.example.com/"),
            replace(genuine, at=genuine.at + timedelta(minutes=6)),
            replace(genuine, at=genuine.at - timedelta(minutes=6)),
            self._signed(genuine.body, "another"),
        ]

    def _signed(self, body: bytes, secret: str) -> WebhookRequest:
        """§9: over the address with some of its signs decoded."""
        stamp = str(int(self.now().timestamp() * 1000))
        message = b"POST" + ADDRESS.replace("%24", "$").encode() + body + stamp.encode()
        headers = {
            "X-HubSpot-Signature-v3": sign_base64(secret, message),
            "X-HubSpot-Request-Timestamp": stamp,
            "Content-Type": "application/json",
        }
        return WebhookRequest("POST", ADDRESS, headers, body, self.now())

    def authorize(self, request: Request) -> None:
        """§0: both kinds of tokens come the same way. §8: the budget is counted before anything is done."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != self.token and not self.tokens.accepts(token):
            raise Refused(self.unauthorized())
        now = self.now()
        self._calls = [*(one for one in self._calls if one > now - WINDOW), now]
        if len(self._calls) > CALLS:
            raise Refused(self.limited("10"))

    def require(self, kind: str, act: str) -> None:
        """§0: notes go with contacts. Where the scope is named was seen in answers quoted by others."""
        scope = f"crm.objects.{'contacts' if kind == 'notes' else kind}.{act}"
        if scope not in self.scopes:
            errors = [
                {"message": "One or more scopes are missing.", "context": {"requiredGranularScopes": [scope]}}
            ]
            told = "This app has not been granted all required scopes to make this call."
            raise Refused(fault(403, "MISSING_SCOPES", told, errors=errors))

    def unauthorized(self) -> Response:
        self.tokens.expire()
        return fault(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.")

    def limited(self, wait: str | None) -> Response:
        """§8: without the usual fields; Retry-After may be there."""
        body = {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": CORRELATION,
            "policyName": "TEN_SECONDLY_ROLLING",
        }
        return reply(body, 429, {"Retry-After": wait} if wait else None)

    def refused(self, request: Request) -> Response:
        return fault(
            400, "VALIDATION_ERROR", f"Invalid input: {request.full_path} {request.get_data(as_text=True)}"
        )

    @route("GET", "/account-info/v3/details")
    def tell_account(self, _request: Request) -> Response:
        """§3: the currency of what names none. §8: the day's quota, to private apps."""
        headers = {"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "249000"}
        body = {"portalId": 62515, "timeZone": "Europe/Madrid", "companyCurrency": filling.CURRENCY}
        return reply(body, headers=headers)

    @route("POST", "/oauth/v2/private-apps/get/access-token-info", reads=True)
    def tell_private_token(self, request: Request) -> Response:
        if request.get_json().get("tokenKey") != self.token:
            raise Refused(fault(404, "OBJECT_NOT_FOUND", "no such token"))
        return reply({"userId": 1, "hubId": 62515, "appId": 54321, "scopes": sorted(self.scopes)})

    @route("GET", "/oauth/v1/access-tokens/<token>")
    def tell_token(self, _request: Request, token: str) -> Response:
        if not self.tokens.accepts(token):
            raise Refused(fault(404, "OBJECT_NOT_FOUND", "no such token"))
        return reply({"hub_id": 62515, "token_type": "access", "scopes": ["oauth", *sorted(self.scopes)]})

    @route("POST", "/oauth/v3/token", free=True)
    def give_token(self, request: Request) -> Response:
        """§0: a form; the answer tells what was granted."""
        status, body = self.tokens.answer(request.form.to_dict())
        told = {"hub_id": 62515, "scopes": sorted(self.scopes)} if status == 200 else {}
        return reply(body | told, status)
