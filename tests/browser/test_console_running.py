"""What a CRM admin does while connections run, in Chromium: rotate a secret under load, replay a dead letter, follow
a click into the CRM, pull a switch and see the sidebar stop."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.wrappers import Request

from assist.app import build_desk, create_app
from assist.config import Config
from assist.models.account import Role
from assist.models.connection import Connection, LostField, SyncState
from assist.models.outbox import DeliveryAttempt, OutboxEntry
from assist.models.webhook import Webhook
from assist.services import switches
from assist.services.accounts import add_user
from assist.services.connect import add_connection, get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.switchboard import Switch
from assist.store import schema
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.vendors.hubspot import Fake
from crm_adapters.fakes.wire import Refused
from crm_adapters.ledger import FileLedger, Reading
from crm_adapters.ledger import Page as Ledger
from crm_adapters.model import Kind
from crm_adapters.transport import Purpose
from tests.assist.web.shops import open_shop, write_back
from tests.browser.pages import EMAIL, LOOKS, PASSWORD, Sidebar, check, sign_in

NEW = "pat-eu1-n3w-secret"
CAUSE = "PermissionDenied: the account may not write notes; grant notes.write"
PAGES = {
    "connections": "/connections",
    "connection": "/connections/shop",
    "connection_new": "/connections/hubspot",
    "secrets": "/connections/hubspot/secrets",
    "secrets_none": "/connections/shop/secrets",
    "hosts": "/connections/hubspot/hosts",
    "hosts_none": "/connections/shop/hosts",
    "outbox_dead": "/outbox?state=dead",
    "entry_delivered": "/outbox/1",
    "entry_dead": "/outbox/3",
    "log": "/log",
    "log_found": "/log?id=k1",
    "log_nothing": "/log?id=nothing",
    "switches": "/switches",
}

Open = Callable[..., BrowserContext]


class TwoTokens(Fake):
    """A HubSpot whose admin can have two tokens that are good, and can revoke one."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = {self.token}
        self.used: Counter[str] = Counter()
        self.changed = threading.Condition()

    def authorize(self, request: Request) -> None:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.changed:
            good = shown in self.taken
            self.used[shown] += good
            self.changed.notify_all()
        if not good:
            raise Refused(self.unauthorized())

    def wait_for(self, token: str, calls: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.used[token] >= calls, timeout=60)


@pytest.fixture(scope="module")
def hubspot() -> Iterator[tuple[TwoTokens, str]]:
    fake = TwoTokens()
    with serving(fake) as url:
        yield fake, url


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, hubspot: tuple[TwoTokens, str]) -> Iterator[Desk]:
    """A shop that was at work for a while, and a HubSpot beside it."""
    folder = tmp_path_factory.mktemp("running")
    urls = [f"sqlite:///{folder / name}" for name in ("assist.sqlite", "jobs.sqlite")]
    config = Config(
        data_dir=folder,
        database_url=urls[0],
        jobs_url=urls[1],
        public_url="http://127.0.0.1",
        crm_private_hosts=frozenset({"127.0.0.1"}),
    )
    desk = build_desk(config)
    schema.upgrade(desk.database.engine)
    now = desk.clock.now()
    with desk.database.writing() as session:
        add_user(session, email=EMAIL, name="Ada Admin", roles=list(Role), at=now, password=PASSWORD)
    shop = open_shop(desk)
    states = (("delivered", ""), ("waiting", "Unavailable: no answer"), ("dead", CAUSE), ("dead", CAUSE))
    for number, (state, cause) in enumerate(states, start=1):
        write_back(desk, shop, number, state=state, at=now - timedelta(hours=number), cause=cause)
    fake, url = hubspot
    add_connection(desk, "hubspot", adapter="hubspot", settings={"url": url, "token": fake.token})
    _live(desk, shop)
    yield desk
    desk.database.engine.dispose()


