"""Decisions made again, under two releases side by side: the same customer, moment and conversation, the same
candidates of the same model. Nothing is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from assist.services.brief import RECENT, Brief, Past, Reading, Request, judge_by, keep_binding, read, weigh
from assist.services.decide import find_silence
from assist.services.desk import Desk
from assist.services.facts import Dossier, open_dossier
from assist.services.shelf import InForce
from assist.store import replays as store
from assist.store.customers import PurchaseRow, find_customer
from assist.store.replays import Case
from personas.arbitration import Decision as Verdict

AT_ONCE = 100
"""Cases of one transaction: none stays open for the whole replay."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one release makes of a case."""

    brief: Brief
    verdict: Verdict
    silence: str | None

    @property
    def skus(self) -> list[str]:
        return [one.candidate.product for one in self.verdict.chosen]


@dataclass(frozen=True, slots=True)
class Replayed:
    case: Case
    before: Side
    after: Side
    logged: Sequence[str] | None
    """The SKUs that were shown then, where it was under the release of `before`."""

    @property
    def reading(self) -> Reading:
        return self.before.brief.reading

    @property
    def changed(self) -> bool:
        """Other products, in another order, or another reason for none."""
        before, after = self.before, self.after
        return (before.skus, before.silence) != (after.skus, after.silence)


def replay(desk: Desk, cases: Sequence[Case], before: InForce, after: InForce) -> Iterator[Replayed | None]:
    """In the order of the cases; None for a customer who is gone."""
    for start in range(0, len(cases), AT_ONCE):
        with desk.database.reading() as session:
            for case in cases[start : start + AT_ONCE]:
                yield _replay(desk, session, case, before, after)


def _replay(desk: Desk, session: Session, case: Case, before: InForce, after: InForce) -> Replayed | None:
    customer = find_customer(session, case.customer_id)
    if customer is None:
        return None
    dossier = _rewind(open_dossier(session, customer, case.at))
    request = Request(customer.id, 0, case.context)
    reading = read(desk, session, request, dossier, _look_back(session, request, dossier))
    told = case.decision_id if case.release == before.digest else None
    logged = store.list_shown(session, told) if told else None
    return Replayed(case, _judge(desk, before, reading), _judge(desk, after, reading), logged)


def _judge(desk: Desk, release: InForce, reading: Reading) -> Side:
    brief = judge_by(desk, release, reading)
    verdict = weigh(brief)
    return Side(brief, verdict, find_silence(brief, verdict))


def _rewind(dossier: Dossier) -> Dossier:
    """Without what has happened since."""
    purchases = [_undelivered(row, dossier.now) for row in dossier.purchases if row.placed_at <= dossier.now]
    cases = [case for case in dossier.cases if case.opened_at <= dossier.now]
    return replace(dossier, purchases=purchases, cases=cases)


def _undelivered(row: PurchaseRow, now: datetime) -> PurchaseRow:
    arrived_since = row.delivered_at is not None and row.delivered_at > now
    return row._replace(delivered_at=None) if arrived_since else row


def _look_back(session: Session, request: Request, dossier: Dossier) -> Past:
    restraints = store.list_restraints_then(session, dossier.customer_ids, dossier.now)
    recent = store.count_between(session, dossier.customer_ids, dossier.now - RECENT, dossier.now)
    return Past((), keep_binding(restraints, request), recent)
