"""kill -9 at random moments: what was acknowledged reaches the CRM, once; what was undone never does."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.assist.processes.agent import Agent
from tests.assist.processes.nursery import Nursery
from tests.assist.processes.service import Forked, Service, Victim, Whole, comes_true, wait_until
from tests.assist.processes.shop import Shop, open_shop

LONGEST_ROUND = 3.0
"""Seconds before a kill whose moment does not come."""
VICTIMS = (Victim.BOTH, Victim.WORKER, Victim.WORKER, Victim.SERVER)


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(nursery, tmp_path_factory.mktemp("shop"), request.param)


on_both_adapters = pytest.mark.parametrize("shop", ["sample", "csvfiles"], indirect=True)


@dataclass
class Siege:
    """Kills a shop's processes again and again while an agent works; counts what that interrupted."""

    shop: Shop
    agent: Agent
    chance: random.Random
    interrupted: Counter[str] = field(default_factory=Counter)

    def kill(self, service: Service, victim: Victim) -> None:
        service.start()
        self.agent.sit_down(service.url)
        self.agent.repeat_unanswered()
        work = threading.Thread(target=self.agent.work)
        work.start()
        comes_true(self._choose_moment(), seconds=LONGEST_ROUND)
        threading.Event().wait(self.chance.uniform(0, 0.02))
        service.kill(victim)
        self.agent.stop()
        work.join()
        self._look()

    def settle(self, service: Service) -> None:
        service.start()
        self.agent.sit_down(service.url)
        self.agent.repeat_unanswered()
        wait_until(lambda: not self.shop.list_unsettled(), "delivered")
        service.kill(Victim.BOTH)

    def _choose_moment(self) -> Callable[[], bool]:
        """In the middle of the agent's requests, of the deliveries of what earlier rounds left, or of one."""
        match self.chance.randrange(3):
            case 0:
                sent = self.agent.sent + self.chance.randrange(12)
                return lambda: self.agent.sent >= sent
            case 1:
                delivered = self.shop.count_outbox()["delivered"] + self.chance.randrange(5)
                return lambda: self.shop.count_outbox()["delivered"] >= delivered
        return lambda: bool(self.shop.count_outbox()["claimed"])

    def _look(self) -> None:
        """At what the kill left behind."""
        states = self.shop.count_outbox()
        for state in ("waiting", "claimed"):
            self.interrupted[state] += bool(states[state])
        written = self.shop.count_written()
        self.interrupted["written, not settled"] += bool(written.keys() & self.shop.list_unsettled())
        self.interrupted["request"] += bool(self.agent.ledger.unanswered)


@on_both_adapters
@pytest.mark.parametrize(
    ("kills", "whole_every"), [(10, 10), pytest.param(500, 50, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_every_outcome_survives_kills_once(
    nursery: Nursery, shop: Shop, kills: int, whole_every: int
) -> None:
    before = shop.count_written()
    siege = Siege(shop, Agent(shop, seed=kills), random.Random(kills))
    forked, whole = Forked(shop, nursery), Whole(shop)
    for number in range(kills):
        if number % whole_every == whole_every - 1:
            forked.kill(Victim.BOTH)
            siege.kill(whole, Victim.BOTH)
        else:
            siege.kill(forked, siege.chance.choice(VICTIMS))
    siege.settle(forked)
    assert shop.count_written() - before == Counter(siege.agent.ledger.kept)
    assert not shop.count_outbox()["dead"]
    assert siege.agent.ledger.undone
    assert siege.interrupted["waiting"]
    if kills > 100:
        assert {"request", "claimed", "written, not settled"} <= (+siege.interrupted).keys()


@on_both_adapters
def test_two_workers_side_by_side_deliver_once(nursery: Nursery, shop: Shop) -> None:
    before = shop.count_written()
    agent, service = Agent(shop, seed=2), Forked(shop, nursery)
    service.start()
    second = nursery.start(["worker"], environment=shop.environment, log=shop.log)
    agent.sit_down(service.url)
    while agent.sent < 20:
        agent.visit()
    wait_until(lambda: not shop.list_unsettled(), "delivered")
    os.killpg(second, signal.SIGKILL)
    service.kill(Victim.BOTH)
    assert shop.count_written() - before == Counter(agent.ledger.kept)
