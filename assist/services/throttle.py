"""How often a password may be tried, counted in the database: it holds over all workers and restarts."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy.orm import Session

from assist.models.account import SignInAttempt
from assist.store import accounts as store

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50
"""A whole office may share one address."""


class TooManyAttempts(Exception):  # noqa: N818 - named for what it says to the person who waits
    """No password is looked at before `wait` seconds have passed."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many attempts. Try again in {ceil(wait / 60)} minutes.")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that was counted before its password was looked at, so that parallel ones count too."""

    account: str
    attempt_ids: tuple[int, ...]


def reserve(session: Session, secret_key: str, *, email: str, address: str, at: datetime) -> Reservation:
    """Count an attempt. Raises TooManyAttempts, which itself counts for nothing."""
    store.forget_attempts(session, until=at - WINDOW)
    account = _subject(secret_key, f"account:{email}")
    origin = _subject(secret_key, f"address:{network(address)}")
    wait = max(_wait(session, account, PER_ACCOUNT, at=at), _wait(session, origin, PER_ADDRESS, at=at))
    if wait > 0:
        raise TooManyAttempts(wait)
    attempts = [SignInAttempt(subject=subject, at=at) for subject in (account, origin)]
    session.add_all(attempts)
    session.flush()
    return Reservation(account, tuple(attempt.id for attempt in attempts))


def release(session: Session, reservation: Reservation) -> None:
    """The password was right: the account starts afresh. Its address does not, or one good account would let
    its owner try the others' passwords for ever."""
    store.forget_subject(session, reservation.account)
    store.forget_attempt_ids(session, reservation.attempt_ids)


def network(address: str) -> str:
    """An IPv6 customer owns a whole /64, so that is what counts."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else str(parsed)


def _wait(session: Session, subject: str, limit: int, *, at: datetime) -> int:
    tried = store.attempts_since(session, subject, since=at - WINDOW)
    if len(tried) < limit:
        return 0
    return ceil((tried[-limit] + WINDOW - at).total_seconds())


def _subject(secret_key: str, text: str) -> str:
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
