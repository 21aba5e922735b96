"""Errors as people and programs read them: a page with one way on, or problem+json; never a stack trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable, UnprocessableEntity

from assist.web.auth import RoleMissing, find_caller
from assist.web.words import role_names

JSON_PATHS = ("/api/", "/sidebar/", "/health/", "/webhooks/")
RETRY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page of an error says, and the one way on that it offers."""

    title: str
    text: str
    action: str
    target: str


class FieldsRefused(UnprocessableEntity):
    """What was sent is not as it should be; `errors` says what is wrong with which field."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__("What was sent is not as it should be; see errors.")
        self.errors = errors


class SwitchedOff(ServiceUnavailable):
    """Somebody has switched everything off; the description says who and why."""

    def __init__(self, description: str) -> None:
        super().__init__(description, retry_after=RETRY_SECONDS)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_error)


def show_error(error: HTTPException) -> Response | tuple[str, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    if wants_json():
        told = status < 500 or isinstance(error, SwitchedOff)
        answer = problem(status, error.name, (error.description or "") if told else "", **_more(error))
        answer.headers.extend((name, text) for name, text in error.get_headers() if name != "Content-Type")
        return answer
    page = render_template("console/error.html", explanation=explain(error), caller=find_caller())
    return page, status


def wants_json() -> bool:
    """The sidebar's shell is the one page among addresses that answer in JSON."""
    return request.path.startswith(JSON_PATHS) and request.endpoint != "sidebar.shell"


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    response = jsonify(body | {"request_id": g.get("request_id", "")})
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _more(error: HTTPException) -> dict[str, Any]:
    if isinstance(error, SwitchedOff):
        return {"switched_off": True}
    return {"errors": error.errors} if isinstance(error, FieldsRefused) else {}


def explain(error: HTTPException) -> Explanation:
    if isinstance(error, CSRFError):
        return _explain_form()
    if isinstance(error, RoleMissing):
        return _explain_role(error)
    home = (_("Go to the start page"), url_for("console.show_home"))
    match error.code:
        case 404:
            return Explanation(
                _("There is no such page"), _("The address is wrong, or what it showed is gone."), *home
            )
        case 413:
            return Explanation(
                _("That was too much at once"), _("The form holds more than we accept."), *home
            )
        case code if code and code < 500:
            return Explanation(_("That cannot be done"), _("We did not understand this request."), *home)
    text = _("It is not your fault. It has been logged; tell your administrator the number below.")
    return Explanation(_("Something went wrong here"), text, *home)


def _explain_form() -> Explanation:
    text = _("For your safety a form is only good in the browser that opened it, and until you sign out.")
    where = request.path if request.path == url_for("auth.show_sign_in") else url_for("console.show_home")
    return Explanation(_("This form is no longer valid"), text, _("Open the page again"), where)


def _explain_role(error: RoleMissing) -> Explanation:
    text = _(
        "It is for these roles: %(roles)s. Your administrator can give you one.",
        roles=role_names(error.roles),
    )
    return Explanation(
        _("You may not see this page"), text, _("Go to the start page"), url_for("console.show_home")
    )
