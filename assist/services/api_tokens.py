"""Tokens by which programs use the API: made for an account, whose roles bound what each may do."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from assist.models.account import Role
from assist.models.api_token import ApiToken, Scope
from assist.services import audit
from assist.services.accounts import User, as_user, find_user
from assist.services.audit import COMMAND_LINE, Actor
from assist.services.desk import Desk
from assist.store import api_tokens as store

PREFIX = "assist_"
"""By which those who search code for secrets can tell one."""
LONGEST_LIFE = timedelta(days=366)
TOUCH_EVERY = timedelta(minutes=1)

_SELLERS = frozenset({Role.AGENT, Role.LEAD})
_WATCHERS = frozenset({Role.LEAD, Role.CRM_ADMIN, Role.AUDITOR})
BEARERS: Mapping[Scope, frozenset[Role]] = {
    Scope.CUSTOMERS_READ: frozenset(Role) - {Role.AUDITOR},
    Scope.SUGGESTIONS_WRITE: _SELLERS,
    Scope.OUTCOMES_WRITE: _SELLERS,
    Scope.RULES_READ: _WATCHERS | {Role.OPS_EDITOR, Role.OPS_APPROVER},
    Scope.RULES_WRITE: frozenset({Role.OPS_EDITOR, Role.OPS_APPROVER}),
    Scope.RULES_APPROVE: frozenset({Role.OPS_APPROVER}),
    Scope.CONNECTIONS_READ: _WATCHERS,
    Scope.OUTBOX_READ: _WATCHERS,
    Scope.OUTBOX_WRITE: frozenset({Role.CRM_ADMIN}),
}
"""Any of these roles lets an account's tokens have the scope: the roles that may do the same in the console."""


class TokenError(Exception):
    """A token that cannot be made or revoked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that showed a token that is good."""

    token_id: int
    user: User
    scopes: frozenset[Scope]
    """The token's own, whatever the account's roles allow."""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes and bool(self.user.roles & BEARERS[scope])


@dataclass(frozen=True, slots=True)
class NewToken:
    name: str
    email: str
    """Of the account that it acts for."""
    scopes: Collection[Scope]
    life: timedelta


@dataclass(frozen=True, slots=True)
class Listed:
    id: int
    name: str
    email: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: int | None
    """The account of who made it; None at the command line."""
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def add_token(desk: Desk, new: NewToken, *, actor: Actor = COMMAND_LINE) -> tuple[int, str]:
    """Its number, and the token, which nobody can show again. Raises TokenError."""
    name = " ".join(new.name.split())
    if not 1 <= len(name) <= 80:
        raise TokenError("A token needs a name of at most 80 characters that says what it is for.")
    if not timedelta() < new.life <= LONGEST_LIFE:
        raise TokenError(f"A token is good for 1 to {LONGEST_LIFE.days} days.")
    token, now = PREFIX + secrets.token_urlsafe(32), desk.clock.now()
    with desk.database.writing() as session:
        user = _check_account(find_user(session, new.email), new.scopes)
        row = ApiToken(name=name, user_id=user.id, scopes=sorted(new.scopes), token_hash=_hash(token))
        row.created_at, row.created_by, row.expires_at = now, actor.id, now + new.life
        session.add(row)
        session.flush()
        entry = actor.entry("api_token.added", f"api_token:{row.id}")
        audit.record(session, entry, at=now, user=user.id, scopes=row.scopes)
        return row.id, token


def revoke_token(desk: Desk, token_id: int, *, actor: Actor = COMMAND_LINE) -> bool:
    """From the next request on; False where it was revoked before. Raises TokenError."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        row = session.get(ApiToken, token_id)
        if row is None:
            raise TokenError(f"There is no token {token_id}; see: assist tokens list")
        if row.revoked_at is not None:
            return False
        row.revoked_at = now
        audit.record(session, actor.entry("api_token.revoked", f"api_token:{token_id}"), at=now)
    return True


def list_tokens(desk: Desk) -> list[Listed]:
    """The latest first, those that are no longer good included."""
    with desk.database.reading() as session:
        return [
            Listed(
                id=row.id,
                name=row.name,
                email=email,
                scopes=tuple(row.scopes),
                created_at=row.created_at,
                created_by=row.created_by,
                expires_at=row.expires_at,
                last_used_at=row.last_used_at,
                revoked_at=row.revoked_at,
            )
            for row, email in store.list_tokens(session)
        ]


def find_holder(desk: Desk, token: str) -> Holder | None:
    """None where nobody made it, it was revoked or has expired, or its account is disabled."""
    now = desk.clock.now()
    with desk.database.reading() as session:
        found = store.find_token(session, _hash(token))
    if found is None:
        return None
    row, account = found
    if row.revoked_at is not None or row.expires_at <= now or account.disabled_at is not None:
        return None
    if row.last_used_at is None or now - row.last_used_at >= TOUCH_EVERY:
        _touch(desk, row.id, now)
    # A version of the program that knows fewer scopes leaves out those that it does not know.
    return Holder(row.id, as_user(account), frozenset(set(Scope) & set(row.scopes)))


def _check_account(user: User | None, scopes: Collection[Scope]) -> User:
    if user is None or user.disabled:
        raise TokenError("Nobody who can sign in has that e-mail; see: assist users add")
    if not scopes:
        raise TokenError(f"A token needs at least one scope: {', '.join(Scope)}.")
    for scope in scopes:
        if not user.roles & BEARERS[scope]:
            roles = ", ".join(sorted(BEARERS[scope]))
            raise TokenError(f"{scope} is for accounts with one of these roles: {roles}.")
    return user


def _touch(desk: Desk, token_id: int, at: datetime) -> None:
    with desk.database.writing(promised=False) as session:
        if row := session.get(ApiToken, token_id):
            row.last_used_at = at


def _hash(token: str) -> str:
    """Unsalted, since a token is 256 bits of chance: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
