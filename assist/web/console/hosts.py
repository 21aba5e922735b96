"""The hosts that a connection may call."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import egress
from assist.services.audit import Actor
from assist.services.connect import UnknownConnection
from assist.services.egress import HostNotAdded
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import WATCHERS, blueprint, render
from assist.web.context import current_desk
from crm_adapters.errors import HostRefused


@blueprint.get("/connections/<name>/hosts")
@requires(*WATCHERS)
def list_hosts(name: str) -> str:
    return _page(name)


@blueprint.post("/connections/<name>/hosts")
@requires(Role.CRM_ADMIN)
def add_host(name: str) -> Response | tuple[str, int]:
    host, reason = request.form.get("host", "")[:200], request.form.get("why", "")
    try:
        added = egress.add_host(current_desk(), name, host, reason=reason, actor=_actor())
    except UnknownConnection as error:
        raise NotFound from error
    except HostNotAdded as error:
        return _page(name, error=_say(error), host=host, why=reason), 422
    except HostRefused:
        return _page(name, error=_refusal(), host=host, why=reason), 422
    flash(_("%(host)s may be called now.", host=added))
    return redirect(url_for("console.list_hosts", name=name))


@blueprint.post("/connections/<name>/hosts/remove")
@requires(Role.CRM_ADMIN)
def remove_host(name: str) -> Response:
    try:
        gone = egress.remove_host(current_desk(), name, request.form.get("host", ""), actor=_actor())
    except UnknownConnection as error:
        raise NotFound from error
    flash(_("It may not be called any more.") if gone else _("It was not on the list."))
    return redirect(url_for("console.list_hosts", name=name))


def _page(name: str, **values: object) -> str:
    desk = current_desk()
    try:
        with desk.database.reading() as session:
            hosts = egress.read_egress(desk, session, name)
    except UnknownConnection as error:
        raise NotFound from error
    may_edit = Role.CRM_ADMIN in get_caller().user.roles
    return render("hosts", name=name, hosts=hosts, may_edit=may_edit, **values)


def _say(error: HostNotAdded) -> str:
    match error.code:
        case "name":
            return str(_("Not added: write the name alone, as files.example.com, without https:// and path."))
        case "reason":
            return str(_("Not added: say what the connection needs it for."))
        case "known":
            return str(_("Not added: it is on the list already."))
    return str(_("Not added: the list is full. Remove what is not needed any more."))


def _refusal() -> str:
    """No word on what the name leads to: nobody is to look around in our network by it."""
    return str(
        _("Not added: there is no public host of that name. Private ones are opened by whoever runs this.")
    )


def _actor() -> Actor:
    return Actor(get_caller().user.id, current_origin())
