"""Where CRMs call us, and what they said has changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class Webhook(Base):
    """The address that one connection's CRM was given, and how often it was called."""

    __tablename__ = "webhook"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the key in the address, which is looked up by it."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The key itself, so that the address can be shown again."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deliveries: Mapped[int] = mapped_column(default=0)
    """Trusted ones, greetings and repetitions included."""
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    """How often in a row the CRM did not answer when we wanted to look."""
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cause: Mapped[str | None] = mapped_column(String(300))
    """Of the last failure: the kind of error and what to do, never a body."""


class Hint(Base):
    """One event of which a CRM told us. It stays for a while after it was looked into, so that a repetition is
    known for one."""

    __tablename__ = "hint"
    __table_args__ = (
        UniqueConstraint("connection_id", "event"),
        Index(None, "read_at", "due_at"),
        Index(None, "connection_id", "kind", "ref"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(64))
    """A digest of what is the same in every delivery of it."""
    kind: Mapped[str] = mapped_column(String(20))
    ref: Mapped[str] = mapped_column(String(190))
    """Empty: something of this kind."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Somebody looks; afterwards they are taken for dead."""
    attempts: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the CRM was asked about it, or it was given up."""
