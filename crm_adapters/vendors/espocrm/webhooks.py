"""EspoCRM's webhooks: which are genuine, and what they mean for us."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from crm_adapters.errors import NotTrusted, VendorChanged
from crm_adapters.model import ChangeHint, Kind, WebhookRequest, WebhookSetup
from crm_adapters.signatures import expect, sign_hex

KINDS = {
    "Contact": Kind.CUSTOMERS,
    "Product": Kind.PRODUCTS,
    "Opportunity": Kind.ORDERS,
    "SalesOrder": Kind.ORDERS,
    "Invoice": Kind.ORDERS,
    "Case": Kind.CASES,
}


SETUP = WebhookSetup(
    place="Administration, Webhooks: one for each event",
    events=(
        "Contact.create, Contact.update, Contact.delete",
        "the same of Product, of Case, and of what purchases are kept in: Opportunity, SalesOrder or Invoice",
    ),
    proof="each webhook's id and Secret Key, as Contact.update=id:secret, Contact.delete=id:secret",
    note="Deletions are told by webhooks alone; without them they are noticed by the weekly listing of everything.",
)


@dataclass(frozen=True, slots=True)
class Hook:
    """One of the webhooks that were set up: EspoCRM has one for each event, each with a secret of its own."""

    event: str
    id: str
    secret: str


def parse_hooks(text: str) -> dict[str, Hook]:
    """By their ids. Of `Contact.update=id:secret, Contact.delete=id:secret`; raises ValueError, naming no secret."""
    found: dict[str, Hook] = {}
    for part in filter(None, map(str.strip, text.replace("\n", ",").split(","))):
        event, _, rest = part.partition("=")
        name, _, secret = rest.partition(":")
        if not (event.strip() and name.strip() and secret.strip()):
            raise ValueError("is not written as Contact.update=id:secret, Contact.delete=id:secret")
        found[name.strip()] = Hook(event.strip(), name.strip(), secret.strip())
    return found


def read_webhook(request: WebhookRequest, hooks: Mapping[str, Hook], sold: str) -> list[ChangeHint]:
    """Nothing signed says when it was sent: an old one repeated makes us look once more. What has happened to which
    kind is said by nothing but the id of the webhook. `sold`: what purchases are kept in."""
    hook = _verify(request, hooks)
    entity = hook.event.partition(".")[0]
    kind = KINDS.get(entity)
    if kind is None or (kind is Kind.ORDERS and entity != sold):
        return []
    delivery = sha256(hook.id.encode() + request.body).hexdigest()[:32]
    return [ChangeHint(kind, ref, f"{delivery}-{ref}") for ref in _refs(request.body)]


def _refs(body: bytes) -> list[str]:
    """Up to fifty events come together."""
    try:
        return list(dict.fromkeys(str(one["id"]) for one in json.loads(body)))
    except (ValueError, TypeError, KeyError):
        pass
    raise VendorChanged("the webhook does not say what changed")


def _verify(request: WebhookRequest, hooks: Mapping[str, Hook]) -> Hook:
    """Both headers are sent from version 9 to 10; before there is only the second, later only the first."""
    given, old = request.header("Signature"), request.header("X-Signature")
    hook = hooks.get(_sender(given or old))
    if hook is None:
        raise NotTrusted("the webhook is none of those that were set up")
    code = sign_hex(hook.secret, request.body)
    proof = code.encode() if given else bytes.fromhex(code)
    expect(given or old, b64encode(hook.id.encode() + b":" + proof).decode())
    return hook


def _sender(signature: str) -> str:
    try:
        return b64decode(signature, validate=True).partition(b":")[0].decode()
    except ValueError:
        return ""
