"""The decision log: what was suggested to whom and when, or why nothing was."""

from datetime import UTC, datetime, timedelta

from flask import request
from flask_babel import to_utc

from assist.services.obstacles import ObstacleView, view_logged
from assist.store.decision_log import DecisionFilter, list_suggested, search_decisions
from assist.web.auth import get_caller, requires
from assist.web.console.activity import ACTIVITY_WATCHERS
from assist.web.console.area import LOOKERS, blueprint, render
from assist.web.context import current_desk
from assist.web.language import page_language

SILENCES = ("gate", "no_consent", "objection", "offered_enough", "no_model", "nothing_fits", "switched_off")
MOST_REMOVED = 40


@blueprint.get("/decisions")
@requires(*ACTIVITY_WATCHERS)
def list_decisions() -> str:
    desk, wanted = current_desk(), _wanted()
    with desk.database.reading() as session:
        rows, after = search_decisions(session, wanted)
        suggested = list_suggested(session, [decision.id for decision, _name in rows])
    return render(
        "decisions",
        rows=rows,
        may_know=bool(get_caller().user.roles & set(LOOKERS)),
        suggested=suggested,
        removed={decision.id: _removed(decision.removed) for decision, _name in rows},
        wanted=wanted,
        day=request.args.get("day", ""),
        after=f"{after[0].isoformat()}|{after[1]}" if after else None,
        silences=SILENCES,
        personas={one.key: one.name.into(page_language()) for one in desk.personas.personas},
    )


def _removed(logged: list[dict[str, str]]) -> list[tuple[str, ObstacleView]]:
    """Each product where it fell; the words of its rule may have changed since."""
    rules = current_desk().personas.rules
    first = {one["product"]: one for one in reversed(logged)}
    return [
        (product, view_logged(one, rules, page_language()))
        for product, one in list(first.items())[::-1][:MOST_REMOVED]
    ]


def _wanted() -> DecisionFilter:
    args = request.args
    since = _read_day(args.get("day", ""))
    return DecisionFilter(
        persona=args.get("persona", "")[:80],
        silence=args.get("silence", "")[:40],
        sku=args.get("sku", "").replace("\0", "").strip()[:120],
        since=since,
        until=since + timedelta(days=1) if since else None,
        before=_read_place(args.get("before", "")),
    )


def _read_day(text: str) -> datetime | None:
    """Where the reader's day begins."""
    try:
        at: datetime = to_utc(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - the reader's zone, made UTC here
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=UTC)


def _read_place(text: str) -> tuple[datetime, str] | None:
    moment, _bar, last = text.partition("|")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, last[:32]) if at.tzinfo else None
