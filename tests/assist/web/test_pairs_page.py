"""The queue of learned pairs: told with what speaks for each, and answered by sales operations alone."""

import re

import pytest
from flask import Flask

from assist.models.account import Role
from assist.models.catalogue import DerivedFamily, DerivedMember
from assist.services import families, pairs
from assist.services.desk import Desk
from tests.assist.web.drafts import add_pair
from tests.assist.web.visitors import Visitor, arrive


@pytest.fixture
def editor(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.OPS_EDITOR)


@pytest.fixture
def queue(desk: Desk) -> None:
    add_pair(desk, "TENT")
    add_pair(desk, "OLD", state="expired", decided_at=desk.clock.now())
    with desk.database.writing() as session:
        family = DerivedFamily(name="Tents", state="proposed", confidence=0.8, reason="alike")
        family.proposed_at = desk.clock.now()
        session.add(family)
        session.flush()
        session.add_all(DerivedMember(family_id=family.id, sku=sku) for sku in ("TENT", "TENT2"))


def told(visitor: Visitor, path: str = "/pairs") -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", visitor.get(path).text).split())


def states(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return sorted(one.state for one in pairs.list_all(session))


def test_an_empty_queue_says_why(editor: Visitor) -> None:
    assert "Nothing to decide" in told(editor)
    assert "None in this state" in told(editor, "/pairs?state=rejected")


def test_a_pair_is_told_with_support_interval_and_lift(editor: Visitor, queue: None) -> None:
    assert "TENT TENT PEGS PEGS 10 of 16 62% 39% to 82% 4.7 ×" in told(editor)
    assert "OLD" not in told(editor)
    expired = told(editor, "/pairs?state=expired")
    assert "OLD" in expired
    assert "Nobody answered within 90 days." in expired


@pytest.mark.parametrize(("answer", "state"), [("approve", "approved"), ("reject", "rejected")])
def test_an_answer_leads_back_to_the_queue(
    editor: Visitor, desk: Desk, queue: None, answer: str, state: str
) -> None:
    back = editor.post("/pairs/1", {"answer": answer})
    assert back.location == "/pairs?state=proposed#queue"
    assert states(desk) == sorted(["expired", state])
    assert state.capitalize() in told(editor, back.location)


def test_a_family_is_answered_too(editor: Visitor, desk: Desk, queue: None) -> None:
    assert "Tents" in told(editor)
    editor.post("/pairs/families/1", {"answer": "approve"})
    with desk.database.reading() as session:
        assert [one.state for one in families.list_all(session)] == ["approved"]


def test_what_is_no_answer_or_about_nothing_changes_nothing(editor: Visitor, desk: Desk, queue: None) -> None:
    assert editor.post("/pairs/1", {"answer": "perhaps"}).status_code == 400
    for path in ("/pairs/99", "/pairs/families/99"):
        assert "found no more" in told(editor, editor.post(path, {"answer": "approve"}).location)
    assert states(desk) == ["expired", "proposed"]


def test_who_may_only_look_sees_no_buttons(app: Flask, desk: Desk, queue: None) -> None:
    page = arrive(app, desk, Role.AUDITOR).get("/pairs").text
    assert "TENT" in page
    assert 'name="answer"' not in page
