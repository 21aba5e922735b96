"""The customer's open deals, and putting a suggestion on one."""

from collections.abc import Mapping, Sequence

from flask import Response, jsonify, render_template
from werkzeug.exceptions import Conflict, NotFound, UnprocessableEntity

from assist.schemas.sidebar import CustomerSchema, LineSchema
from assist.services import lines
from assist.services.deals import list_deals
from assist.services.lines import NewLineAct
from assist.services.outcomes import Refused, TooLate, UnknownOutcome
from assist.services.views import LineView
from assist.web.bearer import admit, blueprint, load
from assist.web.context import current_desk


@blueprint.post("/deals")
def show_deals() -> Response:
    """Asked after the card: it may take as long as the CRM does, up to the deadline."""
    admit()
    body = load(CustomerSchema)
    found = list_deals(current_desk(), customer_id=body.customer)
    html = render_template("sidebar/deals.html", deals=found)
    return jsonify(context=body.context, html=html)


@blueprint.post("/lines")
def add_line() -> tuple[Response, int]:
    caller = admit()
    body = load(LineSchema)
    new = NewLineAct(suggestion_id=body.suggestion, deal=body.deal, id=body.id)
    try:
        line = lines.add(current_desk(), new, agent_id=caller.user.id)
    except UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except Refused as error:
        raise UnprocessableEntity(str(error)) from error
    left = (line.undo_until - current_desk().clock.now()).total_seconds()
    return jsonify(id=line.id, html=say(line), undo_seconds=max(0.0, left)), 201


@blueprint.post("/lines/<line_id>/undo")
def undo_line(line_id: str) -> Response:
    caller = admit()
    try:
        lines.undo(current_desk(), line_id, agent_id=caller.user.id)
    except UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except TooLate as error:
        raise Conflict(str(error)) from error
    return jsonify(id=line_id, undone=True)


def find_lines(suggestion_ids: Sequence[str]) -> Mapping[str, LineView]:
    """By suggestion; asks nothing for none."""
    if not suggestion_ids:
        return {}
    desk = current_desk()
    with desk.database.reading() as session:
        return lines.list_lines(desk, session, suggestion_ids)


def say(line: LineView) -> str:
    return render_template("sidebar/line.html", line=line)
