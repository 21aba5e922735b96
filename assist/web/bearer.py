"""What the requests of the sidebar's page share: the blueprint, the bearer token, and how a body is read."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, g, request
from marshmallow import ValidationError
from werkzeug.exceptions import Forbidden, Unauthorized

from assist.models.account import Role
from assist.schemas.sidebar import Body
from assist.services import sign_in
from assist.services.accounts import LANGUAGES
from assist.services.sign_in import Caller
from assist.web import tokens
from assist.web.context import current_desk
from assist.web.errors import problem
from assist.web.stops import refuse_while_off
from assist.web.tokens import TokenRefused

PERMITTED = frozenset({Role.AGENT, Role.LEAD})

blueprint = Blueprint("sidebar", __name__, url_prefix="/sidebar")


@blueprint.before_request
def speak() -> None:
    """The page asks in the language it is written in; its shell, in what the chat tool names, if any."""
    if request.endpoint != f"{blueprint.name}.shell":
        g.language = request.accept_languages.best_match(LANGUAGES)
    else:
        wanted = request.values.get("locale", "").lower()
        g.language = next((language for language in LANGUAGES if language.lower() == wanted), None)


@blueprint.errorhandler(ValidationError)
def refuse(error: ValidationError) -> Response:
    wrong = "; ".join(f"{name}: {reason}" for name, reason in error.messages_dict.items())
    return problem(422, "Not as it should be", wrong)


def admit() -> Caller:
    """Who the bearer token belongs to, now: signing out on the console ends the sidebar as well."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("A bearer token is needed.")
    desk = current_desk()
    try:
        bearer = tokens.read(desk.secret_key, token, now=desk.clock.now())
    except TokenRefused as error:
        raise Unauthorized(str(error)) from error
    caller = sign_in.find_user_by_session_id(desk, bearer.session_id)
    if caller is None or caller.user.id != bearer.user_id:
        raise Unauthorized("The sign-in has ended.")
    if not caller.user.roles & PERMITTED:
        raise Forbidden("The sidebar is for agents.")
    refuse_while_off()
    return caller


def load(kind: type[Body]) -> Any:
    """Raises ValidationError."""
    return _schema(kind).load(request.get_json())


@cache
def _schema(kind: type[Body]) -> Body:
    return kind()
