"""Requests and answers of a fake: which handler takes what, and how an answer goes wrong on its way."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, unquote

from werkzeug.routing import Map
from werkzeug.wrappers import Response

SLASH = "\ue000"
"""Stands for an encoded slash while routes are matched; private to us in Unicode."""
Handler = TypeVar("Handler", bound=Callable[..., Response])


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    reads: bool
    free: bool


class Refused(Exception):  # noqa: N818 - named for what it says
    """Ends a handler with another answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def route(
    method: str, path: str, *, reads: bool | None = None, free: bool = False
) -> Callable[[Handler], Handler]:
    """`path` as werkzeug's rules have it; what it holds in <> is handed over by name. `reads`: changes nothing,
    whatever the method says. `free`: needs no authorisation and suffers no troubles, as a token endpoint."""

    def mark(handler: Handler) -> Handler:
        found = Route(method, path, method == "GET" if reads is None else reads, free)
        vars(handler).setdefault("routes", []).append(found)
        return handler

    return mark


def match(rules: Map, environ: dict[str, Any]) -> tuple[tuple[str, Route], dict[str, Any]]:
    """The endpoint and what its path holds, where an encoded slash is a letter like any other. Raises HTTPException."""
    raw = re.split(r"[?#]", environ.get("RAW_URI") or quote(environ["PATH_INFO"]))[0]
    path = unquote(re.sub("%2f", SLASH, raw, flags=re.IGNORECASE))
    endpoint, found = rules.bind_to_environ(environ).match(path)
    arguments = {
        name: value.replace(SLASH, "/") if isinstance(value, str) else value for name, value in found.items()
    }
    return endpoint, arguments


def reply(body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON; None for an answer without one."""
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, content_type="application/json;charset=utf-8")


def shorten(response: Response, *, honest: bool) -> Response:
    """Its first half. `honest`: the header still tells how long it should have been."""
    body = response.get_data()
    half = Response(body[: len(body) // 2], response.status, response.headers)
    half.headers["Content-Length"] = str(len(body) if honest else len(body) // 2)
    return half


def cut(environ: Mapping[str, Any]) -> NoReturn:
    """Ends the connection without a word. Only werkzeug's server lets an application do so."""
    environ["werkzeug.socket"].shutdown(SHUT_RDWR)
    raise ConnectionAbortedError
