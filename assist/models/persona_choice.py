"""What agents say a customer's persona is: what counts in that conversation, and labelled data."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class PersonaChoice(Base):
    __tablename__ = "persona_choice"
    __table_args__ = (Index(None, "customer_id", "chosen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    context: Mapped[str] = mapped_column(String(200))
    persona: Mapped[str | None] = mapped_column(String(80))
    """None: none of them."""
    proposed: Mapped[str | None] = mapped_column(String(80))
    """The one that would have been shown first; None where there are no personas."""
    state: Mapped[str] = mapped_column(String(20))
    """How sure that was, as `personas.matcher.State` says."""
    score: Mapped[Decimal | None] = mapped_column(Numeric(6, 4))
    coverage: Mapped[Decimal | None] = mapped_column(Numeric(6, 4))
    known: Mapped[list[str]] = mapped_column(JSON)
    """The names of the facts that were known; their values are a customer's."""
    release: Mapped[str] = mapped_column(String(64))
    """Its digest."""
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
