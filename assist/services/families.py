"""Families for products that the CRMs give none: derived from names, prices and orders, and put to people;
only what somebody approved has an effect, from the next training on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlalchemy.orm import Session

from assist.models.catalogue import DerivedFamily
from assist.services import audit
from assist.services.desk import Desk
from assist.services.versions import Mover
from assist.store import families as store
from assist.store.families import APPROVED, PROPOSED, REJECTED, Member
from recommender.catalogue import Catalogue
from recommender.families import Proposal, derive_families
from recommender.interactions import Interactions


class UnknownFamily(Exception):  # noqa: N818 - named for what it says
    """There is no such derived family; the message says where they are listed."""


@dataclass(frozen=True, slots=True)
class Family:
    id: int
    name: str
    state: str
    confidence: float
    reason: str
    members: tuple[Member, ...]
    decided_at: datetime | None


def list_all(session: Session, state: str | None = None) -> list[Family]:
    """The surest first."""
    members = store.list_members(session)
    return [
        Family(
            row.id,
            row.name,
            row.state,
            row.confidence,
            row.reason,
            tuple(members.get(row.id, ())),
            row.decided_at,
        )
        for row in store.list_families(session, state)
    ]


def propose(desk: Desk, catalogue: Catalogue, data: Interactions) -> int:
    """How many wait for an answer. What was decided stays; what waited and is no longer derived goes."""
    with desk.database.reading() as session:
        placed = store.list_placed_skus(session)
    loose = Catalogue(item for sku, item in catalogue.items.items() if sku not in placed)
    found = {one.members: one for one in derive_families(loose, data)}
    with desk.database.writing() as session:
        known = {tuple(sorted(member.sku for member in one.members)): one for one in list_all(session)}
        gone = [one.id for key, one in known.items() if one.state == PROPOSED and key not in found]
        store.remove(session, gone)
        taken = store.list_taken_names(session) | {one.name for one in known.values()}
        for key, proposal in found.items():
            if key not in known:
                _add(session, proposal, taken, desk.clock.now())
        return len(store.list_families(session, PROPOSED))


def _add(session: Session, proposal: Proposal, taken: set[str], now: datetime) -> None:
    numbered = (proposal.name[:290] + (f" ({number})" if number > 1 else "") for number in count(1))
    name = next(name for name in numbered if name not in taken)
    taken.add(name)
    row = DerivedFamily(
        name=name,
        state=PROPOSED,
        confidence=proposal.confidence,
        reason=proposal.reason,
        proposed_at=now,
    )
    store.add(session, row, proposal.members)


def approve(desk: Desk, ids: Sequence[int], mover: Mover) -> list[Family]:
    """Their products leave families that were approved before. Raises UnknownFamily, and then changes nothing."""
    return _decide(desk, ids, APPROVED, mover)


def reject(desk: Desk, ids: Sequence[int], mover: Mover) -> list[Family]:
    """They are not proposed again. Raises UnknownFamily, and then changes nothing."""
    return _decide(desk, ids, REJECTED, mover)


def _decide(desk: Desk, ids: Sequence[int], state: str, mover: Mover) -> list[Family]:
    now = desk.clock.now()
    with desk.database.writing() as session:
        for family in ids:
            _find(session, family)
            store.decide(session, family, state, now)
            entry = audit.Entry(f"family.{state}", f"family:{family}", mover.actor_id, mover.origin)
            audit.record(session, entry, at=now, by=mover.by, why=mover.why)
        session.expire_all()
        return [one for one in list_all(session) if one.id in set(ids)]


def _find(session: Session, family: int) -> DerivedFamily:
    row = session.get(DerivedFamily, family)
    if row is None:
        raise UnknownFamily(
            f"There is no derived family {family}; list them with: assist model families list"
        )
    return row
