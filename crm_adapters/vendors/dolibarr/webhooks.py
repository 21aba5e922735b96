"""What the module Webhook sends: the record a trigger was about, proved by nothing but a secret in the address.

It signs nothing and sends no header of its own (from the source of 18 to 22), and tries a second time only by hand.
Up to 20 the same JSON comes labelled as a form.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crm_adapters.errors import VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect
from crm_adapters.vendors.dolibarr.records import text
from crm_adapters.vendors.dolibarr.sales import INVOICE

SECRET = "secret"  # noqa: S105 - a parameter's name
Name = Callable[[Mapping[str, Any]], str]
"""The ref of what has changed; empty where the record does not tell."""


def _first(*names: str) -> Name:
    return lambda record: next(
        (found for name in names if (found := text(record.get(name))) not in {"", "0"}), ""
    )


def _invoice(record: Mapping[str, Any]) -> str:
    ref = _first("id", "rowid")(record)
    return f"{INVOICE}{ref}" if ref else ""


TRIGGERS: Mapping[str, tuple[Kind, Name]] = {
    "COMPANY": (Kind.CUSTOMERS, _first("id", "rowid")),
    "CONTACT": (Kind.CUSTOMERS, _first("socid", "fk_soc")),
    "ORDER": (Kind.ORDERS, _first("id", "rowid")),
    "LINEORDER": (Kind.ORDERS, _first("fk_commande")),
    "BILL": (Kind.ORDERS, _invoice),
    "PRODUCT": (Kind.PRODUCTS, _first("id", "rowid")),
    "STOCK": (Kind.PRODUCTS, _first("product_id", "fk_product")),
    "TICKET": (Kind.CASES, _first("id", "rowid")),
}
"""By the first word of a trigger's code."""
ASIDE = "SUPPLIER"
"""Second word of what is bought, not sold."""
SETUP = WebhookSetup(
    place="the module Webhook, which an administrator switches on: a target for this address",
    events=("COMPANY_*, CONTACT_*, ORDER_*, LINEORDER_*, BILL_*, PRODUCT_*, STOCK_MOVEMENT, TICKET_*",),
    proof="a secret that you make up",
    query=SECRET,
    note="Dolibarr sends nothing twice, and signs nothing: keep the address secret.",
)


def read_webhook(request: WebhookRequest, secret: str) -> list[ChangeHint]:
    """The address is set up as `…?secret=…`. Two that are alike and came at two times are two changes."""
    given = parse_qs(urlsplit(request.url).query).get(SECRET, [""])
    expect(given[0], secret)
    try:
        body = json.loads(request.body)
        code, record = str(body["triggercode"]), body["object"]
        words = code.split("_")
    except (ValueError, TypeError, KeyError):
        raise VendorChanged("the webhook names no trigger") from None
    if words[0] not in TRIGGERS or ASIDE in words or not isinstance(record, dict):
        return []
    kind, name = TRIGGERS[words[0]]
    delivery = sha256(request.body + request.at.isoformat().encode()).hexdigest()[:32]
    return [ChangeHint(kind, name(record), delivery)]
