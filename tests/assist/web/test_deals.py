"""Open deals at the sidebar's border: what is shown of them, and putting a suggestion on one."""

import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from assist.config import Config
from assist.models.account import Role
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.writeback import deliver_due
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, product
from tests.assist.scenes import find_id, suggest
from tests.assist.services.test_deals import QUOTE
from tests.assist.web.visitors import Visitor, arrive

HOSTILE = "<img src=x onerror=alert(1)>"
TOKEN = re.compile(r'data-deal="([^"]+)"')


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, live_deadline_seconds=60)


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1"), product("CASE"))
    shop.stage.put(replace(QUOTE, name=f"Q-1 {HOSTILE}"))
    sync(desk, "shop")
    return shop


@dataclass
class Page:
    """The sidebar's, of an agent who looks at the customer."""

    visitor: Visitor
    customer: int
    suggestion: str = ""

    def post(self, path: str, **body: Any) -> TestResponse:
        same = {"Sec-Fetch-Site": "same-origin"}
        token = (self.visitor.client.post("/sidebar/session", headers=same).json or {})["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        return self.visitor.client.post(f"/sidebar/{path}", json=body, headers=bearer)

    def deals(self) -> str:
        answer = self.post("deals", context="c", customer=self.customer).json or {}
        assert answer["context"] == "c"
        return str(answer["html"])

    def add(self, deal: str, line_id: str = "") -> TestResponse:
        return self.post("lines", suggestion=self.suggestion, deal=deal, id=line_id or uuid4().hex)


@pytest.fixture
def page(app: Flask, desk: Desk, shop: World) -> Page:
    visitor = arrive(app, desk, Role.AGENT)
    assert visitor.user
    page = Page(visitor, find_id(desk, "C1"), suggest(desk, "C1", "CASE", agent_id=visitor.user.id))
    assert page.post("outcomes", suggestion=page.suggestion, act="offered", channel="copy").status_code == 201
    return page


def test_open_deals_are_shown_as_text_with_one_control(page: Page, shop: World) -> None:
    html = page.deals()
    assert "&lt;img" in html
    assert "<img" not in html
    assert "Quote" in html
    assert "€250" in html
    assert html.count('data-do="add-line"') == 1
    assert 'data-do="deals"' not in html
    shop.stage.put(replace(QUOTE, ref="D2", name="Q-2"))
    assert 'data-do="deals"' in page.deals()


def test_nothing_is_shown_where_nothing_is_open(page: Page, shop: World) -> None:
    shop.crm.close_deal("D1")
    assert page.deals().strip() == ""


def test_a_line_is_added_told_of_and_undone(page: Page, shop: World, desk: Desk, clock: HandClock) -> None:
    (deal,) = TOKEN.findall(page.deals())
    added = page.add(deal)
    assert added.status_code == 201
    line = added.json or {}
    assert line["undo_seconds"] == desk.config.undo_seconds
    assert 'data-line="waiting"' in line["html"]
    assert page.post(f"lines/{line['id']}/undo").json == {"id": line["id"], "undone": True}
    again = (page.add(deal).json or {})["id"]
    clock.pass_time(seconds=desk.config.undo_seconds)
    assert page.post(f"lines/{again}/undo").status_code == 409
    deliver_due(desk)
    assert len(shop.crm.deals["D1"].lines) == 1
    state = page.post("state", customer=page.customer, suggestions=[page.suggestion]).json or {}
    assert 'data-line="delivered"' in state["lines"][page.suggestion]


def test_a_closed_deal_is_told_in_words(page: Page, shop: World, desk: Desk, clock: HandClock) -> None:
    (deal,) = TOKEN.findall(page.deals())
    page.add(deal)
    shop.crm.close_deal("D1")
    clock.pass_time(seconds=desk.config.undo_seconds)
    deliver_due(desk)
    state = page.post("state", customer=page.customer, suggestions=[page.suggestion]).json or {}
    assert "was closed meanwhile" in state["lines"][page.suggestion]
    assert (page.post("state", customer=page.customer).json or {})["lines"] == {}


def test_what_cannot_be_added_is_refused(page: Page, desk: Desk) -> None:
    (deal,) = TOKEN.findall(page.deals())
    assert page.add("D1").status_code == 404
    assert page.add(deal, "not an id").status_code == 422
    assert page.post(f"lines/{uuid4().hex}/undo").status_code == 404
    assert page.visitor.user
    page.suggestion = suggest(desk, "C1", "CASE", agent_id=page.visitor.user.id)
    assert page.add(deal).status_code == 422, "it was not offered"


def test_an_admin_sees_the_line_in_the_outbox(app: Flask, desk: Desk, page: Page) -> None:
    (deal,) = TOKEN.findall(page.deals())
    page.add(deal)
    admin = arrive(app, desk, Role.CRM_ADMIN)
    listed = admin.get("/outbox").text
    assert "put on a deal" in listed
    assert "→ <bdi>Q-1" in listed
