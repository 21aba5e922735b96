"""Who is let in, what is asked, and what the shop's own people do."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.server import Fake as Server
from crm_adapters.fakes.store import Row, Table, Values
from crm_adapters.fakes.vendors.woocommerce import filling
from crm_adapters.fakes.vendors.woocommerce.listing import fault, invalid, page, wanted_orders
from crm_adapters.fakes.vendors.woocommerce.shop import CURRENCY, Shop, make_meta, show
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, Money, OrderLine, WebhookRequest
from crm_adapters.signatures import sign_base64

ROOT = "/wp-json/wc/v3"
TOPICS = {Kind.CUSTOMERS: "customer", Kind.PRODUCTS: "product", Kind.ORDERS: "order"}
ADDRESS = "https://assist.example.com/webhooks/1"
LOGIN_WALL = "<html><h1>403 Forbidden</h1></html>"


class Fake(Server):
    name = "woocommerce"
    key = "ck_Qzx7"
    secret = "cs_Qzx7"  # noqa: S105 - of a fake
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.shop = Shop(self.now)
        self.writable = True
        """Whether the key may write."""
        self.walled = False
        """Whether a firewall takes us for an attack."""
        self._deliveries = 0

    def settings(self, url: str) -> dict[str, Any]:
        keys = {"consumer_key": self.key, "consumer_secret": self.secret}
        return {"url": url, **keys, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.shop, record)

    def delete(self, kind: Kind, ref: str) -> None:
        """Accounts are gone at once, and their orders are nobody's; the rest goes to the trash."""
        if kind is not Kind.CUSTOMERS:
            table = self._table(kind)
            table.change(table.rows[ref], {"status": "trash"})
            return
        email = ref.removeprefix(filling.GUEST)
        for order in self.shop.orders.live():
            if str(order.values["customer_id"]) == ref:
                self.shop.orders.change(order, {"customer_id": 0})
            elif email != ref and order.values["billing"].get("email") == email:
                self.shop.orders.remove(order)
        if email == ref:
            self.shop.customers.remove(self.shop.customers.rows[ref])

    def close_deal(self, ref: str) -> None:
        self.shop.orders.change(self.shop.orders.rows[ref], {"status": "processing"})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.shop.notes.live()]

    def lines(self) -> list[str]:
        return [json.dumps(line) for row in self.shop.orders.live() for line in row.values["line_items"]]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """WC 9: the record itself, signed over the bytes; a delivery has an id."""
        row = self._table(kind).get(ref)
        body = json.dumps(show(row) if row else {"id": int(ref)}, ensure_ascii=False).encode()
        self._deliveries += 1
        return self._sign(body, f"{TOPICS[kind]}.updated", self.webhook_secret)

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """Time and topic are not signed."""
        genuine = self.webhook(kind, ref)
        return [
            replace(genuine, headers={}),
            replace(genuine, body=genuine.body + b" "),
            self._sign(genuine.body, "customer.updated", "another"),
        ]

    def _sign(self, body: bytes, topic: str, secret: str) -> WebhookRequest:
        headers = {
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Delivery-ID": f"{self._deliveries:032x}",
            "X-WC-Webhook-Signature": sign_base64(secret, body),
        }
        return WebhookRequest("POST", ADDRESS, headers, body, self.now())

    def _table(self, kind: Kind) -> Table:
        tables = {Kind.CUSTOMERS: self.shop.customers, Kind.PRODUCTS: self.shop.products}
        return tables.get(kind, self.shop.orders)

    def authorize(self, request: Request) -> None:
        """WC 1: Basic with key and secret. WC 8: no limits; a firewall answers in HTML. A key that may only read
        gets 401 for a write (from WooCommerce's source)."""
        if self.walled:
            raise Refused(Response(LOGIN_WALL, 403, content_type="text/html"))
        pair = b64encode(f"{self.key}:{self.secret}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            raise Refused(self.unauthorized())
        if request.method != "GET" and not self.writable:
            told = "The API key provided does not have write permissions."
            raise Refused(fault(401, "woocommerce_rest_authentication_error", told))

    def unauthorized(self) -> Response:
        return fault(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")

    def refused(self, request: Request) -> Response:
        told = f"Invalid parameter(s): {request.full_path} {request.get_data(as_text=True)}"
        return fault(400, "rest_invalid_param", told)

    def not_found(self) -> Response:
        return fault(404, "rest_no_route", "No route was found matching the URL and request method.")

    @route("GET", f"{ROOT}/data/currencies/current")
    def tell_currency(self, _request: Request) -> Response:
        return reply({"code": CURRENCY, "name": "Euro", "symbol": "&euro;"})

    @route("GET", f"{ROOT}/customers")
    def list_customers(self, request: Request) -> Response:
        """WC 2: by the account's address, a sign * at its ends being a wildcard (from WordPress's source). Roles
        other than customer are shown on request. WP ignores a time of change here."""
        email, role = request.args.get("email"), request.args.get("role", "customer")
        if email is not None and "\\" in email:
            raise invalid("email")
        rows = [row for row in self.shop.customers.live() if role in {"all", row.values["role"]}]
        if email is not None:
            part = email.strip("*").lower()
            exact = part == email.lower()
            rows = [
                row for row in rows if (part == row.values["email"] if exact else part in row.values["email"])
            ]
        return page(request, rows)

    @route("GET", f"{ROOT}/customers/<id>")
    def read_customer(self, _request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        return reply(show(self._one(self.shop.customers, id)))

    @route("PUT", f"{ROOT}/customers/<id>")
    def change_customer(self, request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        """WC 7. Unknown names are ignored."""
        row = self._one(self.shop.customers, id)
        known = ("first_name", "last_name", "email", "billing", "shipping", "meta_data")
        values = {name: value for name, value in request.get_json().items() if name in known}
        return reply(show(self.shop.change(self.shop.customers, row, values)))

    @route("GET", f"{ROOT}/products")
    def list_products(self, request: Request) -> Response:
        """WC 5."""
        wanted = request.args.get("status", "any")
        rows = [row for row in self.shop.products.live() if _has_status(row, wanted)]
        return page(request, rows, timed=True)

    @route("GET", f"{ROOT}/products/<id>")
    def read_product(self, _request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        """A variation can be read as a product."""
        variation = self.shop.variations.get(id)
        return reply(show(variation or self._one(self.shop.products, id)))

    @route("GET", f"{ROOT}/products/<id>/variations")
    def list_variations(self, request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        return page(
            request, [one for one in self.shop.variations.live() if str(one.values["parent_id"]) == id]
        )

    @route("GET", f"{ROOT}/orders")
    def list_orders(self, request: Request) -> Response:
        """WC 3, WC 2: guests have the customer 0; a search finds its term anywhere in an address."""
        rows = [row for row in self.shop.orders.live() if _has_status(row, request.args.get("status", "any"))]
        return page(request, wanted_orders(request, rows), timed=True)

    @route("GET", f"{ROOT}/orders/<id>")
    def read_order(self, _request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        return reply(show(self._one(self.shop.orders, id, "shop_order")))

    @route("PUT", f"{ROOT}/orders/<id>")
    def change_order(self, request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        """Lines without an id are new ones, on an order of any status and of products that are not there (from
        WooCommerce's source)."""
        row = self._one(self.shop.orders, id, "shop_order")
        lines = [
            *row.values["line_items"],
            *(self._line(one) for one in request.get_json().get("line_items", ())),
        ]
        self.shop.orders.change(row, {"line_items": lines, "total": filling.total(lines)})
        return reply(show(row))

    def _line(self, asked: Values) -> Values:
        """At the product's price unless a sum is named."""
        ref = str(asked.get("variation_id") or asked["product_id"])
        product = self.shop.variations.get(ref) or self.shop.products.get(ref)
        values = product.values if product else {"name": "", "price": "0"}
        quantity = Decimal(asked["quantity"])
        each = Decimal(asked["total"]) / quantity if "total" in asked else Decimal(values["price"] or 0)
        line = OrderLine("", ref, values["name"], quantity, Money(each, CURRENCY))
        meta = make_meta({one["key"]: one["value"] for one in asked.get("meta_data", ())})
        return filling.make_line(self.shop, line, meta_data=meta)

    @route("POST", f"{ROOT}/orders/batch")
    def change_orders(self, _request: Request) -> Response:
        return reply({})

    @route("GET", f"{ROOT}/orders/<id>/refunds")
    def list_refunds(self, _request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        row = self._one(self.shop.orders, id, "shop_order")
        return reply(row.values["refunds"], headers={"X-WP-Total": str(len(row.values["refunds"]))})

    @route("GET", f"{ROOT}/orders/<id>/notes")
    def list_notes(self, _request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        self._one(self.shop.orders, id, "shop_order")
        rows = [row for row in self.shop.notes.live() if row.values["order"] == id]
        return reply([_show_note(row) for row in reversed(rows)])

    @route("POST", f"{ROOT}/orders/<id>/notes")
    def add_note(self, request: Request, id: str) -> Response:  # noqa: A002 - as it is called
        """WC 6: a note is no change of its order."""
        self._one(self.shop.orders, id, "shop_order")
        body = request.get_json()
        values = {"order": id, "note": body["note"], "customer_note": bool(body.get("customer_note"))}
        return reply(_show_note(self.shop.notes.add(values)), 201)

    def _one(self, table: Table, ref: str, kind: str = "") -> Row:
        row = table.get(ref)
        if row is None:
            code = f"woocommerce_rest_{kind}_invalid_id" if kind else "woocommerce_rest_invalid_id"
            raise Refused(fault(404, code, f"Invalid ID. {ref}"))
        return row


def _show_note(row: Row) -> Values:
    return show(row, author="system")


def _has_status(row: Row, wanted: str) -> bool:
    """`any` leaves out what is in the trash."""
    status = row.values["status"]
    return status != "trash" if "any" in wanted.split(",") else status in wanted.split(",")
