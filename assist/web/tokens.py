"""Bearer tokens of the sidebar: short-lived, in the memory of a page, worth nothing after signing out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

SALT = "sidebar"


class TokenRefused(Exception):  # noqa: N818 - named for what happened
    """Not ours, altered, or too old: the page asks for a new one."""


@dataclass(frozen=True, slots=True)
class Bearer:
    user_id: int
    session_id: int
    """The sign-in it was made from; ending that ends the token."""


def issue(secret_key: str, bearer: Bearer, *, now: datetime, life: timedelta) -> str:
    # The expiry is inside, by the application's clock; itsdangerous' timed variant reads the system's.
    claims = [bearer.user_id, bearer.session_id, int((now + life).timestamp())]
    return str(URLSafeSerializer(secret_key, salt=SALT).dumps(claims))


def read(secret_key: str, token: str, *, now: datetime) -> Bearer:
    """Raises TokenRefused."""
    try:
        user_id, session_id, expires = URLSafeSerializer(secret_key, salt=SALT).loads(token)
    except BadData as error:
        raise TokenRefused("The token was not made here.") from error
    if now.timestamp() >= expires:
        raise TokenRefused("The token is too old.")
    return Bearer(user_id, session_id)
