"""How tests speak of the sidebar's page."""

import os
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

EMAIL = "agent@example.com"
PASSWORD = "a long and quiet sentence"

ANA = "ana.ruiz@example.com"
BRUNO = "bruno.almeida@example.com"
DIEGO = "diego.navarro@example.com"
GRACE = "grace.miller@harborlogistics.example"
JOAO = "joao.silva@example.com"
PAULA = "paula.gomez@example.com"
LUCIA = "lucia.torres@example.com"
RAFAEL = "rafael.costa@example.com"


SHOTS = Path(__file__).parent.parent / "output" / "console"
ALL_LOOKS = [("light", 1280), ("dark", 390), ("light", 390), ("dark", 1280)]
LOOKS = ALL_LOOKS if os.environ.get("SCREENSHOTS") else ALL_LOOKS[:2]
"""Colours and widths in which every page is tried; `make screenshots` takes all of them."""


def check(page: Page, name: str) -> None:
    """No violation, one first heading, nothing that scrolls sideways; and a picture to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, f"{name}\n{results.generate_report()}"
    assert page.get_by_role("heading", level=1).count() == 1, name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def sign_in(page: Page, email: str = EMAIL) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


@dataclass(frozen=True, slots=True)
class Sidebar:
    page: Page

    def open(self, **identity: str) -> None:
        """On a customer by fragment, until everything of them is there."""
        fragment = "&".join(f"{name}={text}" for name, text in identity.items())
        self.page.goto(f"/sidebar/#{fragment}")
        self.wait()

    def wait(self) -> None:
        expect(self.page.locator(".skeleton")).to_have_count(0)

    def look_up(self, key: str) -> None:
        self.box.fill(key)
        self.box.press("Enter")
        self.wait()

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("Look up by e-mail, phone or CRM id")

    @property
    def product(self) -> Locator:
        return self.page.get_by_label("Why not? Ask about a SKU or product name")

    @property
    def why_not(self) -> Locator:
        return self.page.locator("#why-not-answer")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def items(self) -> Locator:
        return self.page.locator(".suggestion")

    @property
    def undo_bar(self) -> Locator:
        return self.page.locator("#undo")

    def title(self, number: int) -> Locator:
        return self.items.nth(number - 1).locator(".title")

    def clipboard(self) -> str:
        return str(self.page.evaluate("navigator.clipboard.readText()"))
