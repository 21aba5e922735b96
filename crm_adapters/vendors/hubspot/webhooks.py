"""HubSpot's webhooks: which signature is right, and what the events mean for us."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crm_adapters.errors import NotTrusted, VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect, expect_fresh, sign_base64

KINDS = {"contact": Kind.CUSTOMERS, "deal": Kind.ORDERS, "line_item": Kind.ORDERS, "product": Kind.PRODUCTS}
DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""What HubSpot writes out in an address before signing it."""
SETUP = WebhookSetup(
    place="the app's settings, Webhooks: as Target URL",
    events=(
        "contact, deal, product and line_item, each: creation, deletion, restore, propertyChange",
        "contact and deal also: merge, associationChange",
        "contact also: privacyDeletion",
    ),
    settings=("webhook_secret", "client_secret"),
    proof="the app's client secret",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    verify(request, secret)
    try:
        events = json.loads(request.body)
        return [hint for event in events if (hint := _hint(event))]
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise VendorChanged("the webhook is not a list of events")


def verify(request: WebhookRequest, secret: str) -> None:
    """By the newest signature that is there: an older one proves less, and is not asked beside it."""
    newest, version = request.header("X-HubSpot-Signature-v3"), request.header("X-HubSpot-Signature-Version")
    if newest:
        stamp = request.header("X-HubSpot-Request-Timestamp")
        expect(newest, secret and sign_v3(request, secret, stamp))
        expect_fresh(_moment(stamp), request.at)
    elif version == "v2":
        expect(request.header("X-HubSpot-Signature"), secret and sign_v2(request, secret))
    else:
        expect(request.header("X-HubSpot-Signature"), secret and sign_v1(request, secret))


def sign_v3(request: WebhookRequest, secret: str, stamp: str) -> str:
    url = request.url
    for code, sign in DECODED.items():
        url = url.replace(code, sign).replace(code.lower(), sign)
    return sign_base64(secret, f"{request.method}{url}".encode() + request.body + stamp.encode())


def sign_v2(request: WebhookRequest, secret: str) -> str:
    return hashlib.sha256(f"{secret}{request.method}{request.url}".encode() + request.body).hexdigest()


def sign_v1(request: WebhookRequest, secret: str) -> str:
    """What classic subscriptions carry."""
    return hashlib.sha256(secret.encode() + request.body).hexdigest()


def _moment(stamp: str) -> datetime:
    if not stamp.isdecimal():
        raise NotTrusted("the webhook does not say when it was sent")
    return datetime.fromtimestamp(int(stamp[:14]) / 1000, UTC)


def _hint(event: Mapping[str, Any]) -> ChangeHint | None:
    """Of a line item nothing is known but that some deal has changed. Ids of events are not unique by themselves;
    a repeated delivery differs in its `attemptNumber` only."""
    name = str(event["subscriptionType"]).partition(".")[0]
    kind = KINDS.get(name)
    if kind is None:
        return None
    parts = (event.get("eventId"), event["objectId"], event["subscriptionType"], event.get("occurredAt"))
    ref = "" if name == "line_item" else str(event["objectId"])
    return ChangeHint(kind, ref, "-".join(map(str, parts)))
