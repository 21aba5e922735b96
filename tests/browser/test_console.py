"""The console in Chromium: what its people do, by keyboard, and that every page and state is accessible."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from assist.app import build_desk, create_app
from assist.config import Config
from assist.models.account import Role
from assist.models.decision import Event, Outcome
from assist.models.outbox import OutboxEntry
from assist.services import releases
from assist.services.accounts import add_user
from assist.services.desk import Desk
from assist.services.simulation import simulate
from assist.store import schema
from personas.archive import read_archive
from personas.release import shipped
from tests.assist.models import add_two_versions, train_small
from tests.assist.web.drafts import add_pair, draft
from tests.assist.web.shops import open_shop, sell, write_back
from tests.browser.pages import EMAIL, LOOKS, PASSWORD, check, sign_in

CAUSE = "PermissionDenied: the account may not write notes; grant notes.write"
PAGES = {
    "home": "/",
    "customers": "/customers",
    "connections": "/connections",
    "rejected": "/connections/shop/rejected/orders",
    "rejected_none": "/connections/shop/rejected/customers",
    "model": "/model",
    "people": "/people",
    "people_none": "/people?text=nobody",
    "person": "/people/1",
    "audit": "/audit",
    "audit_none": "/audit?event=nothing",
    "decisions": "/decisions",
    "decisions_none": "/decisions?sku=NOTHING",
    "activity": "/activity?days=90",
    "activity_none": "/activity?days=7",
    "releases": "/releases",
    "release_shipped": "/releases/shipped",
    "pairs": "/pairs",
    "pairs_expired": "/pairs?state=expired",
    "pairs_none": "/pairs?state=rejected",
    "outbox": "/outbox",
    "outbox_nothing": "/outbox?state=dead&cause=Nothing",
    "personas": "/personas",
    "persona": "/personas/small_company",
    "account": "/account",
    "missing": "/nowhere",
}
Open = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def shop_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A shop with a dead letter, and an admin."""
    folder = tmp_path_factory.mktemp("console")
    urls = [f"sqlite:///{folder / name}" for name in ("assist.sqlite", "jobs.sqlite")]
    desk = build_desk(
        Config(data_dir=folder, database_url=urls[0], jobs_url=urls[1], public_url="http://127.0.0.1")
    )
    schema.upgrade(desk.database.engine)
    now = desk.clock.now()
    with desk.database.writing() as session:
        roles = list(Role)
        add_user(session, email=EMAIL, name="Ada Admin", roles=roles, at=now, password=PASSWORD)
    shop = open_shop(desk)
    for days, name in ((9, "Atlas 12, 128 GB"), (200, "USB-C charger")):
        sell(desk, shop, days_ago=days, name=name)
    states = (("delivered", ""), ("waiting", "Unavailable: no answer"), ("dead", CAUSE))
    for number, (state, cause) in enumerate(states, start=1):
        write_back(desk, shop, number, state=state, at=now - timedelta(hours=number), cause=cause)
    see(desk, "s1", "s2", "s3")
    add_two_versions(desk, train_small(folder))
    for number, state in enumerate(("proposed", "proposed", "expired")):
        add_pair(desk, f"TENT{number}", state=state)
    add_draft(desk)
    yield desk
    desk.database.engine.dispose()


@pytest.fixture(scope="module")
def console(shop_desk: Desk) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    config = replace(shop_desk.config, public_url=url)
    server.app = create_app(config, desk=replace(shop_desk, config=config))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def session_cookies(chromium: Browser, console: str) -> list[dict[str, object]]:
    context = chromium.new_context(base_url=console, locale="en")
    sign_in(context.new_page())
    stored = context.storage_state()["cookies"]
    context.close()
    return [dict(cookie) for cookie in stored]


