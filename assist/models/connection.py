"""Connections to CRMs, and where the sync of each kind of record stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class Connection(Base):
    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    adapter: Mapped[str] = mapped_column(String(80))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Without secrets: those are in `sealed`."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    writes: Mapped[bool] = mapped_column(default=True)
    """Outcomes are written to this CRM."""
    shadow: Mapped[bool] = mapped_column(default=False, server_default=false())
    """What would be written is kept in the outbox instead, and the CRM is told nothing."""
    notes_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Of the connections that know a person, this one gets the notes."""
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sync_token: Mapped[str | None] = mapped_column(String(32))
    """Of the one sync that may write now; another one's pages are refused."""
    sync_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Without a sign of life by then, the sync is taken for dead."""
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The row stays, without settings and under a name of ours, for the decisions that were made about its
    customers and products."""
    last_sync_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a sync of every kind last began or ended, well or badly."""
    former_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The secrets before those in `sealed`, tried where the CRM refuses these."""
    former_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """They are thrown away then, if nobody did before."""
    former_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the CRM last took those and not the others."""
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hosts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """Those that somebody added to what settings and adapter lead to: host, reason, by whom and when."""
    fields_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When mapped fields were last looked for at the CRM."""
    fields_error: Mapped[str | None] = mapped_column(String(300))
    """Why that could not be done the last time."""


class LostField(Base):
    """A field that somebody mapped, and that the CRM did not have when it was last looked for."""

    __tablename__ = "lost_field"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    ours: Mapped[str] = mapped_column(String(120), primary_key=True)
    """As `customer.crm.store`."""
    theirs: Mapped[str] = mapped_column(String(200))
    cause: Mapped[str] = mapped_column(String(300))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class ConnectionToken(Base):
    """What a CRM gave us for the secrets of one connection, and who is getting another one. One row per
    connection, from its beginning."""

    __tablename__ = "connection_token"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Afterwards the holder is taken for dead."""


class SyncState(Base):
    """One row per connection and kind."""

    __tablename__ = "sync_state"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    cursor: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of a run that has not finished: the next one goes on where it stopped, under the same `run`."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    through_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Whatever the CRM knew then is in the mirror: when the last run that finished began."""
    rows: Mapped[int] = mapped_column(default=0)
    """Records in the mirror after the last run."""
    changed: Mapped[int] = mapped_column(default=0)
    """Records the last run wrote."""
    rejected: Mapped[int] = mapped_column(default=0)
    """Rows that could not be read, over all pages since the last full listing began."""
    error: Mapped[str | None] = mapped_column(Text)
    run: Mapped[int] = mapped_column(default=0)
    """Counts up with each full listing; mirror rows not marked with it are gone from the CRM."""


class RejectedRecord(Base):
    """A source row that could not be read since the last full listing began."""

    __tablename__ = "rejected_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(200))
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
