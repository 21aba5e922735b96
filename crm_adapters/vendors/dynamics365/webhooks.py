"""Dynamics 365's webhooks: a key in the address, nothing signed, and what the message means for us."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crm_adapters.errors import NotTrusted, VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect, expect_fresh

KINDS = {
    "contact": Kind.CUSTOMERS,
    "product": Kind.PRODUCTS,
    "productpricelevel": Kind.PRODUCTS,
    "salesorder": Kind.ORDERS,
    "salesorderdetail": Kind.ORDERS,
}
OWN = frozenset({"contact", "product", "salesorder"})
"""Of the others nothing is known but that something of the kind has changed."""
LATEST = timedelta(hours=1)
"""Messages wait for their turn, and are sent a second time after a failure."""
SETUP = WebhookSetup(
    place="the Plug-in Registration Tool, Register New Web Hook: as Endpoint URL, with authentication WebhookKey",
    events=(
        "contact, product, productpricelevel, salesorder, salesorderdetail, each: Create, Update, Delete, asynchronous",
    ),
    proof="the WebhookKey's value, which Dynamics 365 puts behind the address as code",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    given = parse_qs(urlsplit(request.url).query).get("code", [""])
    expect(given[0], secret)
    body = _read(request)
    expect_fresh(_moment(str(body.get("OperationCreatedOn", ""))), request.at, within=LATEST)
    name, ref = str(body.get("PrimaryEntityName", "")), str(body.get("PrimaryEntityId", ""))
    if name not in KINDS:
        return []
    told = (body.get("CorrelationId"), body.get("MessageName"), name, ref)
    return [ChangeHint(KINDS[name], ref.lower() if name in OWN else "", "-".join(map(str, told)))]


def _read(request: WebhookRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise VendorChanged("the webhook is not a message")
    return found


def _moment(text: str) -> datetime:
    """As `/Date(1777629600000)/`."""
    found = re.match(r"/Date\((\d{1,14})", text)
    if found is None:
        raise NotTrusted("the webhook does not say when it was sent")
    return datetime.fromtimestamp(int(found[1]) / 1000, UTC)
