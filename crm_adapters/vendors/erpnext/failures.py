"""What Frappe's exceptions mean. Texts are for people and hold their data: only the class's own name is looked at."""

import re
from collections.abc import Mapping

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    AuthExpired,
    Conflict,
    CRMError,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)

REFUSED = 417
"""The status of almost every refusal, whatever it is about."""
MEANINGS: Mapping[str, type[CRMError]] = {
    "AuthenticationError": AuthExpired,
    "InvalidAuthorizationToken": AuthExpired,
    "SessionExpired": AuthExpired,
    "PermissionError": PermissionDenied,
    "DoesNotExistError": NotFound,
    "PageDoesNotExistError": NotFound,
    "TimestampMismatchError": Conflict,
    "DuplicateEntryError": Conflict,
    "UpdateAfterSubmitError": Conflict,
    "DocstatusTransitionError": Conflict,
    "DocumentLockedError": Unavailable,
    "InReadOnlyMode": Unavailable,
    "QueryDeadlockError": Unavailable,
    "QueryTimeoutError": Unavailable,
    "SessionStopped": Unavailable,
    "DataError": VendorChanged,
    "ImportError": VendorChanged,
    "KeyError": VendorChanged,
    "OperationalError": VendorChanged,
    "ProgrammingError": VendorChanged,
    "TypeError": VendorChanged,
}
"""The last ones are of a call that does not fit this version or this site, as one for an unknown field. Whatever it
is, the transaction was rolled back."""
LIMITS = frozenset({"RateLimitExceededError", "TooManyRequestsError"})


def translate(answer: Answer) -> CRMError | None:
    if answer.status < 400:
        return None
    name = _name(answer)
    told = f"ERPNext answered {answer.status}{f' with {name}' if name else ''}"
    if name in LIMITS:
        return RateLimited(told) if answer.status == REFUSED else None
    if name in MEANINGS:
        return MEANINGS[name](told)
    return ValidationFailed(told) if answer.status == REFUSED else None


def _name(answer: Answer) -> str:
    """Of the exception's class, where it looks like one."""
    try:
        body = answer.json()
    except VendorChanged:
        return ""
    found = str(body.get("exc_type", "")) if isinstance(body, dict) else ""
    return found if re.fullmatch(r"[A-Za-z]{3,60}", found) else ""
