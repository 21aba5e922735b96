"""The limit on attempts: per account, per address, and for how long."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from assist.models.account import SignInAttempt
from assist.services.desk import Desk
from assist.services.throttle import (
    PER_ACCOUNT,
    PER_ADDRESS,
    Reservation,
    TooManyAttempts,
    network,
    release,
    reserve,
)
from tests.assist.conftest import HandClock


def attempt(desk: Desk, *, email: str = "ana@example.com", address: str = "192.0.2.7") -> Reservation:
    with desk.database.writing() as session:
        return reserve(session, "key", email=email, address=address, at=desk.clock.now())


def settle(desk: Desk, reservation: Reservation) -> None:
    with desk.database.writing() as session:
        release(session, reservation)


def test_an_account_is_closed_from_every_address(desk: Desk) -> None:
    for host in range(PER_ACCOUNT):
        attempt(desk, address=f"192.0.2.{host}")
    with pytest.raises(TooManyAttempts):
        attempt(desk, address="198.51.100.1")
    assert attempt(desk, email="bob@example.com")


def test_an_address_is_closed_for_every_account(desk: Desk) -> None:
    for user in range(PER_ADDRESS):
        attempt(desk, email=f"{user}@example.com")
    with pytest.raises(TooManyAttempts):
        attempt(desk)
    assert attempt(desk, address="192.0.2.8")


def test_a_refusal_does_not_lengthen_the_wait(desk: Desk, clock: HandClock) -> None:
    for _ in range(PER_ACCOUNT):
        attempt(desk)
    for minutes in (4, 4, 4):
        clock.pass_time(minutes=minutes)
        with pytest.raises(TooManyAttempts) as refused:
            attempt(desk)
    assert refused.value.wait == 180
    clock.pass_time(seconds=180)
    assert attempt(desk)


def test_a_good_account_does_not_free_its_address(desk: Desk) -> None:
    for user in range(PER_ADDRESS):
        attempt(desk, email=f"{user}@example.com")
        if user == 40:
            settle(desk, attempt(desk, email="good@example.com"))
    with pytest.raises(TooManyAttempts):
        attempt(desk, email="good@example.com")


def test_old_attempts_leave_no_trace(desk: Desk, clock: HandClock) -> None:
    attempt(desk)
    clock.pass_time(minutes=15)
    settle(desk, attempt(desk))
    with desk.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_the_addresses_of_one_ipv6_subscriber_count_as_one(address: IPv6Address, host: int) -> None:
    other = IPv6Address((int(address) >> 64 << 64) + host)
    assert network(str(address)) == network(str(other))
    elsewhere = IPv6Address(int(address) ^ (1 << 64))
    assert network(str(address)) != network(str(elsewhere))
