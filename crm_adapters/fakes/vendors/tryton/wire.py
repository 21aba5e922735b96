"""What a Tryton takes and gives as JSON, and its ways to refuse."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.wire import reply

DAY = ("year", "month", "day")
MOMENT = (*DAY, "hour", "minute", "second", "microsecond")


class Failed(Exception):  # noqa: N818 - as Tryton answers: with status 200
    """`error` as it stands in the answer."""

    def __init__(self, *error: Any) -> None:
        super().__init__(*map(str, error))
        self.error = error


class Question:
    """A call, as it came."""

    def __init__(self, request: Request) -> None:
        body = request.get_json(silent=True)
        self.body: Mapping[str, Any] = body if isinstance(body, dict) else {}
        self.method = str(self.body.get("method", ""))
        params = read(self.body.get("params") or [])
        self.params: Sequence[Any] = params if isinstance(params, list) else []

    @property
    def writes(self) -> bool:
        return self.method.endswith((".create", ".write", ".delete"))

    def answer(self, result: Any) -> Response:
        return reply({"id": self.body.get("id", 0), "result": show(result)})

    def refuse(self, *error: Any) -> Response:
        return reply({"id": self.body.get("id", 0), "error": list(error)})


def read(value: Any) -> Any:
    match value:
        case {"__class__": "Decimal", "decimal": str(number)}:
            return Decimal(number)
        case {"__class__": "datetime"}:
            year, month, day, hour, minute, second, part = (value[name] for name in MOMENT)
            return datetime(year, month, day, hour, minute, second, part, UTC)
        case {"__class__": "date"}:
            return date(*(value[name] for name in DAY))
        case dict():
            return {name: read(one) for name, one in value.items()}
        case list():
            return [read(one) for one in value]
    return value


def show(value: Any) -> Any:
    """Some truths are shown as numbers."""
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            return {"__class__": "datetime"} | {name: getattr(value, name) for name in MOMENT}
        case date():
            return {"__class__": "date"} | {name: getattr(value, name) for name in DAY}
        case dict():
            return {name: show(one) for name, one in value.items()}
        case list() | tuple():
            return [show(one) for one in value]
    return value


def page(status: int, title: str) -> Response:
    """What does not reach a method is refused by a page for people."""
    text = f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n"
    return Response(text, status, content_type="text/html; charset=utf-8")
