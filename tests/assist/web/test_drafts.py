"""The pages of a draft: changed by forms that lose nothing, and never what is in force."""

import re
from typing import Any

import pytest
from flask import Flask

from assist.models.account import Role
from assist.services import drafts, releases
from assist.services.desk import Desk
from personas.release import Release, shipped
from tests.assist.web.shops import open_shop, sell
from tests.assist.web.visitors import Visitor, arrive

FIELD = re.compile(
    r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"|<textarea[^>]*?name="([^"]+)"[^>]*>([^<]*)</textarea>'
)
CHOSEN = re.compile(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
SELECTED = re.compile(r'<option value="([^"]*)" selected')
PERSONA = "/personas/early_upgrader"


@pytest.fixture
def editor(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.OPS_EDITOR)


@pytest.fixture
def draft(editor: Visitor) -> str:
    answer = editor.post("/drafts", {"title": "Autumn"})
    assert answer.status_code == 302
    return str(answer.location)


def form_of(visitor: Visitor, path: str) -> dict[str, str]:
    """What a browser would send from the editor's page."""
    page = visitor.get(path).text
    page = page[page.index("data-editor") :].partition("</form>")[0]
    fields = {one or other: text or area for one, text, other, area in FIELD.findall(page)}
    for name, options in CHOSEN.findall(page):
        found = SELECTED.search(options)
        fields[name] = found[1] if found else ""
    return {name: _plain(text) for name, text in fields.items() if name != "csrf_token"}


def _plain(text: str) -> str:
    for sign, code in (('"', "&#34;"), ("'", "&#39;"), ("<", "&lt;"), (">", "&gt;"), ("&", "&amp;")):
        text = text.replace(code, sign)
    return text.strip()


def release_of(desk: Desk, draft: str) -> Release:
    with desk.database.reading() as session:
        return drafts.load(session, int(draft.rpartition("/")[2])).release


def check(visitor: Visitor, path: str, form: dict[str, str]) -> Any:
    return visitor.post(path, form | {"do": "check"}).json


PARTS = [
    PERSONA,
    "/icp",
    "/talk-tracks/upsell",
    "/calendar",
    "/policies",
    "/texts/notes",
    "/texts/questions",
]


@pytest.mark.parametrize("part", PARTS)
def test_saving_what_nobody_changed_changes_nothing(
    editor: Visitor, desk: Desk, draft: str, part: str
) -> None:
    answer = editor.post(draft + part, form_of(editor, draft + part))
    assert answer.status_code == 302, answer.text
    assert release_of(desk, draft).digest == shipped().digest


def test_a_threshold_is_changed_in_the_draft_only(editor: Visitor, desk: Desk, draft: str) -> None:
    form = form_of(editor, draft + PERSONA) | {"threshold": "0,5"}
    assert editor.post(draft + PERSONA, form).status_code == 302
    changed = release_of(desk, draft)
    assert changed.document["personas/early_upgrader.yaml"]["threshold"] == 0.5
    assert desk.releases.current().digest == shipped().digest
    page = editor.get(draft).text
    assert "personas/early_upgrader.yaml: threshold" in page


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    editor: Visitor, desk: Desk, draft: str
) -> None:
    wrong = "order.count_12m at least 3 and order.count_12m at most 2"
    form = form_of(editor, draft + PERSONA) | {"criteria[0].if": wrong, "summary.en": "Written for an hour"}
    answer = editor.post(draft + PERSONA, form)
    assert answer.status_code == 422
    assert "can never both be true" in answer.text
    assert wrong in answer.text
    assert "Written for an hour" in answer.text
    assert release_of(desk, draft).digest == shipped().digest


def test_checking_tells_without_saving(editor: Visitor, desk: Desk, draft: str) -> None:
    sell(desk, open_shop(desk), days_ago=9, name="Atlas 12")
    form = form_of(editor, draft + PERSONA)
    assert check(editor, draft + PERSONA, form | {"threshold": "2"})["errors"] == {
        "threshold": "a number from 0 to 1 is wanted"
    }
    form = {name: text for name, text in form.items() if not name.startswith("criteria[")}
    form |= {"criteria[0].if": "customer.country is MX", "criteria[0].weight": "5"}
    found = check(editor, draft + PERSONA, form)
    assert found["errors"] == {}
    assert "Customers it leads for" in found["live"]
    assert "Ana &lt;Ruiz&gt;" in found["live"]
    assert release_of(desk, draft).digest == shipped().digest


def test_rows_are_added_and_dropped_without_a_script(editor: Visitor, draft: str) -> None:
    form = form_of(editor, draft + PERSONA)
    more = editor.post(draft + PERSONA, form | {"do": "add criteria"}).text
    assert 'name="criteria[8].if"' in more
    less = editor.post(draft + PERSONA, form | {"do": "drop criteria[0]"}).text
    assert 'name="criteria[7].if"' not in less
    assert form["criteria[1].if"] in _plain(less)


def test_two_editors_do_not_write_over_each_other(
    app: Flask, desk: Desk, editor: Visitor, draft: str
) -> None:
    first, second = form_of(editor, draft + PERSONA), form_of(editor, draft + PERSONA)
    assert editor.post(draft + PERSONA, first | {"threshold": "0.6"}).status_code == 302
    answer = editor.post(draft + PERSONA, second | {"threshold": "0.5"})
    assert answer.status_code == 422
    assert "Somebody else changed this meanwhile" in answer.text
    seen = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert seen
    assert editor.post(draft + PERSONA, second | {"threshold": "0.5", "seen": seen[1]}).status_code == 302
    assert release_of(desk, draft).document["personas/early_upgrader.yaml"]["threshold"] == 0.5


def rule(**other: str) -> dict[str, str]:
    reasons = {f"reason.{language}": "Audio" for language in ("en", "es", "pt-BR")}
    return {
        "key": "audio",
        "effect.factor": "1.5",
        "if": "order.count_12m at least 2",
        "scope.categories": "audio",
        "to": "2026-06-01",
        "owner": "Ops",
        "seen": drafts.sign(None),
        **reasons,
        **other,
    }


def test_a_rule_is_written_tested_and_removed(editor: Visitor, desk: Desk, draft: str) -> None:
    new = f"{draft}/rules/new/boost"
    assert "a boost must end" in editor.post(new, rule(to="")).text
    tests = {"tests[0].given": "order.count_12m: 1", "tests[0].expect": "applies"}
    assert editor.post(new, rule(**tests)).location == f"{draft}/rules"
    [written] = release_of(desk, draft).catalogue.rules
    assert (written.key, written.stage, written.owner) == ("audio", "boost", "Ops")
    listed = editor.get(f"{draft}/rules").text
    assert "The test expects" in listed
    assert "Errors keep a release out of force" in editor.get(draft).text
    form = form_of(editor, f"{draft}/rules/audio") | {"tests[0].given": "order.count_12m: 2"}
    assert editor.post(f"{draft}/rules/audio", form).status_code == 302
    assert "The test expects" not in editor.get(f"{draft}/rules").text
    editor.post(f"{draft}/rules/audio/remove")
    assert release_of(desk, draft).catalogue.rules == ()


def test_a_key_that_is_taken_is_refused(editor: Visitor, draft: str) -> None:
    new = f"{draft}/rules/new/boost"
    editor.post(new, rule())
    assert "is the key of another rule" in editor.post(new, rule()).text


def test_a_persona_begins_as_a_copy_and_the_last_one_stays(editor: Visitor, desk: Desk, draft: str) -> None:
    editor.post(f"{draft}/personas", {"key": "gift_giver", "from": "early_upgrader"})
    assert len(release_of(desk, draft).catalogue.personas) == 7
    for path in [one for one in release_of(desk, draft).document if one.startswith("personas/")]:
        key = path.removeprefix("personas/").removesuffix(".yaml")
        answer = editor.post(f"{draft}/personas/{key}/remove")
        assert answer.status_code == 302
    assert [one.key for one in release_of(desk, draft).catalogue.personas] == ["value_keeper"]
    assert "Small letters" in editor.get(f"{draft}/personas").text
    refused = editor.post(f"{draft}/personas", {"key": "../x", "from": "value_keeper"}, follow_redirects=True)
    assert "Nothing was added" in refused.text


def test_the_linter_reads_along(editor: Visitor, draft: str) -> None:
    path = f"{draft}/talk-tracks/upsell"
    form = form_of(editor, path)
    form["en.neutral"] = f"BUY THE {{product}} NOW!!!\n{form['en.neutral']}"
    found = check(editor, path, form)
    assert "upsell.en.neutral[0]" in found["live"]


def test_a_calendar_that_is_wrong_names_the_country(editor: Visitor, draft: str) -> None:
    path = f"{draft}/calendar"
    wrong = form_of(editor, path) | {
        "calendar": "christmas: {name: {en: a, es: b, pt-BR: c}, days: {Brazil: {day: '12-25'}}}"
    }
    assert "Brazil is no country" in check(editor, path, wrong)["errors"]["calendar"]


def test_a_draft_is_seen_on_a_real_customer(editor: Visitor, desk: Desk, draft: str) -> None:
    sell(desk, open_shop(desk), days_ago=9, name="Atlas 12")
    path = f"{draft}/preview"
    assert "Ana &lt;Ruiz&gt;" in editor.get(path).text
    form = form_of(editor, draft + PERSONA) | {"threshold": "0", "minimum_coverage": "0.5"}
    editor.post(draft + PERSONA, form)
    seen = editor.post(path, {"key": "c1@example.com", "product": "Atlas"}).text
    assert "In force" in seen
    assert "This draft" in seen
    assert "Why not?" in seen
    assert "Several customers have it" in editor.post(path, {"key": "family@example.com"}).text
    assert "Nobody found" in editor.post(path, {"key": "nobody@example.com"}).text


def test_it_becomes_a_release_once(editor: Visitor, desk: Desk, draft: str) -> None:
    editor.post(draft + PERSONA, form_of(editor, draft + PERSONA) | {"threshold": "0.5"})
    answer = editor.post(f"{draft}/release", {"note": "Softer"})
    assert answer.location == f"/releases/{release_of_note(desk, 'Softer')}"
    assert editor.get(draft).status_code == 404
    assert editor.post(f"{draft}/release").status_code == 404


def release_of_note(desk: Desk, note: str) -> str:
    with desk.database.reading() as session:
        return next(one.digest for one in releases.list_all(session, desk.clock.now()) if one.note == note)


def test_changing_a_section_goes_on_in_the_same_draft(editor: Visitor, draft: str) -> None:
    assert editor.post("/drafts", {"section": "rules"}).location == f"{draft}/rules"
    assert editor.post("/drafts", {"title": "Another"}).location != draft


def test_a_draft_can_be_thrown_away(editor: Visitor, draft: str) -> None:
    assert editor.post(f"{draft}/discard").location == "/drafts"
    assert "No draft is open" in editor.get("/drafts").text


def test_what_is_in_force_can_be_read_section_by_section(app: Flask, desk: Desk) -> None:
    auditor = arrive(app, desk, Role.AUDITOR)
    for path in ("/icp", "/icp?days=90", "/rules", "/talk-tracks", "/calendar", "/policies"):
        page = auditor.get(path)
        assert page.status_code == 200, path
        assert "Change it in a draft" not in page.text


def test_facts_are_proposed_with_what_goes_with_them(editor: Visitor, desk: Desk) -> None:
    sell(desk, open_shop(desk), days_ago=9, name="Atlas 12")
    found = editor.get("/facts.json").json
    assert found is not None
    facts = {one["name"]: one for one in found["facts"]}
    assert "at least" in facts["order.count_12m"]["operators"]
    assert facts["customer.lifecycle"]["values"][0] == "prospect"
