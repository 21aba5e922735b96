"""The budget: never more than the CRM grants, in whatever window it looks; and room for agents at any time."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_adapters.errors import RateLimited
from crm_adapters.ledger import FileLedger, Ledger, MemoryLedger
from crm_adapters.limiter import RECHECK, SHARES, Limiter, Pace
from crm_adapters.quota import Quota
from crm_adapters.testing import Watch, local_transport
from crm_adapters.transport import Limits, Purpose

AGENT, WRITE, SYNC = Purpose.INTERACTIVE, Purpose.WRITE_BACK, Purpose.BACKGROUND
OTHERS = {WRITE: (WRITE, SYNC), SYNC: (SYNC,), AGENT: tuple(Purpose)}
"""Who shares a purpose's part of the budget."""
STEPS = st.lists(st.tuples(st.floats(0, 0.1), st.sampled_from(Purpose)), max_size=150)
"""The part of a window that passes, and who asks then."""


class Desk:
    """Everybody who asks one CRM."""

    def __init__(self, pace: Pace, *, patience: float = 0.0) -> None:
        self.watch = Watch()
        self.ledger = MemoryLedger()
        limits = dict.fromkeys(Purpose, Limits(longest_pause=patience))
        self.limiters = {purpose: self._make(purpose, pace, limits) for purpose in Purpose}
        self.sent: list[tuple[float, Purpose]] = []

    def _make(self, purpose: Purpose, pace: Pace, limits: dict[Purpose, Limits]) -> Limiter:
        ledgers: Callable[[str], Ledger] = lambda _: self.ledger  # noqa: E731 - typed so
        return Limiter(local_transport(self.watch, purpose=purpose, ledgers=ledgers, patience=limits), pace)

    def ask(self, purpose: Purpose, *, cost: float = 1.0) -> float:
        """Seconds to wait; 0 for a call that was let through."""
        try:
            with self.limiters[purpose].turn(cost):
                self.sent.append((self.watch.now.timestamp(), purpose))
        except RateLimited as limited:
            return limited.retry_after or 0.0
        return 0.0

    def pass_time(self, seconds: float) -> None:
        self.watch.now += timedelta(seconds=seconds)

    def count(self, *purposes: Purpose, seconds: float) -> int:
        """The most calls in any window that ends with a call."""
        times = [at for at, purpose in self.sent if purpose in purposes]
        return max((sum(end - seconds < at <= end for at in times) for end in times), default=0)


@given(STEPS, st.integers(1, 40), st.sampled_from([1.0, 2.0, 10.0]))
@example([(0.09, AGENT), (0.91, AGENT)], 1, 10.0)
def test_no_window_holds_more_than_everybodys_share(
    steps: list[tuple[float, Purpose]], calls: int, seconds: float
) -> None:
    desk = Desk(Pace(calls=calls, seconds=seconds))
    for passes, purpose in steps:
        desk.pass_time(passes * seconds)
        desk.ask(purpose)
    for purpose, share in SHARES.items():
        assert desk.count(*OTHERS[purpose], seconds=seconds) <= max(1, share * calls)


@given(STEPS, st.integers(4, 40))
def test_agents_within_their_share_never_wait(steps: list[tuple[float, Purpose]], calls: int) -> None:
    desk = Desk(Pace(calls=calls, seconds=10))
    kept = calls - int(SHARES[WRITE] * calls)
    for passes, purpose in steps:
        desk.pass_time(passes * 10)
        now = desk.watch.now.timestamp()
        lately = sum(at > now - 11.1 for at, who in desk.sent if who is AGENT)
        if desk.ask(purpose):
            assert purpose is not AGENT or lately >= kept


@given(STEPS, st.sampled_from(Purpose), st.floats(0.5, 20))
def test_whoever_waits_as_long_as_told_is_let_through(
    steps: list[tuple[float, Purpose]], purpose: Purpose, cost: float
) -> None:
    desk = Desk(Pace(calls=7, seconds=2))
    for passes, who in steps:
        desk.pass_time(passes * 2)
        desk.ask(who)
    if told := desk.ask(purpose, cost=cost):
        desk.pass_time(told + 0.002)
        assert desk.ask(purpose, cost=cost) == 0


def test_the_budget_is_used() -> None:
    desk = Desk(Pace(calls=100, seconds=10))
    for _ in range(1200):
        desk.pass_time(0.1)
        desk.ask(SYNC)
    assert len(desk.sent) >= 0.9 * 0.6 * 100 * 12


