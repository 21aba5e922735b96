"""People and their roles, as a CRM admin looks after them; nobody can lock everybody out, or raise themselves."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from assist.models.account import Role, UserAccount
from assist.services import accounts, audit
from assist.services.accounts import User, as_user
from assist.services.audit import Actor
from assist.services.desk import Desk
from assist.store import accounts as store

T = TypeVar("T")


class NotAllowed(Exception):  # noqa: N818 - named for what it says
    """`code`: `own_account`, or `last_admin`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listed:
    user: User
    created_at: datetime
    last_seen_at: datetime | None
    """None: never, as far as is kept."""


def list_people(session: Session, *, text: str = "", after: str = "") -> tuple[list[Listed], str | None]:
    """A page by e-mail, and where the next one begins. `text`: a part of the name or the e-mail."""
    found = store.search_users(session, text=text, after=after)
    rows, seen = found[: store.PAGE], store.list_last_seen(session, [row.id for row in found])
    listed = [Listed(as_user(row), row.created_at, seen.get(row.id)) for row in rows]
    return listed, rows[-1].email if len(found) > store.PAGE else None


def add(desk: Desk, *, email: str, name: str, roles: Collection[Role], actor: Actor) -> tuple[User, str]:
    """With their password, which is told once. Raises BadAccount."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        return accounts.add_user(session, email=email, name=name, roles=roles, at=now, actor=actor)


def change_roles(desk: Desk, user_id: int, *, roles: Collection[Role], actor: Actor) -> None:
    """Raises NoSuchUser, BadAccount, NotAllowed."""

    def change(session: Session, at: datetime) -> None:
        _refuse_own(user_id, actor)
        if Role.CRM_ADMIN not in roles:
            _refuse_last(session, user_id)
        accounts.set_roles(session, user_id, roles=roles, at=at, actor=actor)

    _act(desk, change)


def disable(desk: Desk, user_id: int, *, actor: Actor) -> None:
    """Raises NoSuchUser, NotAllowed."""

    def change(session: Session, at: datetime) -> None:
        _refuse_own(user_id, actor)
        _refuse_last(session, user_id)
        accounts.disable_user(session, user_id, at=at, actor=actor)

    _act(desk, change)


def enable(desk: Desk, user_id: int, *, actor: Actor) -> None:
    """Raises NoSuchUser."""
    _act(desk, lambda session, at: accounts.enable_user(session, user_id, at=at, actor=actor))


def reset_password(desk: Desk, user_id: int, *, actor: Actor) -> str:
    """The new one, which is told once. Raises NoSuchUser, and NotAllowed for one's own."""

    def change(session: Session, at: datetime) -> str:
        _refuse_own(user_id, actor)
        return accounts.set_password(session, user_id, at=at, actor=actor)

    return _act(desk, change)


def end_sessions(desk: Desk, user_id: int, *, actor: Actor) -> None:
    """Wherever they are signed in. Raises NoSuchUser."""

    def change(session: Session, at: datetime) -> None:
        accounts.get_account(session, user_id)
        store.revoke_logins(session, user_id, at=at)
        audit.record(session, actor.entry("sessions.ended", f"user:{user_id}"), at=at)

    _act(desk, change)


def _act(desk: Desk, change: Callable[[Session, datetime], T]) -> T:
    with desk.database.writing() as session:
        return change(session, desk.clock.now())


def _refuse_own(user_id: int, actor: Actor) -> None:
    if user_id == actor.id:
        raise NotAllowed("own_account")


def _refuse_last(session: Session, user_id: int) -> None:
    """Rows are locked, so that two admins do not take each other out at once."""
    admins: list[UserAccount] = [
        one for one in store.lock_users(session) if Role.CRM_ADMIN in one.roles and one.disabled_at is None
    ]
    if [one.id for one in admins] == [user_id]:
        raise NotAllowed("last_admin")
