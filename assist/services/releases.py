"""Releases: imported, approved by somebody else, put in force now or later, and taken back by moving a pointer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from assist.models.account import Role, UserAccount
from assist.models.release import Activation, StoredRelease
from assist.services import audit
from assist.services.audit import COMMAND_LINE, Actor
from assist.services.desk import Desk
from assist.store import releases as store
from personas.release import Release, shipped
from personas.review import review

SHORTEST = 4
"""Signs of a digest that name a release."""
SHIPPED = "shipped"
"""The name of what ships with the product."""
MOST_STEPS = 1_000
MOST_TOLD = 20


class ReleaseError(Exception):
    """What was asked of a release cannot be done; the message says why and what to do."""


class UnknownRelease(ReleaseError):  # noqa: N818 - named for what it says
    """None, or more than one, has this name."""


class NotApproved(ReleaseError):  # noqa: N818 - named for what it says
    """Somebody else has to look at it first."""


class Blocked(ReleaseError):  # noqa: N818 - named for what it says
    """It holds what cannot be meant."""


class NotSimulated(ReleaseError):  # noqa: N818 - named for what it says
    """Nobody has seen yet what it would change of what is in force now."""


class NothingBefore(ReleaseError):  # noqa: N818 - named for what it says
    """There is nothing to go back to."""


@dataclass(frozen=True, slots=True)
class Listed:
    digest: str
    note: str
    imported_at: datetime | None
    """None of what ships with the product."""
    approved_at: datetime | None
    in_force: bool
    simulated_at: datetime | None
    """Against what is in force now."""
    imported_by: str | None = None
    """A name; None where nobody was signed in. So is the next."""
    approved_by: str | None = None
    begins_at: datetime | None = None
    """Where it waits for that."""
    importer_id: int | None = None
    """Who cannot approve it."""


@dataclass(frozen=True, slots=True)
class Step:
    digest: str
    """SHIPPED of what ships with the product."""
    begins_at: datetime
    decided_at: datetime
    decided_by: str | None
    rollback: bool
    why: str


def bring_in(desk: Desk, release: Release, *, note: str = "", actor: Actor = COMMAND_LINE) -> bool:
    """Whether it was new: the same content again is the release that is there already."""
    with desk.database.writing() as session:
        if session.get(StoredRelease, release.digest):
            return False
        now = desk.clock.now()
        row = StoredRelease(digest=release.digest, document=dict(release.document), note=note)
        row.imported_at, row.imported_by = now, actor.id
        session.add(row)
        audit.record(session, actor.entry("release.imported", f"release:{release.digest}"), at=now, note=note)
    return True


def approve(desk: Desk, name: str, *, actor: Actor) -> str:
    """The digest. Raises UnknownRelease, NotApproved, NotSimulated."""
    with desk.database.writing() as session:
        row = _find(session, name)
        _require_approver(session, actor, row)
        _require_simulation(session, row, desk.clock.now())
        row.approved_at, row.approved_by = desk.clock.now(), actor.id
        audit.record(session, actor.entry("release.approved", f"release:{row.digest}"), at=desk.clock.now())
        return row.digest


def activate(
    desk: Desk, name: str, *, begins_at: datetime | None = None, why: str = "", actor: Actor = COMMAND_LINE
) -> str:
    """From now on, or from `begins_at`. The digest. Raises UnknownRelease, Blocked, NotApproved, NotSimulated."""
    now = desk.clock.now()
    begins_at = max(begins_at or now, now)
    with desk.database.writing() as session:
        row = _find(session, name)
        _refuse_unmeant(row, begins_at.date())
        if row.approved_at is None:
            _require_nobody_else(session, row)
            _require_simulation(session, row, now)
        step = Activation(digest=row.digest, begins_at=begins_at, why=why)
        _take(session, step, actor, now)
        digest = row.digest
    desk.releases.look_again()
    return digest


def roll_back(desk: Desk, *, why: str = "", actor: Actor = COMMAND_LINE) -> str | None:
    """To what was in force before; None is what ships with the product. Raises NothingBefore."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        before = _find_before(store.list_begun(session, now, most=MOST_STEPS))
        step = Activation(digest=before, begins_at=now, why=why, rollback=True)
        _take(session, step, actor, now)
    desk.releases.look_again()
    return before


