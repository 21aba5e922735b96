"""People who sign in: accounts with roles, sessions, failed attempts, and the record of what was done."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from assist.db import Base, UtcDateTime


class Role(StrEnum):
    """What a person may do; one person may have several."""

    AGENT = "agent"
    LEAD = "lead"
    OPS_EDITOR = "ops_editor"
    OPS_APPROVER = "ops_approver"
    CRM_ADMIN = "crm_admin"
    AUDITOR = "auditor"


class RoleSet(TypeDecorator[frozenset[Role]]):
    """A set of roles as sorted words with commas between them."""

    impl = String(120)
    cache_ok = True

    def process_bind_param(self, value: frozenset[Role] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy passes it by position
        return None if value is None else ",".join(sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[Role] | None:  # noqa: ARG002 - SQLAlchemy passes it by position
        return None if value is None else frozenset(Role(word) for word in value.split(",") if word)


class UserAccount(Base):
    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    """argon2id, with its parameters."""
    roles: Mapped[frozenset[Role]] = mapped_column(RoleSet)
    language: Mapped[str | None] = mapped_column(String(10))
    """None follows the browser."""
    time_zone: Mapped[str | None] = mapped_column(String(60))
    """IANA name; None is UTC."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginSession(Base):
    """A browser that signed in; the token itself is only in that browser's cookie."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256, hexadecimal."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Up to a minute behind, so that most requests write nothing."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))
    """The User-Agent header, cut."""


class SignInAttempt(Base):
    """One try at a password, counted against an account or an address until it is too old to matter."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    """A keyed hash: whoever reads the table learns no e-mail, nor a password typed into the wrong field."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who did what, when and from where; rows are only ever added."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    """None where nobody was signed in, as on a failed sign-in or at the command line."""
    event: Mapped[str] = mapped_column(String(60))
    """A dotted word, as `session.started`."""
    subject: Mapped[str] = mapped_column(String(120))
    """What it was done to, as `user:7`; never customer data."""
    address: Mapped[str | None] = mapped_column(String(45))
    request_id: Mapped[str | None] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
