"""One's own account: language and time zone, password, and the browsers that are signed in."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from pytz import common_timezones, common_timezones_set
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.services import accounts, passwords, sign_in
from assist.services.passwords import BadPassword
from assist.services.sign_in import WrongPassword
from assist.services.throttle import TooManyAttempts
from assist.web.auth import current_origin, get_caller, requires, say_wait
from assist.web.console.area import blueprint, render
from assist.web.context import current_desk

NAMES = {"en": "English", "es": "Español", "pt-BR": "Português (Brasil)"}


@blueprint.get("/account")
@requires()
def show_account() -> str:
    return _page()


@blueprint.post("/account/choices")
@requires()
def choose() -> Response:
    language, zone = request.form.get("language", ""), request.form.get("time_zone", "")
    choices = accounts.Choices(
        language=language if language in accounts.LANGUAGES else None,
        time_zone=zone if zone in common_timezones_set else None,
    )
    accounts.choose(current_desk(), get_caller().user.id, choices)
    return _done(_("Your choices are saved."))


@blueprint.post("/account/password")
@requires()
def change_password() -> Response | tuple[str, int]:
    current, new = request.form.get("current", ""), request.form.get("new", "")
    try:
        sign_in.change_password(
            current_desk(), get_caller(), current=current, new=new, origin=current_origin()
        )
    except WrongPassword:
        return _page(wrong="current", error=_("That is not your current password.")), 422
    except BadPassword as error:
        return _page(wrong="new", error=_say(error)), 422
    except TooManyAttempts as error:
        return _page(wrong="current", error=say_wait(error)), 429
    return _done(_("Your password is changed; your other sessions are ended."))


@blueprint.post("/account/sessions/<int:session_id>/revoke")
@requires()
def revoke_session(session_id: int) -> Response:
    caller = get_caller()
    if not sign_in.revoke_session(current_desk(), caller, session_id=session_id, origin=current_origin()):
        raise NotFound
    if session_id == caller.session_id:
        return redirect(url_for("auth.show_sign_in"))
    return _done(_("That session is ended."))


def _page(*, wrong: str = "", error: str = "") -> str:
    caller = get_caller()
    return render(
        "account",
        sessions=sign_in.list_sessions(current_desk(), caller.user.id),
        languages=NAMES,
        zones=common_timezones,
        shortest=passwords.SHORTEST,
        wrong=wrong,
        error=error,
    )


def _done(message: str) -> Response:
    flash(message)
    return redirect(url_for("console.show_account"))


def _say(error: BadPassword) -> str:
    if error.code == "short":
        return str(_("A password needs at least %(count)d characters.", count=passwords.SHORTEST))
    if error.code == "long":
        return str(_("A password has at most %(count)d characters.", count=passwords.LONGEST))
    return str(_("Choose a password that does not hold your e-mail or repeat itself."))
