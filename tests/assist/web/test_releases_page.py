"""The releases' pages: from a zip file to what is in force, and back; each step by whom it is for."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from assist.models.account import Role
from assist.models.release import Simulation, StoredRelease
from assist.services import releases
from assist.services.desk import Desk
from assist.services.simulation import Plan, simulate
from personas.archive import write_archive
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.web.drafts import draft
from tests.assist.web.shops import open_shop
from tests.assist.web.visitors import TOKEN, Visitor, arrive


@pytest.fixture
def editor(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.OPS_EDITOR)


@pytest.fixture
def approver(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.OPS_APPROVER)


def send(visitor: Visitor, data: bytes, note: str = "stricter") -> tuple[int, str]:
    token = TOKEN.search(visitor.get("/account").text)
    assert token
    form = {"csrf_token": token[1], "note": note, "file": (BytesIO(data), "release.zip")}
    answer = visitor.client.post("/releases", data=form, content_type="multipart/form-data")
    return answer.status_code, answer.location or answer.text


def bring(editor: Visitor, desk: Desk, release: Release) -> str:
    assert send(editor, write_archive(release))[0] == 302
    simulate(desk, release.digest, plan=Plan(most=20))
    return f"/releases/{release.digest}"


def told(visitor: Visitor, path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", visitor.get(path).text).split())


def do(visitor: Visitor, path: str, **form: str) -> str:
    """What the page says after it."""
    answer = visitor.post(path, form)
    assert answer.status_code == 302
    return told(visitor, answer.location)


def test_what_is_downloaded_and_sent_back_is_the_same_release(editor: Visitor) -> None:
    answer = editor.get("/releases/shipped.zip")
    assert answer.mimetype == "application/zip"
    assert send(editor, answer.data) == (302, f"/releases/{shipped().digest}")


def test_from_a_file_to_what_is_in_force_and_back(editor: Visitor, approver: Visitor, desk: Desk) -> None:
    release = draft()
    path = bring(editor, desk, release)
    page = told(editor, path)
    assert "personas/small_company.yaml: threshold" in page
    assert "stricter" in page
    assert "Put in force" not in page, "that is for approvers"
    assert "Approved. It can be put in force now." in do(approver, f"{path}/approve")
    assert "It is in force." in do(approver, f"{path}/activate", why="spring")
    assert desk.releases.current().digest == release.digest
    assert "spring" in told(approver, "/releases")
    assert "is in force again" in do(approver, "/releases/rollback", why="too strict")
    assert "rolled back" in told(approver, "/releases")


def test_it_begins_when_the_reader_says_and_never_by_mistake(
    editor: Visitor, approver: Visitor, desk: Desk, clock: HandClock
) -> None:
    path = bring(editor, desk, draft())
    do(approver, f"{path}/approve")
    for wrong in ("2025-01-01T09:00", "soon"):
        assert "Nothing was changed" in do(approver, f"{path}/activate", begins=wrong, why="x")
    later = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert "It is scheduled." in do(approver, f"{path}/activate", begins=later, why="x")
    assert "scheduled" in told(approver, "/releases")
    assert "in force from" in told(approver, path)


def test_what_cannot_be_done_is_told_with_the_way_out(editor: Visitor, approver: Visitor, desk: Desk) -> None:
    release = draft()
    send(editor, write_archive(release))
    path = f"/releases/{release.digest}"
    assert "Simulate it first." in do(approver, f"{path}/approve")
    assert "nobody has approved it yet" in do(approver, f"{path}/activate", why="x")
    assert "nothing was before it" in do(approver, "/releases/rollback", why="x")
    own = draft(0.8)
    bring(approver, desk, own)
    assert "Ask another approver" in do(approver, f"/releases/{own.digest}/approve")


def test_errors_of_a_release_are_listed_in_the_readers_language(editor: Visitor, desk: Desk) -> None:
    rule = {
        "key": "spring",
        "stage": "boost",
        "if": {"fact": "calendar.spring", "at_most": 3},
        "effect": {"factor": 1.5},
        "to": "2099-01-01",
        "reason": {"en": "Spring", "es": "Primavera", "pt-BR": "Primavera"},
        "owner": "Ops",
        "tests": [],
    }
    release = draft(files={"rules.yaml": {"rules": [rule]}})
    path = bring(editor, desk, release)
    page = editor.get(path, headers={"Accept-Language": "es"}).text
    assert "rules.yaml: spring" in page
    assert 'class="tag bad">error' in page
    assert "/activate" not in page
    assert "/simulate" not in page


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_release_is_refused_with_the_place(editor: Visitor, data: bytes) -> None:
    status, page = send(editor, data)
    assert status == 422
    assert "Nothing was imported." in page
    assert 'role="alert"' in page


def test_a_file_that_is_too_large_is_refused(editor: Visitor) -> None:
    body, kind = bytes(700 * 1024), "multipart/form-data; boundary=x"
    assert editor.client.post("/releases", data=body, content_type=kind).status_code == 413


def test_a_simulation_is_shown_with_what_it_does_not_know(editor: Visitor, desk: Desk) -> None:
    open_shop(desk)
    page = told(editor, bring(editor, desk, draft()))
    assert "customers as they are now, under both" in page
    assert "From candidates to suggestions" in page
    assert "By country" in page
    assert "n = " in page
    assert "No model serves" in page


def test_a_simulation_against_another_release_is_told_to_be_old(editor: Visitor, desk: Desk) -> None:
    first, second = draft(0.9), draft(0.8)
    path = bring(editor, desk, first)
    releases.bring_in(desk, second)
    simulate(desk, second.digest, plan=Plan(most=1))
    releases.activate(desk, second.digest)
    assert "held against another release" in told(editor, path)


def test_a_simulation_is_asked_for_and_not_waited_for(editor: Visitor) -> None:
    assert "will start in a moment" in do(editor, "/releases/shipped/simulate")
    assert editor.post("/releases/nothing/simulate").status_code == 404


def test_the_largest_changes_are_told_with_their_cause(editor: Visitor, desk: Desk) -> None:
    open_shop(desk)
    release = draft()
    path = bring(editor, desk, release)
    why = {"side": "after", "product": "ATLAS", "stage": "eligibility", "rule": "rule:year"}
    change: dict[str, Any] = {
        "customer": 7,
        "decision": None,
        "at": "2026-03-01T09:00:00+00:00",
        "currency": "EUR",
        "difference": "-12.50",
        "before": {"persona": "value_keeper", "silence": None, "shown": [{"sku": "ATLAS", "value": "12.50"}]},
        "after": {"persona": None, "silence": "nothing_fits", "shown": []},
        "why": [{**why, "clause": "month < 12"}, {**why, "actual": "3", "wanted": "12"}],
    }
    with desk.database.writing() as session:
        row = session.scalars(select(Simulation)).one()
        money = {"EUR": {"n": 40, "sum": "80.00", "mean": "2.00", "low": "1.50", "high": "2.50"}}
        exposure = {"most": {"EUR": "9.90"}, "counted": 3, "uncounted": 1}
        side = {**row.report["before"], "value": money, "concession_upper_bound": exposure}
        row.report = {**row.report, "changes": [change], "before": side}
    page = told(editor, path)
    assert "customer 7 2026-03-01 -€12.50 ATLAS value_keeper Nothing worth offering" in page
    assert "ATLAS · Not for them · rule:year month &lt; 12 Here" in page
    assert "ATLAS · Not for them · rule:year 3 → 12 Here" in page
    assert "Expected per decision, EUR €2 €1.50 to €2.50 · n = 40 –" in page
    assert "Concessions at most, EUR €9.90 €0" in page


def test_a_release_of_another_edition_is_told_to_be_unreadable(editor: Visitor, desk: Desk) -> None:
    path = bring(editor, desk, draft())
    with desk.database.writing() as session:
        session.execute(update(StoredRelease).values(document={"icp.yaml": {}}))
    assert "cannot be read by this one" in told(editor, path)
    assert editor.get(f"{path}.zip").status_code == 404
