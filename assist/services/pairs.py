"""Pairs of products that are ordered together far more often than by chance, put to people; what somebody approved
counts as a relation that people keep, from the next training on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from assist.models.catalogue import LearnedPair
from assist.services import audit
from assist.services.desk import Desk
from assist.services.versions import Mover
from assist.store import pairs as store
from assist.store.pairs import APPROVED, EXPIRED, PROPOSED, REJECTED, Named
from recommender.catalogue import Catalogue
from recommender.interactions import Interactions
from recommender.pairs import Pair, find_pairs

WAITS = timedelta(days=90)
"""For an answer; and as long it rests when there was none."""


class UnknownPair(Exception):  # noqa: N818 - named for what it says
    """There is no such pair; the message says where they are listed."""


@dataclass(frozen=True, slots=True)
class LearnedRelation:
    id: int
    state: str
    anchor_name: str
    product_name: str
    pair: Pair
    """Named by SKUs."""
    proposed_at: datetime
    decided_at: datetime | None


def list_all(session: Session, state: str | None = None) -> list[LearnedRelation]:
    """The surest first."""
    return [_relation(named) for named in store.list_pairs(session, state)]


def propose(desk: Desk, catalogue: Catalogue, data: Interactions) -> int:
    """How many wait for an answer. Those that waited and are found no more go; those that waited too long expire."""
    found = {(one.anchor, one.product): one for one in find_pairs(data, catalogue)}
    now = desk.clock.now()
    with desk.database.writing() as session:
        known = {(named.row.anchor, named.row.sku): named.row for named in store.list_pairs(session)}
        for key, row in known.items():
            _revise(session, row, found.get(key), now)
        for key, pair in found.items():
            if key not in known and (pair.product, pair.anchor) not in known:
                session.add(LearnedPair(state=PROPOSED, proposed_at=now, **_numbers(pair)))
        session.flush()
        return len(store.list_pairs(session, PROPOSED))


def _revise(session: Session, row: LearnedPair, found: Pair | None, now: datetime) -> None:
    if row.state == PROPOSED and found is None:
        session.delete(row)
    elif row.state == PROPOSED and row.proposed_at + WAITS <= now:
        row.state, row.decided_at = EXPIRED, now
    elif found and (row.state == PROPOSED or _comes_back(row, found, now)):
        if row.state != PROPOSED:
            row.state, row.proposed_at, row.decided_at = PROPOSED, now, None
        for name, value in _numbers(found).items():
            setattr(row, name, value)


def _comes_back(row: LearnedPair, found: Pair, now: datetime) -> bool:
    """After a no only with other numbers: surely more of the anchor's orders hold it than were taken for possible."""
    if row.state == APPROVED:
        return False
    rested = row.state == EXPIRED and row.decided_at is not None and row.decided_at + WAITS <= now
    return rested or found.low > row.high


def _numbers(pair: Pair) -> dict[str, object]:
    found = asdict(pair)
    return {"sku": found.pop("product"), **found}


def approve(desk: Desk, ids: Sequence[int], mover: Mover) -> list[LearnedRelation]:
    """Raises UnknownPair, and then changes nothing."""
    return _decide(desk, ids, APPROVED, mover)


def reject(desk: Desk, ids: Sequence[int], mover: Mover) -> list[LearnedRelation]:
    """Not proposed again until their numbers are others. Raises UnknownPair, and then changes nothing."""
    return _decide(desk, ids, REJECTED, mover)


def _decide(desk: Desk, ids: Sequence[int], state: str, mover: Mover) -> list[LearnedRelation]:
    now = desk.clock.now()
    with desk.database.writing() as session:
        for pair in ids:
            row = _find(session, pair)
            row.state, row.decided_at = state, now
            entry = audit.Entry(f"pair.{state}", f"pair:{pair}", mover.actor_id, mover.origin)
            audit.record(session, entry, at=now, by=mover.by, why=mover.why)
        session.flush()
        return [one for one in list_all(session) if one.id in set(ids)]


def _find(session: Session, pair: int) -> LearnedPair:
    row = session.get(LearnedPair, pair)
    if row is None:
        raise UnknownPair(f"There is no learned pair {pair}; list them with: assist pairs list")
    return row


def _relation(named: Named) -> LearnedRelation:
    row = named.row
    pair = Pair(
        row.anchor, row.sku, row.together, row.orders, row.also, row.every, low=row.low, high=row.high
    )
    names = (named.anchor or row.anchor, named.product or row.sku)
    return LearnedRelation(row.id, row.state, *names, pair, row.proposed_at, row.decided_at)
