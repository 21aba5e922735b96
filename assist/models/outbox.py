"""CRM writes that wait for delivery, committed together with the outcome they tell of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class OutboxEntry(Base):
    __tablename__ = "outbox"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "connection_id", "customer_ref", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """The CRM sees it: delivering twice has one effect."""
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    customer_ref: Mapped[str] = mapped_column(String(190))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    outcome_id: Mapped[str | None] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"), index=True)
    """None where no suggestion is behind it."""
    operation: Mapped[str] = mapped_column(String(12), default="note")
    """`note` · `line` · `field`: what `payload` is, and which call delivers it."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """`waiting` · `delivered` · `dead` · `cancelled` · `shadow`: kept, and not written."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """A deliverer has it in hand; afterwards it is taken for dead."""
    attempts: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str | None] = mapped_column(String(300))
    """Of the last failure: the kind of error and what to do, never a body."""
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_ref: Mapped[str | None] = mapped_column(String(190))
    """What the CRM calls the record that now holds the write."""
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the click that it is owed to."""


class DeliveryAttempt(Base):
    """One try at an entry and what came of it; a deliverer that died leaves none."""

    __tablename__ = "delivery_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), index=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    """Of the entry afterwards."""
    cause: Mapped[str | None] = mapped_column(String(300))
    """As the entry's."""
