"""What HubSpot's refusals mean, beyond their status."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.answers import Answer, retry_after
from crm_adapters.errors import (
    Conflict,
    CRMError,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.http import Translate
from crm_adapters.transport import Clock

USUAL_WAIT = 10.0
"""Seconds; the length of HubSpot's window, where it does not say."""
DAILY_WAIT = 3_600.0
"""The daily quota comes back at midnight of the portal's own time."""
LOCKED = 423
MIGRATING = 477


def make_translate(clock: Clock) -> Translate:
    def translate(answer: Answer) -> CRMError | None:
        told = f"HubSpot answered {answer.status}"
        match answer.status:
            case 400 | 409:
                return _refusal(told, answer)
            case 403:
                return PermissionDenied(told, scope=", ".join(_scopes(_body(answer))))
            case 429:
                return _limited(told, answer, clock)
            case 423 | 477:
                return Unavailable(f"{told}: the record is locked, or the portal is being moved")
        return None

    return translate


def _limited(told: str, answer: Answer, clock: Clock) -> RateLimited:
    policy = str(_body(answer).get("policyName", ""))
    wait = retry_after(answer.headers, now=clock())
    if policy == "DAILY":
        return RateLimited(told, retry_after=wait or DAILY_WAIT, scope="daily")
    return RateLimited(told, retry_after=USUAL_WAIT if wait is None else wait, scope=policy.lower())


def _refusal(told: str, answer: Answer) -> CRMError:
    if answer.status == 409:
        return Conflict(told)
    names = [error.get("context", {}).get("propertyName") for error in _errors(_body(answer))]
    fields = {str(name): "HubSpot refuses the value" for found in names for name in _texts(found)}
    return ValidationFailed(told, fields=fields)


def _scopes(body: Mapping[str, Any]) -> list[str]:
    found = [error.get("context", {}).get("requiredGranularScopes") for error in _errors(body)]
    return sorted({scope for scopes in found for scope in _texts(scopes)})


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = body.get("errors")
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _texts(value: Any) -> list[str]:
    """Names of properties and scopes; anything else may be somebody's data."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, str) and one.replace(".", "").replace("_", "").isalnum()]


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except VendorChanged:
        return {}
    return found if isinstance(found, dict) else {}
