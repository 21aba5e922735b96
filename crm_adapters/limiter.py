"""Keeps calls within what a CRM grants, and most of it free for agents.

Time is cut into slots, a tenth of the CRM's window each, and what was spent in the last eleven counts: whatever
window the CRM looks at, it lies within those. Who is less urgent may use less: shares are nested, so that what
background work and write-back leave over is at least agents' 30 %.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from crm_adapters.errors import RateLimited
from crm_adapters.ledger import Page, Reading
from crm_adapters.quota import Quota, ReadQuotas, no_quotas
from crm_adapters.transport import Purpose, Transport

SLOTS = 10
URGENCY = tuple(Purpose)
SHARES = {Purpose.INTERACTIVE: 1.0, Purpose.WRITE_BACK: 0.7, Purpose.BACKGROUND: 0.6}
"""Of every quota, for the purpose and all that are less urgent, together."""
RECHECK = 300.0
"""Seconds after which a quota of unknown reset is looked at again, by a call."""
LONGEST_CLOSED = 86_400.0
SHORTEST_WAIT = 0.001
"""Seconds; a clock that counts microseconds does not move for less than one."""
PLACE_PAUSE = 0.02
"""Seconds between two looks for a free place."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a CRM may be asked. Calls that it counts apart, as searches, go through a client of their own with
    a pace of another name."""

    name: str = "api"
    """Part of a file's name: letters and digits."""
    calls: float | None = None
    """In `seconds`; costs, where calls cost differently. None leaves it to the CRM to complain."""
    seconds: float = 1.0
    at_once: int | None = None
    """Calls at the same time."""
    read_quotas: ReadQuotas = no_quotas


class Limiter:
    def __init__(self, transport: Transport, pace: Pace) -> None:
        self._pace = pace
        self._purpose = transport.purpose
        self._timing = transport.timing
        self._patience = transport.limits.longest_pause
        self._ledger = transport.ledgers(pace.name)

    @contextmanager
    def turn(self, cost: float) -> Iterator[None]:
        """Waits until the call may be made. Raises RateLimited where that takes too long to wait for here."""
        waited = 0.0
        while wait := self._ledger.change(lambda page: self._book(page, cost)):
            waited = self._sleep(wait, waited)
        while (leave := self._take_place()) is None:
            waited = self._sleep(PLACE_PAUSE, waited)
        try:
            yield
        finally:
            leave()

    def learn(self, quotas: Sequence[Quota]) -> None:
        known = [quota for quota in quotas if quota.limit]
        if known:
            self._ledger.change(lambda page: self._note(page, known))

    def close(self, seconds: float) -> None:
        """The CRM asked for silence, from everybody."""
        until = self._now() + min(seconds, LONGEST_CLOSED)

        def step(page: Page) -> None:
            page.closed_until = max(page.closed_until, until)

        self._ledger.change(step)

    def _sleep(self, wait: float, waited: float) -> float:
        if waited + wait > self._patience:
            raise RateLimited(
                f"what the CRM grants is used up for {self._purpose} calls",
                retry_after=wait,
                scope=self._pace.name,
            )
        self._timing.sleep(wait)
        return waited + wait

    def _now(self) -> float:
        return self._timing.clock().timestamp()

    def _book(self, page: Page, cost: float) -> float:
        """Seconds to wait before asking again; 0 where the call was booked."""
        now = self._now()
        wait = max(
            page.closed_until - now, self._quota_wait(page, cost, now), self._window_wait(page, cost, now)
        )
        if wait > 0:
            return max(wait, SHORTEST_WAIT)
        for reading in page.readings.values():
            reading.remaining -= cost
        if self._pace.calls:
            spent = page.spent.setdefault(self._slot(now), [0.0] * len(URGENCY))
            spent[URGENCY.index(self._purpose)] += cost
        return 0.0

    def _quota_wait(self, page: Page, cost: float, now: float) -> float:
        page.readings = {name: known for name, known in page.readings.items() if known.until > now}
        share = SHARES[self._purpose]
        short = [
            known.until - now
            for known in page.readings.values()
            if known.remaining - min(cost, known.limit * share) < known.limit - known.limit * share
        ]
        return max(short, default=0.0)

    def _window_wait(self, page: Page, cost: float, now: float) -> float:
        if not self._pace.calls:
            return 0.0
        newest = self._slot(now)
        page.spent = {slot: spent for slot, spent in page.spent.items() if newest - SLOTS <= slot <= newest}
        own = URGENCY.index(self._purpose)
        return max(self._rank_wait(page, rank, cost, now) for rank in range(own + 1))

    def _rank_wait(self, page: Page, rank: int, cost: float, now: float) -> float:
        """Until there is room in the share of one purpose and all that are less urgent."""
        share = max(1.0, SHARES[URGENCY[rank]] * (self._pace.calls or 0))
        excess = sum(sum(spent[rank:]) for spent in page.spent.values()) + min(cost, share) - share
        wait = 0.0
        for slot in sorted(page.spent):
            if excess <= 0:
                break
            excess -= sum(page.spent[slot][rank:])
            wait = max(SHORTEST_WAIT, (slot + SLOTS + 1) * self._width - now)
        return wait

    @property
    def _width(self) -> float:
        return self._pace.seconds / SLOTS

    def _slot(self, now: float) -> int:
        return math.floor(now / self._width)

    def _note(self, page: Page, quotas: Sequence[Quota]) -> None:
        now = self._now()
        for quota in quotas:
            lasts = RECHECK if quota.resets_in is None else min(quota.resets_in, LONGEST_CLOSED)
            page.readings[quota.name] = Reading(quota.limit or 0.0, quota.remaining, now + lasts)

    def _take_place(self) -> Callable[[], None] | None:
        if self._pace.at_once is None:
            return lambda: None
        return self._ledger.take_place(max(1, math.floor(self._pace.at_once * SHARES[self._purpose])))
