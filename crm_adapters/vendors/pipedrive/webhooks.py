"""Pipedrive's webhooks: let in by the user and password that they were set up with, and what they mean for us."""

import json

from crm_adapters.auth import basic
from crm_adapters.errors import VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect

KINDS = {"person": Kind.CUSTOMERS, "deal": Kind.ORDERS, "product": Kind.PRODUCTS}
SETUP = WebhookSetup(
    place="Tools and apps, Webhooks: as Endpoint URL",
    events=("person, deal and product, each with event action * and version 2.0",),
    proof="the HTTP Auth password; its user is the setting webhook_user",
)


def read_webhook(request: WebhookRequest, user: str, secret: str) -> list[ChangeHint]:
    """Nothing is signed: whoever knows the password can say anything, so nothing but the ref is taken."""
    right = basic(user, secret).headers()["Authorization"] if secret else ""
    expect(request.header("Authorization"), right)
    try:
        meta = json.loads(request.body)["meta"]
        kind = KINDS.get(str(meta["entity"]))
        ref = str(meta["entity_id"])
        parts = (meta.get("correlation_id"), meta["entity"], ref, meta.get("timestamp"))
        return [ChangeHint(kind, ref, "-".join(map(str, parts)))] if kind else []
    except (ValueError, TypeError, KeyError):
        pass
    raise VendorChanged("the webhook does not say what changed")
