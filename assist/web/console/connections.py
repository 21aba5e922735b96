"""Connections to CRMs, the state of each sync, and the rows it could not read."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import audit, status
from assist.services.audit import Entry
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import WATCHERS, blueprint, render
from assist.web.context import current_desk, current_jobs


@blueprint.get("/connections")
@requires(*WATCHERS)
def list_connections() -> str:
    with current_desk().database.reading() as session:
        connections = status.list_connections(session)
    may_run = Role.CRM_ADMIN in get_caller().user.roles
    return render("connections", connections=connections, may_run=may_run)


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
    desk, caller = current_desk(), get_caller()
    with desk.database.writing() as session:
        connection = status.find_connection(session, name)
        if connection is None:
            raise NotFound
        entry = Entry("sync.asked", f"connection:{connection.id}", caller.user.id, current_origin())
        audit.record(session, entry, at=desk.clock.now())
    current_jobs().sync(name)
    flash(_("The sync of %(name)s will start in a moment.", name=name))
    return redirect(url_for("console.list_connections"))
