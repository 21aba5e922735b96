"""Signing in: the limit on attempts, the life of a session, and who may end it."""

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry, LoginSession, Role
from assist.services import throttle
from assist.services.accounts import User, add_user
from assist.services.audit import Origin
from assist.services.desk import Desk
from assist.services.sign_in import (
    SignedIn,
    WrongPassword,
    change_password,
    find_user_by_session,
    find_user_by_session_id,
    list_sessions,
    revoke_session,
    sign_in,
    sign_out,
)
from tests.assist.conftest import HandClock

PASSWORD = "correct horse battery"
HERE = Origin("192.0.2.7", "Firefox")


@pytest.fixture
def ana(desk: Desk) -> User:
    return _add(desk, "ana@example.com")


def _add(desk: Desk, email: str) -> User:
    with desk.database.writing() as session:
        at = desk.clock.now()
        user, _ = add_user(session, email=email, name="A", roles=[Role.AGENT], at=at, password=PASSWORD)
    return user


def enter(desk: Desk, user: User, *, origin: Origin = HERE) -> SignedIn:
    return sign_in(desk, user.email, password=PASSWORD, origin=origin)


def fail(desk: Desk, email: str, *, times: int, address: str = "192.0.2.7") -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            sign_in(desk, email, password="wrong", origin=Origin(address))


def test_the_token_is_not_in_the_database(desk: Desk, ana: User) -> None:
    token = enter(desk, ana).token
    with desk.database.reading() as session:
        assert session.scalars(select(LoginSession.token_hash)).one() != token
    assert find_user_by_session(desk, token)
    assert find_user_by_session(desk, token + "x") is None


def test_a_session_lives_as_long_as_it_is_used(desk: Desk, ana: User, clock: HandClock) -> None:
    signed_in = enter(desk, ana)
    for _ in range(3):
        clock.pass_time(hours=11)
        assert find_user_by_session(desk, signed_in.token)
    clock.pass_time(hours=12)
    assert find_user_by_session(desk, signed_in.token) is None
    assert find_user_by_session_id(desk, signed_in.caller.session_id) is None


def test_signing_out_ends_this_session_and_no_other(desk: Desk, ana: User) -> None:
    first, second = enter(desk, ana), enter(desk, ana)
    sign_out(desk, first.caller, origin=HERE)
    assert find_user_by_session(desk, first.token) is None
    assert find_user_by_session(desk, second.token)


def test_nobody_ends_the_session_of_another(desk: Desk, ana: User) -> None:
    hers, his = enter(desk, ana), enter(desk, _add(desk, "bob@example.com"))
    assert not revoke_session(desk, his.caller, session_id=hers.caller.session_id, origin=HERE)
    assert find_user_by_session(desk, hers.token)


def test_sessions_are_listed_latest_first_without_ended_ones(desk: Desk, ana: User, clock: HandClock) -> None:
    phone = enter(desk, ana, origin=Origin("192.0.2.8", "Phone"))
    clock.pass_time(minutes=5)
    laptop = enter(desk, ana, origin=Origin("192.0.2.9", "Laptop"))
    assert [open_.browser for open_ in list_sessions(desk, ana.id)] == ["Laptop", "Phone"]
    revoke_session(desk, laptop.caller, session_id=phone.caller.session_id, origin=HERE)
    assert [open_.browser for open_ in list_sessions(desk, ana.id)] == ["Laptop"]


def test_an_account_is_closed_after_ten_failures_and_says_for_how_long(
    desk: Desk, ana: User, clock: HandClock
) -> None:
    fail(desk, ana.email, times=9)
    clock.pass_time(minutes=5)
    fail(desk, ana.email, times=1)
    with pytest.raises(throttle.TooManyAttempts) as refused:
        enter(desk, ana, origin=Origin("198.51.100.1"))
    assert refused.value.wait == 600
    clock.pass_time(seconds=refused.value.wait)
    assert enter(desk, ana)


def test_the_right_password_clears_the_account(desk: Desk, ana: User) -> None:
    for _ in range(2):
        fail(desk, ana.email, times=9)
        assert enter(desk, ana)


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(desk: Desk, ana: User) -> None:
    here, elsewhere = enter(desk, ana), enter(desk, ana)
    with pytest.raises(WrongPassword):
        change_password(desk, here.caller, current="wrong", new="a new long password", origin=HERE)
    change_password(desk, here.caller, current=PASSWORD, new="a new long password", origin=HERE)
    assert find_user_by_session(desk, here.token)
    assert find_user_by_session(desk, elsewhere.token) is None
    assert sign_in(desk, ana.email, password="a new long password", origin=HERE)


def test_sessions_and_failures_are_audited_without_what_was_typed(desk: Desk, ana: User) -> None:
    fail(desk, "my-secret-typed-in-the-wrong-field@example.com", times=1)
    fail(desk, ana.email, times=1)
    sign_out(desk, enter(desk, ana).caller, origin=HERE)
    with desk.database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.event, entry.subject, entry.actor_id) for entry in entries[1:]] == [
        ("session.refused", "user:unknown", None),
        ("session.refused", "user:1", None),
        ("session.started", "session:1", 1),
        ("session.ended", "session:1", 1),
    ]
    assert {entry.address for entry in entries[1:]} == {"192.0.2.7"}
