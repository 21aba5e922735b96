"""What surrounds an answer: errors, mostly with status 200, and what a question costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from crm_adapters.fakes.store import Values
from crm_adapters.fakes.wire import reply

VERSION = "2026-07"
MOST = 2000.0
"""Points that a bucket of the standard plan holds; it gets 100 a second."""
RATE = 100.0
DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"
PROTECTED = "https://shopify.dev/docs/apps/launch/protected-customer-data"


class Failed(Exception):  # noqa: N818 - named for what it says
    """Ends a question with an error."""

    def __init__(self, code: str, message: str, **extensions: Any) -> None:
        super().__init__(code)
        self.error = {"message": message, "extensions": {"code": code, **extensions}}


@dataclass(slots=True)
class Bucket:
    now: Callable[[], datetime]
    held: float = MOST
    filled: datetime | None = None
    dearest: int = 1000
    """For one question."""

    def fill(self) -> None:
        now = self.now()
        passed = (now - self.filled).total_seconds() if self.filled else 0.0
        self.held = min(MOST, self.held + max(0.0, passed) * RATE)
        self.filled = now

    def take(self, requested: float) -> None:
        """What it could cost must be there beforehand."""
        self.fill()
        if requested > self.dearest:
            told = f"Query cost is {requested:.0f}, which exceeds the single query max cost limit ({self.dearest})."
            raise Failed("MAX_COST_EXCEEDED", told, cost=requested, maxCost=self.dearest)
        if requested > self.held:
            raise Failed("THROTTLED", "Throttled")
        self.held -= requested

    def give_back(self, points: float) -> None:
        self.held += max(0.0, points)


def envelope(
    cost: Mapping[str, Any],
    *,
    data: Values | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    warnings: Sequence[str] = (),
) -> Response:
    """The version that answers is told in a header. Without data there are only errors."""
    told = [{"field": name, "message": "Invalid search field for this query."} for name in warnings]
    extensions = {"cost": cost, **({"search": [{"path": [], "warnings": told}]} if told else {})}
    body = {"data": data} if data is not None else {}
    failed = {"errors": list(errors)} if errors else {}
    return reply({**body, **failed, "extensions": extensions}, headers={"X-Shopify-API-Version": VERSION})


def show_cost(requested: float, left: float) -> Values:
    status = {"maximumAvailable": MOST, "currentlyAvailable": left, "restoreRate": RATE}
    return {"requestedQueryCost": requested, "throttleStatus": status}


def denied(field: str, scope: str) -> Failed:
    """Seen in a forum of Shopify's: the scope stands in a sentence that breaks."""
    told = f"Access denied for {field} field. Required access: `{scope}` access scope."
    required = f"`{scope}`\naccess scope."
    return Failed("ACCESS_DENIED", told, documentation=DOCUMENTATION, requiredAccess=required)


def unapproved(kind: str) -> Failed:
    told = f"This app is not approved to access the {kind} object. See {PROTECTED} for more details."
    return Failed("ACCESS_DENIED", told, documentation=PROTECTED)


def count_objects(data: Any) -> int:
    """What a question cost in the end."""
    if isinstance(data, dict):
        return 1 + sum(map(count_objects, data.values()))
    return sum(map(count_objects, data)) if isinstance(data, list) else 0