@pytest.fixture
def open_console(chromium: Browser, console: str, session_cookies: list[dict[str, object]]) -> Iterator[Open]:
    opened: list[BrowserContext] = []

    def open_one(*, signed_in: bool = True, **options: object) -> BrowserContext:
        context = chromium.new_context(base_url=console, **{"locale": "en", **options})  # type: ignore[arg-type]  # - options as Chromium's
        if signed_in:
            context.add_cookies(session_cookies)  # type: ignore[arg-type]  # - as the browser gave them
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def admin(open_console: Open) -> Page:
    return open_console(viewport={"width": 1280, "height": 800}).new_page()


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing_on_any_page(open_console: Open, scheme: str, width: int) -> None:
    page = open_console(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    for name, path in PAGES.items():
        answer = page.goto(path)
        assert answer
        assert answer.status == (404 if name == "missing" else 200), name
        check(page, f"{name}-{scheme}-{width}")
    for name, key in (
        ("customer", "c1@example.com"),
        ("several", "family@example.com"),
        ("nobody", "x@x.com"),
    ):
        _look_up(page, key)
        check(page, f"customer_{name}-{scheme}-{width}")


@pytest.mark.parametrize(("scheme", "language"), [("light", "es"), ("dark", "pt-BR")])
def test_a_narrow_screen_shows_every_figure_of_the_model(
    open_console: Open, scheme: str, language: str
) -> None:
    page = open_console(
        color_scheme=scheme, locale=language, viewport={"width": 320, "height": 640}
    ).new_page()
    page.goto("/model")
    check(page, f"model-{scheme}-320-{language}")
    for hit_at_3 in ("0,192", "0,096", "+0,096"):
        expect(page.get_by_text(hit_at_3, exact=True).first).to_be_visible()
    figures = page.locator(".chart tbody td .nowrap").all()
    assert len(figures) > 50
    assert all(one.is_visible() for one in figures)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_sign_in_page(open_console: Open, scheme: str) -> None:
    page = open_console(
        signed_in=False, color_scheme=scheme, viewport={"width": 390, "height": 800}
    ).new_page()
    page.goto("/sign-in")
    check(page, f"sign_in-{scheme}-390")
    _sign_in_by_keyboard(page, password="a wrong password")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, f"sign_in_wrong-{scheme}-390")


def test_signing_in_and_out_by_keyboard(open_console: Open) -> None:
    page = open_console(signed_in=False).new_page()
    page.goto("/personas")
    _sign_in_by_keyboard(page, password=PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Personas")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Change it in a draft")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Content creator")).to_be_focused()
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("status")).to_have_text("You are signed out.")


def test_a_customer_is_looked_up_by_keyboard_and_stays_out_of_the_address(admin: Page) -> None:
    admin.goto("/customers")
    expect(admin.get_by_label("E-mail, phone or CRM id")).to_be_focused()
    admin.keyboard.type("c1@example.com")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Ana <Ruiz>")
    expect(admin.get_by_role("cell", name="Atlas 12, 128 GB")).to_be_visible()
    assert admin.url.endswith("/customers")


def test_an_admin_replays_a_dead_letter(admin: Page, shop_desk: Desk) -> None:
    admin.goto("/")
    admin.get_by_role("link", name="see why").click()
    expect(admin.get_by_role("row", name="Case 3")).to_contain_text(CAUSE)
    admin.get_by_role("button", name="Replay 3").click()
    expect(admin.get_by_role("status")).to_have_text("It is being delivered again.")
    with shop_desk.database.reading() as session:
        assert "dead" not in session.scalars(select(OutboxEntry.state)).all()


def test_going_back_to_a_model_takes_a_reason_and_is_seen(admin: Page) -> None:
    admin.goto("/model")
    admin.get_by_text("Go back to it").press("Enter")
    admin.get_by_label("Why?").press("Enter")
    expect(admin.get_by_role("status")).to_have_count(0)
    admin.get_by_label("Why?").fill("odd offers")
    admin.get_by_label("Why?").press("Enter")
    expect(admin.get_by_role("status")).to_have_text("20260101-040000-1a2b serves again.")
    expect(admin.get_by_role("main")).to_contain_text("odd offers")
    expect(admin.get_by_role("row", name="20260101-040000-1a2b")).to_contain_text("serves")


def test_the_language_changes_with_the_choice(admin: Page) -> None:
    admin.goto("/account")
    admin.get_by_label("Language", exact=True).select_option("pt-BR")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Sua conta")
    admin.get_by_label("Idioma", exact=True).select_option("")
    admin.get_by_role("button", name="Salvar").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Your account")


