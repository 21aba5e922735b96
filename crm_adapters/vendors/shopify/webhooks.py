"""Shopify's webhooks: which are genuine, and what they mean for us."""

import json
from collections.abc import Mapping
from typing import Any

from crm_adapters.errors import VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect, sign_base64
from crm_adapters.vendors.shopify.api import GID

KINDS = {
    "customers": Kind.CUSTOMERS,
    "orders": Kind.ORDERS,
    "refunds": Kind.ORDERS,
    "fulfillments": Kind.ORDERS,
    "products": Kind.PRODUCTS,
}
MERGE = "customers/merge"
SOMETHING = ""
SETUP = WebhookSetup(
    place="Settings, Notifications, Webhooks, format JSON; or as subscriptions of the app",
    events=(
        "Customer creation, update, deletion, merge",
        "Order creation, update, payment, cancellation, deletion; refund creation; fulfilment creation, update",
        "Product creation, update, deletion",
    ),
    settings=("webhook_secret", "client_secret"),
    proof="the secret shown below the shop's webhooks, or the app's own client secret for its subscriptions",
    note="Shopify repeats for some hours, then removes a subscription: look at the list after we were away.",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    """Only the body is signed: an old one repeated, or with another topic, makes us look once more."""
    expect(request.header("X-Shopify-Hmac-Sha256"), secret and sign_base64(secret, request.body))
    topic = request.header("X-Shopify-Topic")
    kind = KINDS.get(topic.partition("/")[0])
    if kind is None:
        return []
    event = request.header("X-Shopify-Event-Id") or request.header("X-Shopify-Webhook-Id")
    return [ChangeHint(kind, ref, f"{event}.{ref}") for ref in _read_refs(topic, request.body)]


def _read_refs(topic: str, body: bytes) -> list[str]:
    try:
        found = json.loads(body)
        refs = _find_refs(topic, found)
    except (ValueError, TypeError, KeyError, AttributeError):
        refs = []
    if not refs:
        raise VendorChanged("the webhook names no record")
    return refs


def _find_refs(topic: str, body: Mapping[str, Any]) -> list[str]:
    """Of a product that is gone we do not know the variants."""
    if topic == MERGE:
        ids = (body[f"admin_graphql_api_customer_{one}_id"] for one in ("kept", "deleted"))
        return [found[1] for one in ids if (found := GID.fullmatch(str(one)))]
    match topic.partition("/")[0]:
        case "products":
            return [str(one["id"]) for one in body.get("variants") or ()] or [SOMETHING]
        case "refunds" | "fulfillments":
            return [str(body["order_id"])]
        case "customers" if "id" not in body:
            return [str(body["customer"]["id"])]
    return [str(body["id"])]
