"""Giving something away: the smallest concession that is enough, in the sentence, and taken back."""

import re
from copy import deepcopy

import pytest
from playwright.sync_api import expect

from assist.services.desk import Desk
from personas.release import Release, shipped
from tests.assist.scenes import put_in_force
from tests.browser.pages import ANA, Sidebar

BUDGET = {"EUR": 1000}


@pytest.fixture(scope="module", autouse=True)
def generous(desk: Desk) -> None:
    document = deepcopy(dict(shipped().document))
    document["policies.yaml"]["concessions"] = {
        "steps": [5],
        "margin_floor": 0,
        "roles": {"agent": {"most": 5, "budget": BUDGET, "days": 30}},
        "customer": {"most": 5, "budget": {"EUR": 420}, "days": 90},
    }
    put_in_force(desk, Release.of(document))


def test_a_concession_is_given_named_and_taken_back(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    page, first = sidebar.page, sidebar.items.first
    wallet, talk = page.locator("#wallet"), first.locator(".talk")
    expect(wallet).to_have_text("You may give up to 5% (€420 left)")
    before = talk.inner_text()
    give = first.get_by_role("button", name=re.compile("Give 5%: €"))
    give.press("Enter")
    expect(first.locator(".given")).to_have_text("−5 %")
    expect(wallet).not_to_contain_text("€420 left")
    expect(talk).not_to_have_text(before)
    expect(sidebar.title(1)).to_be_focused()

    first.get_by_role("button", name="Take back 5%").click()
    expect(talk).to_have_text(before)
    expect(wallet).to_contain_text("€420 left")

    give.click()
    expect(first.locator(".given")).to_be_visible()
    said = talk.inner_text()
    sidebar.title(1).press("Enter")
    expect(first).to_have_attribute("data-state", "offered")
    assert " ".join(page.evaluate("navigator.clipboard.readText()").split()) == " ".join(said.split())
    expect(first.get_by_role("button", name="Take back")).to_be_hidden()