def see(desk: Desk, *suggestions: str) -> None:
    """Shown some weeks ago; the customer of the first said no."""
    at = desk.clock.now() - timedelta(days=20)
    with desk.database.writing() as session:
        for one in suggestions:
            session.add(Event(suggestion_id=one, kind="shown", agent_id=1, at=at))
        session.add(
            Outcome(
                id="no",
                suggestion_id=suggestions[0],
                agent_id=1,
                act="declined",
                reason="too_expensive",
                at=at,
                undo_until=at,
            )
        )


def add_draft(desk: Desk) -> None:
    """Imported at the command line, so that whoever signs in is somebody else."""
    release = draft()
    releases.bring_in(desk, release, note="Small companies only where it is surer")
    simulate(desk, release.digest)


@pytest.mark.parametrize(
    ("scheme", "width", "language"),
    [("light", 1280, "en"), ("dark", 390, "pt-BR"), ("light", 390, "es"), ("dark", 1280, "en")],
)
def test_a_release_is_accessible_with_its_report(
    open_console: Open, scheme: str, width: int, language: str
) -> None:
    page = open_console(
        color_scheme=scheme, locale=language, viewport={"width": width, "height": 800}
    ).new_page()
    page.goto(f"/releases/{draft().digest}")
    check(page, f"release-{scheme}-{width}")
    for confirm in page.locator(".confirm summary").all():
        confirm.press("Enter")
    check(page, f"release_open-{scheme}-{width}")


def test_a_release_goes_from_a_file_into_force_and_back_by_keyboard(
    admin: Page, shop_desk: Desk, tmp_path: Path
) -> None:
    admin.goto("/releases/shipped")
    with admin.expect_download() as loaded:
        admin.get_by_role("link", name="Download as zip").press("Enter")
    loaded.value.save_as(tmp_path / "shipped.zip")
    assert read_archive((tmp_path / "shipped.zip").read_bytes()).digest == shipped().digest
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    _import(admin, tmp_path / "broken.zip")
    expect(admin.get_by_role("alert")).to_contain_text("Nothing was imported.")
    check(admin, "releases_refused-light-1280")
    admin.goto(f"/releases/{draft().digest}")
    admin.get_by_role("button", name="Approve").press("Enter")
    expect(admin.get_by_role("status")).to_have_text("Approved. It can be put in force now.")
    admin.get_by_text("Put in force …").press("Enter")
    admin.get_by_label("Why?").fill("tried")
    admin.get_by_label("Why?").press("Enter")
    expect(admin.get_by_role("status")).to_have_text("It is in force.")
    admin.goto("/releases")
    check(admin, "releases_used-light-1280")
    admin.get_by_text("Roll back …").press("Enter")
    admin.get_by_label("Why?").fill("too strict")
    admin.get_by_label("Why?").press("Enter")
    expect(admin.get_by_role("status")).to_contain_text("is in force again")
    expect(admin.get_by_role("row", name="As shipped").first).to_contain_text("in force")


def test_pairs_are_answered_by_keyboard_one_after_the_other(admin: Page) -> None:
    admin.goto("/pairs")
    admin.get_by_role("button", name="Approve TENT0").press("Enter")
    expect(admin.get_by_role("status")).to_contain_text("Approved")
    admin.keyboard.press("Tab")
    admin.keyboard.press("Tab")
    expect(admin.get_by_role("button", name="Approve TENT1")).to_be_focused()
    admin.keyboard.press("Tab")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("status")).to_contain_text("Rejected")
    expect(admin.get_by_role("heading", name="Nothing to decide")).to_be_visible()


def _import(page: Page, file: Path) -> None:
    page.goto("/releases")
    page.get_by_label("Zip file").set_input_files(file)
    page.get_by_label("What does it change?").fill("nothing")
    page.get_by_role("button", name="Import").press("Enter")


def _sign_in_by_keyboard(page: Page, *, password: str) -> None:
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.get_by_label("E-mail").fill(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _look_up(page: Page, key: str) -> None:
    page.goto("/customers")
    page.get_by_label("E-mail, phone or CRM id").fill(key)
    with page.expect_navigation():
        page.keyboard.press("Enter")
