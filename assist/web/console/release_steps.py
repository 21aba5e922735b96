"""What is done to a release from its page: brought in, tried, approved, put in force and taken back."""

from datetime import UTC, datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import to_utc
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import audit, releases
from assist.services.audit import Actor
from assist.services.releases import (
    Blocked,
    NotApproved,
    NothingBefore,
    NotSimulated,
    ReleaseError,
    UnknownRelease,
)
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import OPS, blueprint
from assist.web.console.releases import render_list
from assist.web.context import current_desk, current_jobs
from personas.archive import LARGEST_ARCHIVE, read_archive
from personas.content import InvalidContent

LONGEST_NOTE = 200


@blueprint.post("/releases")
@requires(*OPS)
def import_release() -> Response | tuple[str, int]:
    sent = request.files.get("file")
    try:
        release = read_archive(sent.read(LARGEST_ARCHIVE + 1) if sent else b"")
    except InvalidContent as error:
        return render_list(error), 422
    if releases.bring_in(current_desk(), release, note=_text("note"), actor=_actor()):
        flash(_("Imported. Nothing changes for anybody until it is put in force."))
    else:
        flash(_("This release was there already: its content is the same."))
    return _back(release.digest)


@blueprint.post("/releases/<name>/simulate")
@requires(*OPS)
def simulate_release(name: str) -> Response:
    desk, actor = current_desk(), _actor()
    now = desk.clock.now()
    with desk.database.writing() as session:
        if name not in {one.digest for one in releases.list_all(session, now)}:
            raise NotFound
        entry = actor.entry("release.simulation_asked", f"release:{name}")
        audit.record(session, entry, at=now)
    current_jobs().simulate(name, get_caller().user.id)
    flash(_("The simulation will start in a moment. It takes some minutes; load this page again to see it."))
    return _back(name)


@blueprint.post("/releases/<name>/approve")
@requires(Role.OPS_APPROVER)
def approve_release(name: str) -> Response:
    try:
        releases.approve(current_desk(), name, actor=_actor())
    except NotApproved:
        flash(_("Who imported a release cannot approve it. Ask another approver."))
    except ReleaseError as error:
        flash(_say(error))
    else:
        flash(_("Approved. It can be put in force now."))
    return _back(name)


@blueprint.post("/releases/<name>/activate")
@requires(Role.OPS_APPROVER)
def activate_release(name: str) -> Response:
    desk, asked = current_desk(), request.form.get("begins", "")
    begins_at = _read_moment(asked)
    if asked and (begins_at is None or begins_at < desk.clock.now()):
        flash(
            _("Nothing was changed: that time is past, or it is none. Choose a later one, or leave it empty.")
        )
        return _back(name)
    try:
        releases.activate(desk, name, begins_at=begins_at, why=_text("why"), actor=_actor())
    except ReleaseError as error:
        flash(_say(error))
    else:
        flash(_("It is scheduled.") if begins_at else _("It is in force."))
    return _back(name)


@blueprint.post("/releases/rollback")
@requires(Role.OPS_APPROVER)
def roll_back_release() -> Response:
    try:
        releases.roll_back(current_desk(), why=_text("why"), actor=_actor())
    except ReleaseError as error:
        flash(_say(error))
    else:
        flash(_("What was in force before is in force again."))
    return redirect(url_for("console.list_releases"))


def _say(error: ReleaseError) -> str:
    match error:
        case UnknownRelease():
            raise NotFound from error
        case Blocked():
            return str(
                _(
                    "Nothing was changed: it holds errors. They are listed below; correct them and import it again."
                )
            )
        case NotSimulated():
            return str(_("Nothing was changed: nobody has seen yet what it would change. Simulate it first."))
        case NotApproved():
            return str(
                _("Nothing was changed: nobody has approved it yet. Ask an approver who did not import it.")
            )
        case NothingBefore():
            return str(
                _("Nothing was changed: what ships with the product is in force, and nothing was before it.")
            )
    return str(_("Nothing was changed."))


def _read_moment(text: str) -> datetime | None:
    """Of the reader's time zone."""
    try:
        at: datetime = to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=UTC)


def _text(field: str) -> str:
    return request.form.get(field, "").strip()[:LONGEST_NOTE]


def _actor() -> Actor:
    return Actor(get_caller().user.id, current_origin())


def _back(name: str) -> Response:
    return redirect(url_for("console.show_release", name=name))
