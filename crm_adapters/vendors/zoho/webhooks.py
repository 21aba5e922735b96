"""Zoho's notifications: let in by the token that the channel was opened with, and what they mean for us."""

import json

from crm_adapters.errors import NotTrusted, VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect

KINDS = {"Contacts": Kind.CUSTOMERS, "Products": Kind.PRODUCTS, "Sales_Orders": Kind.ORDERS}
SETUP = WebhookSetup(
    place="a channel of the notification API: POST /crm/v8/actions/watch, with this as notify_url",
    events=("Contacts.all", "Products.all", "Sales_Orders.all"),
    proof="the channel's token, at most 50 characters",
    note="A channel ends after a week at the latest: have it renewed every day.",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    """Nothing is signed: the token stands in the body itself."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise NotTrusted("the webhook holds no token")
    expect(str(body.get("token", "")), secret)
    kind, refs = KINDS.get(str(body.get("module"))), body.get("ids")
    if not isinstance(refs, list):
        raise VendorChanged("the webhook does not say what changed")
    event = f"{body.get('server_time')}-{body.get('module')}-{body.get('operation')}"
    return [ChangeHint(kind, str(ref), f"{event}-{ref}") for ref in refs] if kind else []
