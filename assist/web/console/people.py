"""People and roles: who may do what, and where they are signed in."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import people, sign_in
from assist.services.accounts import BadAccount, NoSuchUser, as_user, get_account
from assist.services.people import NotAllowed
from assist.store.records import LARGEST_WHOLE
from assist.web.auth import get_caller, requires
from assist.web.console.area import blueprint, render
from assist.web.console.editing import current_actor
from assist.web.context import current_desk
from assist.web.words import role_names

KEEPERS = (Role.CRM_ADMIN, Role.AUDITOR)
PERSON = f"/people/<int(max={LARGEST_WHOLE}):user_id>"


@blueprint.get("/people")
@requires(*KEEPERS)
def list_people() -> str:
    return _list()


@blueprint.post("/people")
@requires(Role.CRM_ADMIN)
def add_person() -> str | tuple[str, int]:
    """The password stands on this answer alone: in no address, cookie or log."""
    email, name = request.form.get("email", ""), request.form.get("name", "")
    try:
        user, password = people.add(
            current_desk(), email=email, name=name, roles=_read_roles(), actor=current_actor()
        )
    except BadAccount as error:
        return _list(error=str(error), email=email, name=name), 422
    return render("password_once", user=user, password=password)


@blueprint.get(PERSON)
@requires(*KEEPERS)
def show_person(user_id: int) -> str:
    desk = current_desk()
    try:
        with desk.database.reading() as session:
            user = as_user(get_account(session, user_id))
    except NoSuchUser as error:
        raise NotFound from error
    return render(
        "person",
        user=user,
        roles=_name_roles(),
        sessions=sign_in.list_sessions(desk, user_id),
        may_change=Role.CRM_ADMIN in get_caller().user.roles,
        is_own=user_id == get_caller().user.id,
    )


@blueprint.post(f"{PERSON}/roles")
@requires(Role.CRM_ADMIN)
def change_roles(user_id: int) -> Response:
    try:
        people.change_roles(current_desk(), user_id, roles=_read_roles(), actor=current_actor())
    except NoSuchUser as error:
        raise NotFound from error
    except BadAccount:
        return _back(user_id, _("Nothing was changed: everybody needs at least one role."))
    except NotAllowed as error:
        return _back(user_id, _say(error))
    return _back(user_id, _("The roles are changed; they count from the next click on."))


@blueprint.post(f"{PERSON}/<any(disable, enable, sign_out):act>")
@requires(Role.CRM_ADMIN)
def change_person(user_id: int, act: str) -> Response:
    desk, actor = current_desk(), current_actor()
    done = {
        "disable": (people.disable, _("The account is disabled and signed out everywhere.")),
        "enable": (people.enable, _("The account is enabled.")),
        "sign_out": (people.end_sessions, _("Signed out everywhere.")),
    }
    change, told = done[act]
    try:
        change(desk, user_id, actor=actor)
    except NoSuchUser as error:
        raise NotFound from error
    except NotAllowed as error:
        return _back(user_id, _say(error))
    return _back(user_id, told)


@blueprint.post(f"{PERSON}/password")
@requires(Role.CRM_ADMIN)
def reset_password(user_id: int) -> str | Response:
    desk = current_desk()
    try:
        password = people.reset_password(desk, user_id, actor=current_actor())
        with desk.database.reading() as session:
            user = as_user(get_account(session, user_id))
    except NoSuchUser as error:
        raise NotFound from error
    except NotAllowed as error:
        return _back(user_id, _say(error))
    return render("password_once", user=user, password=password)


def _list(*, error: str = "", email: str = "", name: str = "") -> str:
    text = request.args.get("text", "").replace("\0", "").strip()[:120]
    after = request.args.get("after", "").replace("\0", "")[:254]
    with current_desk().database.reading() as session:
        listed, following = people.list_people(session, text=text, after=after)
    return render(
        "people",
        people=listed,
        text=text,
        following=following,
        roles=_name_roles(),
        may_change=Role.CRM_ADMIN in get_caller().user.roles,
        error=error,
        email=email,
        name=name,
    )


def _name_roles() -> list[tuple[str, str]]:
    return [(role.value, str(role_names({role}))) for role in Role]


def _read_roles() -> set[Role]:
    return {Role(word) for word in request.form.getlist("roles") if word in set(Role)}


def _say(error: NotAllowed) -> str:
    if error.code == "own_account":
        return str(_("Nothing was changed: another admin has to do that to your own account."))
    return str(_("Nothing was changed: nobody would be left who can look after people and CRMs."))


def _back(user_id: int, told: str) -> Response:
    flash(told)
    return redirect(url_for("console.show_person", user_id=user_id))
