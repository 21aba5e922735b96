"""Drafts: changed part by part, never unreadable, and a release in the end."""

from typing import Any

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry, Role
from assist.models.release import Draft, StoredRelease
from assist.services import drafts, releases
from assist.services.audit import Actor
from assist.services.desk import Desk
from personas.content import InvalidContent
from personas.release import shipped
from tests.assist.scenes import add_agent

PATH = "personas/early_upgrader.yaml"


@pytest.fixture
def actor(desk: Desk) -> Actor:
    return Actor(add_agent(desk, role=Role.OPS_EDITOR))


def lower(document: dict[str, Any]) -> None:
    document[PATH]["threshold"] = 0.5


def change(desk: Desk, draft: int, alter: drafts.Change, actor: Actor, **more: Any) -> str:
    return drafts.change(desk, draft, alter, place=PATH, actor=actor, **more).digest


def test_a_draft_begins_as_what_is_in_force_and_becomes_a_release(desk: Desk, actor: Actor) -> None:
    draft = drafts.start(desk, title="Lower", actor=actor)
    with desk.database.reading() as session:
        assert drafts.load(session, draft).release.digest == shipped().digest
        assert [one.title for one in drafts.list_open(session)] == ["Lower"]
    digest = change(desk, draft, lower, actor)
    assert drafts.finish(desk, draft, note="", actor=actor) == digest
    with desk.database.reading() as session:
        release = session.get_one(StoredRelease, digest)
        assert (release.note, release.imported_by, release.approved_at) == ("Lower", actor.id, None)
        assert drafts.list_open(session) == []
        assert releases.find_current(session, desk.clock.now()) == releases.SHIPPED


def test_what_cannot_be_read_is_not_kept(desk: Desk, actor: Actor) -> None:
    draft = drafts.start(desk, title="Bad", actor=actor)
    with pytest.raises(InvalidContent, match="threshold"):
        change(desk, draft, lambda document: document[PATH].update(threshold="much"), actor)
    with desk.database.reading() as session:
        assert drafts.load(session, draft).release.digest == shipped().digest


def test_nobody_writes_over_what_they_have_not_seen(desk: Desk, actor: Actor) -> None:
    draft = drafts.start(desk, title="Two", actor=actor)
    seen = drafts.sign(shipped().document[PATH])

    def guard() -> drafts.Change:
        return drafts.refuse_changed(lambda document: document[PATH], seen)

    digest = change(desk, draft, lower, actor, guard=guard())
    with pytest.raises(drafts.ChangedMeanwhile):
        change(desk, draft, lambda document: document[PATH].update(threshold=0.6), actor, guard=guard())
    with desk.database.reading() as session:
        assert drafts.load(session, draft).release.digest == digest


@pytest.mark.parametrize("end", ["finish", "discard"])
def test_a_draft_that_is_closed_is_closed(desk: Desk, actor: Actor, end: str) -> None:
    draft = drafts.start(desk, title="Done", actor=actor)
    change(desk, draft, lower, actor)
    if end == "finish":
        drafts.finish(desk, draft, note="", actor=actor)
    else:
        drafts.discard(desk, draft, actor=actor)
    for again in (
        lambda: change(desk, draft, lower, actor),
        lambda: drafts.finish(desk, draft, note="", actor=actor),
        lambda: drafts.discard(desk, draft, actor=actor),
    ):
        with pytest.raises(drafts.UnknownDraft):
            again()


def test_who_changed_what_is_in_the_audit_log(desk: Desk, actor: Actor) -> None:
    draft = drafts.start(desk, title="Told", actor=actor)
    change(desk, draft, lower, actor)
    change(desk, draft, lower, actor)
    drafts.discard(desk, draft, actor=actor)
    with desk.database.reading() as session:
        found = session.execute(
            select(AuditEntry.event, AuditEntry.actor_id, AuditEntry.detail)
            .where(AuditEntry.subject == f"draft:{draft}")
            .order_by(AuditEntry.id)
        ).all()
    assert [one.event for one in found] == ["draft.started", "draft.changed", "draft.discarded"]
    assert {one.actor_id for one in found} == {actor.id}
    assert found[1].detail == {"place": PATH}


def test_each_goes_on_where_they_were(desk: Desk, actor: Actor) -> None:
    other = Actor(add_agent(desk, "Xul", Role.OPS_EDITOR))
    mine = drafts.start(desk, title="Mine", actor=actor)
    theirs = drafts.start(desk, title="Theirs", actor=other)
    with desk.database.reading() as session:
        assert drafts.find_own(session, actor.id or 0) == mine
        assert drafts.find_own(session, other.id or 0) == theirs
        assert session.get_one(Draft, mine).based_on == shipped().digest
