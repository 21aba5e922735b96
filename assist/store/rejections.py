"""Rows of a CRM that could not be read, as they are kept for an admin."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assist.models.connection import RejectedRecord
from assist.store.records import clean
from crm_adapters.model import RejectedRow


def add(session: Session, connection_id: int, kind: str, rows: Iterable[RejectedRow]) -> None:
    session.add_all(
        RejectedRecord(
            connection_id=connection_id,
            kind=kind,
            source=clean(row.source, 200),
            line=row.line,
            reason=clean(row.reason, 300),
        )
        for row in rows
    )


def forget(session: Session, connection_id: int, kind: str) -> None:
    session.execute(
        delete(RejectedRecord).where(
            RejectedRecord.connection_id == connection_id, RejectedRecord.kind == kind
        )
    )


def forget_sources(session: Session, connection_id: int, kind: str, sources: Collection[str]) -> int:
    """How many there were."""
    mine = (RejectedRecord.connection_id == connection_id, RejectedRecord.kind == kind)
    same = select(RejectedRecord.id).where(*mine, RejectedRecord.source.in_(sources))
    gone = session.scalars(same).all()
    session.execute(delete(RejectedRecord).where(RejectedRecord.id.in_(gone)))
    return len(gone)
