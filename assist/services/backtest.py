"""An ICP, held against the past: who was rated how, and who of them then bought."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assist.services import releases
from assist.services.desk import Desk
from assist.services.population import Known, past_facts
from assist.store.histories import count_customers, list_buyers
from personas.backtest import Backtest, Rated, backtest
from personas.facts import find_fact
from personas.icp import Icp, asked_facts, rate


@dataclass(frozen=True, slots=True)
class PastIcp:
    release: str
    """Its digest."""
    rated_at: datetime
    until: datetime
    result: Backtest
    """Of persons."""
    left_out: int
    """Persons of whom nothing shows that they were customers by then: counted, they would be buyers for sure."""
    not_rewound: tuple[str, ...]
    """Facts that the ICP asks and that are known as of today only; who bought may have changed them."""


def backtest_icp(
    desk: Desk, *, days: int, release: str | None = None, icp: Icp | None = None, most: int | None = None
) -> PastIcp:
    """Rated so many days ago; bought since. `release` is as `assist rules` names one, None the one in force; or
    another `icp`. Reads every customer, minutes for a million, or about the `most` of them, spread evenly. Raises
    UnknownRelease."""
    now = desk.clock.now()
    then = now - timedelta(days=days)
    with desk.database.reading() as session:
        chosen = releases.load(session, release) if release else desk.releases.current()
        icp = icp or chosen.catalogue.icp
        every = -(-count_customers(session) // most) or 1 if most else 1
        trial = _Trial(icp, list_buyers(session, after=then, until=now))
        result = backtest(trial.rate_all(past_facts(desk, session, then, every=every), then))
    return PastIcp(chosen.digest, then, now, result, trial.left_out, _not_rewound(icp))


class _Trial:
    """Counts along the way whom it leaves out."""

    def __init__(self, icp: Icp, buyers: Collection[int]) -> None:
        self.left_out = 0
        self._icp = icp
        self._buyers = buyers

    def rate_all(self, population: Iterable[Known], then: datetime) -> Iterator[Rated]:
        for one in population:
            if not one.is_first:
                continue
            if _was_customer(one, then):
                yield Rated.of(rate(self._icp, one.facts), bought=one.person in self._buyers)
            else:
                self.left_out += 1


def _was_customer(one: Known, then: datetime) -> bool:
    created = one.dossier.customer.created_at
    return bool(one.dossier.purchases) or (created is not None and created <= then)


def _not_rewound(icp: Icp) -> tuple[str, ...]:
    found = {name: find_fact(name) for name in asked_facts(icp)}
    return tuple(sorted(name for name, fact in found.items() if fact and not fact.source.rewinds))
