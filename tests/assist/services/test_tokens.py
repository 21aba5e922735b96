"""Connections' tokens: sealed, renewed by one process at a time, on either database."""

from datetime import UTC, datetime

import pytest

from assist.clock import SystemClock
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.tokens import LEASE, PATIENCE, DatabaseTokens
from crm_adapters.errors import Unavailable
from crm_adapters.tokens import Token
from tests.assist.conftest import HandClock
from tests.assist.crms import connect, dump
from tests.assist.databases import on_both_databases
from tests.assist.processes import refresher
from tests.crm_adapters.rivals import assert_kept, begin, compete
from tests.crm_adapters.vendor import Vendor, serving

pytestmark = on_both_databases


@pytest.fixture
def connection_id(desk: Desk) -> int:
    connect(desk, "other")
    connect(desk, "shop")
    with desk.database.reading() as session:
        return get_connection(session, "shop").id


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def tokens(desk: Desk, connection_id: int, slept: list[float]) -> DatabaseTokens:
    return DatabaseTokens(desk.database, desk.vault, desk.clock, connection_id, sleep=slept.append)


def test_a_token_is_kept_sealed_and_for_its_connection_alone(
    desk: Desk, tokens: DatabaseTokens, connection_id: int
) -> None:
    assert tokens.load() is None
    token = Token(
        "acc3ss", "r3fresh", datetime(2026, 3, 2, tzinfo=UTC), {"api_domain": "https://f4ct.example"}
    )
    tokens.save(token)
    assert tokens.load() == token
    assert not [part for part in ("acc3ss", "r3fresh", "f4ct") if part in str(dump(desk.database.engine))]
    other = DatabaseTokens(desk.database, desk.vault, desk.clock, connection_id - 1)
    assert other.load() is None


def test_a_token_may_have_no_end_and_no_successor(tokens: DatabaseTokens) -> None:
    tokens.save(Token("a"))
    assert tokens.load() == Token("a")


def test_who_comes_second_waits_and_is_told_in_the_end(tokens: DatabaseTokens, slept: list[float]) -> None:
    with tokens.locked(), pytest.raises(Unavailable, match="another process"), tokens.locked():
        pass
    assert sum(slept) == pytest.approx(PATIENCE, abs=0.1)


def test_a_holder_that_died_is_succeeded(clock: HandClock, tokens: DatabaseTokens) -> None:
    dead = tokens.locked()
    dead.__enter__()
    clock.pass_time(seconds=LEASE.total_seconds() + 1)
    with tokens.locked():
        dead.__exit__(None, None, None)
        with pytest.raises(Unavailable), tokens.locked():
            pass


def test_the_right_is_given_back_whatever_happens(tokens: DatabaseTokens, slept: list[float]) -> None:
    with pytest.raises(ZeroDivisionError), tokens.locked():
        raise ZeroDivisionError
    with tokens.locked():
        pass
    assert slept == []


@pytest.mark.parametrize("times", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_two_processes_never_lose_it(
    desk: Desk, connection_id: int, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setenv("ASSIST_VAULT_KEYS", desk.config.vault_keys[0])
    tokens = DatabaseTokens(desk.database, desk.vault, SystemClock(), connection_id)
    with serving(Vendor()) as vendor:
        begin(vendor, tokens)
        compete(refresher.__name__, [vendor.url, desk.config.database_url, str(connection_id), str(times)])
        assert_kept(vendor, tokens, times=times)
