"""Salesforce's ways of saying no. §8: an array of errors, whose codes tell more than the status."""

from collections.abc import Mapping

from werkzeug.wrappers import Response

from crm_adapters.fakes.wire import Refused, reply


def fault(
    status: int, code: str, message: str, *names: str, headers: Mapping[str, str] | None = None
) -> Response:
    error = {"message": message, "errorCode": code} | ({"fields": list(names)} if names else {})
    return reply([error], status, headers)


def invalid(code: str, message: str, *names: str) -> Refused:
    return Refused(fault(400, code, message, *names))


def missing() -> Refused:
    return Refused(fault(404, "NOT_FOUND", "The requested resource does not exist"))
