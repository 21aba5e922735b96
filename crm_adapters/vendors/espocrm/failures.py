"""What EspoCRM's refusals mean, beyond their status."""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import Conflict, CRMError, NotFound, ValidationFailed, VendorChanged

DUPLICATE = "duplicate"
REASON = "X-Status-Reason"


def translate(answer: Answer) -> CRMError | None:
    """Bodies and reasons may repeat what was sent, or be another person's record: only words that we know count."""
    told = f"EspoCRM answered {answer.status}"
    match answer.status:
        case 400:
            field = _field(answer)
            return ValidationFailed(told, fields={field: "EspoCRM refuses the value"} if field else {})
        case 404 if "html" in answer.headers.get("Content-Type", "") and REASON not in answer.headers:
            return VendorChanged(f"{told} with a page: no EspoCRM is at this address")
        case 404:
            return NotFound(told)
        case 409 if answer.headers.get(REASON, "").strip().casefold() == DUPLICATE:
            return ValidationFailed(f"{told}: another record is taken for the same")
        case 409:
            return Conflict(f"{told}: the record was changed in between, or is locked")
    return None


def _field(answer: Answer) -> str:
    """Which one is refused; told since version 7."""
    try:
        found = answer.json()
    except VendorChanged:
        return ""
    data: Any = found
    for name in ("messageTranslation", "data", "field"):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data if isinstance(data, str) and re.fullmatch(r"\w{1,60}", data, re.ASCII) else ""
