"""Switches for everybody at once, and the notice on every page while one is off."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import switches
from assist.services.audit import Actor
from assist.services.switchboard import Switch, Thrown, list_thrown
from assist.services.switches import MAY_TURN, NoReason
from assist.web.auth import RoleMissing, current_origin, find_caller, get_caller, requires
from assist.web.console.area import MODEL_WATCHERS, blueprint, render
from assist.web.context import current_desk

TURNERS = (Role.CRM_ADMIN, Role.LEAD, Role.OPS_APPROVER)


@blueprint.get("/switches")
@requires(*MODEL_WATCHERS)
def show_switches() -> str:
    roles = get_caller().user.roles
    with current_desk().database.reading() as session:
        thrown = list_thrown(session)
    mine = frozenset(switch for switch in Switch if roles & MAY_TURN[switch])
    return render("switches", switches=tuple(Switch), thrown=thrown, mine=mine, may_turn=MAY_TURN)


@blueprint.post("/switches/<switch>/off")
@requires(*TURNERS)
def switch_off(switch: str) -> Response:
    wanted = _require(switch)
    try:
        turned = switches.switch_off(
            current_desk(), wanted, reason=request.form.get("why", ""), actor=_actor()
        )
    except NoReason:
        flash(_("Nothing was switched: say why, since everybody who meets it will ask."))
    else:
        flash(_("It is switched off.") if turned else _("It was off already."))
    return redirect(url_for("console.show_switches"))


@blueprint.post("/switches/<switch>/on")
@requires(*TURNERS)
def switch_on(switch: str) -> Response:
    wanted = _require(switch)
    turned = switches.switch_on(current_desk(), wanted, reason=request.form.get("why", ""), actor=_actor())
    flash(_("It is switched on again.") if turned else _("It was on already."))
    return redirect(url_for("console.show_switches"))


@blueprint.app_context_processor
def offer_notice() -> dict[str, object]:
    return {"list_switched_off": _list_switched_off, "sees_switches": _sees_switches}


def _list_switched_off() -> tuple[Thrown, ...]:
    """Nothing for strangers."""
    return tuple(current_desk().switches.current().values()) if find_caller() else ()


def _sees_switches() -> bool:
    return bool(get_caller().user.roles & set(MODEL_WATCHERS))


def _require(name: str) -> Switch:
    """Raises NotFound, or RoleMissing where it is not theirs to turn."""
    if name not in list(Switch):
        raise NotFound
    switch = Switch(name)
    if not get_caller().user.roles & MAY_TURN[switch]:
        raise RoleMissing(tuple(MAY_TURN[switch]))
    return switch


def _actor() -> Actor:
    return Actor(get_caller().user.id, current_origin())
