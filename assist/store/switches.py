"""Questions about switches: which are off, by whom, and throwing and restoring them."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assist.models.account import UserAccount
from assist.models.switch import ThrownSwitch


def list_thrown(session: Session) -> Sequence[tuple[ThrownSwitch, str | None]]:
    """With the name of who threw it."""
    rows = select(ThrownSwitch, UserAccount.name)
    found = session.execute(rows.outerjoin(UserAccount, UserAccount.id == ThrownSwitch.thrown_by))
    return [(row, name) for row, name in found]


def is_off(session: Session, names: Collection[str]) -> bool:
    """Any of them."""
    return session.scalar(select(ThrownSwitch.name).where(ThrownSwitch.name.in_(names)).limit(1)) is not None


def throw(session: Session, row: ThrownSwitch) -> bool:
    """False, and nothing changed, where it is off already: the first reason stands."""
    if session.get(ThrownSwitch, row.name, with_for_update=True):
        return False
    session.add(row)
    return True


def restore(session: Session, name: str) -> bool:
    """False where it was on."""
    gone = delete(ThrownSwitch).where(ThrownSwitch.name == name).returning(ThrownSwitch.name)
    return session.scalar(gone) is not None
