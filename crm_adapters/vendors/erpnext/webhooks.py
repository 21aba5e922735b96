"""What webhooks send that are set up with a secret, as JSON, and with this body, of which the dates are texts:

{"doctype": {{ doc.doctype | tojson }}, "name": {{ doc.name | tojson }}, "modified": "{{ doc.modified }}"}
"""

import json
from hashlib import sha256
from typing import Any

from crm_adapters.errors import VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect, sign_base64
from crm_adapters.vendors.erpnext.sales import INVOICE, INVOICE_REF

KINDS = {
    "Customer": Kind.CUSTOMERS,
    "Contact": Kind.CUSTOMERS,
    "Address": Kind.CUSTOMERS,
    "Item": Kind.PRODUCTS,
    "Item Price": Kind.PRODUCTS,
    "Bin": Kind.PRODUCTS,
    "Sales Order": Kind.ORDERS,
    "Sales Invoice": Kind.ORDERS,
    "Issue": Kind.CASES,
}
PARTS = frozenset({"Contact", "Address", "Item Price", "Bin"})
"""Of a customer or an item: which, nothing says."""
SETUP = WebhookSetup(
    place="Webhook, one for each DocType and event: Request Structure JSON, Enable Security on, and as JSON body "
    '{"doctype": {{ doc.doctype | tojson }}, "name": {{ doc.name | tojson }}, "modified": "{{ doc.modified }}"}',
    events=(
        "Customer, Contact, Address, Item, Item Price, Bin, Issue: on_update, after_insert, on_trash",
        "Sales Order, Sales Invoice: on_submit, on_update_after_submit, on_cancel",
    ),
    proof="the Webhook Secret, the same in all of them",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    """What is tried again is sent as it was; without `modified` two changes would look like one. Nothing signed says
    when it was sent: an old one repeated is known by its id, or makes us look once more."""
    expect(request.header("X-Frappe-Webhook-Signature"), secret and sign_base64(secret, request.body))
    body = _read(request.body)
    doctype, name = body.get("doctype"), body.get("name")
    if not doctype or not name:
        raise VendorChanged("the webhook names no document: have it send doctype, name and modified")
    if doctype not in KINDS:
        return []
    ref = f"{INVOICE_REF}{name}" if doctype == INVOICE else str(name)
    delivery = sha256(request.body).hexdigest()[:32]
    return [ChangeHint(KINDS[doctype], "" if doctype in PARTS else ref, delivery)]


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
