"""Who is let in, what is asked, and what the shop's own people do."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.server import Fake as Server
from crm_adapters.fakes.store import Row, Table, Values
from crm_adapters.fakes.vendors.shopify import filling, mutations, questions
from crm_adapters.fakes.vendors.shopify.answers import (
    VERSION,
    Bucket,
    Failed,
    count_objects,
    denied,
    envelope,
    show_cost,
    unapproved,
)
from crm_adapters.fakes.vendors.shopify.questions import Asked, Question
from crm_adapters.fakes.vendors.shopify.shop import Shop
from crm_adapters.fakes.wire import Refused, Route, reply, route
from crm_adapters.model import Kind, WebhookRequest
from crm_adapters.signatures import sign_base64

ROOT = f"/admin/api/{VERSION}/graphql.json"
ADDRESS = "https://assist.example.com/webhooks/1"
SCOPES = frozenset(
    {
        "read_all_orders", "read_customers", "read_draft_orders", "read_inventory", "read_orders",
        "read_products", "write_customers", "write_draft_orders",
    }
)  # fmt: skip
WINDOW = timedelta(days=60)
TOPICS = {Kind.CUSTOMERS: "customers", Kind.PRODUCTS: "products", Kind.ORDERS: "orders"}
of_people = partial(Question, scope="read_customers", personal=True)
of_orders = partial(Question, scope="read_orders", personal=True)
of_drafts = partial(Question, scope="read_draft_orders", personal=True)
of_products = partial(Question, scope="read_products")
to_people = partial(Question, scope="write_customers", personal=True, each=10)
QUESTIONS: Mapping[str, Question] = {
    "ReadCustomer": of_people(questions.read_customer, each=5),
    "FindCustomer": of_people(questions.find_customer, each=5),
    "ListCustomers": of_people(questions.list_customers, each=5),
    "ListOrders": of_orders(questions.list_orders, each=48),
    "ListCustomersOrders": of_orders(questions.list_customers_orders, each=48),
    "ListLines": of_orders(questions.list_lines, each=4),
    "ListVariants": of_products(questions.list_variants, each=4),
    "ListProducts": of_products(questions.list_products),
    "ReadRelations": of_products(questions.read_relations, each=80),
    "ListDrafts": of_drafts(questions.list_drafts),
    "ReadDraft": of_drafts(questions.read_draft, each=8),
    "ReadVariant": of_products(questions.read_variant),
    "ReadOutcomes": of_people(questions.read_outcomes, each=2),
    "ReadShop": Question(questions.read_shop, each=20),
    "ListDefinitions": Question(questions.list_definitions),
}
MUTATIONS: Mapping[str, Question] = {
    "SetMetafields": to_people(mutations.set_metafields),
    "DeleteMetafields": to_people(mutations.delete_metafields),
    "ChangeCustomer": to_people(mutations.change_customer),
    "PutLines": Question(mutations.put_lines, "write_draft_orders", personal=True, each=10),
}
KNOWN = {**QUESTIONS, **MUTATIONS}


class Fake(Server):
    name = "shopify"
    lag = timedelta(seconds=5)
    client_id, client_secret = "client-Qzx7", "client-Qzx7-secret"
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.shop = Shop(self.now, self.lag)
        self.tokens = TokenEndpoint(self.now, self.client_id, self.client_secret, timedelta(days=1))
        self.bucket = Bucket(self.now)
        self.scopes = SCOPES
        self.approved = True
        """Whether the app may see who customers are."""
        self.shape: Callable[[Asked, Values], Values] = lambda _, data: data
        """Makes the answer of everything that is known: of more than was asked for, unless a schema is at hand."""
        self._events = 0

    def settings(self, url: str) -> dict[str, Any]:
        app = {"client_id": self.client_id, "client_secret": self.client_secret}
        return {"url": url, **app, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.shop, record)

    def delete(self, kind: Kind, ref: str) -> None:
        """With its last variant a product goes."""
        row = self._table(kind).rows[ref]
        if kind is Kind.CUSTOMERS:
            filling.drop_customer(self.shop, row)
            return
        self._table(kind).remove(row)
        if kind is Kind.PRODUCTS:
            self.shop.products.remove(self.shop.products.rows[row.values["product"]])

    def merge(self, ref: str, *, into: str) -> None:
        """The one is gone, as if deleted; its orders are the other's. What becomes of its metafields is not told."""
        for order in self.shop.orders.live():
            if order.values["customer"] == ref:
                self.shop.change(self.shop.orders, order, {"customer": into})
        self.shop.customers.remove(self.shop.customers.rows[ref], into=into)

    def close_deal(self, ref: str) -> None:
        self.shop.change(self.shop.drafts, self.shop.drafts.rows[ref], {"status": "COMPLETED"})

    def notes(self) -> list[str]:
        held = [row.values["metafields"].get("sales_assist.outcomes") for row in self.shop.customers.live()]
        return [line for one in held if one for line in one["value"].splitlines()]

    def lines(self) -> list[str]:
        rows = [*self.shop.orders.live(), *self.shop.drafts.live()]
        return [json.dumps(line) for row in rows for line in row.values["lines"]]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """The record as the older interface has it, with its number; signed over the bytes."""
        body: Values = {"id": int(ref), "note": "Ação"}
        if kind is Kind.PRODUCTS:
            row = self.shop.variants.rows[ref]
            body = {"id": int(row.values["product"]), "variants": [{"id": int(ref)}]}
        return self.sign(json.dumps(body, ensure_ascii=False).encode(), f"{TOPICS[kind]}/update")

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """Neither time nor topic is signed."""
        genuine = self.webhook(kind, ref)
        return [
            replace(genuine, headers={}),
            replace(genuine, body=genuine.body + b" "),
            self.sign(genuine.body, "customers/update", "another"),
        ]

    def sign(self, body: bytes, topic: str, secret: str | None = None) -> WebhookRequest:
        """Deliveries of one event have the same event id."""
        self._events += 1
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Event-Id": f"event-{self._events}",
            "X-Shopify-Webhook-Id": f"delivery-{self._events}",
            "X-Shopify-Hmac-Sha256": sign_base64(secret or self.webhook_secret, body),
        }
        return WebhookRequest("POST", ADDRESS, headers, body, self.now())

    def _table(self, kind: Kind) -> Table:
        tables = {Kind.CUSTOMERS: self.shop.customers, Kind.PRODUCTS: self.shop.variants}
        return tables.get(kind, self.shop.orders)

    def sort(self, request: Request, one: Route) -> Route:
        return one if one.free else replace(one, reads=_name(request) not in MUTATIONS)

    def authorize(self, request: Request) -> None:
        """A header of its own; a token that stays, or one of the app's."""
        given = request.headers.get("X-Shopify-Access-Token", "")
        if given != self.token and not self.tokens.accepts(given):
            raise Refused(self.unauthorized())

    def unauthorized(self) -> Response:
        self.tokens.expire()
        told = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return reply({"errors": told}, 401)

    def limited(self, wait: str | None) -> Response:
        """With 200 and what is left of the points; before the API stands what answers 429."""
        if wait is not None and not wait.isdecimal():
            return super().limited(wait)
        cost = show_cost(900.0, 900.0 - float(wait) * 100) if wait else {}
        throttled = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return envelope(cost, errors=[throttled])

    def refused(self, request: Request) -> Response:
        return reply({"errors": {"query": f"Bad request: {request.get_data(as_text=True)}"}}, 400)

    def broken(self, request: Request) -> Response:
        """With 200 as well."""
        told = f"Internal error. Looks like something went wrong on our end: {request.get_data(as_text=True)}"
        error = {"message": told, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "Qzx7"}}
        return envelope({}, errors=[error])

    def not_found(self) -> Response:
        return reply({"errors": "Not Found"}, 404)

    @route("POST", "/admin/oauth/access_token", free=True)
    def give_token(self, request: Request) -> Response:
        """For an app of the shop's own organisation, for a day."""
        status, body = self.tokens.answer(request.form)
        return reply(body | ({"scope": ",".join(sorted(self.scopes))} if status == 200 else {}), status)

    @route("POST", ROOT)
    def ask(self, request: Request) -> Response:
        body = request.get_json()
        name, variables = str(body.get("operationName")), body.get("variables") or {}
        question = KNOWN.get(name)
        requested = 2 + question.each * (variables.get("first") or 1) if question else 0
        hidden = self._hides if "read_all_orders" not in self.scopes else lambda _: False
        asked = Asked(self.shop, name, body["query"], variables, self.scopes, hidden, [])
        try:
            self.bucket.take(requested)
            data = self.shape(asked, self._answer(question, asked))
        except Failed as failed:
            cost = show_cost(requested, self.bucket.held)
            return envelope(cost, errors=[failed.error])
        self.bucket.give_back(requested - count_objects(data))
        return envelope(show_cost(requested, self.bucket.held), data=data, warnings=asked.warnings)

    def _answer(self, question: Question | None, asked: Asked) -> Values:
        """Any other question is refused aloud. Who may write may read."""
        if question is None:
            raise Failed("undefinedOperation", f"The fake does not know the question {asked.name}.")
        enough = {question.scope, question.scope.replace("read_", "write_", 1)}
        if question.scope and not enough & self.scopes:
            raise denied(asked.name, question.scope)
        if question.personal and not self.approved:
            raise unapproved("Customer")
        return question.answer(asked)

    def _hides(self, row: Row) -> bool:
        created: datetime = row.values["createdAt"]
        return created < self.now() - WINDOW


def _name(request: Request) -> str:
    body = request.get_json(silent=True)
    return str(body.get("operationName")) if isinstance(body, dict) else ""
