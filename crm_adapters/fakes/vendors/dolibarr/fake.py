"""Who is let in, and what Dolibarr's own people do."""

import json
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.dolibarr import filling
from crm_adapters.fakes.vendors.dolibarr.office import CURRENCY, show
from crm_adapters.fakes.vendors.dolibarr.routes import Routes
from crm_adapters.fakes.vendors.dolibarr.sqlfilters import fault
from crm_adapters.fakes.wire import Refused
from crm_adapters.model import Kind, OrderLine, WebhookRequest

NAMES = {
    Kind.CUSTOMERS: "thirdparties",
    Kind.PRODUCTS: "products",
    Kind.ORDERS: "orders",
    Kind.CASES: "tickets",
}
TRIGGERS = {
    Kind.CUSTOMERS: "COMPANY_MODIFY",
    Kind.PRODUCTS: "PRODUCT_MODIFY",
    Kind.ORDERS: "ORDER_VALIDATE",
    Kind.CASES: "TICKET_MODIFY",
}
ADDRESS = "https://assist.example.com/webhooks/1?secret="


class Fake(Routes):
    name = "dolibarr"
    token = "key-Qzx7-secret"  # noqa: S105 - of a fake
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "key": self.token, "currency": CURRENCY, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.office, record)

    def add_invoice(self, customer: str, *lines: OrderLine, sort: str = "0", status: str = "2") -> str:
        """`sort`: 2 is a credit note, whose lines are kept with prices below zero (source)."""
        values = {"socid": customer, "type": sort, "statut": status, **filling.dated(self.now())}
        ref = filling.keep(self.office, "invoices", "", values | filling.documented(self.office, lines))
        return filling.keep(self.office, "invoices", ref, {"ref": f"FA2501-{ref}"})

    def delete(self, kind: Kind, ref: str) -> None:
        table = self.office.tables[NAMES[kind]]
        table.remove(table.rows[ref])
        if kind is Kind.CUSTOMERS:
            for contact in self.office.contacts_of(ref):
                self.office.tables["contacts"].remove(contact)

    def close_deal(self, ref: str) -> None:
        """Signed."""
        filling.keep(self.office, "proposals", ref, {"statut": "2"})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.office.tables["agendaevents"].live()]

    def lines(self) -> list[str]:
        rows = self.office.tables["proposals"].live()
        return [json.dumps(line) for row in rows for line in row.values["lines"]]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """Source: the record whole, signed by nothing; up to 20 labelled as a form."""
        row = self.office.tables[NAMES[kind]].rows[ref]
        body = json.dumps({"triggercode": TRIGGERS[kind], "object": show(row)}).encode()
        label = "application/x-www-form-urlencoded" if self.major <= 20 else "application/json"
        return WebhookRequest(
            "POST", f"{ADDRESS}{self.webhook_secret}", {"Content-Type": label}, body, self.now()
        )

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """Only the address can be wrong."""
        genuine = self.webhook(kind, ref)
        bare = ADDRESS.partition("?")[0]
        return [
            replace(genuine, url=url)
            for url in (bare, f"{ADDRESS}another", f"{bare}?key={self.webhook_secret}")
        ]

    def authorize(self, request: Request) -> None:
        if request.headers.get("DOLAPIKEY") != self.token:
            raise Refused(self.unauthorized())

    def unauthorized(self) -> Response:
        """Source."""
        told = "Error user not valid (not found with api key or bad status or bad validity dates) (conf->entity=1)"
        return fault(401, "Unauthorized", told)

    def refused(self, request: Request) -> Response:
        return fault(400, "Bad Request", f"invalid {request.full_path} {request.get_data(as_text=True)}")
