"""Tokens of programs: shown once, for an account, for a time, and never for more than its roles allow."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry, Role
from assist.models.api_token import ApiToken, Scope
from assist.services import api_tokens
from assist.services.accounts import User, disable_user, set_roles
from assist.services.api_tokens import BEARERS, NewToken, TokenError, add_token, find_holder, revoke_token
from assist.services.audit import Actor
from assist.services.desk import Desk
from tests.assist.conftest import HandClock
from tests.assist.crms import dump
from tests.assist.databases import on_both_databases
from tests.assist.web.visitors import add

DAY = timedelta(days=1)


def make(desk: Desk, user: User, *scopes: Scope, life: timedelta = DAY) -> str:
    return add_token(desk, NewToken("a script", user.email, scopes, life))[1]


@pytest.fixture
def agent(desk: Desk) -> User:
    return add(desk, Role.AGENT)


@on_both_databases
def test_who_shows_it_acts_for_its_account(desk: Desk, agent: User) -> None:
    token = make(desk, agent, Scope.CUSTOMERS_READ, Scope.OUTCOMES_WRITE)
    holder = find_holder(desk, token)
    assert holder
    assert holder.user == agent
    assert holder.scopes == {Scope.CUSTOMERS_READ, Scope.OUTCOMES_WRITE}
    assert token not in str(dump(desk.database.engine))


@on_both_databases
def test_it_is_of_no_use_once_revoked(desk: Desk, agent: User) -> None:
    number, token = add_token(desk, NewToken("a script", agent.email, [Scope.CUSTOMERS_READ], DAY))
    assert revoke_token(desk, number, actor=Actor(agent.id))
    assert not revoke_token(desk, number)
    assert find_holder(desk, token) is None
    with desk.database.reading() as session:
        told = session.scalars(select(AuditEntry.event).where(AuditEntry.subject == f"api_token:{number}"))
        assert list(told) == ["api_token.added", "api_token.revoked"]


def test_it_ends_with_its_time(desk: Desk, agent: User, clock: HandClock) -> None:
    token = make(desk, agent, Scope.CUSTOMERS_READ)
    clock.pass_time(hours=23, minutes=59)
    assert find_holder(desk, token)
    clock.pass_time(minutes=1)
    assert find_holder(desk, token) is None


def test_it_ends_with_its_account(desk: Desk, agent: User) -> None:
    token = make(desk, agent, Scope.CUSTOMERS_READ)
    with desk.database.writing() as session:
        disable_user(session, agent.id, at=desk.clock.now())
    assert find_holder(desk, token) is None


@pytest.mark.parametrize("shown", ["", "assist_", "assist_unknown", "\ud800"])
def test_what_nobody_made_is_nobodys(desk: Desk, agent: User, shown: str) -> None:
    make(desk, agent, Scope.CUSTOMERS_READ)
    assert find_holder(desk, shown) is None


def test_every_scope_has_roles_and_may_do_nothing_without_one(desk: Desk) -> None:
    assert set(BEARERS) == set(Scope)
    for role in Role:
        user = add(desk, role)
        for scope in Scope:
            if role in BEARERS[scope]:
                holder = find_holder(desk, make(desk, user, scope))
                assert holder
                assert [one for one in Scope if holder.may(one)] == [scope]
            else:
                with pytest.raises(TokenError, match=f"{scope} is for accounts with one of these roles"):
                    make(desk, user, scope)


def test_roles_that_are_taken_from_the_account_are_taken_from_the_token(desk: Desk, agent: User) -> None:
    token = make(desk, agent, Scope.CUSTOMERS_READ, Scope.OUTCOMES_WRITE)
    with desk.database.writing() as session:
        set_roles(session, agent.id, roles=[Role.OPS_EDITOR], at=desk.clock.now())
    holder = find_holder(desk, token)
    assert holder
    assert [scope for scope in Scope if holder.may(scope)] == [Scope.CUSTOMERS_READ]


def test_a_scope_that_this_version_does_not_know_is_none(desk: Desk, agent: User) -> None:
    token = make(desk, agent, Scope.CUSTOMERS_READ)
    with desk.database.writing() as session:
        session.scalars(select(ApiToken)).one().scopes = ["moon:land"]
    holder = find_holder(desk, token)
    assert holder
    assert holder.scopes == frozenset()


def test_its_last_use_is_known_to_the_minute(desk: Desk, agent: User, clock: HandClock) -> None:
    token = make(desk, agent, Scope.CUSTOMERS_READ)
    assert api_tokens.list_tokens(desk)[0].last_used_at is None
    first = clock.now()
    find_holder(desk, token)
    clock.pass_time(seconds=59)
    find_holder(desk, token)
    assert api_tokens.list_tokens(desk)[0].last_used_at == first
    clock.pass_time(seconds=1)
    find_holder(desk, token)
    assert api_tokens.list_tokens(desk)[0].last_used_at == clock.now()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"email": "nobody@example.com"}, "Nobody who can sign in"),
        ({"scopes": ()}, "at least one scope"),
        ({"life": timedelta()}, "1 to 366 days"),
        ({"life": timedelta(days=367)}, "1 to 366 days"),
    ],
)
def test_what_cannot_be_made_says_why(desk: Desk, agent: User, change: dict[str, object], said: str) -> None:
    wanted = {"name": "a", "email": agent.email, "scopes": (Scope.CUSTOMERS_READ,), "life": DAY}
    with pytest.raises(TokenError, match=said):
        add_token(desk, NewToken(**{**wanted, **change}))  # type: ignore[arg-type]


def test_none_is_revoked_that_there_is_not(desk: Desk) -> None:
    with pytest.raises(TokenError, match="no token 7"):
        revoke_token(desk, 7)
