"""The audit log: who did what, when and from where; searched, and taken along as lines of JSON."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask import Response, request, stream_with_context
from flask_babel import to_utc

from assist.services.accounts import list_users
from assist.store.audit_log import AuditFilter, search_entries, stream_entries
from assist.store.records import LARGEST_WHOLE
from assist.web.auth import requires
from assist.web.console.area import blueprint, render
from assist.web.console.people import KEEPERS
from assist.web.context import current_desk

FIELDS = ("event", "subject", "actor", "since", "until")


@blueprint.get("/audit")
@requires(*KEEPERS)
def list_audit() -> str:
    with current_desk().database.reading() as session:
        rows, before = search_entries(session, _wanted())
        people = list_users(session)
    asked = {name: request.args[name] for name in FIELDS if request.args.get(name)}
    return render("audit", rows=rows, before=before, asked=asked, people=people)


@blueprint.get("/audit.jsonl")
@requires(*KEEPERS)
def send_audit() -> Response:
    """All that is found, the oldest first."""
    headers = {"Content-Disposition": "attachment; filename=audit.jsonl"}
    lines = stream_with_context(_lines(_wanted()))
    return Response(lines, mimetype="application/jsonl", headers=headers)


def _lines(wanted: AuditFilter) -> Iterator[str]:
    with current_desk().database.reading() as session:
        for entry, actor in stream_entries(session, wanted):
            row = {
                "id": entry.id,
                "at": entry.at.isoformat(),
                "actor": actor,
                "event": entry.event,
                "subject": entry.subject,
                "address": entry.address,
                "request_id": entry.request_id,
                "detail": entry.detail,
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _wanted() -> AuditFilter:
    args = {name: request.args.get(name, "").replace("\0", "").strip()[:254] for name in FIELDS}
    until = _read_day(args["until"])
    return AuditFilter(
        event=args["event"],
        subject=args["subject"],
        actor=_read_number(args["actor"]),
        since=_read_day(args["since"]),
        until=until + timedelta(days=1) if until else None,
        before=_read_number(request.args.get("before", "")),
    )


def _read_number(text: str) -> int | None:
    """None for what no record can have."""
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) and int(text) <= LARGEST_WHOLE else None


def _read_day(text: str) -> datetime | None:
    """Where the reader's day begins."""
    try:
        at: datetime = to_utc(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - the reader's zone, made UTC here
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=UTC)
