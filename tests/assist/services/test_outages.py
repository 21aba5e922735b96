"""Half an hour without the CRM: each outcome is there once, in order, and what changed meanwhile is known; for every
vendor of whom there is a fake."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from assist.config import Config
from assist.services.desk import Desk
from assist.services.writeback import deliver_due
from crm_adapters import fakes
from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.troubles import BEFORE
from crm_adapters.model import Kind
from crm_adapters.testing.fakecontract import count_marked, is_marked
from tests.assist.conftest import HandClock
from tests.assist.outages import Outage, open_outage

on_every_vendor = pytest.mark.parametrize("vendor", fakes.available())


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"127.0.0.1"}), sync_minutes=5)


@on_every_vendor
def test_an_outage_loses_nothing_and_doubles_nothing(desk: Desk, clock: HandClock, vendor: str) -> None:
    survive(desk, clock, vendor, seed=0)


@pytest.mark.long
@on_every_vendor
@pytest.mark.parametrize("seed", range(1, 21))
def test_many_outages(desk: Desk, clock: HandClock, vendor: str, seed: int) -> None:
    survive(desk, clock, vendor, seed=seed)


def survive(desk: Desk, clock: HandClock, vendor: str, *, seed: int) -> None:
    with open_outage(desk, clock, vendor, seed=seed) as outage:
        before = outage.mirrored()
        outage.pass_by()
        outage.recover()
        assert_caught_up(outage, before)
        if outage.able.log_outcome:
            assert_written_once(outage)


def assert_written_once(outage: Outage) -> None:
    notes, standing = outage.fake.notes(), [key for keys in outage.standing.values() for key in keys]
    assert outage.count_states() == {"delivered": len(standing), "cancelled": len(outage.undone)}
    places = {key: [place for place, note in enumerate(notes) if is_marked(note, key)] for key in standing}
    assert {key: len(found) for key, found in places.items()} == dict.fromkeys(standing, 1)
    for keys in outage.standing.values():
        assert sorted(keys, key=lambda key: places[key]) == keys
    assert not [key for key in outage.undone if any(is_marked(note, key) for note in notes)]
    assert outage.undone
    assert [one for one in outage.fake.log if one.writes and one.trouble and one.trouble not in BEFORE]


def assert_caught_up(outage: Outage, before: dict[tuple[Kind, str], str]) -> None:
    """As somebody who reads everything only now; where deletions are not told, some may still be there."""
    outage.connect("afterwards")
    mirrored, told = outage.mirrored(), outage.mirrored("afterwards")
    if not outage.able.reports_deletes:
        mirrored = {name: digest for name, digest in mirrored.items() if name[1] not in outage.deleted}
    assert mirrored == told
    assert mirrored != before


@on_every_vendor
def test_a_courier_that_was_overtaken_while_it_read_does_not_write(
    desk: Desk, clock: HandClock, vendor: str
) -> None:
    """Each answer takes thirteen seconds, of the fifteen that it may: one of them is the last of the lease."""
    hasty = replace(desk, config=replace(desk.config, delivery_lease_seconds=12))
    with open_outage(hasty, clock, vendor) as outage:
        if not outage.able.log_outcome:
            pytest.skip("takes no notes")
        for nth in range(1, count_reads(outage) + 1):
            key = outage.offer()
            meet(outage.fake, nth, partial(deliver_late, hasty, clock))
            deliver_due(hasty)
            assert count_marked(outage.fake.notes(), key) == 1


def count_reads(outage: Outage) -> int:
    """Before a note is written."""
    outage.offer()
    begun = len(outage.fake.log)
    deliver_due(outage.desk)
    return [call.writes for call in outage.fake.log[begun:]].index(True)


def deliver_late(desk: Desk, clock: HandClock) -> None:
    """As another worker does, once it takes the first for dead."""
    clock.pass_time(seconds=13)
    assert deliver_due(desk) == 1


def meet(fake: Fake, nth: int, work: Callable[[], object]) -> None:
    """While the answer to the nth call from now on is on its way, and only then."""
    numbers = count(1)

    def watch(_exchange: object) -> None:
        if next(numbers) == nth:
            work()

    fake.watchers[:] = [watch]