def _take(session: Session, step: Activation, actor: Actor, now: datetime) -> None:
    step.decided_at, step.decided_by = now, actor.id
    session.add(step)
    event = "release.rolled_back" if step.rollback else "release.activated"
    detail = {"why": step.why, "begins_at": step.begins_at.isoformat()}
    audit.record(session, actor.entry(event, f"release:{step.digest or SHIPPED}"), at=now, **detail)


def _find_before(begun: Sequence[Activation]) -> str | None:
    """Steps back are undone with what they undid: two of them in a row lead two releases back."""
    stack: list[str | None] = [None]
    for step in reversed(begun):
        if step.rollback:
            stack.pop()
        else:
            stack.append(step.digest)
    if len(stack) < 2:
        raise NothingBefore("What ships with the product is in force; there is nothing to go back to.")
    return stack[-2]


def _refuse_unmeant(row: StoredRelease, day: date) -> None:
    """Judged for the day it begins: a rule may have ended by then."""
    blocking = [each for each in review(Release.of(row.document).catalogue, day) if each.blocks]
    if blocking:
        told = "\n".join(f"  {each.place}: {each.says.into('en')}" for each in blocking[:MOST_TOLD])
        raise Blocked(f"{row.digest[:12]} cannot be put in force as it is:\n{told}")


def _require_approver(session: Session, actor: Actor, row: StoredRelease) -> None:
    person = session.get(UserAccount, actor.id)
    if person is None or Role.OPS_APPROVER not in person.roles:
        raise NotApproved(f"A release is approved by somebody with the role {Role.OPS_APPROVER}.")
    if person.id == row.imported_by:
        raise NotApproved("Who imported a release cannot approve it; ask another approver.")


def _require_nobody_else(session: Session, row: StoredRelease) -> None:
    """A shop of one person need not wait for a second one."""
    people = (person for person in store.list_people(session) if person.id != row.imported_by)
    if any(Role.OPS_APPROVER in person.roles for person in people):
        raise NotApproved(
            f"Nobody has approved {row.digest[:12]} yet: assist rules approve {row.digest[:12]} --as EMAIL"
        )


def _require_simulation(session: Session, row: StoredRelease, now: datetime) -> None:
    if store.find_simulation(session, row.digest, find_digest_in_force(session, now)) is None:
        raise NotSimulated(
            f"Nobody has seen yet what {row.digest[:12]} would change of what is in force now: "
            f"assist rules simulate {row.digest[:12]}"
        )


def load(session: Session, name: str) -> Release:
    """By the beginning of its digest, or SHIPPED. Raises UnknownRelease."""
    return shipped() if name == SHIPPED else Release.of(_find(session, name).document)


def find_current(session: Session, now: datetime) -> str:
    """The name of the one in force."""
    step = store.find_in_force(session, now)
    return step.digest if step and step.digest else SHIPPED


def find_digest_in_force(session: Session, now: datetime) -> str:
    """What ships with the product has one too."""
    current = find_current(session, now)
    return shipped().digest if current == SHIPPED else current


def list_all(session: Session, now: datetime) -> list[Listed]:
    """The latest first, what ships with the product last."""
    current, names = find_current(session, now), store.list_names(session)
    simulated = store.list_simulated(session, find_digest_in_force(session, now))
    waiting = {
        step.digest: step.begins_at for step in store.list_activations(session) if step.begins_at > now
    }
    listed = [
        Listed(
            row.digest,
            row.note,
            row.imported_at,
            row.approved_at,
            row.digest == current,
            simulated.get(row.digest),
            names.get(row.imported_by or 0),
            names.get(row.approved_by or 0),
            waiting.get(row.digest),
            row.imported_by,
        )
        for row in store.list_releases(session)
    ]
    ours = simulated.get(shipped().digest)
    return [*listed, Listed(SHIPPED, "ships with the product", None, None, current == SHIPPED, ours)]


def list_steps(session: Session) -> list[Step]:
    """Those to come included, the latest first."""
    names = store.list_names(session)
    return [
        Step(
            row.digest or SHIPPED,
            row.begins_at,
            row.decided_at,
            names.get(row.decided_by or 0),
            row.rollback,
            row.why,
        )
        for row in store.list_activations(session)
    ]


def _find(session: Session, name: str) -> StoredRelease:
    if len(name) < SHORTEST:
        raise UnknownRelease(f"Name a release by at least {SHORTEST} signs of its digest: assist rules list")
    found = store.list_named(session, name)
    if len(found) != 1:
        how_many = "More than one release begins" if found else "No release begins"
        raise UnknownRelease(f"{how_many} with {name}; see: assist rules list")
    return found[0]
