"""What Odoo's exceptions mean. JSON-2 gives them with a status of their own, JSON-RPC with 200.

Texts are for people and hold their data, and forks rename the modules: only the class's own name is looked at.
"""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    AuthExpired,
    CRMError,
    NotFound,
    PermissionDenied,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)

MEANINGS: Mapping[str, type[CRMError]] = {
    "AccessDenied": AuthExpired,
    "SessionExpiredException": AuthExpired,
    "AccessError": PermissionDenied,
    "MissingError": NotFound,
    "UserError": ValidationFailed,
    "ValidationError": ValidationFailed,
    "RedirectWarning": ValidationFailed,
    "LockError": Unavailable,
}
OURS = frozenset({"AttributeError", "KeyError", "TypeError", "ValueError"})
"""Of a call that does not fit this version: an unknown field, a changed parameter."""
BEGINNING = 300
"""Bytes in which an answer by JSON-RPC says that it is an error."""


def translate(answer: Answer) -> CRMError | None:
    if answer.status == 409:
        return Unavailable("Odoo answered 409: somebody else is changing the record")
    if answer.status >= 400:
        kind = MEANINGS.get(_name(_object(answer)))
        return kind(f"Odoo answered {answer.status}") if kind else None
    return _fault(answer) if b'"error"' in answer.body[:BEGINNING] else None


def _fault(answer: Answer) -> CRMError | None:
    """Whatever it is, the transaction was rolled back."""
    error = _object(answer).get("error")
    if not isinstance(error, dict):
        return None
    name = _name(error.get("data"))
    usual = VendorChanged if name in OURS else Unavailable
    return MEANINGS.get(name, usual)(f"Odoo answered with {name or 'an error'}")


def _name(data: Any) -> str:
    """Of the exception's class, where it looks like one."""
    found = str(data.get("name", "")).rpartition(".")[2] if isinstance(data, dict) else ""
    return found if re.fullmatch(r"[A-Za-z]{3,60}", found) else ""


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except VendorChanged:
        return {}
    return found if isinstance(found, dict) else {}
