"""Putting a suggestion on what the customer is about to buy: the agent's choice, by keyboard, and undone in time."""

import re

from playwright.sync_api import expect
from sqlalchemy import select

from assist.models.outbox import OutboxEntry
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from assist.store import outbox
from crm_adapters.transport import Purpose
from crm_adapters.vendors.sample import Adapter
from tests.browser.pages import GRACE, JOAO, PAULA, Sidebar


def _sample(desk: Desk) -> Adapter:
    with desk.database.reading() as session:
        adapter = open_adapter(desk, get_connection(session, "sample"), Purpose.BACKGROUND)
    assert isinstance(adapter, Adapter)
    return adapter


def _line_states(desk: Desk) -> list[str]:
    lines = select(OutboxEntry.state).where(OutboxEntry.operation == outbox.LINE).order_by(OutboxEntry.id)
    with desk.database.reading() as session:
        return list(session.scalars(lines))


def test_an_offered_suggestion_is_added_to_the_one_open_quote(sidebar: Sidebar, desk: Desk) -> None:
    page = sidebar.page
    sidebar.open(email=JOAO, conversation="joao")
    expect(page.locator("#deals")).to_contain_text("Quote Q-0302")
    first = sidebar.items.first
    control = first.get_by_role("button", name="Add to quote Q-0302")
    expect(control).to_be_hidden()
    before = len(_sample(desk).open_deals("C-0002")[0].lines)

    sidebar.title(1).press("Enter")
    expect(control).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if control.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(first.locator(".added")).to_have_text("Goes on Q-0302")
    expect(sidebar.title(1)).to_be_focused()
    expect(control).to_be_hidden()
    expect(sidebar.undo_bar).to_contain_text("Add to quote Q-0302")

    page.keyboard.press("Control+z")
    expect(first.locator(".added")).to_have_count(0)
    expect(first).to_have_attribute("data-state", "offered")
    control.click()
    expect(first.locator(".added")).to_have_text("On Q-0302 ✓", timeout=20_000)
    assert len(_sample(desk).open_deals("C-0002")[0].lines) == before + 1
    assert _line_states(desk)[-2:] == [outbox.CANCELLED, outbox.DELIVERED]

    page.goto("about:blank")
    sidebar.open(email=JOAO, conversation="joao")
    expect(sidebar.items.first.locator(".added")).to_have_text("On Q-0302 ✓")


def test_of_several_the_agent_chooses(sidebar: Sidebar, desk: Desk) -> None:
    sidebar.open(email=PAULA)
    first = sidebar.items.first
    sidebar.title(1).press("Enter")
    opener = first.get_by_role("button", name="Add to a deal")
    opener.press("Enter")
    expect(first.get_by_role("button", name="Add to quote Q-0305")).to_be_focused()
    sidebar.page.keyboard.press("Escape")
    expect(sidebar.title(1)).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.press("Enter")
    first.get_by_role("button", name="Add to quote Q-0306").click()
    expect(first.locator(".added")).to_have_text("Goes on Q-0306")
    expect(first.locator(".added")).to_have_text("On Q-0306 ✓", timeout=20_000)


def test_a_quote_that_was_closed_meanwhile_is_told_and_another_may_be_chosen(
    sidebar: Sidebar, desk: Desk
) -> None:
    sidebar.open(email=GRACE)
    first = sidebar.items.first
    sidebar.title(1).press("Enter")
    first.get_by_role("button", name="Add to a deal").click()
    _sample(desk).close_deal("Q-0303")
    first.get_by_role("button", name="Add to quote Q-0303").click()
    closed = re.compile("Not added: Q-0303 was closed meanwhile")
    expect(first.locator(".added")).to_have_text(closed, timeout=20_000)
    expect(first.get_by_role("button", name="Add to a deal")).to_be_visible()


def test_a_customer_without_open_deals_is_offered_nothing_of_the_kind(sidebar: Sidebar) -> None:
    with sidebar.page.expect_response("**/sidebar/deals"):
        sidebar.open(email="diego.navarro@example.com")
    sidebar.title(1).press("Enter")
    expect(sidebar.items.first).to_have_attribute("data-state", "offered")
    expect(sidebar.page.get_by_role("button", name=re.compile("^Add to"))).to_have_count(0)
    expect(sidebar.page.locator("#deals")).to_be_hidden()
