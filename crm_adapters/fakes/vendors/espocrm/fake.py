"""Who is let in, what a role allows, and what the company's own people do."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.espocrm.database import Database
from crm_adapters.fakes.vendors.espocrm.filling import put
from crm_adapters.fakes.vendors.espocrm.metadata import FIELDS
from crm_adapters.fakes.vendors.espocrm.routes import ROOT, Routes, fault
from crm_adapters.fakes.wire import Refused
from crm_adapters.model import Kind, WebhookRequest

READ = {"create": "no", "read": "all", "edit": "no", "delete": "no", "stream": "no"}


class Fake(Routes):
    name = "espocrm"
    token = "key-Qzx7-secret"  # noqa: S105 - of a fake
    secret_key = "signing-Qzx7-secret"  # noqa: S105 - of a fake
    pack: ClassVar[bool] = True
    """The Sales Pack is installed."""
    hmac: ClassVar[bool] = False
    """The API user signs its calls; the key alone does not let it in."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.base = Database(self.now, pack=self.pack)
        self.fields = deepcopy(FIELDS)
        self.rights = {name: dict(READ) for name in self.base.tables if name != "Note"}
        self.rights["Contact"] |= {"edit": "all", "stream": "all"}
        if self.pack:
            self.rights["Quote"] |= {"edit": "all"}
        self.uncounted: set[str] = set()
        """Whose records an admin has told EspoCRM not to count."""
        self.old = False
        """As before 8.2."""
        self.duplicates_refused = False
        events = [f"{entity}.update" for entity in ("Contact", "Product", *self._sold, "Case")]
        self.hooks = {
            event: (f"64f0aa{number:011d}", f"hook{number}-Qzx7-secret")
            for number, event in enumerate(events)
        }

    @property
    def _sold(self) -> tuple[str, ...]:
        return ("SalesOrder", "Quote") if self.pack else ("Opportunity",)

    def settings(self, url: str) -> dict[str, Any]:
        hooks = ",".join(f"{event}={name}:{secret}" for event, (name, secret) in self.hooks.items())
        signing = {"secret_key": self.secret_key} if self.hmac else {}
        purchases = "orders" if self.pack else "opportunities"
        return {"url": url, "api_key": self.token, **signing, "purchases": purchases, "webhook_secret": hooks}

    def put(self, record: Record) -> str:
        return put(self.base, record, pack=self.pack)

    def _entity(self, kind: Kind) -> str:
        names = {Kind.CUSTOMERS: "Contact", Kind.PRODUCTS: "Product", Kind.CASES: "Case"}
        return names.get(kind, self._sold[0])

    def delete(self, kind: Kind, ref: str) -> None:
        table = self.base.tables[self._entity(kind)]
        table.remove(table.rows[ref])

    def merge(self, ref: str, *, into: str) -> None:
        """Core/Action/Actions/Merge: posts and links go over without a stamp, addresses join; then the one is deleted
        and the other saved."""
        contacts = self.base.tables["Contact"]
        gone, kept = contacts.rows[ref], contacts.rows[into]
        for table in self.base.tables.values():
            for row in table.live():
                for name in ("parentId", "contactId", "billingContactId"):
                    row.values |= {name: into} if row.values.get(name) == ref else {}
        contacts.remove(gone)
        joined = {
            name: [*kept.values[name], *({**one, "primary": False} for one in gone.values[name])]
            for name in ("emailAddressData", "phoneNumberData")
        }
        self.base.change("Contact", kept, joined)

    def close_deal(self, ref: str) -> None:
        entity, values = (
            ("Quote", {"status": "Approved"}) if self.pack else ("Opportunity", {"stage": "Closed Won"})
        )
        self.base.change(entity, self.base.tables[entity].rows[ref], values)

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.base.tables["Note"].live()]

    def lines(self) -> list[str]:
        quotes = self.base.tables["Quote"].live() if self.pack else []
        return [json.dumps(item) for row in quotes for item in row.values["itemList"]]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """Core/Webhook/Manager: always a list, of what has changed; neither a stamp nor what has happened."""
        body = json.dumps([{"description": "Qzx7", "id": ref}]).encode()
        return self.sign(f"{self._entity(kind)}.update", body)

    def sign(self, event: str, body: bytes, *, secret: str = "") -> WebhookRequest:
        """Core/Webhook/Sender: from 9.0 on with two signatures, the second as before and until 11.0."""
        name, usual = self.hooks[event]
        code = hmac.new((secret or usual).encode(), body, sha256)
        headers = {
            "Content-Type": "application/json",
            "Signature": b64encode(f"{name}:{code.hexdigest()}".encode()).decode(),
            "X-Signature": b64encode(name.encode() + b":" + code.digest()).decode(),
        }
        return WebhookRequest("POST", "https://assist.example.com/webhooks/1", headers, body, self.now())

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """Nothing tells an old one that is sent again."""
        genuine = self.webhook(kind, ref)
        event = f"{self._entity(kind)}.update"
        another = b64encode(b"64f0:" + b64decode(genuine.headers["Signature"]).partition(b":")[2]).decode()
        old = {"X-Signature": genuine.headers["X-Signature"]}
        return [
            replace(genuine, headers={}),
            replace(genuine, body=genuine.body + b" "),
            replace(genuine, body=genuine.body + b" ", headers=old),
            self.sign(event, genuine.body, secret="another"),  # noqa: S106 - of a fake
            replace(genuine, headers={"Signature": another}),
            replace(genuine, headers={"Signature": "not base64!"}),
            replace(genuine, headers={"Signature": genuine.headers["X-Signature"]}),
        ]

    def authorize(self, request: Request) -> None:
        """Core/Authentication/Logins: the signature is over the method and the path below the root."""
        if not self.hmac:
            good = request.headers.get("X-Api-Key") == self.token
        else:
            path = request.path.removeprefix(ROOT)
            code = hmac.new(self.secret_key.encode(), f"{request.method} {path}".encode(), sha256)
            told = f"{self.token}:{code.hexdigest()}"
            good = request.headers.get("X-Hmac-Authorization") == b64encode(told.encode()).decode()
        if not good:
            raise Refused(self.unauthorized())

    def unauthorized(self) -> Response:
        """Core/Api/Auth: without a word."""
        return Response("", 401, content_type="application/json")

    def refused(self, request: Request) -> Response:
        return fault(
            400, f"Bad request {request.full_path} {request.get_data(as_text=True)}".replace("\n", " ")
        )

    def not_found(self) -> Response:
        return Response("<h1>404 Not Found</h1>", 404, content_type="text/html")
