"""The OpenAPI document, made from the routes."""

from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api

from assist.schemas.api.parts import ProblemSchema
from assist.web.api.area import PREFIX, SECURITY, blueprint

EXTENSION = "assist.api.document"
TITLE, VERSION = "Sales Assist", "1"
PROBLEM = "application/problem+json"
CAUSES = {
    400: "The body is not JSON.",
    401: "No token, or none that is good.",
    403: "The token does not have the scope, or its account not the roles for it.",
    404: "There is no such thing.",
    409: "Not in the state it is in.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    422: "A field is missing, unknown or not as it should be; `errors` says which.",
    429: "Too many calls; Retry-After says how many seconds to wait.",
    503: "Somebody has switched everything off; `detail` says who and why.",
    500: "Our fault; it has been logged under `request_id`.",
}
INTRODUCTION = (
    "What a script would do with this Sales Assist. Each operation names the scope that its token needs. "
    "E-mails and phone numbers are sent in bodies, never in addresses."
)


class _Api(Api):  # type: ignore[misc]  # - flask-smorest publishes no types
    DEFAULT_ERROR_RESPONSE_NAME = None  # every status is documented, or it is a fault

    def _register_error_handlers(self) -> None:
        """The application's own say problem+json."""

    def _register_pagination_header(self) -> None:
        """Pages are told in the answer."""

    def _register_responses(self) -> None:
        content = {PROBLEM: {"schema": ProblemSchema}}
        for status, cause in CAUSES.items():
            response = {"description": cause, "content": content}
            self.spec.components.response(HTTPStatus(status).name, response, lazy=True)


def init_app(app: Flask) -> None:
    app.config.update(
        API_TITLE=TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=PREFIX
    )
    api = _Api(app, spec_kwargs={"info": {"description": INTRODUCTION}})
    api.spec.components.security_scheme(SECURITY, {"type": "http", "scheme": "bearer"})
    api.register_blueprint(blueprint)
    app.extensions[EXTENSION] = api.spec


def read_document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.extensions[EXTENSION].to_dict()
    return found
