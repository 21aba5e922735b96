"""Questions about the past, for trying a release on it: which decisions there were, and what bound them then."""

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from assist.models.decision import Decision, Outcome, Restraint, Suggestion
from assist.models.mirror import Customer, Product
from assist.store.decisions import Recent, RestraintRow

AT_ONCE = 5_000


class Case(NamedTuple):
    """A decision to be made again, or one that might have been."""

    customer_id: int
    at: datetime
    context: str = ""
    decision_id: str | None = None
    release: str | None = None
    """That it was made under."""


def sample_decisions(session: Session, since: datetime, *, most: int) -> list[Case]:
    """All of them where there are no more than `most`. Their ids are random, so the smallest are a fair sample, and
    the same one each time."""
    rows = (
        select(Decision.customer_id, Decision.decided_at, Decision.context, Decision.id, Decision.release)
        .where(Decision.decided_at >= since)
        .order_by(Decision.id)
        .limit(most)
    )
    return [Case(*row) for row in session.execute(rows)]


def sample_customers(session: Session, now: datetime, *, most: int) -> list[Case]:
    """One per person, by a hash of the id: the same ones each time, and others of them in no order of theirs."""
    person = func.coalesce(-Customer.person_id, Customer.id)
    ids = select(func.min(Customer.id)).where(Customer.deleted.is_(False)).group_by(person)
    found = session.scalars(ids.execution_options(yield_per=AT_ONCE))
    return [Case(customer_id, now) for customer_id in _smallest(found, most)]


def _smallest(ids: Iterable[int], most: int) -> list[int]:
    return heapq.nsmallest(most, ids, key=lambda one: sha256(str(one).encode()).digest())


def list_restraints_then(session: Session, customer_ids: Sequence[int], at: datetime) -> list[RestraintRow]:
    """That were laid on before that moment and had not run out; what was taken back since is not known any more."""
    rows = (
        select(Restraint.kind, Restraint.subject, Restraint.amount, Restraint.until)
        .join(Outcome, Outcome.id == Restraint.outcome_id)
        .where(Restraint.customer_id.in_(customer_ids), Outcome.at < at)
        .where(or_(Restraint.until.is_(None), Restraint.until > at))
    )
    return [RestraintRow(*row) for row in session.execute(rows)]


def count_between(session: Session, customer_ids: Sequence[int], since: datetime, until: datetime) -> Recent:
    rows = (
        select(Outcome.act, Outcome.reason, func.count())
        .join(Suggestion, Suggestion.id == Outcome.suggestion_id)
        .where(Suggestion.customer_id.in_(customer_ids), Outcome.undone_at.is_(None))
        .where(Outcome.at > since, Outcome.at < until)
        .group_by(Outcome.act, Outcome.reason)
    )
    return Recent.of((act, reason, count) for act, reason, count in session.execute(rows))


def list_shown(session: Session, decision_id: str) -> Sequence[str]:
    """The SKUs, in order."""
    rows = select(Product.sku).join(Suggestion, Suggestion.product_id == Product.id)
    return session.scalars(
        rows.where(Suggestion.decision_id == decision_id).order_by(Suggestion.position)
    ).all()
