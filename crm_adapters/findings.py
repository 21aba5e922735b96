"""Steps of a connection's check: each tried, and told as a finding instead of raised."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crm_adapters.errors import (
    AuthExpired,
    AuthRevoked,
    CRMError,
    HostRefused,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from crm_adapters.model import Finding

MOST_SKEW = timedelta(minutes=2)
REMEDIES: Mapping[type[CRMError], str] = {
    AuthExpired: "Enter a new key or token, or connect anew.",
    AuthRevoked: "Connect anew.",
    HostRefused: "See which hosts this server may call.",
    RateLimited: "Try again later.",
    Unavailable: "Is the address right, and the CRM up?",
}


def try_step(name: str, step: Callable[[], str], *, granted_by: str = "") -> Finding:
    """`step` gives the sentence for success."""
    try:
        return Finding(name, ok=True, message=step())
    except PermissionDenied as error:
        missing = (error.scope,) if error.scope else ()
        asked = f" Ask {granted_by}." if granted_by else ""
        told = f"{_told(error)}{asked}"
        return Finding(name, ok=False, message=told, missing=missing, granted_by=granted_by)
    except CRMError as error:
        remedy = next((text for kind, text in REMEDIES.items() if isinstance(error, kind)), "")
        return Finding(name, ok=False, message=f"{_told(error)} {remedy}".strip())


def judge_clock(headers: Mapping[str, str], now: datetime) -> Finding:
    """By the Date of an answer: tokens and signatures of a clock that is wrong are refused."""
    try:
        theirs = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return Finding("clock", ok=True, message="The CRM does not tell its time.")
    apart = abs(theirs.replace(tzinfo=theirs.tzinfo or UTC) - now)
    seconds = int(apart.total_seconds())
    remedy = "." if apart <= MOST_SKEW else ": set this machine's clock."
    return Finding(
        "clock", ok=apart <= MOST_SKEW, message=f"Ours and the CRM's are {seconds} s apart{remedy}"
    )


def _told(error: CRMError) -> str:
    return f"{type(error).__name__}: {error}."
