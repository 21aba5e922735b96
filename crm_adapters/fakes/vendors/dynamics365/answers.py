"""Dynamics 365's ways of saying no. §8."""

from werkzeug.wrappers import Response

from crm_adapters.fakes.wire import Refused, reply


def fault(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return reply({"error": {"code": code, "message": message}}, status, headers)


def invalid(message: str, code: str = "0x80060888") -> Refused:
    return Refused(fault(400, code, message))


def missing(what: str = "") -> Refused:
    return Refused(fault(404, "0x80040217", f"Entity '{what}' With Id Does Not Exist"))
