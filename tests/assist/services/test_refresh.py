"""The live CRM's word: patched in when it comes in time, and not asked for while the CRM keeps failing."""

import threading
from dataclasses import replace

import pytest

from assist.config import Config
from assist.services.desk import Desk
from assist.services.live import FAILURES_TO_OPEN, SECONDS_OPEN, Breaker, LiveCRM
from assist.services.refresh import Refreshed, refresh
from assist.services.sync import sync
from crm_adapters.errors import AuthRevoked, CRMError, Unavailable
from crm_adapters.model import Kind
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import find_id


class Monotonic:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def config(config: Config) -> Config:
    """Nobody's machine is so slow; the deadline has a test of its own."""
    return replace(config, live_deadline_seconds=60)


@pytest.fixture
def desk(desk: Desk, monotonic: Monotonic) -> Desk:
    return replace(desk, live=LiveCRM(Breaker(monotonic)))


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", name="Ana", email="ana@x.com"), product("P1"))
    sync(desk, "shop")
    return shop


def ask(desk: Desk, ref: str = "C1") -> Refreshed:
    return refresh(desk, customer_id=find_id(desk, ref), language="en")


def is_live(refreshed: Refreshed) -> tuple[bool, bool]:
    assert refreshed.card.freshness is not None
    return refreshed.card.freshness.live, refreshed.card.freshness.crm_down


@on_both_databases
def test_what_changed_since_the_sync_is_patched_in(desk: Desk, shop: World, clock: HandClock) -> None:
    clock.pass_time(minutes=5)
    shop.put(customer("C1", name="Ana Ruiz"), order("O1", "C1", "P1"))
    fresh = ask(desk)
    assert fresh.changed
    assert fresh.card.header is not None
    assert (fresh.card.header.name, fresh.card.header.orders) == ("Ana Ruiz", 1)
    assert is_live(fresh) == (True, False)
    assert not ask(desk).changed


def test_nothing_new_still_makes_the_card_fresh(desk: Desk, shop: World, clock: HandClock) -> None:
    clock.pass_time(minutes=5)
    fresh = ask(desk)
    assert not fresh.changed
    assert fresh.card.freshness is not None
    assert fresh.card.freshness.synced_at == clock.now()


def test_a_key_that_changed_unjoins_at_once(desk: Desk, shop: World) -> None:
    connect(desk, "helpdesk").put(customer("H1", email="ana@x.com"))
    sync(desk, "helpdesk")
    before, shop_now = ask(desk).card.header, customer("C1", email="new@x.com")
    shop.put(shop_now)
    after = ask(desk).card.header
    assert before is not None
    assert after is not None
    assert (before.connections, after.connections) == (("shop", "helpdesk"), ("shop",))


def test_a_slow_crm_costs_no_more_than_the_deadline(desk: Desk, shop: World) -> None:
    answer = threading.Event()
    shop.meanwhile = lambda: answer.wait(10)
    shop.put(customer("C1", name="Ana Ruiz"))
    slow = ask(replace(desk, config=replace(desk.config, live_deadline_seconds=0.2)))
    answer.set()
    assert is_live(slow) == (False, True)
    assert not slow.changed
    assert slow.card.header is not None
    assert slow.card.header.name == "Ana"


@pytest.mark.parametrize("error", [Unavailable("away"), AuthRevoked("no more")])
def test_a_crm_that_keeps_failing_is_left_alone_for_a_while(
    desk: Desk, shop: World, monotonic: Monotonic, *, error: CRMError
) -> None:
    shop.faults.plan = (Fault("get_customer", error, times=FAILURES_TO_OPEN),)
    for _ in range(FAILURES_TO_OPEN + 2):
        assert is_live(ask(desk)) == (False, True)
    assert shop.faults.calls["get_customer"] == FAILURES_TO_OPEN
    monotonic.now = SECONDS_OPEN
    assert is_live(ask(desk)) == (True, False)


def test_a_failure_after_the_pause_opens_the_breaker_at_once(
    desk: Desk, shop: World, monotonic: Monotonic
) -> None:
    shop.faults.plan = (Fault("get_customer", Unavailable("away"), times=None),)
    for _ in range(FAILURES_TO_OPEN):
        ask(desk)
    monotonic.now = SECONDS_OPEN
    ask(desk)
    ask(desk)
    assert shop.faults.calls["get_customer"] == FAILURES_TO_OPEN + 1


def test_a_customer_the_crm_no_longer_knows_says_nothing_against_the_crm(desk: Desk, shop: World) -> None:
    shop.put(customer("C2"))
    sync(desk, "shop")
    shop.crm.delete(Kind.CUSTOMERS, "C1")
    for _ in range(FAILURES_TO_OPEN):
        gone = ask(desk)
        assert (gone.changed, is_live(gone)) == (False, (True, False))
    assert is_live(ask(desk, "C2")) == (True, False)


def test_one_crms_failures_are_not_anothers(desk: Desk, shop: World) -> None:
    connect(desk, "other").put(customer("X1"))
    sync(desk, "other")
    shop.faults.plan = (Fault("get_customer", Unavailable("away"), times=None),)
    for _ in range(FAILURES_TO_OPEN):
        ask(desk)
    assert is_live(ask(desk, "X1")) == (True, False)


def test_a_success_forgets_the_failures_before(desk: Desk, shop: World) -> None:
    shop.faults.plan = (
        Fault("get_customer", Unavailable("away"), nth=1, times=FAILURES_TO_OPEN - 1),
        Fault("get_customer", Unavailable("away"), nth=FAILURES_TO_OPEN + 1, times=FAILURES_TO_OPEN - 1),
    )
    lives = [is_live(ask(desk))[0] for _ in range(2 * FAILURES_TO_OPEN)]
    assert lives == [False, False, True, False, False, True]
