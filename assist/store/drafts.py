"""Questions about drafts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.release import Draft


def list_open(session: Session) -> Sequence[Draft]:
    """The one changed last first."""
    rows = select(Draft).where(Draft.closed_at.is_(None))
    return session.scalars(rows.order_by(Draft.changed_at.desc(), Draft.id.desc())).all()
