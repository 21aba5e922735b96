"""Tokens by which programs use the API in somebody's name."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class Scope(StrEnum):
    """What a token is for; a token may have several."""

    CUSTOMERS_READ = "customers:read"
    SUGGESTIONS_WRITE = "suggestions:write"
    OUTCOMES_WRITE = "outcomes:write"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    RULES_APPROVE = "rules:approve"
    CONNECTIONS_READ = "connections:read"
    OUTBOX_READ = "outbox:read"
    OUTBOX_WRITE = "outbox:write"


class ApiToken(Base):
    """The token itself is only with the program that it was made for."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    """What it is for, in somebody's words."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    """In whose name it acts; their roles bound what it may do."""
    scopes: Mapped[list[str]] = mapped_column(JSON)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256, hexadecimal."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None at the command line, where nobody is signed in."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Up to a minute behind, so that most requests write nothing."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
