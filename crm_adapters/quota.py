"""What CRMs say of the calls we have left, in one form. Which headers they use was read from their documentation
and client libraries in 2026."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import VendorChanged


@dataclass(frozen=True, slots=True)
class Quota:
    name: str
    """Tells a CRM's quotas apart, as `daily`."""
    remaining: float
    limit: float | None = None
    """None where the CRM does not say."""
    resets_in: float | None = None
    """Seconds; None where the CRM does not say."""


ReadQuotas = Callable[[Answer], tuple[Quota, ...]]


def no_quotas(_answer: Answer) -> tuple[Quota, ...]:
    return ()


def read_ratelimit(answer: Answer) -> tuple[Quota, ...]:
    """`X-RateLimit-Limit`, `-Remaining` and `-Reset` in seconds, as Pipedrive and Frappe have them."""
    return _some(_quota(answer.headers, "window", "X-RateLimit-{}", resets="X-RateLimit-Reset"))


def read_hubspot(answer: Answer) -> tuple[Quota, ...]:
    """Answers to searches and those to OAuth apps lack some of them."""
    names = answer.headers
    interval = _number(names, "X-HubSpot-RateLimit-Interval-Milliseconds")
    window = _quota(names, "window", "X-HubSpot-RateLimit-{}", limit="Max")
    if window and interval is not None:
        window = Quota(window.name, window.remaining, window.limit, interval / 1000)
    daily = _number(names, "X-HubSpot-RateLimit-Daily-Remaining")
    limit = _number(names, "X-HubSpot-RateLimit-Daily")
    return _some(window, None if daily is None else Quota("daily", daily, limit))


def read_salesforce(answer: Answer) -> tuple[Quota, ...]:
    """`api-usage=18/5000; per-app-api-usage=17/250(appName=…)`: used and granted in 24 hours that roll."""
    text = answer.headers.get("Sforce-Limit-Info", "")
    found = re.findall(r"([a-z-]+)=(\d{1,15})/(\d{1,15})", text)
    return tuple(Quota(name, float(granted) - float(used), float(granted)) for name, used, granted in found)


def read_pipedrive(answer: Answer) -> tuple[Quota, ...]:
    """The window is of two seconds and counts calls; the day's quota counts tokens and is the whole company's."""
    daily = _quota(answer.headers, "daily", "X-Daily-RateLimit-Token-{}")
    return (*read_ratelimit(answer), *_some(daily))


def zoho_reader(granted: float) -> ReadQuotas:
    """`granted`: the edition's credits of 24 hours, which the header leaves out. It is sent once half are used."""

    def read_zoho(answer: Answer) -> tuple[Quota, ...]:
        remaining = _number(answer.headers, "X-API-CREDITS-REMAINING")
        return _some(None if remaining is None else Quota("credits", remaining, granted))

    return read_zoho


def read_dynamics365(answer: Answer) -> tuple[Quota, ...]:
    """Per user and web server, in five minutes that slide: 6,000 calls and 1,200 seconds of work."""
    calls = _number(answer.headers, "x-ms-ratelimit-burst-remaining-xrm-requests")
    work = _number(answer.headers, "x-ms-ratelimit-time-remaining-xrm-requests")
    return _some(
        None if calls is None else Quota("calls", calls, 6_000, 60),
        None if work is None else Quota("work", work, 1_200, 60),
    )


def read_shopify(answer: Answer) -> tuple[Quota, ...]:
    """GraphQL's points, in the body of every answer; a bucket that fills up all the time."""
    try:
        status = answer.json()["extensions"]["cost"]["throttleStatus"]
        limit, left, rate = (
            float(status[name]) for name in ("maximumAvailable", "currentlyAvailable", "restoreRate")
        )
    except (VendorChanged, KeyError, TypeError, ValueError):
        return ()
    return (Quota("points", left, limit, (limit - left) / rate if rate > 0 else None),)


def _quota(
    headers: Mapping[str, str], name: str, pattern: str, *, limit: str = "Limit", resets: str = ""
) -> Quota | None:
    remaining = _number(headers, pattern.format("Remaining"))
    if remaining is None:
        return None
    return Quota(name, remaining, _number(headers, pattern.format(limit)), _number(headers, resets))


def _number(headers: Mapping[str, str], name: str) -> float | None:
    text: Any = headers.get(name, "").strip()
    return float(text.replace(",", "")) if re.fullmatch(r"[\d,]{1,18}(\.\d{1,9})?", text, re.ASCII) else None


def _some(*quotas: Quota | None) -> tuple[Quota, ...]:
    return tuple(quota for quota in quotas if quota)
