"""Releases by the API: out and in again under one name, approved by another account, in force, taken back."""

from copy import deepcopy
from typing import Any

import pytest

from assist.models.account import Role
from assist.services.desk import Desk
from assist.services.simulation import Plan, simulate
from personas.release import shipped
from tests.assist.web.api.conftest import Arrive, Script


@pytest.fixture
def editor(arrive: Arrive) -> Script:
    return arrive(Role.OPS_EDITOR, name="editor")


@pytest.fixture
def approver(arrive: Arrive) -> Script:
    return arrive(Role.OPS_APPROVER, name="approver")


def draft(name: str = "Ours") -> dict[str, Any]:
    document = deepcopy(dict(shipped().document))
    document["icp.yaml"]["name"]["en"] = name
    return document


def bring_in(editor: Script) -> str:
    answer: Any = editor.ask("/releases", {"document": draft(), "note": "our own ICP"}).json
    return str(answer["digest"])


def detail(answer: Any) -> str:
    assert answer.content_type == "application/problem+json"
    return str(answer.json["detail"])


def test_what_is_exported_comes_in_again_under_its_name(editor: Script) -> None:
    out: Any = editor.ask("/releases/shipped").json
    assert out["digest"] == shipped().digest
    first = editor.ask("/releases", {"document": out["document"]})
    assert (first.status_code, first.json) == (201, {"digest": shipped().digest, "new": True})
    again = editor.ask("/releases", {"document": out["document"]})
    assert (again.status_code, again.json) == (200, {"digest": shipped().digest, "new": False})
    by_start: Any = editor.ask(f"/releases/{shipped().digest[:8]}").json
    assert by_start["digest"] == shipped().digest


def test_a_release_larger_than_other_bodies_is_taken(editor: Script) -> None:
    document = draft("x" * 100_000)
    assert editor.ask("/releases", {"document": document}).status_code in (201, 422)


def test_from_import_to_force_and_back(desk: Desk, editor: Script, approver: Script) -> None:
    digest = bring_in(editor)
    assert "simulate" in detail(approver.ask(f"/releases/{digest}/approve", {}))
    assert editor.ask(f"/releases/{digest}/simulation").status_code == 404
    simulate(desk, digest, plan=Plan(most=1))
    report: Any = editor.ask(f"/releases/{digest}/simulation").json
    assert (report["release"], report["against"]) == (digest, shipped().digest)
    assert "Nobody has approved" in detail(approver.ask(f"/releases/{digest}/activate", {}))
    assert approver.ask(f"/releases/{digest}/approve", {}).json == {"digest": digest}
    assert approver.ask(f"/releases/{digest}/activate", {"why": "spring"}).json == {"digest": digest}
    listed: Any = editor.ask("/releases").json
    assert [(one["digest"], one["in_force"]) for one in listed["releases"]] == [
        (digest, True),
        ("shipped", False),
    ]
    assert approver.ask("/releases/roll-back", {}).json == {"digest": None}
    assert approver.ask("/releases/roll-back", {}).status_code == 409


def test_who_imports_does_not_approve(desk: Desk, arrive: Arrive) -> None:
    both = arrive(Role.OPS_EDITOR, Role.OPS_APPROVER)
    digest = bring_in(both)
    simulate(desk, digest, plan=Plan(most=1))
    assert "cannot approve it" in detail(both.ask(f"/releases/{digest}/approve", {}))


@pytest.mark.parametrize("name", ["0" * 64, "abc", "Shipped", "%00", "*" * 8])
def test_a_release_that_there_is_not(editor: Script, approver: Script, name: str) -> None:
    assert editor.ask(f"/releases/{name}").status_code == 404
    assert editor.ask(f"/releases/{name}/simulation").status_code == 404
    assert approver.ask(f"/releases/{name}/approve", {}).status_code == 404
    assert approver.ask(f"/releases/{name}/activate", {}).status_code == 404


def nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "document", [{}, {"icp.yaml": 1}, {"nothing.yaml": {}}, draft() | {"icp.yaml": nested(700)}]
)
def test_what_is_no_release_is_refused_with_its_place(editor: Script, document: dict[str, Any]) -> None:
    refused: Any = editor.ask("/releases", {"document": document})
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["document"]


@pytest.mark.parametrize("begins_at", ["soon", "2027-01-02T08:00", "9999-12-31T23:59:59-14:00", 7])
def test_a_release_begins_at_a_moment(approver: Script, editor: Script, begins_at: object) -> None:
    refused: Any = approver.ask(f"/releases/{bring_in(editor)}/activate", {"begins_at": begins_at})
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["begins_at"]
