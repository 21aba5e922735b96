"""Derived families: what was proposed, and what a person decided about it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Subquery, delete, func, insert, select, update
from sqlalchemy.orm import Session

from assist.models.catalogue import DerivedFamily, DerivedMember
from assist.models.mirror import Product

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"


class Member(NamedTuple):
    sku: str
    name: str
    """As a product of that SKU is called; "" where none has it any more."""


def list_families(session: Session, state: str | None = None) -> list[DerivedFamily]:
    """The surest first."""
    rows = select(DerivedFamily).order_by(DerivedFamily.confidence.desc(), DerivedFamily.id)
    return list(session.scalars(rows if state is None else rows.where(DerivedFamily.state == state)))


def list_members(session: Session) -> dict[int, list[Member]]:
    """By the family's id; by SKU."""
    named = select(Product.sku, func.min(Product.name).label("name")).group_by(Product.sku).subquery()
    rows = (
        select(DerivedMember.family_id, DerivedMember.sku, func.coalesce(named.c.name, ""))
        .outerjoin(named, named.c.sku == DerivedMember.sku)
        .order_by(DerivedMember.family_id, DerivedMember.sku)
    )
    found: dict[int, list[Member]] = defaultdict(list)
    for family, sku, name in session.execute(rows):
        found[family].append(Member(sku, name))
    return found


def approved_families() -> Subquery:
    """sku and name; one row at most per SKU."""
    rows = (
        select(DerivedMember.sku, func.min(DerivedFamily.name).label("name"))
        .join(DerivedFamily, DerivedFamily.id == DerivedMember.family_id)
        .where(DerivedFamily.state == APPROVED)
    )
    return rows.group_by(DerivedMember.sku).subquery()


def list_taken_names(session: Session) -> set[str]:
    """Those of the CRMs' families."""
    named = session.scalars(select(Product.family).where(Product.family.is_not(None)).distinct())
    return {name for name in named if name}


def list_placed_skus(session: Session) -> set[str]:
    """Products that a CRM gives a family."""
    return set(session.scalars(select(Product.sku).where(Product.family.is_not(None))))


def add(session: Session, family: DerivedFamily, skus: Iterable[str]) -> None:
    session.add(family)
    session.flush()
    session.execute(insert(DerivedMember), [{"family_id": family.id, "sku": sku} for sku in skus])


def remove(session: Session, families: Collection[int]) -> None:
    for family in families:
        session.execute(delete(DerivedMember).where(DerivedMember.family_id == family))
        session.execute(delete(DerivedFamily).where(DerivedFamily.id == family))


def decide(session: Session, family: int, state: str, now: datetime) -> None:
    """A product is in one approved family at most: the latest."""
    if state == APPROVED:
        _take_members(session, family)
    mine = update(DerivedFamily).where(DerivedFamily.id == family)
    session.execute(mine.values(state=state, decided_at=now))


def _take_members(session: Session, family: int) -> None:
    approved = select(DerivedFamily.id).where(DerivedFamily.state == APPROVED, DerivedFamily.id != family)
    skus = select(DerivedMember.sku).where(DerivedMember.family_id == family)
    held = select(DerivedMember.family_id, DerivedMember.sku).where(DerivedMember.family_id.in_(approved))
    lost: dict[int, list[str]] = defaultdict(list)
    for other, sku in session.execute(held.where(DerivedMember.sku.in_(skus))).all():
        lost[other].append(sku)
    for other, gone in lost.items():
        rest = delete(DerivedMember).where(DerivedMember.family_id == other)
        session.execute(rest.where(DerivedMember.sku.in_(gone)))
        left = select(func.count()).select_from(DerivedMember).where(DerivedMember.family_id == other)
        if session.scalars(left).one() < 2:
            remove(session, [other])
