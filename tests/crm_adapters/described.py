"""Checks requests against a description of the vendor's interface, where one lies beside the project."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import yaml
from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathNotFound
from werkzeug.wrappers import Request

OF_THE_LINE = frozenset({"Host", "Authorization", "X-Correlation-Id"})
"""Of no description; other in each test."""
DESCRIPTIONS = Path(__file__).parents[3] / "shared" / "contracts" / "openapi"


def checker(name: str) -> Callable[[Request], None]:
    """For `Fake.checks`: raises where a request is not as `name`.yaml describes. What that does not describe at
    all is let through, and everything where there is no description."""
    path = DESCRIPTIONS / f"{name}.yaml"
    if not path.exists():
        return lambda _: None
    return lambda request: _load(path, keyed="(" in request.path)(request)


@cache
def _load(path: Path, *, keyed: bool) -> Callable[[Request], None]:
    """`keyed`: of OData's two forms of a path, the one with a key in brackets, which the other takes for a name."""
    contents = yaml.safe_load(path.read_text())
    server: str = contents["servers"][0]["url"]
    if any("(" in one for one in contents["paths"]):
        contents["paths"] = {one: what for one, what in contents["paths"].items() if ("(" in one) == keyed}
    description = OpenAPI.from_dict(contents)

    sound: set[object] = set()

    def check(request: Request) -> None:
        seen = _tell(request)
        if seen in sound:
            return
        try:
            description.validate_request(_Addressed(request, server))
        except PathNotFound:
            return
        except OpenAPIError as error:
            raise AssertionError(f"{error}: {error.__cause__}") from None
        sound.add(seen)

    return check


def _tell(request: Request) -> object:
    """All that a description speaks of: the same request again need not be looked at again."""
    headers = frozenset((name, value) for name, value in request.headers if name not in OF_THE_LINE)
    return request.method, request.full_path, headers, request.get_data()


class _Addressed(WerkzeugOpenAPIRequest):
    """As if it had been sent to the vendor."""

    def __init__(self, request: Request, server: str) -> None:
        super().__init__(request)
        self._server = server

    @property
    def host_url(self) -> str:
        return self._server