def test_what_is_left_goes_to_the_more_urgent() -> None:
    desk = Desk(Pace(calls=100, seconds=10))
    for purpose in (SYNC, WRITE, AGENT):
        while desk.ask(purpose) == 0:
            pass
    assert Counter(purpose for _, purpose in desk.sent) == {SYNC: 60, WRITE: 10, AGENT: 30}


def test_a_short_wait_is_slept_and_a_long_one_given_back() -> None:
    desk = Desk(Pace(calls=10, seconds=1), patience=2)
    for _ in range(13):
        assert desk.ask(SYNC) == 0
    assert sum(desk.watch.slept) == pytest.approx(2.1, abs=0.2)
    desk.limiters[AGENT].close(3)
    with pytest.raises(RateLimited) as limited, desk.limiters[SYNC].turn(1):
        pass
    assert (limited.value.retry_after, limited.value.scope) == (3, "api")


def test_those_who_share_a_file_share_the_budget(tmp_path: Path) -> None:
    def open_ledger(name: str) -> Ledger:
        return FileLedger(tmp_path / f"{name}.json")

    first, second = (
        Limiter(local_transport(Watch(), ledgers=open_ledger), Pace(calls=10, seconds=100)) for _ in range(2)
    )
    for limiter in (first, second) * 3:
        with limiter.turn(1):
            pass
    for limiter in (first, second):
        with pytest.raises(RateLimited), limiter.turn(1):
            pass


class TestQuotas:
    @pytest.mark.parametrize(("purpose", "least"), [(SYNC, 401), (WRITE, 301), (AGENT, 1)])
    def test_each_purpose_leaves_some(self, purpose: Purpose, least: int) -> None:
        for remaining, waits in ((least, False), (least - 1, True)):
            desk = Desk(Pace())
            desk.limiters[AGENT].learn([Quota("daily", remaining, 1000, 60)])
            assert bool(desk.ask(purpose)) is waits

    def test_calls_in_between_are_counted_along(self) -> None:
        desk = Desk(Pace())
        desk.limiters[AGENT].learn([Quota("window", 3, 10, 60)])
        assert [desk.ask(AGENT) for _ in range(4)] == [0, 0, 0, 60]

    def test_a_reset_that_nobody_told_is_looked_for(self) -> None:
        desk = Desk(Pace())
        desk.limiters[SYNC].learn([Quota("daily", 0, 1000)])
        assert desk.ask(SYNC) == RECHECK
        desk.pass_time(RECHECK)
        assert desk.ask(SYNC) == 0

    def test_the_scarcest_of_several_counts(self) -> None:
        desk = Desk(Pace())
        desk.limiters[SYNC].learn([Quota("window", 9, 10, 1), Quota("daily", 0, 1000, 60)])
        assert desk.ask(AGENT) == 60

    def test_what_is_left_of_a_microsecond_is_waited_for(self) -> None:
        desk = Desk(Pace("api"), patience=1.0)
        desk.limiters[SYNC].learn([Quota("points", 0, 1000, 0.0000004)])
        assert desk.ask(SYNC) == 0

    def test_one_without_a_limit_says_nothing(self) -> None:
        desk = Desk(Pace())
        desk.limiters[SYNC].learn([Quota("credits", 1)])
        assert desk.ask(SYNC) == 0


def test_a_clock_that_was_set_back_does_not_stop_everybody() -> None:
    desk = Desk(Pace(calls=2, seconds=1))
    desk.pass_time(86_400)
    assert [desk.ask(AGENT), desk.ask(AGENT)] == [0, 0]
    desk.pass_time(-86_400)
    assert desk.ask(AGENT) == 0


def test_silence_ends_after_a_day_at_the_latest() -> None:
    desk = Desk(Pace())
    desk.limiters[SYNC].close(1e9)
    assert desk.ask(AGENT) == 86_400


class TestPlaces:
    def test_background_leaves_some(self) -> None:
        desk = Desk(Pace(at_once=5))
        with desk.limiters[SYNC].turn(1), desk.limiters[SYNC].turn(1), desk.limiters[SYNC].turn(1):
            assert desk.ask(SYNC) > 0
            with desk.limiters[AGENT].turn(1), desk.limiters[AGENT].turn(1):
                assert desk.ask(AGENT) > 0
            assert desk.ask(AGENT) == 0

    def test_a_single_one_is_everybodys(self) -> None:
        desk = Desk(Pace(at_once=1))
        assert [desk.ask(purpose) for purpose in Purpose] == [0, 0, 0]

    def test_one_is_given_back_by_a_call_that_fails(self) -> None:
        desk = Desk(Pace(at_once=1))
        with pytest.raises(ZeroDivisionError), desk.limiters[SYNC].turn(1):
            raise ZeroDivisionError
        assert desk.ask(SYNC) == 0
