"""What an HTTP answer means: the status in our words, and how long a server asks us to wait."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from crm_adapters.errors import (
    AuthExpired,
    Conflict,
    CRMError,
    NotFound,
    OutcomeUnknown,
    Permanent,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes

    def json(self) -> Any:
        """Raises VendorChanged for what is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            pass
        raise VendorChanged(f"the answer ({self.status}) is not JSON")


@dataclass(frozen=True, slots=True)
class Failure:
    error: CRMError
    again: bool = False
    """Whether the same call may be sent again."""
    wait: float | None = None
    """Seconds that the CRM asks us to wait before; None leaves it to us."""


def judge(answer: Answer, *, repeatable: bool, now: datetime) -> Failure | None:
    """None for success. `repeatable`: the call may be sent again whatever became of it."""
    status = answer.status
    told = f"the CRM answered {status}"
    if status < 300:
        return None
    if status == 429:
        wait = retry_after(answer.headers, now=now)
        return Failure(RateLimited(told, retry_after=wait), again=True, wait=wait)
    if status >= 500 or status == 408:
        fault = _judge_fault(told, status, repeatable=repeatable)
        return replace(fault, wait=retry_after(answer.headers, now=now))
    return Failure(_refusal(told, status))


def _judge_fault(told: str, status: int, *, repeatable: bool) -> Failure:
    """408 and 503 say that the call was not handled; after any other fault a write may have happened."""
    if repeatable or status in {408, 503}:
        return Failure(Unavailable(told), again=repeatable)
    return Failure(OutcomeUnknown(f"{told} to a write"))


def _refusal(told: str, status: int) -> CRMError:
    kinds: dict[int, type[CRMError]] = {
        400: ValidationFailed,
        401: AuthExpired,
        403: PermissionDenied,
        404: NotFound,
        409: Conflict,
        410: NotFound,
        412: Conflict,
        422: ValidationFailed,
    }
    return kinds.get(status, VendorChanged if status < 400 else Permanent)(told)


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds from now; the header may hold seconds or a date."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"-?\d{1,9}(\.\d+)?", text, re.ASCII):
        return max(0.0, float(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
