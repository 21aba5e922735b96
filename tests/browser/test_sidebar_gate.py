"""Trouble closes the selling area with its cause, and its end opens it again while the page stays open."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from playwright.sync_api import expect

from assist.services.desk import Desk
from assist.services.hints import read_due
from assist.services.sync import sync
from assist.services.webhooks import SETTLES, make_address
from crm_adapters.model import Kind
from tests.assist.conftest import plug_in as plug_in  # noqa: PLC0414 - the CRM that complaints are in here
from tests.assist.crms import complaint, connect, customer
from tests.browser.pages import DIEGO, Sidebar

SOON = 15_000
"""Milliseconds: the page looks every 1.5 seconds, and a busy machine takes its time."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The time at which a hint is looked into, without waiting for it."""

    desk: Desk

    def now(self) -> datetime:
        return self.desk.clock.now() + SETTLES + timedelta(seconds=1)

    def sleep(self, seconds: float, /) -> None:
        """Nobody waits."""


def test_a_webhook_that_a_complaint_is_closed_brings_the_suggestions_back(
    sidebar: Sidebar, desk: Desk, address: str
) -> None:
    helpdesk = connect(desk, "helpdesk")
    helpdesk.put(customer("H1", email=DIEGO), complaint("K1", "H1"))
    sync(desk, "helpdesk")
    sidebar.open(email=DIEGO)
    gate = sidebar.page.locator(".gate")
    expect(gate).to_contain_text("Open complaint: The screen is broken")
    expect(sidebar.items).to_have_count(0)

    helpdesk.put(complaint("K1", "H1", is_open=False))
    path = urlsplit(make_address(desk, "helpdesk").url).path
    said = helpdesk.stage.webhook(Kind.CASES, "K1")
    answer = requests.post(address + path, data=said.body, headers=dict(said.headers), timeout=10)
    assert answer.status_code == 200
    assert read_due(replace(desk, clock=Ahead(desk))) == 1
    expect(sidebar.items.first).to_be_visible(timeout=SOON)
    expect(gate).to_have_count(0)
