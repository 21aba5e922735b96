"""Proof that a webhook comes from who knows the secret; compared in constant time."""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime, timedelta

from crm_adapters.errors import NotTrusted

FRESH = timedelta(minutes=5)


def sign_hex(secret: str, message: bytes) -> str:
    """HMAC-SHA256."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def sign_base64(secret: str, message: bytes) -> str:
    """HMAC-SHA256."""
    return b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def expect(given: str, right: str) -> None:
    """Raises NotTrusted. An empty `right` fits nothing: a secret that was never set must not let anybody in."""
    if not right or not hmac.compare_digest(given.encode(), right.encode()):
        raise NotTrusted("the webhook is not signed with the connection's secret")


def expect_fresh(sent: datetime, received: datetime, *, within: timedelta = FRESH) -> None:
    """Raises NotTrusted where one of the two clocks is this far behind the other, or an old webhook was repeated."""
    if abs(received - sent) > within:
        raise NotTrusted("the webhook is too old, or from the future")
