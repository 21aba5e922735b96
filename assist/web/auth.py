"""Who is asking: sign-in, sign-out, the session cookie, and which roles a route asks for."""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any, ParamSpec, TypeVar

from flask import Blueprint, Response, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from assist.models.account import Role
from assist.services import sign_in as signing
from assist.services.audit import Origin
from assist.services.sign_in import Caller, WrongPassword
from assist.services.throttle import TooManyAttempts
from assist.web.context import current_desk

COOKIE = "assist_session"

blueprint = Blueprint("auth", __name__)

P = ParamSpec("P")
R = TypeVar("R")


def requires(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R | BaseResponse]]:
    """Lets those in who have any of the roles, or everybody who is signed in where none is named."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
            caller = find_caller()
            if caller is None:
                return redirect(url_for("auth.show_sign_in", next=_wanted()))
            if roles and not caller.user.roles & set(roles):
                raise RoleMissing(roles)
            return view(*args, **kwargs)

        return guarded

    return decorate


class RoleMissing(Forbidden):
    """The caller has none of the `roles` that a page asks for."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        super().__init__()
        self.roles = roles


def find_caller() -> Caller | None:
    """Who the cookie belongs to; asked once per request."""
    if "caller" not in g:
        g.caller = None  # should asking fail, the page that says so does not ask again
        token = request.cookies.get(COOKIE)
        g.caller = signing.find_user_by_session(current_desk(), token) if token else None
    found: Caller | None = g.caller
    return found


def get_caller() -> Caller:
    """For views behind `requires`."""
    caller = find_caller()
    assert caller is not None  # noqa: S101 - `requires` let them in
    return caller


def current_origin() -> Origin:
    return Origin(request.remote_addr or "unknown", request.headers.get("User-Agent", ""))


@blueprint.get("/sign-in")
def show_sign_in() -> str | BaseResponse:
    target = safe_target(request.args.get("next"))
    if find_caller():
        return redirect(target)
    return _page(target)


@blueprint.post("/sign-in")
def start_session() -> BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    target = safe_target(request.form.get("next"))
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        signed_in = signing.sign_in(current_desk(), email, password=password, origin=current_origin())
    except WrongPassword:
        return _page(target, error=_("This e-mail and this password do not belong together.")), 401
    except TooManyAttempts as error:
        return _page(target, error=say_wait(error)), 429, {"Retry-After": str(error.wait)}
    session.clear()  # the form's token was made for a stranger
    return _remember(redirect(target), signed_in.token)


@blueprint.post("/sign-out")
def end_session() -> BaseResponse:
    if caller := find_caller():
        signing.sign_out(current_desk(), caller, origin=current_origin())
    session.clear()
    flash(_("You are signed out."))
    response = redirect(url_for("auth.show_sign_in"))
    response.delete_cookie(COOKIE, secure=_is_secure(), httponly=True, samesite="Lax")
    return response


def safe_target(wanted: str | None) -> str:
    """A path of our own, or the home page: nobody is sent elsewhere after signing in."""
    home = url_for("console.show_home")
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > 500:
        return home
    # Browsers take a backslash for a slash, and skip tabs and line ends while they read an address.
    return home if any(ord(sign) < 33 or sign == "\\" for sign in wanted) else wanted


def say_wait(error: TooManyAttempts) -> str:
    minutes = ceil(error.wait / 60)
    text = ngettext(
        "Too many attempts. Try again in %(num)d minute.",
        "Too many attempts. Try again in %(num)d minutes.",
        minutes,
    )
    return str(text)


def _page(target: str, **values: Any) -> str:
    return render_template("console/sign_in.html", target=target, **values)


def _wanted() -> str | None:
    """Where to go on after signing in; a form's address cannot simply be opened again."""
    if request.method != "GET":
        return None
    return request.full_path.rstrip("?") if request.full_path != "/?" else None


def _remember(response: Response | BaseResponse, token: str) -> BaseResponse:
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=_is_secure(), path="/")
    return response


def _is_secure() -> bool:
    return current_desk().config.public_url.startswith("https://")
