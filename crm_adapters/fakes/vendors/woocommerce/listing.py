"""Lists, and WordPress's ways of saying no."""

from collections.abc import Sequence
from datetime import UTC, datetime

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.woocommerce.shop import SITE, show
from crm_adapters.fakes.wire import Refused, reply

MOST = 100


def fault(status: int, code: str, message: str, **data: object) -> Response:
    """WC 8; a message may well repeat what was sent."""
    return reply({"code": code, "message": message, "data": {"status": status, **data}}, status)


def invalid(name: str) -> Refused:
    told = {name: f"Invalid parameter: {name}."}
    return Refused(fault(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params=told))


def page(request: Request, rows: Sequence[Row], *, timed: bool = False) -> Response:
    """WC 3: at most a hundred; how many there are is in a header. `offset` goes before `page`."""
    limit = _number(request, "per_page", 10)
    if not 1 <= limit <= MOST:
        raise invalid("per_page")
    if timed:
        rows = _changed_after(request, rows)
    start = _number(request, "offset", (_number(request, "page", 1) - 1) * limit)
    backwards = request.args.get("order", "desc") == "desc"
    by = request.args.get("orderby", "date")
    ordered = sorted(rows, key=lambda row: _key(row, by), reverse=backwards)
    shown = [show(row) for row in ordered[start : start + limit]]
    return reply(
        shown, headers={"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // limit))}
    )


def wanted_orders(request: Request, rows: Sequence[Row]) -> list[Row]:
    customer, term = request.args.get("customer"), request.args.get("search", "").lower()
    if customer is not None:
        rows = [row for row in rows if str(row.values["customer_id"]) == customer]
    return [row for row in rows if not term or _holds(row, term)]


def _holds(row: Row, term: str) -> bool:
    return any(term in str(one).lower() for one in row.values["billing"].values())


def _key(row: Row, by: str) -> tuple[datetime, int]:
    made: datetime = row.values.get("made") or row.created_at
    return datetime.min.replace(tzinfo=UTC) if by == "id" else made, int(row.id)


def _changed_after(request: Request, rows: Sequence[Row]) -> list[Row]:
    """WC 3: in the site's time unless it is said to be GMT; the moment itself is left out."""
    text = request.args.get("modified_after")
    if text is None:
        return list(rows)
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    if request.args.get("dates_are_gmt") != "true":
        moment -= SITE
    return [row for row in rows if row.modified_at > moment]


def _number(request: Request, name: str, usual: int) -> int:
    text = request.args.get(name, str(usual))
    if not text.isdecimal():
        raise invalid(name)
    return int(text)
