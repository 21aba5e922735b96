"""Passwords: which are good enough, how they are kept, and random ones for new accounts."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least memory for argon2id (Password Storage Cheat Sheet): many may sign in at nine o'clock."""
_OF_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$fqouyR7oKQChVyp9zR8RXg$kqeBFz62OTnhlGhO7/QP8iiuJ5gxtt7emDANP+8bJWY"
)
"""Verified where there is no account: the time taken must not tell which e-mails have one."""


class BadPassword(Exception):  # noqa: N818 - named for what it says to the person choosing one
    """A password that cannot be chosen; `code` is a stable word for the border to translate."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check(password: str, *, email: str) -> None:
    """Length is what counts; nobody is made to use a digit and a sign. Raises BadPassword."""
    if len(password) < SHORTEST:
        raise BadPassword("short", f"A password needs at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise BadPassword("long", f"A password has at most {LONGEST} characters.")
    if len(set(password)) < 5 or email.casefold() in password.casefold():
        raise BadPassword("guessable", "Choose a password that does not hold your e-mail or repeat itself.")


def generate() -> str:
    """Twenty characters, about 100 bits, without look-alikes."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    groups = ("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def verify(password: str, *, against: str | None) -> bool:
    """Whether the password belongs to the hash; None, or one that is too long, takes as long and is False."""
    possible = against is not None and len(password) <= LONGEST
    try:
        _HASHER.verify(against or _OF_NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return possible
