"""The agent's work with the sidebar, by keyboard."""

import re
from collections.abc import Callable, Sequence

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from assist.models.decision import Event, Outcome
from assist.models.mirror import Customer, Order, OrderLine, Product
from assist.models.outbox import OutboxEntry
from assist.services.desk import Desk
from assist.store import outbox
from tests.browser.pages import ANA, DIEGO, LUCIA, PAULA, RAFAEL, Sidebar, sign_in


def _outcomes(desk: Desk) -> Sequence[Outcome]:
    with desk.database.reading() as session:
        return session.scalars(select(Outcome).order_by(Outcome.at)).all()


def _event_kinds(desk: Desk, suggestion_id: str) -> set[str]:
    with desk.database.reading() as session:
        return set(session.scalars(select(Event.kind).where(Event.suggestion_id == suggestion_id)))


def test_an_agent_looks_up_inserts_declines_and_undoes(sidebar: Sidebar, desk: Desk) -> None:
    page = sidebar.page
    sidebar.open()
    expect(sidebar.heading).to_have_text("Nobody chosen yet")
    sidebar.look_up(ANA)
    expect(sidebar.heading).to_have_text("Ana Ruiz")
    expect(page.locator(".about")).to_contain_text("usted")
    expect(page.locator(".chip.persona")).not_to_be_empty()
    expect(page.locator("#past summary")).to_contain_text("Last")
    expect(sidebar.items.first.locator(".why")).to_have_text(
        re.compile(r"\d+ of \d+ who bought|Follows from")
    )

    sidebar.box.press("ArrowDown")
    expect(sidebar.title(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(sidebar.items.first).to_have_attribute("data-state", "offered")
    offered = sidebar.items.first.locator(".talk").inner_text()
    assert sidebar.clipboard() == offered

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    expect(page.get_by_role("menuitem", name="Too expensive")).to_be_focused()
    page.keyboard.press("3")
    expect(sidebar.items.nth(1)).to_have_attribute("data-state", "declined")
    expect(sidebar.title(3)).to_be_focused()

    page.keyboard.press("Enter")
    expect(sidebar.undo_bar).to_contain_text("Copied")
    page.keyboard.press("Control+z")
    expect(sidebar.items.nth(2)).to_have_attribute("data-state", "")

    expect(page.locator(".crm")).to_contain_text("✓", timeout=20_000)
    acts = [(row.act, row.reason, row.channel) for row in _outcomes(desk) if row.undone_at is None]
    assert acts == [("offered", None, "copy"), ("declined", "not_interested", None)]
    with desk.database.reading() as session:
        states = session.scalars(select(OutboxEntry.state).order_by(OutboxEntry.id)).all()
    assert states == [outbox.DELIVERED, outbox.DELIVERED, outbox.CANCELLED]


SLOW_CLIPBOARD = """() => {
  const write = navigator.clipboard.writeText.bind(navigator.clipboard);
  navigator.clipboard.writeText = (text) => new Promise((go) => { window.letGo = go; }).then(() => write(text));
}"""


def test_undo_takes_back_what_was_done_last_even_before_it_is_done(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    page = sidebar.page
    sidebar.title(1).focus()
    page.keyboard.press("Delete")
    page.keyboard.press("3")
    expect(sidebar.items.first).to_have_attribute("data-state", "declined")
    page.evaluate(SLOW_CLIPBOARD)
    expect(sidebar.title(2)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+z")
    with page.expect_response("**/undo"):
        page.evaluate("window.letGo()")
    expect(sidebar.items.nth(1)).to_have_attribute("data-state", "")
    expect(sidebar.items.first).to_have_attribute("data-state", "declined")


def test_every_suggestion_is_recorded_as_shown_and_then_as_viewed(sidebar: Sidebar, desk: Desk) -> None:
    with sidebar.page.expect_response(lambda answer: '"viewed"' in (answer.request.post_data or "")):
        sidebar.open(email=DIEGO)
    first = sidebar.items.first.get_attribute("data-id") or ""
    assert _event_kinds(desk, first) == {"shown", "viewed"}


def test_alt_and_a_digit_insert_from_anywhere(sidebar: Sidebar) -> None:
    sidebar.open(email=PAULA)
    sidebar.box.focus()
    sidebar.page.keyboard.press("Alt+2")
    expect(sidebar.items.nth(1)).to_have_attribute("data-state", "offered")
    assert sidebar.clipboard() == sidebar.items.nth(1).locator(".talk").inner_text()


def test_the_customers_answer_is_noted(sidebar: Sidebar) -> None:
    sidebar.open(email=RAFAEL)
    first = sidebar.items.first
    sidebar.title(1).press("Enter")
    first.get_by_role("button", name="said no").click()
    expect(sidebar.page.get_by_role("menuitem", name="Wrong moment")).to_be_hidden()
    sidebar.page.keyboard.press("Escape")
    expect(sidebar.title(1)).to_be_focused()
    first.get_by_role("button", name="said yes").click()
    expect(first).to_have_attribute("data-state", "accepted")


def test_single_keys_do_nothing_while_the_agent_types(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    sidebar.box.press_sequentially("who/?3")
    sidebar.box.press("Delete")
    expect(sidebar.box).to_have_value("who/?3")
    expect(sidebar.page.get_by_role("menu")).to_be_hidden()
    expect(sidebar.page.get_by_role("dialog")).to_be_hidden()


def test_the_list_has_one_tab_stop_and_its_own_keys(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    assert sidebar.page.locator(".title[tabindex='0']").count() == 1
    sidebar.title(1).press("ArrowDown")
    expect(sidebar.title(2)).to_be_focused()
    expect(sidebar.title(2)).to_have_attribute("aria-expanded", "true")
    expect(sidebar.title(1)).to_have_attribute("aria-expanded", "false")
    sidebar.title(2).press("?")
    expect(sidebar.page.get_by_role("dialog")).to_be_visible()
    sidebar.page.keyboard.press("Escape")
    sidebar.title(2).press("/")
    expect(sidebar.product).to_be_focused()
    sidebar.page.keyboard.press("Escape")
    expect(sidebar.title(2)).to_be_focused()


def test_an_agent_asks_why_not_by_keyboard(sidebar: Sidebar, desk: Desk) -> None:
    with desk.database.reading() as session:
        owned = session.scalars(
            select(Product.sku)
            .join(OrderLine, OrderLine.product_id == Product.id)
            .join(Order, Order.id == OrderLine.order_id)
            .join(Customer, Customer.id == Order.customer_id)
            .where(Customer.name == "Ana Ruiz", Order.status == "won")
        ).first()
    sidebar.open(email=ANA)
    expect(sidebar.product).to_have_value("")
    sidebar.title(1).press("/")
    sidebar.page.keyboard.type(owned or "")
    sidebar.page.keyboard.press("Enter")
    expect(sidebar.why_not).to_contain_text("They have it already.")
    sidebar.product.fill("no such thing")
    sidebar.page.keyboard.press("Enter")
    expect(sidebar.why_not).to_contain_text("No connected shop has a product")
    sidebar.product.fill("case")
    sidebar.page.keyboard.press("Enter")
    expect(sidebar.why_not.locator(".choice").first).to_be_visible()
    sidebar.page.keyboard.press("Tab")
    sidebar.page.keyboard.press("Enter")
    expect(sidebar.why_not.locator(".label").first).to_be_visible()
    sidebar.look_up(PAULA)
    expect(sidebar.why_not).to_be_empty()
    expect(sidebar.product).to_have_value("")


def test_an_agent_picks_another_persona(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA, conversation="persona")
    chip = sidebar.page.locator(".chip.persona")
    before = chip.inner_text()
    chip.press("Enter")
    sidebar.page.get_by_role("button", name="None of these").press("Enter")
    expect(chip).to_contain_text("No persona fits chosen by you")
    expect(chip).to_be_focused()
    expect(sidebar.page.locator(".matched")).to_contain_text("e-mail")
    sidebar.open(email=ANA, conversation="persona")
    expect(chip).to_contain_text("chosen by you")
    chip.press("Enter")
    sidebar.page.get_by_role("button", name="Take my choice back").press("Enter")
    expect(chip).to_have_text(before)


def test_why_shows_the_counts_and_what_it_follows_from(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    sidebar.items.first.get_by_role("button", name="Why").click()
    panel = sidebar.items.first.locator(".panel")
    expect(panel).to_contain_text("What it follows from")
    expect(panel.locator(".bar").first).to_be_visible()


def test_wrong_moment_closes_the_list_and_undo_opens_it_again(sidebar: Sidebar) -> None:
    sidebar.open(email=PAULA, conversation="wrong-moment")
    sidebar.title(1).press("Delete")
    sidebar.page.get_by_role("menuitem", name="Wrong moment").click()
    expect(sidebar.page.locator(".gate")).to_contain_text("wrong moment")
    expect(sidebar.items).to_have_count(0)
    sidebar.page.keyboard.press("Control+z")
    expect(sidebar.items.first).to_be_visible()


def test_a_page_without_sign_in_says_so_and_goes_on_after_it(
    open_context: Callable[..., BrowserContext],
) -> None:
    context = open_context(signed_in=False)
    sidebar = Sidebar(context.new_page())
    sidebar.open(email=ANA)
    expect(sidebar.heading).to_have_text("Sign in to go on")
    with context.expect_page() as opened:
        sidebar.page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value)
    opened.value.close()
    sidebar.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(sidebar.heading).to_have_text("Ana Ruiz")


def test_what_is_asked_is_answered_by_a_chip_and_taken_back(sidebar: Sidebar) -> None:
    sidebar.open(email=LUCIA)
    page, chip = sidebar.page, sidebar.page.locator(".chip.persona")
    question = page.get_by_role("group", name="Ask: Which phone do they use?")
    question.get_by_role("button", name="Storm").press("Enter")
    expect(question).to_have_count(0)
    expect(chip).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.locator("#why-persona")
    expect(panel).to_contain_text("Mobile gamer")
    expect(panel).to_contain_text("Which phone do they use? Storm")
    panel.get_by_role("button", name="Take it back").click()
    expect(question).to_be_visible()
