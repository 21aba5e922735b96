"""How far an installation has come."""

from collections.abc import Mapping

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from assist.models.connection import Connection, SyncState
from assist.models.decision import Decision, Outcome
from assist.models.release import Draft
from assist.models.training import ModelVersion

STEPS = {
    "connected": exists().where(Connection.removed_at.is_(None)),
    "synced": exists().where(SyncState.kind == "customers", SyncState.finished_at.is_not(None)),
    "trained": exists().where(ModelVersion.version.is_not(None)),
    "suggested": exists().where(Decision.id.is_not(None)),
    "offered": exists().where(Outcome.id.is_not(None)),
    "drafted": exists().where(Draft.id.is_not(None)),
}
"""In the order in which they are taken."""


def find_steps(session: Session) -> Mapping[str, bool]:
    """Each with whether it was taken."""
    row = session.execute(select(*(taken.label(step) for step, taken in STEPS.items()))).one()
    return {step: bool(getattr(row, step)) for step in STEPS}
