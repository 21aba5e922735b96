"""All that is stored under one id, from an agent's click to the CRM's record."""

from flask import request

from assist.services.trail import follow
from assist.web.auth import requires
from assist.web.console.area import WATCHERS, blueprint, render
from assist.web.context import current_desk


@blueprint.get("/log")
@requires(*WATCHERS)
def show_log() -> str:
    wanted = request.args.get("id", "").strip()[:80]
    if not wanted:
        return render("log", trail=None, wanted="")
    with current_desk().database.reading() as session:
        trail = follow(session, wanted)
    return render("log", trail=trail, wanted=wanted)
