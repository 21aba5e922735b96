"""What can go wrong with a CRM, sorted by what the caller can do about it.

CRMError
├── Retryable            try again later, nothing was changed
│   ├── RateLimited      wait `retry_after` seconds
│   └── Unavailable      the CRM did not answer, or answered with a fault of its own
├── Permanent            trying again unchanged will fail again
│   ├── AuthExpired      sign in again with what we have
│   ├── AuthRevoked      an admin must connect anew
│   ├── PermissionDenied an admin must grant `scope`
│   ├── NotFound
│   ├── Merged           the record lives on as `new_ref`
│   ├── Conflict         somebody else changed it; `existing` is theirs
│   ├── ValidationFailed `fields` says which value is refused and why
│   ├── NotTrusted       a webhook that may be anybody's
│   ├── Unsupported      this CRM cannot do it; see its capabilities
│   ├── HostRefused      we may not talk to this host: an admin must allow it, or trust its certificate
│   └── VendorChanged    the CRM answers in a shape this adapter does not know
└── OutcomeUnknown       a write was sent and no answer came: look it up by its key before trying again

BadSettings is not a CRMError: a connection that was never set up right must not be mistaken for a CRM that fails.

Messages never hold bodies, tokens or customer data: they reach logs and screens.
"""

from collections.abc import Mapping


class CRMError(Exception):
    """Root of everything an adapter raises while talking to its CRM."""


class Retryable(CRMError):
    """Nothing was changed; the same call may succeed later."""


class RateLimited(Retryable):
    """The CRM asks us to slow down; `retry_after` in seconds, `scope` names the quota that ran out."""

    def __init__(self, message: str, *, retry_after: float | None = None, scope: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.scope = scope


class Unavailable(Retryable):
    """No answer, or the CRM's own fault."""


class Permanent(CRMError):
    """The same call will fail again."""


class AuthExpired(Permanent):
    """The token is no longer good and could not be refreshed."""


class AuthRevoked(Permanent):
    """The CRM's admin took the access away."""


class PermissionDenied(Permanent):
    """The account may not do this; `scope` is the permission to grant."""

    def __init__(self, message: str, *, scope: str = "") -> None:
        super().__init__(message)
        self.scope = scope


class NotFound(Permanent):
    """There is no such record."""


class Merged(Permanent):
    """The record was merged into `new_ref`."""

    def __init__(self, message: str, *, new_ref: str) -> None:
        super().__init__(message)
        self.new_ref = new_ref


class Conflict(Permanent):
    """The record changed since it was read; `existing` is the version found."""

    def __init__(self, message: str, *, existing: str | None = None) -> None:
        super().__init__(message)
        self.existing = existing


class ValidationFailed(Permanent):
    """The CRM refuses the values; `fields` maps a field's name to the reason."""

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class NotTrusted(Permanent):
    """A webhook's signature or secret is wrong, missing, or too old to be news."""


class Unsupported(Permanent):
    """The CRM has no such thing; asking was avoidable, see the adapter's capabilities."""


class HostRefused(Permanent):
    """The host is not one of the connection's, is in a network that was not opened to us, does not encrypt, or
    shows a certificate that nobody we trust has signed; nothing was sent to it."""


class VendorChanged(Permanent):
    """The answer has a shape the adapter does not know."""


class OutcomeUnknown(CRMError):
    """A write may or may not have happened."""


class BadSettings(Exception):
    """A connection's settings cannot work as they are; the message names the setting and the remedy."""
