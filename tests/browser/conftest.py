"""Chromium before the real application on the sample CRM: a shop and a server for each file, a fresh page per test."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from assist.app import build_desk, create_app
from assist.config import Config
from assist.jobs import Courier
from assist.models.account import Role
from assist.services.accounts import add_user
from assist.services.connect import add_connection, get_connection
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.training import train
from assist.store import schema
from tests.browser.pages import EMAIL, PASSWORD, Sidebar, sign_in
from tests.shared import make_once

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CUSTOMERS = "400"
BUDGET = 1e-9
"""No trees: they take a minute, and what a page does is the same without."""
UNDO_SECONDS = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        reason = "There is no Chromium on this machine; install one to run the browser tests."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


def _open(folder: Path) -> Desk:
    config = Config(
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'assist.sqlite'}",
        jobs_url=f"sqlite:///{folder / 'jobs.sqlite'}",
        public_url="http://127.0.0.1",
        undo_seconds=UNDO_SECONDS,
    )
    return build_desk(config)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop that was synced and trained, and in which nothing was offered yet."""
    return make_once(tmp_path_factory, "stocked", _stock)


def _stock(folder: Path) -> None:
    desk = _open(folder)
    schema.upgrade(desk.database.engine)
    with desk.database.writing() as session:
        roles = [Role.AGENT]
        add_user(session, email=EMAIL, name="Agent", roles=roles, at=desk.clock.now(), password=PASSWORD)
    settings = {"path": str(folder / "crm.sqlite"), "customers": CUSTOMERS}
    add_connection(desk, "sample", adapter="sample", settings=settings)
    sync(desk, "sample")
    train(desk, budget=BUDGET)
    desk.database.engine.dispose()


@pytest.fixture(scope="module")
def desk(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Of this file alone: what one file's agents offer is not offered again in another's."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copytree(stocked, folder, dirs_exist_ok=True)
    desk = _open(folder)
    with desk.database.writing() as session:
        connection = get_connection(session, "sample")
        connection.settings = connection.settings | {"path": str(folder / "crm.sqlite")}
    yield desk
    desk.database.engine.dispose()


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    """Where the application answers, with outcomes being delivered beside it."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    server.app = create_app(desk.config, desk=replace(desk, config=replace(desk.config, public_url=url)))
    courier = Courier(desk, seconds=0.2)
    courier.start()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    courier.stop()
    courier.join()


@pytest.fixture(scope="module")
def cookies(chromium: Browser, address: str) -> list[Any]:
    """Of an agent who signed in on the console once."""
    context = chromium.new_context(base_url=address)
    sign_in(context.new_page())
    stored = context.storage_state()["cookies"]
    context.close()
    return list(stored)


@pytest.fixture
def open_context(
    chromium: Browser, address: str, cookies: list[Any]
) -> Iterator[Callable[..., BrowserContext]]:
    """A browser context of its own, signed in; options are Chromium's: viewport, color_scheme, locale."""
    opened: list[BrowserContext] = []

    def open_one(*, signed_in: bool = True, **options: Any) -> BrowserContext:
        settings: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "en", **options}
        context = chromium.new_context(base_url=address, **settings)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        if signed_in:
            context.add_cookies(cookies)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """Fails the test for anything the page threw or was refused."""
    page = open_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def sidebar(page: Page) -> Sidebar:
    return Sidebar(page)
