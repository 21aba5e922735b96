"""Decisions, the suggestions in them, what became of each, and what must be remembered for the next one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class Decision(Base):
    """One ranked list for one conversation."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "customer_id", "decided_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    context: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    model_version: Mapped[str | None] = mapped_column(String(80))
    release: Mapped[str | None] = mapped_column(String(64))
    """Its digest; None where an older version of the program decided."""
    persona: Mapped[str | None] = mapped_column(String(80))
    silence: Mapped[str | None] = mapped_column(String(40))
    removed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Every candidate taken out: stage, rule, product, actual value, value that would have let it pass."""
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)


class Suggestion(Base):
    __tablename__ = "suggestion"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    kind: Mapped[str] = mapped_column(String(20))
    anchor_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    score: Mapped[float]
    expected_value: Mapped[float]
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the agent saw: price, evidence, talk track."""


class Event(Base):
    """Shown and viewed, once each per suggestion; the acts are outcomes."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("suggestion_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    agent_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outcome(Base):
    """One act of an agent on one suggestion. Undone ones stay, marked, and are never written to a CRM."""

    __tablename__ = "outcome"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    act: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undo_until: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the agent's click."""


class Concession(Base):
    """What an agent gave away on one suggestion. It counts against budgets while it stands: not taken back, and the
    suggestion offered, or about to be."""

    __tablename__ = "concession"
    __table_args__ = (Index(None, "agent_id", "at"), Index(None, "customer_id", "at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    currency: Mapped[str] = mapped_column(String(3))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the suggestion showed until then."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Restraint(Base):
    """What an outcome means for later decisions: a product owned, an offer suppressed, an objection."""

    __tablename__ = "restraint"
    __table_args__ = (Index(None, "customer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    outcome_id: Mapped[str] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"), index=True)
    """Undoing the outcome takes the restraint away with it."""
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(200))
    """The SKU, category or conversation it applies to; None where it applies to the person."""
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    """Of a price band: what was too expensive, in the currency it was offered in."""
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
