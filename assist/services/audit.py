"""The record of who did what, written in the transaction of the deed: neither exists without the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assist.logs import current_request_id
from assist.models.account import AuditEntry


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """`subject` names a record by kind and number, as `user:7`, never by customer data."""

    event: str
    subject: str
    actor_id: int | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it; nobody that is signed in at the command line."""

    id: int | None = None
    origin: Origin | None = None

    def entry(self, event: str, subject: str) -> Entry:
        return Entry(event, subject, self.id, self.origin)


COMMAND_LINE = Actor()


def record(session: Session, entry: Entry, *, at: datetime, **detail: Any) -> None:
    session.add(
        AuditEntry(
            at=at,
            actor_id=entry.actor_id,
            event=entry.event,
            subject=entry.subject,
            address=entry.origin.address if entry.origin else None,
            request_id=current_request_id(),
            detail=detail,
        )
    )
