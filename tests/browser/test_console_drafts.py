"""Sales operations at work in Chromium: a change from its first thought to every sidebar, and back."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from assist.jobs import Jobs, open_queue
from assist.models.account import Role
from assist.services.accounts import add_user
from assist.services.desk import Desk
from assist.store import releases as store
from tests.browser.pages import ANA, LOOKS, PASSWORD, Sidebar, check, sign_in

EDITOR, APPROVER = "editor@example.com", "approver@example.com"
WIDE = {"width": 1280, "height": 900}
PERSONA = "early_upgrader"
GATE = "Nothing is sold in a stocktake"

Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def people(desk: Desk) -> None:
    with desk.database.writing() as session:
        for email, role in ((EDITOR, Role.OPS_EDITOR), (APPROVER, Role.OPS_APPROVER)):
            add_user(session, email=email, name=email, roles=[role], at=desk.clock.now(), password=PASSWORD)


@pytest.fixture
def arrive(open_context: Open, people: None) -> Callable[..., Page]:
    def arrive(email: str, **options: object) -> Page:
        page = open_context(signed_in=False, **{"viewport": WIDE, **options}).new_page()
        sign_in(page, email)
        return page

    return arrive


@pytest.fixture
def editor(arrive: Callable[..., Page]) -> Iterator[Page]:
    page = arrive(EDITOR)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


def begin(page: Page, title: str) -> str:
    page.goto("/drafts")
    page.get_by_label("Title of a new draft").fill(title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return page.url


def save(page: Page) -> None:
    page.get_by_role("button", name="Save in the draft").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved in the draft")


def work(desk: Desk) -> None:
    """What was asked for and waits in the queue."""
    queue = open_queue(desk.config)
    Jobs(desk, queue)
    queue.execute(queue.dequeue())


def test_a_threshold_moves_the_counts_while_it_is_written(editor: Page) -> None:
    draft = begin(editor, "Thresholds")
    editor.goto(f"{draft}/personas/{PERSONA}")
    count = editor.locator("[data-look] .figure")
    before = int(count.inner_text().split()[0])
    editor.get_by_label("Matches from").fill("0.3")
    expect(count).to_contain_text(f"now {before}")
    assert int(count.inner_text().split()[0]) > before
    expect(editor.locator("[data-look]")).to_contain_text("They come")
    save(editor)
    editor.goto(draft)
    expect(editor.get_by_role("main")).to_contain_text(f"personas/{PERSONA}.yaml: threshold")


def test_a_condition_is_completed_by_keyboard_and_a_contradiction_is_refused(editor: Page) -> None:
    draft = begin(editor, "Contradictions")
    editor.goto(f"{draft}/rules/new/eligibility")
    condition = editor.get_by_role("textbox", name="If", exact=True)
    condition.focus()
    editor.keyboard.type("order.count_1")
    expect(editor.locator(".options li")).to_have_count(1)
    editor.keyboard.press("ArrowDown")
    editor.keyboard.press("Enter")
    expect(condition).to_have_value("order.count_12m ")
    editor.keyboard.type("at l")
    editor.keyboard.press("ArrowDown")
    editor.keyboard.press("Enter")
    expect(condition).to_have_value("order.count_12m at least ")
    editor.keyboard.type("3 and order.count_12m at most 2")
    editor.keyboard.press("Escape")
    expect(editor.get_by_text("at least 3 and at most 2 can never both be true")).to_be_visible()
    check(editor, "draft_rule_wrong-light-1280")
    editor.get_by_role("button", name="Save in the draft").press("Enter")
    expect(editor.get_by_role("alert")).to_contain_text("Not saved")
    expect(editor.get_by_role("textbox", name="If", exact=True)).to_have_value(
        "order.count_12m at least 3 and order.count_12m at most 2"
    )


def write_gate(page: Page, draft: str, *, expected: str) -> None:
    page.goto(f"{draft}/rules/new/gate")
    page.get_by_label("Key").fill("stocktake")
    page.get_by_label("If", exact=True).fill("order.count at least 1")
    for language in ("English", "Spanish", "Portuguese"):
        page.get_by_label(f"Reason, {language}").fill(GATE)
    page.get_by_label("Owner").fill("Ops")
    page.get_by_role("button", name="Add a test").press("Enter")
    page.get_by_label("Given").fill("order.count: 2")
    page.get_by_label("The condition").select_option(expected)
    save(page)


def test_a_rule_goes_from_a_draft_to_a_running_sidebar_and_back(
    editor: Page, arrive: Callable[..., Page], sidebar: Sidebar, desk: Desk
) -> None:
    sidebar.open(email=ANA)
    expect(sidebar.items.first).to_be_visible()
    draft = begin(editor, "Stocktake")
    write_gate(editor, draft, expected="does_not_apply")
    expect(editor.get_by_role("main")).to_contain_text("The test expects")
    editor.goto(draft)
    expect(editor.get_by_role("main")).to_contain_text("Errors keep a release out of force")
    check(editor, "draft_blocked-light-1280")
    editor.goto(f"{draft}/rules/stocktake")
    editor.get_by_label("The condition").select_option("applies")
    save(editor)
    editor.goto(draft)
    editor.get_by_role("button", name="Make it a release").press("Enter")
    editor.get_by_role("button", name="Simulate").press("Enter")
    expect(editor.get_by_role("main")).to_contain_text("A simulation was asked for")
    work(desk)
    editor.get_by_role("link", name="Look again").press("Enter")
    expect(editor.get_by_role("main")).to_contain_text("You made this release: somebody else approves it.")
    expect(editor.get_by_role("button", name="Approve")).to_have_count(0)

    approver = arrive(APPROVER)
    approver.goto(editor.url)
    approver.get_by_role("button", name="Approve").press("Enter")
    approver.get_by_text("Put in force …").press("Enter")
    approver.get_by_label("Why?").fill("Stocktake")
    approver.keyboard.press("Enter")
    expect(approver.get_by_role("status")).to_have_text("It is in force.")
    sidebar.look_up(ANA)
    expect(sidebar.page.locator("#list")).to_contain_text(GATE, timeout=15_000)

    approver.goto("/releases")
    approver.get_by_text("Roll back …").press("Enter")
    approver.get_by_label("Why?").fill("Done")
    approver.keyboard.press("Enter")
    expect(approver.get_by_role("status")).to_contain_text("is in force again")
    with desk.database.reading() as session:
        step = store.find_in_force(session, desk.clock.now())
        assert step
        assert step.digest is None
    sidebar.look_up(ANA)
    expect(sidebar.items.first).to_be_visible()


def test_a_draft_is_tried_on_a_customer_by_keyboard(editor: Page) -> None:
    draft = begin(editor, "Tried")
    editor.goto(f"{draft}/preview")
    editor.get_by_label("E-mail, phone or CRM id").fill(ANA)
    editor.keyboard.press("Tab")
    editor.keyboard.type("Leather case for Aurora 6")
    editor.keyboard.press("Enter")
    expect(editor.get_by_role("heading", name="Ana Ruiz")).to_be_visible()
    for side in ("In force", "This draft"):
        expect(editor.get_by_role("region", name=side)).to_contain_text("Leather case")
    assert editor.url.endswith("/preview")
    check(editor, "draft_preview_customer-light-1280")


PAGES = {
    "icp": "/icp?days=90",
    "rules": "/rules",
    "talk_tracks": "/talk-tracks",
    "calendar": "/calendar",
    "policies": "/policies",
    "personas_health": "/personas",
    "drafts": "/drafts",
}
PARTS = {
    "draft_personas": "personas",
    "draft_persona": f"personas/{PERSONA}",
    "draft_icp": "icp",
    "draft_icp_backtest": "icp/backtest?days=30",
    "draft_rules": "rules",
    "draft_rule_boost": "rules/new/boost",
    "draft_rule_message": "rules/new/message",
    "draft_talk_tracks": "talk-tracks",
    "draft_talk_track": "talk-tracks/upsell",
    "draft_calendar": "calendar",
    "draft_policies": "policies",
    "draft_notes": "texts/notes",
    "draft_preview": "preview",
}


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing_on_any_page_of_content(
    arrive: Callable[..., Page], scheme: str, width: int
) -> None:
    page = arrive(EDITOR, color_scheme=scheme, viewport={"width": width, "height": 800})
    draft = begin(page, f"Looked at in {scheme}")
    for name, path in (PAGES | {name: f"{draft}/{part}" for name, part in PARTS.items()}).items():
        answer = page.goto(path)
        assert answer
        assert answer.status == 200, name
        check(page, f"{name}-{scheme}-{width}")
