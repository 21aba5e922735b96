"""Releases of what is said to whom, what each would change, and which of them was in force when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class StoredRelease(Base):
    """Never changed but for the approval."""

    __tablename__ = "release"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As `personas.release.Release` has it; the order of its fields counts."""
    note: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None at the command line, where nobody is signed in."""
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Activation(Base):
    """The one that began last is in force; one that begins later waits. Rows are only ever added."""

    __tablename__ = "activation"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str | None] = mapped_column(ForeignKey("release.digest"))
    """None: what ships with the product."""
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    rollback: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(Text)


class Simulation(Base):
    """What a release would have changed, tried against another one. Rows are only ever added."""

    __tablename__ = "simulation"
    __table_args__ = (Index(None, "release", "against"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(String(64))
    """Digests: what ships with the product is no row of `release`."""
    against: Mapped[str] = mapped_column(String(64))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Of customers it holds ids, and nothing else that says who they are."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Draft(Base):
    """What people change before it becomes a release; it can always be read, if not always put in force."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    based_on: Mapped[str] = mapped_column(String(64))
    """The digest of what it was a copy of."""
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it became a release, or was thrown away."""
    release: Mapped[str | None] = mapped_column(ForeignKey("release.digest"))
    """What became of it."""
