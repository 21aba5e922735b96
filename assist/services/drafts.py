"""Drafts: the working copies of a release that people change in the console, part by part."""

import hashlib
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assist.models.release import Draft
from assist.services import audit, releases
from assist.services.audit import Actor
from assist.services.desk import Desk
from assist.store import drafts as store
from assist.store.releases import list_names
from personas.release import Release

Change = Callable[[dict[str, Any]], None]
"""Works on the document in place; may raise InvalidContent."""
SIGNS = 16
LONGEST_TITLE = 120


class UnknownDraft(LookupError):  # noqa: N818 - named for what it says
    """There is none, or it became a release already."""


class ChangedMeanwhile(Exception):  # noqa: N818 - named for what it says
    """Somebody else has changed the same part since it was read."""


@dataclass(frozen=True, slots=True)
class Opened:
    id: int
    title: str
    release: Release
    """What it would become."""
    based_on: str
    changed_at: datetime
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    id: int
    title: str
    created_by: str | None
    changed_at: datetime
    changed_by: str | None
    """Names; None where nobody was signed in."""


def start(desk: Desk, *, title: str, name: str | None = None, actor: Actor) -> int:
    """A copy of a release, or of what is in force. Raises UnknownRelease, InvalidContent."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        base = releases.load(session, name or releases.find_current(session, now))
        row = Draft(title=title[:LONGEST_TITLE], based_on=base.digest, document=dict(base.document))
        row.created_at = row.changed_at = now
        row.created_by = row.changed_by = actor.id
        session.add(row)
        session.flush()
        audit.record(session, actor.entry("draft.started", f"draft:{row.id}"), at=now, based_on=base.digest)
        return row.id


def list_open(session: Session) -> list[Listed]:
    """The one changed last first."""
    names = list_names(session)
    return [
        Listed(
            row.id,
            row.title,
            names.get(row.created_by or 0),
            row.changed_at,
            names.get(row.changed_by or 0),
        )
        for row in store.list_open(session)
    ]


def find_own(session: Session, user_id: int) -> int | None:
    """The one that this person changed last."""
    return next((row.id for row in store.list_open(session) if row.changed_by == user_id), None)


def load(session: Session, draft_id: int) -> Opened:
    """Raises UnknownDraft, and InvalidContent where it was made for another version of the product."""
    row = _find(session, draft_id)
    changed_by = list_names(session).get(row.changed_by or 0)
    return Opened(row.id, row.title, Release.of(row.document), row.based_on, row.changed_at, changed_by)


def sign(part: object) -> str:
    """Of one part as it was read, so that nobody writes over what they have not seen."""
    text = json.dumps(part, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:SIGNS]


def change(
    desk: Desk, draft_id: int, alter: Change, *, place: str, actor: Actor, guard: Change | None = None
) -> Release:
    """`guard` sees the document first, in the same transaction, and may refuse.

    Raises UnknownDraft, and InvalidContent where it could not be read any more: nothing is kept then.
    """
    now = desk.clock.now()
    with desk.database.writing() as session:
        row = _find(session, draft_id, lock=True)
        document = deepcopy(row.document)
        if guard:
            guard(document)
        alter(document)
        made = Release.of(document)
        if made.document != row.document:
            row.document, row.changed_at, row.changed_by = dict(made.document), now, actor.id
            audit.record(session, actor.entry("draft.changed", f"draft:{draft_id}"), at=now, place=place)
    return made


def finish(desk: Desk, draft_id: int, *, note: str, actor: Actor) -> str:
    """The digest of the release it became. Raises UnknownDraft, InvalidContent."""
    with desk.database.reading() as session:
        found = load(session, draft_id)
    releases.bring_in(desk, found.release, note=note or found.title, actor=actor)
    _close(desk, draft_id, release=found.release.digest, actor=actor)
    return found.release.digest


def discard(desk: Desk, draft_id: int, *, actor: Actor) -> None:
    """Raises UnknownDraft."""
    _close(desk, draft_id, release=None, actor=actor)


def _close(desk: Desk, draft_id: int, *, release: str | None, actor: Actor) -> None:
    now = desk.clock.now()
    with desk.database.writing() as session:
        row = _find(session, draft_id, lock=True)
        row.closed_at, row.release = now, release
        event = "draft.released" if release else "draft.discarded"
        audit.record(session, actor.entry(event, f"draft:{draft_id}"), at=now, release=release)


def refuse_changed(part: Callable[[Mapping[str, Any]], object], seen: str) -> Change:
    """The guard that raises ChangedMeanwhile unless the part is as it was when it was read."""

    def guard(document: dict[str, Any]) -> None:
        if sign(part(document)) != seen:
            raise ChangedMeanwhile

    return guard


def _find(session: Session, draft_id: int, *, lock: bool = False) -> Draft:
    row = session.get(Draft, draft_id, with_for_update=lock)
    if row is None or row.closed_at is not None:
        raise UnknownDraft(f"There is no draft {draft_id} to change.")
    return row
