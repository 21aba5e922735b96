"""What Zoho's refusals mean, beyond their status."""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    Conflict,
    CRMError,
    NotFound,
    PermissionDenied,
    ValidationFailed,
    VendorChanged,
)

SCOPE = "OAUTH_SCOPE_MISMATCH"


def translate(answer: Answer) -> CRMError | None:
    told = f"Zoho answered {answer.status}"
    match answer.status:
        case 304:
            return NotFound("nothing has changed since")
        case 400:
            body = _body(answer)
            records = body.get("data")
            return _refusal(told, records[0] if isinstance(records, list) and records else body)
        case 401 if _body(answer).get("code") == SCOPE:
            return PermissionDenied(f"{told}: the sign-in was for less")
        case 403:
            details = _body(answer).get("details")
            return PermissionDenied(told, scope=_name(_get(details, "permissions")))
    return None


def judge_record(told: Any) -> None:
    """Of a write: an answer of success may hold a failure. Raises CRMError."""
    if not isinstance(told, Mapping) or not told.get("code"):
        raise VendorChanged("the answer tells nothing of the record")
    if told["code"] != "SUCCESS":
        raise _refusal("Zoho refuses the record", told)


def _refusal(told: str, body: Mapping[str, Any]) -> CRMError:
    code, details = str(body.get("code", "")), body.get("details")
    if code == "DUPLICATE_DATA":
        return Conflict(told, existing=_name(_get(details, "id")) or None)
    if code == "INVALID_MODULE":
        return NotFound(f"{told}: there is no such module")
    field = _name(_get(details, "api_name"))
    return ValidationFailed(told, fields={field: "Zoho refuses the value"} if field else {})


def _get(details: Any, name: str) -> Any:
    return details.get(name) if isinstance(details, Mapping) else None


def _name(value: Any) -> str:
    """Of a field, a permission or an id; anything else may be somebody's data."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    return value if isinstance(value, str) and re.fullmatch(r"\w{1,60}", value, re.ASCII) else ""


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except VendorChanged:
        return {}
    return found if isinstance(found, Mapping) else {}
