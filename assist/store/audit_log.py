"""The audit log, searched: the latest first, a page at a time, or all of it in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from assist.models.account import AuditEntry, UserAccount

PAGE = 100
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    event: str = ""
    """Or how it begins: `release` has all of `release.approved`, `release.activated` …"""
    subject: str = ""
    """`user:7`."""
    actor: int | None = None
    """An account's number: nobody's e-mail stands in an address."""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """The id to page on from."""


def search_entries(
    session: Session, wanted: AuditFilter
) -> tuple[Sequence[tuple[AuditEntry, str | None]], int | None]:
    """Each with its actor's e-mail, and what to ask for the next page with."""
    query = _select(wanted)
    if wanted.before:
        query = query.where(AuditEntry.id < wanted.before)
    found = session.execute(query.order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    rows = [(row[0], row[1]) for row in found[:PAGE]]
    return rows, rows[-1][0].id if len(found) > PAGE else None


def stream_entries(session: Session, wanted: AuditFilter) -> Iterator[tuple[AuditEntry, str | None]]:
    """The oldest first."""
    rows = session.execute(_select(wanted).order_by(AuditEntry.id).execution_options(yield_per=AT_ONCE))
    return ((row[0], row[1]) for row in rows)


def _select(wanted: AuditFilter) -> Select[AuditEntry, str | None]:
    query = select(AuditEntry, UserAccount.email).outerjoin(
        UserAccount, UserAccount.id == AuditEntry.actor_id
    )
    if wanted.event:
        query = query.where(AuditEntry.event.startswith(wanted.event, autoescape=True))
    if wanted.subject:
        query = query.where(AuditEntry.subject == wanted.subject)
    if wanted.actor:
        query = query.where(AuditEntry.actor_id == wanted.actor)
    if wanted.since:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.at < wanted.until)
    return query
