"""What Salesforce's refusals mean: their code tells, not the status."""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.answers import Answer, retry_after
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
from crm_adapters.http import Translate
from crm_adapters.transport import Clock

FORBIDDEN = frozenset(
    {
        "API_DISABLED_FOR_ORG", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INVALID_TYPE", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    }
)  # fmt: skip
"""An object that we may not see is said not to be there."""
KINDS: Mapping[str, type[CRMError]] = {
    "DUPLICATE_VALUE": Conflict,
    "ENTITY_IS_DELETED": NotFound,
    "INVALID_SESSION_ID": AuthExpired,
    "REQUEST_LIMIT_EXCEEDED": RateLimited,
    "SERVER_UNAVAILABLE": Unavailable,
    "UNABLE_TO_LOCK_ROW": Unavailable,
}


class InvalidField(ValidationFailed):
    """A field that is not there, or not for us."""


def make_translate(clock: Clock) -> Translate:
    def translate(answer: Answer) -> CRMError | None:
        if answer.status < 400:
            return None
        error = _error(answer)
        code = str(error.get("errorCode", ""))
        told = f"Salesforce answered {answer.status} ({code})" if re.fullmatch("[A-Z_]+", code) else ""
        if code == "REQUEST_LIMIT_EXCEEDED":
            return RateLimited(told, retry_after=retry_after(answer.headers, now=clock()), scope="api")
        if code in FORBIDDEN:
            return PermissionDenied(told)
        if told and answer.status == 400 and code not in KINDS:
            kind = InvalidField if code == "INVALID_FIELD" else ValidationFailed
            return kind(told, fields=dict.fromkeys(_names(error), "Salesforce refuses the value"))
        return KINDS[code](told) if code in KINDS and answer.status < 500 else None

    return translate


def _error(answer: Answer) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except VendorChanged:
        return {}
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}


def _names(error: Mapping[str, Any]) -> list[str]:
    """Of fields; anything else may be somebody's data."""
    found = error.get("fields")
    texts = [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return [one for one in texts if re.fullmatch(r"\w{1,80}", one, re.ASCII)]
