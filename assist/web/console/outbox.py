"""The outbox: what CRMs are still to be told, what they were told, and what could not be delivered."""

from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import backlog, entries
from assist.services.audit import Actor
from assist.services.backlog import NotCancelled, UnknownEntry
from assist.services.connect import UnknownConnection
from assist.services.switchboard import Switch
from assist.store.outbox import STATES
from assist.store.outbox_search import OutboxFilter
from assist.store.records import LARGEST_WHOLE
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import WATCHERS, blueprint, render
from assist.web.context import current_desk

AGES = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}


@blueprint.get("/outbox")
@requires(*WATCHERS)
def list_outbox() -> str:
    wanted = _read_filter()
    with current_desk().database.reading() as session:
        page, dead = entries.search_outbox(session, wanted), entries.list_dead(session)
    may_replay = Role.CRM_ADMIN in get_caller().user.roles
    asked = {
        name: request.args[name] for name in ("state", "age", "attempts", "cause") if request.args.get(name)
    }
    return render(
        "outbox", page=page, wanted=wanted, asked=asked, states=STATES, dead=dead, may_replay=may_replay
    )


@blueprint.get(f"/outbox/<int(max={LARGEST_WHOLE}):entry_id>")
@requires(*WATCHERS)
def show_entry(entry_id: int) -> str:
    desk = current_desk()
    try:
        with desk.database.reading() as session:
            detail = entries.open_entry(session, entry_id, now=desk.clock.now())
    except UnknownEntry as error:
        raise NotFound from error
    may_act = Role.CRM_ADMIN in get_caller().user.roles
    return render("entry", detail=detail, entry=detail.entry, may_act=may_act)


@blueprint.post(f"/outbox/<int(max={LARGEST_WHOLE}):entry_id>/cancel")
@requires(Role.CRM_ADMIN)
def cancel_one(entry_id: int) -> Response:
    try:
        told = backlog.cancel(current_desk(), entry_id, actor=_actor())
    except UnknownEntry as error:
        raise NotFound from error
    except NotCancelled:
        flash(_("It was not cancelled: it is done already, or being written this moment."))
    else:
        flash(
            _("Cancelled. An earlier attempt got no answer: the CRM may hold it all the same.")
            if told
            else _("Cancelled: the CRM is never told. The outcome itself stands.")
        )
    return redirect(url_for("console.show_entry", entry_id=entry_id))


@blueprint.post(f"/outbox/<int(max={LARGEST_WHOLE}):entry_id>/replay")
@requires(Role.CRM_ADMIN)
def replay_one(entry_id: int) -> Response:
    if backlog.replay(current_desk(), entry_id=entry_id, actor=_actor()):
        held = current_desk().switches.find(Switch.WRITES)
        flash(
            _("It is due again, and waits: writes are switched off.")
            if held
            else _("It is being delivered again.")
        )
    else:
        flash(
            _(
                "There was nothing to replay: it is no longer a dead letter, or its connection is in shadow mode."
            )
        )
    return redirect(_after_replay(entry_id))


@blueprint.post("/outbox/replay")
@requires(Role.CRM_ADMIN)
def replay_all() -> Response:
    """Or those of one connection and kind of failure, where the form names them."""
    connection, cause = request.form.get("connection") or None, request.form.get("cause") or None
    try:
        count = backlog.replay(current_desk(), connection=connection, cause=cause, actor=_actor())
    except UnknownConnection as error:
        raise NotFound from error
    flash(ngettext("%(num)d dead letter is due again.", "%(num)d dead letters are due again.", count))
    return redirect(url_for("console.list_outbox"))


def _after_replay(entry_id: int) -> str:
    """To where the form was."""
    if request.form.get("from") == "entry":
        return url_for("console.show_entry", entry_id=entry_id)
    return url_for("console.list_outbox", state="dead")


def _actor() -> Actor:
    return Actor(get_caller().user.id, current_origin())


def _read_filter() -> OutboxFilter:
    """What is not understood is left out: an address typed by hand shows more, never an error."""
    asked = request.args
    age = AGES.get(asked.get("age", ""))
    state = asked.get("state", "")
    return OutboxFilter(
        state=state if state in STATES else None,
        until=current_desk().clock.now() - age if age else None,
        attempts=max(0, asked.get("attempts", 0, type=int)),
        cause=asked.get("cause", "")[:60] or None,
        before=asked.get("before", type=int),
    )
