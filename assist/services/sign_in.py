"""Signing in and out, and the sessions in between: kept here, revocable, known to the browser by a token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from assist.models.account import LoginSession, UserAccount
from assist.services import audit, passwords, throttle
from assist.services.accounts import User, as_user, get_account
from assist.services.audit import Entry, Origin
from assist.services.desk import Desk
from assist.store import accounts as store

TOUCH_EVERY = timedelta(minutes=1)


class WrongPassword(Exception):  # noqa: N818 - named for what it says to the person who reads it
    """The e-mail and the password do not belong together; which of them is wrong is not told."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is signed in."""

    user: User
    session_id: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    caller: Caller
    token: str
    """For the browser's cookie; only its hash is stored."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in, as its owner sees it."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str
    browser: str


def sign_in(desk: Desk, email: str, *, password: str, origin: Origin) -> SignedIn:
    """Raises WrongPassword or throttle.TooManyAttempts. Takes as long for a stranger as for a user."""
    email = email.strip().casefold()[:254]
    reservation, known = _reserve(desk, email, origin)
    user_id = known.id if known and known.disabled_at is None else None
    if not passwords.verify(password, against=known.password_hash if known else None) or user_id is None:
        _record(
            desk, Entry("session.refused", f"user:{known.id}" if known else "user:unknown", origin=origin)
        )
        raise WrongPassword("The e-mail and the password do not belong together.")
    with desk.database.writing() as session:
        throttle.release(session, reservation)
        return _open(session, user_id, origin=origin, at=desk.clock.now())


def sign_out(desk: Desk, caller: Caller, *, origin: Origin) -> None:
    revoke_session(desk, caller, session_id=caller.session_id, origin=origin)


def revoke_session(desk: Desk, caller: Caller, *, session_id: int, origin: Origin) -> bool:
    """Ends one of the caller's own sessions; False where they have no such one."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        login = session.get(LoginSession, session_id)
        if login is None or login.user_id != caller.user.id or login.revoked_at is not None:
            return False
        login.revoked_at = now
        audit.record(session, Entry("session.ended", f"session:{session_id}", caller.user.id, origin), at=now)
        return True


def find_user_by_session(desk: Desk, token: str) -> Caller | None:
    """Who the cookie's token belongs to; None where the session was ended, or unused for too long."""
    with desk.database.reading() as session:
        login = store.find_login(session, _hash(token))
    return _admit(desk, login)


def find_user_by_session_id(desk: Desk, session_id: int) -> Caller | None:
    """The same for a session that a signed token names."""
    with desk.database.reading() as session:
        login = store.find_login_by_id(session, session_id)
    return _admit(desk, login)


def list_sessions(desk: Desk, user_id: int) -> tuple[OpenSession, ...]:
    with desk.database.reading() as session:
        logins = store.list_logins(session, user_id, used_since=desk.clock.now() - _life(desk))
        return tuple(
            OpenSession(login.id, login.created_at, login.last_seen_at, login.address, login.browser)
            for login in logins
        )


def change_password(desk: Desk, caller: Caller, *, current: str, new: str, origin: Origin) -> None:
    """Ends the user's other sessions. Raises WrongPassword, BadPassword or TooManyAttempts."""
    passwords.check(new, email=caller.user.email)
    reservation, known = _reserve(desk, caller.user.email, origin)
    subject = f"user:{caller.user.id}"
    if known is None or not passwords.verify(current, against=known.password_hash):
        _record(desk, Entry("password.refused", subject, caller.user.id, origin))
        raise WrongPassword("That is not your current password.")
    hashed, now = passwords.hash_password(new), desk.clock.now()
    with desk.database.writing() as session:
        throttle.release(session, reservation)
        get_account(session, caller.user.id).password_hash = hashed
        store.revoke_logins(session, caller.user.id, at=now, keep=caller.session_id)
        audit.record(session, Entry("password.changed", subject, caller.user.id, origin), at=now)


def _reserve(desk: Desk, email: str, origin: Origin) -> tuple[throttle.Reservation, UserAccount | None]:
    # Hashing takes a tenth of a second, so it must not happen while this transaction keeps other writers out.
    with desk.database.writing() as session:
        at = desk.clock.now()
        reservation = throttle.reserve(session, desk.secret_key, email=email, address=origin.address, at=at)
        return reservation, store.find_user(session, email)


def _open(session: Session, user_id: int, *, origin: Origin, at: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    login = LoginSession(
        user_id=user_id,
        token_hash=_hash(token),
        created_at=at,
        last_seen_at=at,
        address=origin.address[:45],
        browser=origin.browser[:200],
    )
    session.add(login)
    session.flush()
    audit.record(session, Entry("session.started", f"session:{login.id}", user_id, origin), at=at)
    return SignedIn(Caller(as_user(get_account(session, user_id)), login.id), token)


def _admit(desk: Desk, login: store.LoginRow | None) -> Caller | None:
    now = desk.clock.now()
    if login is None or login.revoked_at is not None or login.disabled_at is not None:
        return None
    if login.last_seen_at + _life(desk) <= now:
        return None
    if now - login.last_seen_at >= TOUCH_EVERY:
        _touch(desk, login.session_id, now)
    user = User(login.user_id, login.email, login.name, login.roles, login.language, login.time_zone)
    return Caller(user, login.session_id)


def _touch(desk: Desk, session_id: int, at: datetime) -> None:
    with desk.database.writing() as session:
        if login := session.get(LoginSession, session_id):
            login.last_seen_at = at


def _record(desk: Desk, entry: Entry) -> None:
    with desk.database.writing() as session:
        audit.record(session, entry, at=desk.clock.now())


def _life(desk: Desk) -> timedelta:
    return timedelta(hours=desk.config.session_hours)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
