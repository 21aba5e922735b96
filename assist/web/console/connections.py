"""Connections to CRMs: all of them, one as it runs, and the rows that a sync could not read."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import audit, drift, status
from assist.services.audit import Entry
from assist.services.connect import UnknownConnection
from assist.services.running import read_running
from assist.services.switchboard import Switch
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import WATCHERS, blueprint, render
from assist.web.context import current_desk, current_jobs


@blueprint.get("/connections")
@requires(*WATCHERS)
def list_connections() -> str:
    desk = current_desk()
    with desk.database.reading() as session:
        connections = status.list_connections(session)
        losses = drift.list_losses(session, desk.personas)
    may_run = Role.CRM_ADMIN in get_caller().user.roles
    return render("connections", connections=connections, losses=losses, may_run=may_run)


@blueprint.get("/connections/<name>")
@requires(*WATCHERS)
def show_connection(name: str) -> str:
    desk = current_desk()
    try:
        with desk.database.reading() as session:
            running = read_running(desk, session, name)
    except UnknownConnection as error:
        raise NotFound from error
    return render(
        "connection",
        running=running,
        connection=running.connection,
        now=desk.clock.now(),
        stopped=desk.switches.find(Switch.EVERYTHING) is not None,
        may_run=Role.CRM_ADMIN in get_caller().user.roles,
    )


@blueprint.get("/connections/<name>/rejected/<kind>")
@requires(*WATCHERS)
def list_rejected(name: str, kind: str) -> str:
    after = request.args.get("after", 0, type=int)
    with current_desk().database.reading() as session:
        connection = status.find_connection(session, name)
        if connection is None or kind not in status.KINDS:
            raise NotFound
        rows, next_after = status.list_rejections(session, connection.id, kind=kind, after=after)
    return render("rejected", connection=connection, kind=kind, rows=rows, next_after=next_after)


@blueprint.post("/connections/<name>/sync")
@requires(Role.CRM_ADMIN)
def run_sync(name: str) -> Response:
    """Of one kind where the form names one, else of all."""
    desk, caller, kind = current_desk(), get_caller(), request.form.get("kind") or None
    with desk.database.writing() as session:
        connection = status.find_connection(session, name)
        if connection is None or (kind and kind not in {state.kind for state in connection.kinds}):
            raise NotFound
        entry = Entry("sync.asked", f"connection:{connection.id}", caller.user.id, current_origin())
        audit.record(session, entry, at=desk.clock.now(), **({"kind": kind} if kind else {}))
    if desk.switches.find(Switch.EVERYTHING):
        flash(_("Nothing was started: everything is switched off."))
    else:
        current_jobs().sync(*filter(None, (name, kind)))  # workers of the version before know no kind
        flash(_("The sync of %(name)s will start in a moment.", name=name))
    if request.form.get("from") == "one":
        return redirect(url_for("console.show_connection", name=name))
    return redirect(url_for("console.list_connections"))
