"""Taking a connection's records out of the mirror, and leaving what decisions were made about."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from assist.models.catalogue import ProductRelation
from assist.models.connection import Connection, ConnectionToken, RejectedRecord, SyncState
from assist.models.decision import Concession, Decision, Restraint, Suggestion
from assist.models.mirror import Customer, CustomerKey, Mirrored, Order, Product, ServiceCase
from assist.models.outbox import OutboxEntry
from assist.models.persona_choice import PersonaChoice
from assist.models.webhook import Hint, Webhook

PART = 5_000
"""Rows at once: agents' outcomes wait for the same database."""
MIRRORED: Mapping[str, type[Mirrored]] = {
    "customers": Customer,
    "orders": Order,
    "cases": ServiceCase,
    "products": Product,
}
Owned = Decision | Suggestion | Concession | Restraint | PersonaChoice | OutboxEntry
OWNED: tuple[type[Owned], ...] = (
    Decision,
    Suggestion,
    Concession,
    Restraint,
    PersonaChoice,
    OutboxEntry,
)
"""Tables that name a customer whom they must not lose."""
NOBODY = -1
"""The run in which customers were last seen of whom only the number is left."""
UNKNOWN: Mapping[str, Any] = {
    "seen_run": NOBODY,
    "person_id": None,
    "name": "",
    "given_name": "",
    "language": None,
    "country": None,
    "company": None,
    "register": None,
    "offers": None,
    "custom": {},
    "answers": {},
    "created_at": None,
}


def count_mirror(session: Session, connection_id: int) -> dict[str, int]:
    """What is there of each kind, without what was gone already."""
    return {
        name: session.scalar(
            select(func.count())
            .select_from(table)
            .where(table.connection_id == connection_id, table.deleted.is_(False))
        )
        or 0
        for name, table in MIRRORED.items()
    }


def count_objections(session: Session, connection_id: int) -> int:
    """Against offers, by people whom no other connection knows."""
    mine = select(Customer.id).where(
        Customer.connection_id == connection_id, ~_heir(Customer.id).is_not(None)
    )
    said = select(func.count(Restraint.customer_id.distinct())).where(
        Restraint.kind == "objection", Restraint.customer_id.in_(mine)
    )
    return session.scalar(said) or 0


def hide(session: Session, connection_id: int) -> None:
    """Nothing of the connection is found any more; what it shares with others goes on with those."""
    for table in MIRRORED.values():
        mine = update(table).where(table.connection_id == connection_id, table.deleted.is_(False))
        session.execute(mine.values(deleted=True, digest=""))
    for owner in OWNED:
        _hand_over(session, owner, connection_id)
    for rest in (SyncState, ConnectionToken, RejectedRecord, ProductRelation, Hint, Webhook):
        session.execute(delete(rest).where(rest.connection_id == connection_id))


def find_unfinished(session: Session) -> list[int]:
    """Removed connections of which records are left that should not be."""
    left = [
        select(table.connection_id).where(table.connection_id == Connection.id).exists()
        for table in (Order, ServiceCase)
    ]
    known = select(Customer.id).where(Customer.connection_id == Connection.id, _is_known()).exists()
    gone = select(Connection.id).where(Connection.removed_at.is_not(None), or_(known, *left))
    return list(session.scalars(gone.order_by(Connection.id)))


def purge_part(session: Session, connection_id: int) -> bool:
    """Take out some of what is left; False once nothing is. Customers whom decisions name stay, without anything
    that says who they are; so do products, which say nothing of anybody."""
    for table in (Order, ServiceCase):
        if _delete(session, table, select(table.id).where(table.connection_id == connection_id)):
            return True
    mine = select(Customer.id).where(Customer.connection_id == connection_id)
    if _delete(session, Customer, mine.where(~_is_named())):
        return True
    ids = list(session.scalars(mine.where(_is_known()).limit(PART)))
    session.execute(delete(CustomerKey).where(CustomerKey.customer_id.in_(ids)))
    session.execute(update(Customer).where(Customer.id.in_(ids)).values(**UNKNOWN))
    return bool(ids)


def _delete(session: Session, table: type[Mirrored], which: Select[int]) -> int:
    ids = list(session.scalars(which.limit(PART)))
    if ids:
        session.execute(delete(table).where(table.id.in_(ids)))
    return len(ids)


def _hand_over(session: Session, owner: type[Owned], connection_id: int) -> None:
    mine = select(Customer.id).where(Customer.connection_id == connection_id)
    heir = _heir(owner.customer_id)
    theirs = update(owner).where(owner.customer_id.in_(mine), heir.is_not(None))
    session.execute(theirs.values(customer_id=heir).execution_options(synchronize_session=False))


def _heir(customer_id: object) -> ScalarSelect[int]:
    """The same person in a connection that stays."""
    one, other, kept = aliased(Customer), aliased(Customer), aliased(Connection)
    return (
        select(func.min(other.id))
        .join(one, one.person_id == other.person_id)
        .join(kept, kept.id == other.connection_id)
        .where(
            one.id == customer_id,
            other.connection_id != one.connection_id,
            other.deleted.is_(False),
            kept.removed_at.is_(None),
        )
        .scalar_subquery()
    )


def _is_named() -> ColumnElement[bool]:
    return or_(*(exists().where(owner.customer_id == Customer.id) for owner in OWNED))


def _is_known() -> ColumnElement[bool]:
    return Customer.seen_run != NOBODY