def _live(desk: Desk, shop: Connection) -> None:
    """What a shop has that was at work: a lost field, a failure, webhooks, a quota, attempts."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        for kind in ("customers", "orders"):
            session.get_one(SyncState, (shop.id, kind)).through_at = now - timedelta(minutes=6)
        session.get_one(SyncState, (shop.id, "orders")).error = "PermissionDenied: orders.read is missing"
        row = session.get_one(Connection, shop.id)
        row.last_sync_at = row.fields_checked_at = now - timedelta(minutes=5)
        session.add(
            LostField(
                connection_id=shop.id,
                ours="customer.language",
                theirs="idioma_preferido",
                cause="customer.language: the CRM has no field idioma_preferido. Near: idioma.",
                since=now - timedelta(hours=3),
            )
        )
        session.add(
            Webhook(connection_id=shop.id, digest="d", sealed=b"", created_at=now, deliveries=1204,
                    received_at=now - timedelta(minutes=2), refused=3, refused_at=now - timedelta(days=1))
        )  # fmt: skip
        delivered = session.scalars(select(OutboxEntry).where(OutboxEntry.state == "delivered")).one()
        delivered.record_ref, delivered.delivered_at, delivered.request_id = "note-1", now, "click-0001"
        delivered.payload = delivered.payload | {"note": "Offered: Case 1, €29.\nBy Ada for c1@example.com."}
        begun = now - timedelta(minutes=9)
        for minutes, state, cause in ((0, "waiting", "Unavailable: no answer"), (5, "delivered", None)):
            at = begun + timedelta(minutes=minutes)
            session.add(
                DeliveryAttempt(entry_id=delivered.id, begun_at=at, ended_at=at + timedelta(seconds=1.5),
                                state=state, cause=cause)
            )  # fmt: skip

    def note(page: Ledger) -> None:
        page.readings["daily"] = Reading(250_000, 201_345, (now + timedelta(hours=1)).timestamp())

    FileLedger(desk.config.data_dir / "calls" / f"{shop.id}-api.json").change(note)


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    config = replace(desk.config, public_url=url)
    server.app = create_app(config, desk=replace(desk, config=config))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def console_cookies(chromium: Browser, address: str) -> list[Any]:
    context = chromium.new_context(base_url=address, locale="en")
    sign_in(context.new_page())
    stored = context.storage_state()["cookies"]
    context.close()
    return list(stored)


@pytest.fixture
def open_console(chromium: Browser, address: str, console_cookies: list[Any]) -> Iterator[Open]:
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=address, **{"locale": "en", **options})
        context.add_cookies(console_cookies)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def admin(open_console: Open) -> Page:
    return open_console(viewport={"width": 1280, "height": 800}).new_page()


@pytest.fixture
def switched_off(desk: Desk) -> Iterator[None]:
    for switch in Switch:
        switches.switch_off(desk, switch, reason="The CRM shows notes of other customers")
    yield
    for switch in Switch:
        switches.switch_on(desk, switch)


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing_on_any_page(open_console: Open, scheme: str, width: int) -> None:
    language = "es" if width == 390 else "en"
    page = open_console(
        color_scheme=scheme, locale=language, viewport={"width": width, "height": 800}
    ).new_page()
    for name, path in PAGES.items():
        answer = page.goto(path)
        assert answer
        assert answer.status == 200, name
        check(page, f"{name}-{scheme}-{width}")
        for confirm in page.locator(".confirm summary").all():
            confirm.press("Enter")
    check(page, f"switches_open-{scheme}-{width}")


@pytest.mark.usefixtures("switched_off")
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing_while_all_is_switched_off(open_console: Open, scheme: str, width: int) -> None:
    page = open_console(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    for name, path in (("home", "/"), ("switches", "/switches"), ("connection", "/connections/shop")):
        page.goto(path)
        check(page, f"{name}_off-{scheme}-{width}")
    page.set_viewport_size({"width": 320, "height": 640})
    Sidebar(page).open(email="c1@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text("Switched off for now")
    expect(page.locator("#who")).to_contain_text("The CRM shows notes of other customers")
    check(page, f"sidebar_off-{scheme}-320")


def test_a_secret_is_rotated_under_load_without_a_failed_call(
    admin: Page, desk: Desk, hubspot: tuple[TwoTokens, str]
) -> None:
    fake, _url = hubspot
    with desk.database.reading() as session:
        row = get_connection(session, "hubspot")
    older = [open_adapter(desk, row, Purpose.BACKGROUND) for _ in range(2)]
    over, failed = threading.Event(), []

    def call(adapter: Any) -> None:
        while not over.wait(0.05):
            try:
                adapter.describe_fields(Kind.CUSTOMERS)
                with desk.database.reading() as session:
                    now = get_connection(session, "hubspot")
                open_adapter(desk, now, Purpose.BACKGROUND).describe_fields(Kind.CUSTOMERS)
            except Exception as error:  # noqa: BLE001 - told at the end
                failed.append(error)

    threads = [threading.Thread(target=call, args=(adapter,)) for adapter in older]
    for thread in threads:
        thread.start()
    try:
        _rotate(admin, fake)
        fake.taken.discard(fake.token)
        fake.wait_for(NEW, fake.used[NEW] + 10)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert fake.used[fake.token] > 0
    admin.get_by_role("button", name="Drop the former secret").press("Enter")
    expect(admin.get_by_role("status")).to_have_text("The former secret is gone.")
    assert NEW not in admin.content()


def _rotate(admin: Page, fake: TwoTokens) -> None:
    """First with a typing error, then rightly; by keyboard."""
    fake.taken.add(NEW)
    admin.goto("/connections")
    admin.get_by_role("link", name="hubspot").press("Enter")
    admin.get_by_role("link", name="Replace secrets").press("Enter")
    admin.get_by_label("New token").fill("mistyped")
    admin.get_by_label("New token").press("Enter")
    expect(admin.get_by_role("alert")).to_contain_text("Nothing was changed")
    check(admin, "secrets_refused-light-1280")
    admin.get_by_label("New token").fill(NEW)
    admin.get_by_label("New token").press("Enter")
    expect(admin.get_by_role("status")).to_contain_text("The CRM took the new secret")
    expect(admin.get_by_role("heading", name="The change is under way")).to_be_visible()
    check(admin, "secrets_under_way-light-1280")


def test_a_dead_letter_is_found_by_its_cause_replayed_delivered_and_followed(admin: Page, desk: Desk) -> None:
    admin.goto("/connections/shop")
    admin.get_by_role("link", name="See the outbox").press("Enter")
    expect(admin.get_by_role("region", name="By cause")).to_contain_text("2 × PermissionDenied")
    admin.get_by_role("link", name="entry 3").press("Enter")
    expect(admin.get_by_role("main")).to_contain_text(CAUSE)
    admin.get_by_role("button", name="Replay").press("Enter")
    expect(admin.get_by_role("status")).to_have_text("It is being delivered again.")
    admin.goto("/outbox/4")
    admin.get_by_text("Cancel …").press("Enter")
    admin.get_by_role("button", name="Cancel this write").press("Enter")
    expect(admin.get_by_role("status")).to_contain_text("Cancelled")
    with desk.database.reading() as session:
        found = dict(session.execute(select(OutboxEntry.id, OutboxEntry.state)).all())
    assert (found[3], found[4]) == ("waiting", "cancelled")
    admin.goto("/outbox/1")
    expect(admin.get_by_role("main")).not_to_contain_text("c1@example.com")
    admin.get_by_role("link", name="click-0001").press("Enter")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Log")
    expect(admin.get_by_role("row", name="in the CRM")).to_contain_text("shop: note-1")


def test_a_switch_is_pulled_with_a_reason_and_the_sidebar_says_so(
    admin: Page, open_console: Open, desk: Desk
) -> None:
    agent = open_console(viewport={"width": 320, "height": 640}).new_page()
    admin.goto("/switches")
    admin.get_by_text("Switch off … Suggestions").press("Enter")
    admin.get_by_label("Why?").nth(1).press("Enter")
    expect(admin.get_by_role("status")).to_have_count(0)
    admin.get_by_label("Why?").nth(1).fill("odd offers")
    admin.get_by_label("Why?").nth(1).press("Enter")
    expect(admin.get_by_role("status")).to_have_text("It is switched off.")
    admin.goto("/personas")
    expect(admin.locator(".switched-off")).to_contain_text("Suggestions are switched off")
    Sidebar(agent).open(email="c1@example.com")
    expect(agent.get_by_role("heading", level=1)).to_contain_text("Ana")
    expect(agent.locator("#list")).to_contain_text("Ada Admin switched it off: odd offers")
    check(agent, "sidebar_suggestions_off-light-320")
    admin.goto("/switches")
    admin.get_by_text("Switch on again … Suggestions").press("Enter")
    admin.get_by_role("button", name="Switch on Suggestions").press("Enter")
    expect(admin.get_by_role("status")).to_have_text("It is switched on again.")
    expect(admin.locator(".switched-off")).to_have_count(0)
    assert desk.switches.current() == {}


def test_a_host_is_refused_and_its_error_is_read_out(admin: Page) -> None:
    admin.goto("/connections/hubspot/hosts")
    admin.get_by_label("Host", exact=True).fill("https://files.example.com/")
    admin.get_by_label("What for?").fill("exports")
    admin.get_by_label("What for?").press("Enter")
    expect(admin.get_by_role("alert")).to_contain_text("write the name alone")
    expect(admin.get_by_label("Host", exact=True)).to_have_value("https://files.example.com/")
    check(admin, "hosts_refused-light-1280")
