"""Questions about what agents say a customer's persona is."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from assist.db import fetch
from assist.models.persona_choice import PersonaChoice

_LAST = (
    select(PersonaChoice.id, PersonaChoice.persona, PersonaChoice.chosen_at, PersonaChoice.taken_back_at)
    .where(
        PersonaChoice.customer_id.in_(bindparam("customers", expanding=True)),
        PersonaChoice.agent_id == bindparam("agent"),
        PersonaChoice.context == bindparam("context"),
    )
    .order_by(PersonaChoice.chosen_at.desc(), PersonaChoice.id.desc())
    .limit(1)
)


class ChoiceRow(NamedTuple):
    id: int
    persona: str | None
    chosen_at: datetime
    taken_back_at: datetime | None

    @property
    def holds(self) -> bool:
        return self.taken_back_at is None

    @property
    def changed_at(self) -> datetime:
        return self.taken_back_at or self.chosen_at


def find_choice(
    session: Session, customer_ids: Sequence[int], *, agent_id: int, context: str
) -> ChoiceRow | None:
    """The last of this agent in this conversation, taken back or not."""
    values = {"customers": customer_ids, "agent": agent_id, "context": context}
    rows = fetch(session, _LAST, values)
    return ChoiceRow._make(rows[0]) if rows else None
