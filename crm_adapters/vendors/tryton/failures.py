"""Tryton's ways of failing, in our words; what it says to its own users holds their customers' names."""

from collections.abc import Sequence

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    AuthExpired,
    AuthRevoked,
    Conflict,
    CRMError,
    NotFound,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)

LOCKED_SECONDS = 300.0
"""After too many wrong passwords, where the server's own settings are as they come; it does not say."""


class Rejected(ValidationFailed):
    """Tryton has an explanation for a person, of anything: a value, a record that is gone, or a missing right."""


class Unknown(VendorChanged):
    """There is no such model or field: a module is not activated, or the series does not have it."""


def judge_sign_in(answer: Answer) -> CRMError | None:
    failures: dict[int, CRMError] = {
        401: AuthRevoked("Tryton refuses the user or the password"),
        404: NotFound("Tryton has no such database"),
        405: NotFound("this is not where Tryton answers"),
        429: RateLimited("too many wrong passwords", retry_after=LOCKED_SECONDS, scope="sign-in"),
    }
    return failures.get(answer.status) or judge(answer)


def judge(answer: Answer) -> CRMError | None:
    """Failures come with status 200; a statement that does not end well is rolled back. 405: Tryton has
    moved to another address with a new series, so the session is of no more use."""
    if answer.status == 405:
        return AuthExpired("Tryton answers elsewhere now")
    try:
        error = answer.json().get("error") if answer.status == 200 else None
    except (VendorChanged, AttributeError):
        return None
    return _translate(error) if isinstance(error, Sequence) and error else None


def _translate(error: Sequence[object]) -> CRMError:
    """By the class where it is one of Tryton's own; elsewhere what Python said stands there, and of a name
    that is not known no more than that name in quotes."""
    name = str(error[0])
    match name:
        case "UserError":
            return Rejected("Tryton refuses this")
        case "UserWarning":
            return ValidationFailed("Tryton wants a person to confirm this")
        case "ConcurrencyException":
            return Conflict("the record was changed in between")
        case "LoginException":
            return AuthRevoked("Tryton asks for more than a password to sign in")
    if name[:1] == name[-1:] == "'":
        return Unknown("Tryton knows no such model or field")
    return Unavailable("Tryton failed; its log says why")
