"""What training proposes and people decide: pairs that go together, and families of products that have none."""

from collections.abc import Callable, Sequence

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from assist.services import families, pairs
from assist.services.desk import Desk
from assist.services.families import UnknownFamily
from assist.services.pairs import UnknownPair
from assist.services.versions import CONSOLE, Mover
from assist.store.pairs import PROPOSED, STATES
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint, render
from assist.web.context import current_desk

LONGEST_WHY = 200

Decide = Callable[[Desk, Sequence[int], Mover], object]


@blueprint.get("/pairs")
@requires(*MODEL_WATCHERS)
def list_pairs() -> str:
    asked = request.args.get("state", PROPOSED)
    state = asked if asked in STATES else PROPOSED
    with current_desk().database.reading() as session:
        every = pairs.list_all(session)
        grouped = families.list_all(session)
    return render(
        "pairs",
        state=state,
        counts={code: sum(one.state == code for one in every) for code in STATES},
        pairs=[one for one in every if one.state == state],
        families=[one for one in grouped if one.state == state],
        may_decide=bool(get_caller().user.roles & set(OPS)),
        waits=pairs.WAITS,
    )


@blueprint.post("/pairs/<int:pair_id>")
@requires(*OPS)
def decide_pair(pair_id: int) -> Response:
    decide = _decision({"approve": pairs.approve, "reject": pairs.reject})
    try:
        decide(current_desk(), [pair_id], _mover())
    except UnknownPair:
        flash(_("That pair is found no more; a training took it out."))
    else:
        flash(_told())
    return redirect(_back("queue"))


@blueprint.post("/pairs/families/<int:family_id>")
@requires(*OPS)
def decide_family(family_id: int) -> Response:
    decide = _decision({"approve": families.approve, "reject": families.reject})
    try:
        decide(current_desk(), [family_id], _mover())
    except UnknownFamily:
        flash(_("That family is found no more; a training took it out."))
    else:
        flash(_told())
    return redirect(_back("families"))


def _decision(known: dict[str, Decide]) -> Decide:
    try:
        return known[request.form.get("answer", "")]
    except KeyError as error:
        raise BadRequest from error


def _told() -> str:
    if request.form["answer"] == "approve":
        return str(_("Approved: it counts from the next training on."))
    return str(_("Rejected: it has no effect."))


def _mover() -> Mover:
    why = request.form.get("why", "").strip()[:LONGEST_WHY]
    return Mover(CONSOLE, why, get_caller().user.id, current_origin())


def _back(anchor: str) -> str:
    """To where the next one stands, so that the next Tab reaches it."""
    state = request.form.get("state", PROPOSED)
    return url_for("console.list_pairs", state=state if state in STATES else PROPOSED, _anchor=anchor)
