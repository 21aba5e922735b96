"""Accounts: who can be added, with which password, and what changing it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from assist.models.account import AuditEntry, Role, RoleSet, UserAccount
from assist.services import passwords
from assist.services.accounts import (
    BadAccount,
    Choices,
    NoSuchUser,
    User,
    add_user,
    choose,
    disable_user,
    find_user,
    list_users,
    set_password,
    set_roles,
)
from assist.services.audit import Origin
from assist.services.desk import Desk
from assist.services.sign_in import WrongPassword, find_user_by_session, sign_in

HERE = Origin("192.0.2.7", "Firefox")


def add(desk: Desk, *, email: str = "ana@example.com", password: str | None = None) -> tuple[User, str]:
    with desk.database.writing() as session:
        return add_user(
            session, email=email, name="Ana", roles=[Role.AGENT], at=desk.clock.now(), password=password
        )


def test_a_new_user_without_a_password_gets_a_random_one_that_signs_in(desk: Desk) -> None:
    user, password = add(desk, email=" Ana@Example.com ")
    signed_in = sign_in(desk, "ANA@example.com", password=password, origin=HERE)
    assert signed_in.caller.user == user
    assert user.email == "ana@example.com"
    assert len({passwords.generate() for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "@example.com", "a b@example.com", "x" * 250 + "@e.com"]
)
def test_what_is_no_email_is_refused_with_an_example(desk: Desk, email: str) -> None:
    with pytest.raises(BadAccount, match=r"name@example\.com"):
        add(desk, email=email)


def test_an_email_is_taken_once_whatever_its_case(desk: Desk) -> None:
    add(desk)
    with pytest.raises(BadAccount, match="already"):
        add(desk, email="ANA@EXAMPLE.COM")


def test_a_user_needs_a_role(desk: Desk) -> None:
    with pytest.raises(BadAccount, match="agent, lead"), desk.database.writing() as session:
        add_user(session, email="a@example.com", name="A", roles=[], at=desk.clock.now())


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("eleven-char", "short"),
        ("x1" * 129, "long"),
        ("ababababababab", "guessable"),
        ("my ana@example.com", "guessable"),
    ],
)
def test_weak_passwords_are_refused_by_name(desk: Desk, password: str, code: str) -> None:
    with pytest.raises(passwords.BadPassword) as refused:
        add(desk, password=password)
    assert refused.value.code == code


def test_no_password_is_stored_or_audited(desk: Desk) -> None:
    _, password = add(desk)
    with desk.database.reading() as session:
        stored = session.scalars(select(UserAccount.password_hash)).one()
        entry = session.scalars(select(AuditEntry)).one()
    assert stored.startswith("$argon2id$")
    assert password not in stored
    assert password not in str(entry.detail)
    assert (entry.event, entry.subject) == ("user.added", "user:1")


def test_a_new_password_replaces_the_old_one_and_ends_sessions(desk: Desk) -> None:
    user, old = add(desk)
    token = sign_in(desk, user.email, password=old, origin=HERE).token
    with desk.database.writing() as session:
        new = set_password(session, user.id, at=desk.clock.now())
    assert find_user_by_session(desk, token) is None
    with pytest.raises(WrongPassword):
        sign_in(desk, user.email, password=old, origin=HERE)
    assert sign_in(desk, user.email, password=new, origin=HERE)


def test_a_disabled_user_is_out_at_once_and_stays_out(desk: Desk) -> None:
    user, password = add(desk)
    token = sign_in(desk, user.email, password=password, origin=HERE).token
    with desk.database.writing() as session:
        disable_user(session, user.id, at=desk.clock.now())
    assert find_user_by_session(desk, token) is None
    with pytest.raises(WrongPassword):
        sign_in(desk, user.email, password=password, origin=HERE)


def test_roles_change_for_a_session_that_is_open(desk: Desk) -> None:
    user, password = add(desk)
    token = sign_in(desk, user.email, password=password, origin=HERE).token
    with desk.database.writing() as session:
        set_roles(session, user.id, roles=[Role.AUDITOR, Role.LEAD], at=desk.clock.now())
    caller = find_user_by_session(desk, token)
    assert caller
    assert caller.user.roles == {Role.AUDITOR, Role.LEAD}


def test_choices_are_kept_and_unknown_languages_refused(desk: Desk) -> None:
    user, _ = add(desk)
    choose(desk, user.id, Choices("pt-BR", "America/Sao_Paulo"))
    with pytest.raises(BadAccount, match="pt-BR"):
        choose(desk, user.id, Choices("de", None))
    with desk.database.reading() as session:
        found = find_user(session, "ana@example.com")
        assert found
        assert (found.language, found.time_zone) == ("pt-BR", "America/Sao_Paulo")
        assert list_users(session) == (found,)


def test_a_missing_user_is_said_to_be_missing(desk: Desk) -> None:
    with pytest.raises(NoSuchUser), desk.database.writing() as session:
        set_password(session, 99, at=desk.clock.now())


def test_a_stranger_costs_the_same_work_as_a_user() -> None:
    settings = passwords.hash_password("any password").rsplit("$", 2)[0]
    assert passwords._OF_NOBODY.startswith(settings)  # the parameters are what makes the time
    assert not passwords.verify("nobody", against=None)


@given(st.frozensets(st.sampled_from(Role)))
def test_roles_survive_storage(roles: frozenset[Role]) -> None:
    column, dialect = RoleSet(), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(roles, dialect), dialect) == roles
