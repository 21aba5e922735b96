"""HubSpot's ways of saying no."""

from typing import Any

from werkzeug.wrappers import Response

from crm_adapters.fakes.wire import Refused, reply

CORRELATION = "00000000-0000-4000-8000-000000000000"


def fault(status: int, category: str, message: str, **more: Any) -> Response:
    """§8: every field of it is optional; a message may well repeat what was sent."""
    body = {"status": "error", "message": message, "correlationId": CORRELATION, "category": category}
    return reply(body | more, status)


def invalid(message: str, **context: str) -> Refused:
    errors = [{"message": message, "context": {name: [value] for name, value in context.items()}}]
    return Refused(fault(400, "VALIDATION_ERROR", message, errors=errors))


def missing(message: str = "resource not found") -> Refused:
    return Refused(fault(404, "OBJECT_NOT_FOUND", message))
