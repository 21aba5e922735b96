"""WooCommerce's webhooks: which are genuine, and what they mean for us."""

import json
import re

from crm_adapters.errors import VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect, sign_base64

KINDS = {"customer": Kind.CUSTOMERS, "order": Kind.ORDERS, "product": Kind.PRODUCTS}
PING = re.compile(rb"webhook_id=\d+")
"""What comes first, before anything is signed; it says nothing, so nothing is believed."""
SETUP = WebhookSetup(
    place="WooCommerce, Settings, Advanced, Webhooks: one for each topic, with this Delivery URL, Status Active",
    events=(
        "Customer created, updated, deleted",
        "Product created, updated, deleted, restored",
        "Order created, updated, deleted, restored",
    ),
    proof="the Secret of each webhook, the same in all of them",
    note="WooCommerce sends nothing twice, and switches a webhook off after five failures in a row: look at its "
    "status after we were away.",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    """Nothing signed says when it was sent, or its topic: an old one repeated makes us look once more."""
    if PING.fullmatch(request.body):
        return []
    expect(request.header("X-WC-Webhook-Signature"), secret and sign_base64(secret, request.body))
    kind = KINDS.get(request.header("X-WC-Webhook-Topic").partition(".")[0])
    if kind is None:
        return []
    try:
        ref = str(json.loads(request.body)["id"])
    except (ValueError, TypeError, KeyError):
        ref = None
    if ref is None:
        raise VendorChanged("the webhook names no record")
    return [ChangeHint(kind, ref, request.header("X-WC-Webhook-Delivery-ID"))]
