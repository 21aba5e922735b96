"""What the API's routes share: how one is declared, who is let in, and how bodies are read."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import structlog
from flask import current_app, request
from flask.blueprints import BlueprintSetupState
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, TooManyRequests, Unauthorized, UnsupportedMediaType

from assist.models.api_token import Scope
from assist.services import api_tokens
from assist.services.accounts import LANGUAGES
from assist.services.api_tokens import BEARERS, Holder
from assist.services.audit import Actor
from assist.services.rates import Rates
from assist.services.throttle import network
from assist.web.auth import current_origin
from assist.web.context import current_desk
from assist.web.errors import FieldsRefused
from assist.web.stops import refuse_while_off

PREFIX = "/api/v1"
EXTENSION = "assist.api"
RETRY_SECONDS = 60
LARGEST_RELEASE = 2 * 1024 * 1024
SECURITY = "bearer"
ALWAYS = (401, 403, 429, 500, 503)
WITH_BODY = (400, 413, 415)

View = TypeVar("View", bound=Callable[..., Any])


class _StrictParser(FlaskParser):
    def load_json(self, req: Any, schema: Schema) -> Any:  # noqa: ARG002 - webargs' signature
        if not req.is_json:
            raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
        try:
            return json.loads(req.get_data(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BadRequest("The body is not JSON, or nested too deeply.") from error

    def handle_error(self, error: ValidationError, *_about: Any, **_options: Any) -> NoReturn:
        (wrong,) = error.messages_dict.values()
        raise FieldsRefused(wrong if isinstance(wrong, dict) else {"body": wrong}) from error


class _Blueprint(Blueprint):  # type: ignore[misc]  # - flask-smorest publishes no types
    ARGUMENTS_PARSER = _StrictParser()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Calls a minute, in each web process."""

    by_address: Rates = field(default_factory=lambda: Rates(1_200))
    by_token: Rates = field(default_factory=lambda: Rates(600))


@dataclass(frozen=True, slots=True)
class Route:
    """A route with all that is said of it in the OpenAPI document."""

    method: str
    path: str
    scope: Scope
    gives: type[Schema]
    takes: type[Schema] | None = None
    """The body."""
    query: type[Schema] | None = None
    fails: tuple[int, ...] = ()
    """Statuses that it has beside those of the token, the body and the query."""
    also: tuple[int, ...] = ()
    """Other statuses of success."""
    status: int = 200
    path_pattern: str | None = None
    """Of the text in the path, where there is one."""

    @property
    def tag(self) -> str:
        return self.path.split("/")[1]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Of the path; a number needs no words, its converter says it all."""
        named = re.search(r"<(\w+)>", self.path)
        if not named or not self.path_pattern:
            return []
        return [{"in": "path", "name": named[1], "schema": {"type": "string", "pattern": self.path_pattern}}]


blueprint = _Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.record_once  # type: ignore[untyped-decorator]  # - as above
def set_bounds(state: BlueprintSetupState) -> None:
    state.app.extensions.setdefault(EXTENSION, Bounds())


@blueprint.before_request  # type: ignore[untyped-decorator]  # - as above
def widen() -> None:
    if request.endpoint == "api.import_release":
        request.max_content_length = LARGEST_RELEASE


def serve(route: Route) -> Callable[[View], View]:
    """Lets in who has the scope, then reads query and body, which the view gets after the holder of the token, in
    this order; what it returns is dumped by `gives`."""

    def decorate(view: View) -> View:
        dumped = _document(
            route, _guard(route.scope, _read(route, blueprint.response(route.status, route.gives)(view)))
        )
        add = blueprint.route(
            route.path,
            methods=[route.method],
            tags=[route.tag],
            parameters=route.parameters,
            endpoint=view.__name__,
        )
        add(dumped)
        return view

    return decorate


def actor(holder: Holder) -> Actor:
    return Actor(holder.user.id, current_origin())


def asked_language() -> str:
    """Of words made for people, by Accept-Language."""
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _read(route: Route, view: Any) -> Any:
    if route.takes:
        view = blueprint.arguments(route.takes)(view)
    if route.query:
        view = blueprint.arguments(route.query, location="query", unknown=RAISE)(view)
    return view


def _guard(scope: Scope, view: Any) -> Any:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(_admit(scope), *args, **kwargs)

    return guarded


def _document(route: Route, view: Any) -> Any:
    for status in (*ALWAYS, *(WITH_BODY if route.takes else ()), *route.fails):
        view = blueprint.alt_response(status, response=HTTPStatus(status).name)(view)
    for status in route.also:
        view = blueprint.alt_response(status, schema=route.gives, success=True)(view)
    return blueprint.doc(security=[{SECURITY: [route.scope.value]}])(view)


def _admit(scope: Scope) -> Holder:
    bounds: Bounds = current_app.extensions[EXTENSION]
    desk, now = current_desk(), current_desk().clock.now()
    if not bounds.by_address.allows(network(request.remote_addr or ""), now):
        raise TooManyRequests("Too many calls from this address.", retry_after=RETRY_SECONDS)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    holder = api_tokens.find_holder(desk, token.strip()) if kind.lower() == "bearer" else None
    if holder is None:
        raise Unauthorized(
            "A bearer token is needed that is neither revoked nor expired.",
            www_authenticate=WWWAuthenticate("bearer"),
        )
    structlog.contextvars.bind_contextvars(bearer=holder.token_id)
    if not bounds.by_token.allows(str(holder.token_id), now):
        raise TooManyRequests("Too many calls with this token.", retry_after=RETRY_SECONDS)
    if scope not in holder.scopes:
        raise Forbidden(f"The token does not have the scope {scope}.")
    if not holder.may(scope):
        roles = ", ".join(sorted(BEARERS[scope]))
        raise Forbidden(f"The token's account has none of the roles that {scope} is for: {roles}.")
    refuse_while_off()
    return holder


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
