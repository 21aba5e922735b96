"""What Shopify's refusals mean: most come with a 200, and their code tells."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    Conflict,
    CRMError,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)

PROTECTED = "protected customer data"
STALE = frozenset({"STALE_OBJECT", "INVALID_COMPARE_DIGEST"})
SCOPE = re.compile(r"\b(?:read|write)_\w+")


class TooDear(ValidationFailed):
    """A question that could give more than Shopify answers at once; a smaller page may do."""


class Fault(Unavailable):
    """Shopify failed in the middle: whether a mutation happened is not known."""


CODES: Mapping[str, tuple[type[CRMError], str]] = {
    "MAX_COST_EXCEEDED": (TooDear, "the question could cost more than Shopify answers at once"),
    "SHOP_INACTIVE": (PermissionDenied, "the shop is not active"),
    "INTERNAL_SERVER_ERROR": (Fault, "Shopify failed"),
    "TIMEOUT": (Fault, "Shopify took too long"),
}


def translate(answer: Answer) -> CRMError | None:
    told = f"Shopify answered {answer.status}"
    match answer.status:
        case 402:
            return PermissionDenied(f"{told}: the shop has not paid its bill")
        case 404:
            return VendorChanged(f"{told}: there is no such shop, or no such version of the API")
        case 423:
            return PermissionDenied(f"{told}: the shop is locked")
        case 430:
            return RateLimited(f"{told}: it takes us for an attack")
        case 200:
            found = _object(answer)
            return _judge(found) or _heed_warnings(found)
    return None


def _judge(found: Mapping[str, Any]) -> CRMError | None:
    """Of several errors the first is as good as any: a part of an answer is not used."""
    errors = _list(found.get("errors"))
    if not errors:
        return None
    extensions = errors[0].get("extensions")
    known: Mapping[str, Any] = extensions if isinstance(extensions, dict) else {}
    code = str(known.get("code", ""))
    if code == "THROTTLED":
        told = "Shopify grants no more points just now"
        return RateLimited(told, retry_after=_wait(found), scope="points")
    if code == "ACCESS_DENIED":
        return _denied(errors[0], known)
    kind, told = CODES.get(code, (VendorChanged, "Shopify does not understand the question"))
    return kind(f"{told} ({code})" if re.fullmatch(r"\w{1,40}", code, re.ASCII) else told)


def _denied(error: Mapping[str, Any], extensions: Mapping[str, Any]) -> PermissionDenied:
    """A message tells which scope it wants, or leads to the page on protected customer data."""
    told = f"{error.get('message')} {extensions.get('requiredAccess')} {extensions.get('documentation')}"
    if "protected-customer-data" in told:
        return PermissionDenied("the app has no access to customers' data", scope=PROTECTED)
    found = SCOPE.search(told)
    return PermissionDenied("Shopify denies access", scope=found[0] if found else "")


def _wait(found: Mapping[str, Any]) -> float | None:
    """Seconds until the question can be paid for."""
    try:
        cost = found["extensions"]["cost"]
        status = cost["throttleStatus"]
        short = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(0.0, short / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _heed_warnings(found: Mapping[str, Any]) -> CRMError | None:
    """A filter that Shopify does not know is left out, so that everything is found; a warning tells."""
    extensions = found.get("extensions")
    searches = _list(extensions.get("search")) if isinstance(extensions, dict) else []
    if any(one.get("warnings") for one in searches):
        return VendorChanged("Shopify does not know a filter of ours")
    return None


def refuse(errors: Sequence[Mapping[str, Any]]) -> CRMError:
    """Of a mutation's `userErrors`, which name the place of the input; their messages may repeat what was sent."""
    codes = {str(one.get("code") or "") for one in errors}
    if codes & STALE:
        return Conflict("somebody else changed it in between")
    paths = [[str(part) for part in one.get("field") or ()] for one in errors]
    if any(path[-1:] in (["ownerId"], ["id"]) for path in paths):
        return NotFound("the shop has no such record")
    names = [".".join(path) for path in paths if path]
    return ValidationFailed(
        "Shopify refuses the values", fields=dict.fromkeys(names, "Shopify refuses the value")
    )


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except VendorChanged:
        return {}
    return found if isinstance(found, dict) else {}


def _list(found: Any) -> list[Mapping[str, Any]]:
    """Errors of the whole request may also be one text."""
    if isinstance(found, str) and found:
        return [{"message": found}]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
