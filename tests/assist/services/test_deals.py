"""Open deals are asked of the live CRM, and shown where they come in time."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from assist.config import Config
from assist.services.deals import list_deals, read_token
from assist.services.desk import Desk
from assist.services.live import FAILURES_TO_OPEN, SECONDS_OPEN, Breaker, LiveCRM
from assist.services.refresh import refresh
from assist.services.sync import sync
from assist.services.views import Price
from crm_adapters.errors import PermissionDenied, Unavailable
from crm_adapters.model import DealKind, Money, OpenDeal
from crm_adapters.testing import Fault
from tests.assist.crms import THEN, World, connect, customer, forbid_writing, product
from tests.assist.scenes import find_id
from tests.assist.services.test_refresh import Monotonic

QUOTE = OpenDeal(
    "D1", DealKind.QUOTE, "Q-301", "C1", "sent", Money(Decimal("250.00"), "EUR"), updated_at=THEN
)


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, live_deadline_seconds=60)


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def desk(desk: Desk, monotonic: Monotonic) -> Desk:
    return replace(desk, live=LiveCRM(Breaker(monotonic)))


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1"), customer("C2"), product("P1"))
    shop.stage.put(QUOTE)
    sync(desk, "shop")
    return shop


def names(desk: Desk, ref: str = "C1") -> list[str]:
    return [deal.name for deal in list_deals(desk, customer_id=find_id(desk, ref))]


def test_open_deals_come_with_a_token_that_names_them(desk: Desk, shop: World) -> None:
    (deal,) = list_deals(desk, customer_id=find_id(desk, "C1"))
    assert (deal.kind, deal.name, deal.stage, deal.total, deal.changed_at) == (
        "quote", "Q-301", "sent", Price(Decimal("250.00"), "EUR"), THEN
    )  # fmt: skip
    assert deal.token
    target = read_token(desk, deal.token)
    assert target
    assert (target.ref, target.kind, target.name) == ("D1", "quote", "Q-301")
    assert target.customer_id == find_id(desk, "C1")
    for altered in (deal.token[:-1], deal.token + "x", "", "x.y"):
        assert read_token(desk, altered) is None
    assert read_token(replace(desk, secret_key="t" * 32), deal.token) is None


def test_who_has_none_has_none(desk: Desk, shop: World) -> None:
    assert names(desk, "C2") == []
    assert list_deals(desk, customer_id=999) == ()
    shop.crm.merge("C1", into="C2")
    assert names(desk) == ["Q-301"], "whatever the CRM says of a ref that is gone"


def test_a_crm_that_takes_no_lines_gives_no_token(desk: Desk, shop: World) -> None:
    shop.lacks = ("add_line",)
    assert [deal.token for deal in list_deals(desk, customer_id=find_id(desk, "C1"))] == [None]
    shop.lacks = ("open_deals",)
    assert names(desk) == []
    assert shop.faults.calls["open_deals"] == 1, "the second time it is not asked"


def test_nothing_is_put_on_deals_of_a_crm_that_is_only_read(desk: Desk, shop: World) -> None:
    forbid_writing(desk, "shop")
    assert [deal.token for deal in list_deals(desk, customer_id=find_id(desk, "C1"))] == [None]


def test_a_deal_whose_ref_cannot_be_kept_is_shown_without_a_token(desk: Desk, shop: World) -> None:
    shop.stage.put(replace(QUOTE, ref="D" * 200, name="long"))
    tokens = {deal.name: deal.token for deal in list_deals(desk, customer_id=find_id(desk, "C1"))}
    assert tokens["long"] is None
    assert tokens["Q-301"]


def test_a_slow_crm_costs_no_more_than_the_deadline(desk: Desk, shop: World) -> None:
    asked, answer = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        answer.wait(10)

    shop.meanwhile = wait
    assert names(replace(desk, config=replace(desk.config, live_deadline_seconds=0.2))) == []
    assert asked.is_set()
    answer.set()


@pytest.mark.parametrize("error", [Unavailable("away"), PermissionDenied("quotes.read is missing")])
def test_deals_that_cannot_be_read_are_left_alone_and_say_nothing_against_the_customer(
    desk: Desk, shop: World, monotonic: Monotonic, *, error: Exception
) -> None:
    shop.faults.plan = (Fault("open_deals", error, times=FAILURES_TO_OPEN),)
    for _ in range(FAILURES_TO_OPEN + 2):
        assert names(desk) == []
    assert shop.faults.calls["open_deals"] == FAILURES_TO_OPEN
    fresh = refresh(desk, customer_id=find_id(desk, "C1"), language="en").card.freshness
    assert fresh
    assert fresh.live
    monotonic.now = SECONDS_OPEN
    assert names(desk) == ["Q-301"]


def test_a_crm_that_is_left_alone_is_not_asked_for_deals_either(desk: Desk, shop: World) -> None:
    shop.faults.plan = (Fault("get_customer", Unavailable("away"), times=None),)
    for _ in range(FAILURES_TO_OPEN):
        refresh(desk, customer_id=find_id(desk, "C1"), language="en")
    assert names(desk) == []
    assert "open_deals" not in shop.faults.calls
