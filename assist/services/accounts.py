"""Accounts: adding people, their roles, passwords and choices."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from assist.models.account import Role, UserAccount
from assist.services import audit, passwords
from assist.services.audit import COMMAND_LINE, Actor
from assist.services.desk import Desk
from assist.store import accounts as store

LANGUAGES = ("en", "es", "pt-BR")


class BadAccount(Exception):  # noqa: N818 - named for what it says to the person who reads it
    """An account that cannot be made or changed; the message says why and what to do."""


class NoSuchUser(BadAccount):
    """Nobody has that e-mail or number."""


@dataclass(frozen=True, slots=True)
class User:
    id: int
    email: str
    name: str
    roles: frozenset[Role]
    language: str | None
    """BCP 47; None follows the browser."""
    time_zone: str | None
    """IANA name; None is UTC."""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    language: str | None
    time_zone: str | None


def add_user(  # noqa: PLR0913 - what an account has, and who made it when
    session: Session,
    *,
    email: str,
    name: str,
    roles: Collection[Role],
    at: datetime,
    password: str | None = None,
    actor: Actor = COMMAND_LINE,
) -> tuple[User, str]:
    """The new user and their password, a random one where none is given. Raises BadAccount or BadPassword."""
    email = clean_email(email)
    if not roles:
        raise BadAccount(f"A user needs at least one role: {', '.join(Role)}.")
    if store.find_user(session, email):
        raise BadAccount("There is already a user with that e-mail.")
    chosen = password or passwords.generate()
    passwords.check(chosen, email=email)
    account = UserAccount(
        email=email,
        name=_clean_name(name),
        password_hash=passwords.hash_password(chosen),
        roles=frozenset(roles),
        created_at=at,
    )
    session.add(account)
    session.flush()
    audit.record(session, actor.entry("user.added", f"user:{account.id}"), at=at, roles=sorted(roles))
    return as_user(account), chosen


def set_password(
    session: Session,
    user_id: int,
    *,
    at: datetime,
    password: str | None = None,
    actor: Actor = COMMAND_LINE,
) -> str:
    """The new password, random where none is given; ends all sessions. Raises NoSuchUser or BadPassword."""
    account = get_account(session, user_id)
    chosen = password or passwords.generate()
    passwords.check(chosen, email=account.email)
    account.password_hash = passwords.hash_password(chosen)
    store.revoke_logins(session, user_id, at=at)
    audit.record(session, actor.entry("password.set", f"user:{user_id}"), at=at)
    return chosen


def set_roles(
    session: Session,
    user_id: int,
    *,
    roles: Collection[Role],
    at: datetime,
    actor: Actor = COMMAND_LINE,
) -> User:
    """Takes effect on the user's next request. Raises NoSuchUser, BadAccount."""
    if not roles:
        raise BadAccount(f"A user needs at least one role: {', '.join(Role)}.")
    account = get_account(session, user_id)
    account.roles = frozenset(roles)
    audit.record(session, actor.entry("roles.set", f"user:{user_id}"), at=at, roles=sorted(roles))
    return as_user(account)


def disable_user(session: Session, user_id: int, *, at: datetime, actor: Actor = COMMAND_LINE) -> None:
    """Ends all sessions at once; the account stays, for the records that name it. Raises NoSuchUser."""
    account = get_account(session, user_id)
    account.disabled_at = account.disabled_at or at
    store.revoke_logins(session, user_id, at=at)
    audit.record(session, actor.entry("user.disabled", f"user:{user_id}"), at=at)


def enable_user(session: Session, user_id: int, *, at: datetime, actor: Actor = COMMAND_LINE) -> None:
    """Whoever was signed in has to sign in again. Raises NoSuchUser."""
    account = get_account(session, user_id)
    account.disabled_at = None
    audit.record(session, actor.entry("user.enabled", f"user:{user_id}"), at=at)


def choose(desk: Desk, user_id: int, choices: Choices) -> None:
    """Raises BadAccount for a language that is not spoken here."""
    if choices.language is not None and choices.language not in LANGUAGES:
        raise BadAccount(f"The languages are {', '.join(LANGUAGES)}.")
    with desk.database.writing() as session:
        account = get_account(session, user_id)
        account.language, account.time_zone = choices.language, choices.time_zone


def list_users(session: Session) -> tuple[User, ...]:
    return tuple(as_user(account) for account in store.list_users(session))


def find_user(session: Session, email: str) -> User | None:
    account = store.find_user(session, email.strip().casefold())
    return as_user(account) if account else None


def get_account(session: Session, user_id: int) -> UserAccount:
    account = session.get(UserAccount, user_id)
    if account is None:
        raise NoSuchUser("There is no such user.")
    return account


def clean_email(text: str) -> str:
    """Raises BadAccount."""
    email = text.strip().casefold()
    local, _, domain = email.partition("@")
    if not local or "." not in domain or len(email) > 254 or any(sign.isspace() for sign in email):
        raise BadAccount("That is not an e-mail address; write it as name@example.com.")
    return email


def as_user(account: UserAccount) -> User:
    return User(
        id=account.id,
        email=account.email,
        name=account.name,
        roles=account.roles,
        language=account.language,
        time_zone=account.time_zone,
        disabled=account.disabled_at is not None,
    )


def _clean_name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 120:
        raise BadAccount("A user needs a name of at most 120 characters.")
    return name
