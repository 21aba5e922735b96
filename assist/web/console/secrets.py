"""New secrets for a connection: entered and tried, never shown."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import rotation
from assist.services.audit import Actor
from assist.services.connect import UnknownConnection
from assist.services.running import read_secrets
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import blueprint, render
from assist.web.context import current_desk
from crm_adapters.errors import BadSettings, CRMError
from crm_adapters.model import Finding

LONGEST_SECRET = 8_000
"""A private key has some 3,000 signs."""


@blueprint.get("/connections/<name>/secrets")
@requires(Role.CRM_ADMIN)
def show_secrets(name: str) -> str:
    return _page(name)


@blueprint.post("/connections/<name>/secrets")
@requires(Role.CRM_ADMIN)
def rotate_secrets(name: str) -> Response | tuple[str, int]:
    try:
        known = rotation.list_secrets(current_desk(), name)
        given = {key: text for key in known if (text := _read(key))}
        if not given:
            return _page(name, error=_("Enter at least one new secret.")), 422
        health = rotation.rotate(current_desk(), name, given, actor=_actor())
    except UnknownConnection as error:
        raise NotFound from error
    except (BadSettings, CRMError) as error:
        told = Finding("settings", ok=False, message=f"{type(error).__name__}: {error}")
        return _page(name, error=_refusal(), findings=(told,)), 422
    wrong = tuple(one for one in health.findings if not one.ok or one.warning)
    if not health.ok:
        return _page(name, error=_refusal(), findings=wrong), 422
    flash(_("The CRM took the new secret, and it is used from now on. The former one is kept beside it."))
    return _back(name)


@blueprint.post("/connections/<name>/secrets/drop")
@requires(Role.CRM_ADMIN)
def drop_secrets(name: str) -> Response:
    try:
        dropped = rotation.drop_former(current_desk(), name, actor=_actor())
    except UnknownConnection as error:
        raise NotFound from error
    flash(_("The former secret is gone.") if dropped else _("There was no former secret any more."))
    return _back(name)


def _page(name: str, *, error: str = "", findings: tuple[Finding, ...] = ()) -> str:
    desk = current_desk()
    try:
        with desk.database.reading() as session:
            state = read_secrets(desk, session, name)
    except UnknownConnection as problem:
        raise NotFound from problem
    return render("secrets", name=name, state=state, error=error, findings=findings)


def _refusal() -> str:
    return str(_("Nothing was changed: the CRM did not take it, and the secret in use stays."))


def _read(key: str) -> str:
    """Keys of several lines come with the line ends of forms."""
    return request.form.get(f"secret.{key}", "").replace("\r\n", "\n").strip()[:LONGEST_SECRET]


def _actor() -> Actor:
    return Actor(get_caller().user.id, current_origin())


def _back(name: str) -> Response:
    return redirect(url_for("console.show_secrets", name=name))
