"""What automation rules send, from version 17 on: once, and proved by nothing but a secret in the address."""

import json
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from crm_adapters.errors import VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect

KINDS = {
    "res.partner": Kind.CUSTOMERS,
    "sale.order": Kind.ORDERS,
    "sale.order.line": Kind.ORDERS,
    "product.product": Kind.PRODUCTS,
    "product.template": Kind.PRODUCTS,
}
PARTS = frozenset({"sale.order.line", "product.template"})
"""Of an order, or several products: which, nothing says."""
SECRET = "secret"  # noqa: S105 - a parameter's name
SETUP = WebhookSetup(
    place="Automation Rules, from version 17 on: action Send Webhook Notification",
    events=(
        "res.partner, product.template, product.product, sale.order, sale.order.line: on save and on deletion",
    ),
    proof="a secret that you make up",
    query=SECRET,
    note="Odoo sends nothing twice, and signs nothing: keep the address secret.",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    """The address is set up as `…?secret=…`. Nothing is sent twice, so that two that are alike are two changes."""
    given = parse_qs(urlsplit(request.url).query).get(SECRET, [""])
    expect(given[0], secret)
    try:
        body = json.loads(request.body)
        model, number = body["_model"], int(body["_id"])
    except (ValueError, TypeError, KeyError):
        raise VendorChanged("the webhook names no record") from None
    if model not in KINDS:
        return []
    delivery = sha256(request.body + request.at.isoformat().encode()).hexdigest()[:32]
    return [ChangeHint(KINDS[model], "" if model in PARTS else str(number), delivery)]
