"""Questions about people who sign in, their sessions and their failed attempts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from assist.db import fetch
from assist.models.account import LoginSession, Role, SignInAttempt, UserAccount

PAGE = 50
"""People."""


class LoginRow(NamedTuple):
    """A browser that signed in, with whose it is."""

    session_id: int
    last_seen_at: datetime
    revoked_at: datetime | None
    user_id: int
    email: str
    name: str
    roles: frozenset[Role]
    language: str | None
    time_zone: str | None
    disabled_at: datetime | None


_LOGINS = select(
    LoginSession.id,
    LoginSession.last_seen_at,
    LoginSession.revoked_at,
    UserAccount.id,
    UserAccount.email,
    UserAccount.name,
    UserAccount.roles,
    UserAccount.language,
    UserAccount.time_zone,
    UserAccount.disabled_at,
).join(UserAccount, UserAccount.id == LoginSession.user_id)
_BY_TOKEN = _LOGINS.where(LoginSession.token_hash == bindparam("token_hash"))
_BY_ID = _LOGINS.where(LoginSession.id == bindparam("session_id"))


def find_user(session: Session, email: str) -> UserAccount | None:
    return session.scalar(select(UserAccount).where(UserAccount.email == email))


def list_users(session: Session) -> Sequence[UserAccount]:
    return session.scalars(select(UserAccount).order_by(UserAccount.email)).all()


def find_login(session: Session, token_hash: str) -> LoginRow | None:
    return next((LoginRow._make(row) for row in fetch(session, _BY_TOKEN, {"token_hash": token_hash})), None)


def find_login_by_id(session: Session, session_id: int) -> LoginRow | None:
    return next((LoginRow._make(row) for row in fetch(session, _BY_ID, {"session_id": session_id})), None)


def list_logins(session: Session, user_id: int, *, used_since: datetime) -> Sequence[LoginSession]:
    """Those that are still good, the latest used first."""
    query = select(LoginSession).where(
        LoginSession.user_id == user_id,
        LoginSession.revoked_at.is_(None),
        LoginSession.last_seen_at >= used_since,
    )
    return session.scalars(query.order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())).all()


def revoke_logins(session: Session, user_id: int, *, at: datetime, keep: int | None = None) -> None:
    session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None), LoginSession.id != keep)
        .values(revoked_at=at)
    )


def attempts_since(session: Session, subject: str, *, since: datetime) -> Sequence[datetime]:
    """When the subject tried, oldest first."""
    query = select(SignInAttempt.at).where(SignInAttempt.subject == subject, SignInAttempt.at > since)
    return session.scalars(query.order_by(SignInAttempt.at)).all()


def forget_attempts(session: Session, *, until: datetime) -> None:
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= until))


def forget_subject(session: Session, subject: str) -> None:
    session.execute(delete(SignInAttempt).where(SignInAttempt.subject == subject))


def forget_attempt_ids(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(ids)))


def search_users(session: Session, *, text: str, after: str) -> Sequence[UserAccount]:
    """By e-mail, one more than a page where there is a next one."""
    query = select(UserAccount).where(UserAccount.email > after)
    if text:
        part = text.casefold()
        name = func.lower(UserAccount.name).contains(part, autoescape=True)
        query = query.where(or_(UserAccount.email.contains(part, autoescape=True), name))
    return session.scalars(query.order_by(UserAccount.email).limit(PAGE + 1)).all()


def list_last_seen(session: Session, user_ids: Sequence[int]) -> dict[int, datetime]:
    seen = select(LoginSession.user_id, func.max(LoginSession.last_seen_at))
    rows = seen.where(LoginSession.user_id.in_(user_ids)).group_by(LoginSession.user_id)
    return dict(session.execute(rows).all())


def lock_users(session: Session) -> Sequence[UserAccount]:
    """All of them, until the transaction ends."""
    return session.scalars(select(UserAccount).order_by(UserAccount.id).with_for_update()).all()
