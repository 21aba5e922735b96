"""Questions about decisions, suggestions and outcomes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from assist.db import Base, fetch
from assist.models.decision import Decision, Outcome, Restraint, Suggestion
from assist.models.mirror import Product
from crm_adapters.model import Act

LOOKED_BACK = 50
"""Decisions of one person, the latest."""

_RESTRAINTS = select(Restraint.kind, Restraint.subject, Restraint.amount, Restraint.until).where(
    Restraint.customer_id.in_(bindparam("customers", expanding=True)),
    or_(Restraint.until.is_(None), Restraint.until > bindparam("now")),
)
_RECENT = (
    select(Outcome.act, Outcome.reason, Product.sku, Outcome.at)
    .join(Suggestion, Suggestion.id == Outcome.suggestion_id)
    .join(Product, Product.id == Suggestion.product_id)
    .where(
        Suggestion.customer_id.in_(bindparam("customers", expanding=True)),
        Outcome.at > bindparam("since"),
        Outcome.undone_at.is_(None),
    )
)
_PAST = (
    select(
        Decision.id,
        Decision.customer_id,
        Decision.agent_id,
        Decision.context,
        Decision.decided_at,
        Decision.model_version,
        Decision.silence,
    )
    .where(Decision.customer_id.in_(bindparam("customers", expanding=True)))
    .order_by(Decision.decided_at.desc())
    .limit(LOOKED_BACK)
)


_TABLES = Base.metadata.tables
_ADD_DECISION, _ADD_SUGGESTION = insert(_TABLES["decision"]), insert(_TABLES["suggestion"])


class NewDecision(NamedTuple):
    """Every column of `Decision`."""

    id: str
    customer_id: int
    agent_id: int
    context: str
    decided_at: datetime
    model_version: str | None
    release: str
    persona: str | None
    silence: str | None
    removed: list[dict[str, str]]
    request_id: str | None = None


class NewSuggestion(NamedTuple):
    """Every column of `Suggestion`."""

    id: str
    decision_id: str
    customer_id: int
    position: int
    product_id: int
    kind: str
    anchor_id: int | None
    score: float
    expected_value: float
    shown: dict[str, Any]


class DecisionRow(NamedTuple):
    """A decision without what it removed."""

    id: str
    customer_id: int
    agent_id: int
    context: str
    decided_at: datetime
    model_version: str | None
    silence: str | None


def find_suggestion(session: Session, suggestion_id: str) -> Suggestion | None:
    return session.get(Suggestion, suggestion_id)


def list_standing(session: Session, suggestion_ids: Sequence[str]) -> dict[str, list[Outcome]]:
    """Outcomes that were not undone, per suggestion, oldest first."""
    rows = select(Outcome).where(Outcome.suggestion_id.in_(suggestion_ids), Outcome.undone_at.is_(None))
    standing: dict[str, list[Outcome]] = {}
    for outcome in session.scalars(rows.order_by(Outcome.at, Outcome.id)):
        standing.setdefault(outcome.suggestion_id, []).append(outcome)
    return standing


class RestraintRow(NamedTuple):
    kind: str
    subject: str | None
    amount: Decimal | None
    until: datetime | None


def list_restraints(session: Session, customer_ids: Sequence[int], now: datetime) -> list[RestraintRow]:
    rows = fetch(session, _RESTRAINTS, {"customers": customer_ids, "now": now})
    return [RestraintRow._make(row) for row in rows]


class SaidRow(NamedTuple):
    act: str
    reason: str | None
    sku: str
    at: datetime


class Recent(NamedTuple):
    """How often somebody was offered something lately, and turned it down."""

    offers: int
    declines: Mapping[str | None, int]
    """By reason; None where none was given."""
    said: Sequence[SaidRow] = ()
    """Each by itself, where that is known."""

    @classmethod
    def of(cls, counts: Iterable[tuple[str, str | None, int]], said: Sequence[SaidRow] = ()) -> Self:
        """Act, reason, how often."""
        declines: Counter[str | None] = Counter()
        offers = 0
        for act, reason, count in counts:
            offers += count if act == Act.OFFERED else 0
            declines[reason] += count if act == Act.DECLINED else 0
        return cls(offers, declines, said)


NOT_LATELY = Recent(0, {})


def count_recent(session: Session, customer_ids: Sequence[int], since: datetime) -> Recent:
    rows = fetch(session, _RECENT, {"customers": customer_ids, "since": since})
    said = [SaidRow._make(row) for row in rows]
    return Recent.of(((one.act, one.reason, 1) for one in said), said)


def list_decisions(session: Session, customer_ids: Sequence[int]) -> list[DecisionRow]:
    """The latest first; at most LOOKED_BACK."""
    return [DecisionRow._make(row) for row in fetch(session, _PAST, {"customers": customer_ids})]


def add_decision(session: Session, decision: NewDecision, suggestions: Sequence[NewSuggestion]) -> None:
    """Without a unit of work: agents wait for this."""
    connection = session.connection()
    connection.execute(_ADD_DECISION, decision._asdict())
    if suggestions:
        connection.execute(_ADD_SUGGESTION, [row._asdict() for row in suggestions])


def list_suggestions(session: Session, decision_id: str) -> list[Suggestion]:
    rows = select(Suggestion).where(Suggestion.decision_id == decision_id)
    return list(session.scalars(rows.order_by(Suggestion.position)))
