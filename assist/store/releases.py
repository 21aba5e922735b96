"""Questions about releases: what is stored, and which one is in force."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from assist.models.account import AuditEntry, UserAccount
from assist.models.release import Activation, Simulation, StoredRelease


def list_releases(session: Session) -> Sequence[StoredRelease]:
    """The latest first."""
    newest = StoredRelease.imported_at.desc(), StoredRelease.digest
    return session.scalars(select(StoredRelease).order_by(*newest)).all()


def list_named(session: Session, start: str, *, most: int = 2) -> Sequence[StoredRelease]:
    """Whose digest begins so, which holds no sign that LIKE would read."""
    found = StoredRelease.digest.startswith(start, autoescape=True)
    return session.scalars(
        select(StoredRelease).where(found).order_by(StoredRelease.digest).limit(most)
    ).all()


def find_in_force(session: Session, now: datetime) -> Activation | None:
    """None: nothing was ever activated, so what ships with the product is."""
    return next(iter(list_begun(session, now, most=1)), None)


def list_begun(session: Session, now: datetime, *, most: int) -> Sequence[Activation]:
    """Those that have begun, the one in force first."""
    return session.scalars(_latest().where(Activation.begins_at <= now).limit(most)).all()


def list_activations(session: Session, *, most: int = 100) -> Sequence[Activation]:
    """Those to come included, the latest first."""
    return session.scalars(_latest().limit(most)).all()


def _latest() -> Select[Activation]:
    return select(Activation).order_by(Activation.begins_at.desc(), Activation.id.desc())


def find_simulation(session: Session, release: str, against: str | None = None) -> Simulation | None:
    """The latest, by digests; without `against` whatever it was held against."""
    rows = select(Simulation).where(Simulation.release == release)
    if against is not None:
        rows = rows.where(Simulation.against == against)
    return session.scalars(rows.order_by(Simulation.id.desc()).limit(1)).first()


def find_asked(session: Session, release: str) -> datetime | None:
    """When a simulation was asked for that is not done yet; None where none is under way."""
    events = ("release.simulation_asked", "release.simulated")
    rows = select(AuditEntry.event, AuditEntry.at).where(
        AuditEntry.subject == f"release:{release}", AuditEntry.event.in_(events)
    )
    last = session.execute(rows.order_by(AuditEntry.id.desc()).limit(1)).first()
    return last.at if last and last.event == events[0] else None


def list_simulated(session: Session, against: str) -> dict[str, datetime]:
    """By the release's digest, when it was last held against that one."""
    rows = select(Simulation.release, func.max(Simulation.made_at)).where(Simulation.against == against)
    return dict(session.execute(rows.group_by(Simulation.release)).all())


def list_people(session: Session) -> Sequence[UserAccount]:
    """Who can sign in."""
    return session.scalars(select(UserAccount).where(UserAccount.disabled_at.is_(None))).all()


def list_names(session: Session) -> dict[int, str]:
    """Of all users by id, those included who cannot sign in any more."""
    return dict(session.execute(select(UserAccount.id, UserAccount.name)).all())
