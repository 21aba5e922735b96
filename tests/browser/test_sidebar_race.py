"""One customer's data never under another's name, and nothing moves under the agent's hands."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.pages import ANA, BRUNO, DIEGO, PAULA, Sidebar

MOST_TURNS, TURN = 250, 20
"""Milliseconds."""


class Held:
    """Requests to one address that wait until they are let go."""

    def __init__(self, page: Page, path: str, about: str) -> None:
        self._page, self._about = page, about
        self.routes: list[Route] = []
        page.route(f"**/sidebar/{path}", self._take)

    def first(self) -> Route:
        """Also one that is still on its way: Playwright hands routes over only while it waits for something."""
        for _turn in range(MOST_TURNS):
            if self.routes:
                break
            self._page.wait_for_timeout(TURN)
        return self.routes[0]

    def _take(self, route: Route) -> None:
        if self._about in (route.request.post_data or ""):
            self.routes.append(route)
        else:
            route.continue_()


def _changed(route: Route) -> None:
    """The live CRM's answer, as if it had learned something."""
    answer = route.fetch()
    body = answer.json() | {"changed": True}
    body["html"] = body["html"].replace("Diego Navarro", "Diego Navarro Gil")
    route.fulfill(response=answer, json=body)


def test_the_page_is_blank_at_once_for_the_next_customer(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    held = Held(sidebar.page, "card", BRUNO)
    sidebar.box.fill(BRUNO)
    sidebar.box.press("Enter")
    expect(sidebar.page.locator(".skeleton").first).to_be_visible()
    assert "Ana" not in sidebar.page.locator("main").inner_text()
    expect(sidebar.items).to_have_count(0)
    held.first().continue_()
    expect(sidebar.heading).to_have_text("Bruno Almeida")


@pytest.mark.parametrize("path", ["card", "suggestions"])
def test_an_answer_about_the_former_customer_is_dropped(sidebar: Sidebar, path: str) -> None:
    page = sidebar.page
    # Requests are not aborted here: the key alone must keep the former customer out.
    page.add_init_script("AbortSignal.any = (signals) => signals[1];")
    answers: list[dict[str, Any]] = []
    slow: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if slow:
            route.continue_()
            return
        slow.append(route)
        answers.append(route.fetch().json())

    page.route(f"**/sidebar/{path}", hold_the_first)
    with page.expect_request(f"**/sidebar/{path}"):
        page.goto(f"/sidebar/#email={ANA}")
    sidebar.look_up(BRUNO)
    expect(sidebar.heading).to_have_text("Bruno Almeida")
    shown = sidebar.items.all_inner_texts()
    with page.expect_response(lambda response: response.url.endswith(path)):
        slow[0].fulfill(json=answers[0])
    expect(sidebar.heading).to_have_text("Bruno Almeida")
    assert sidebar.items.all_inner_texts() == shown


def test_an_answer_that_carries_another_key_is_dropped(sidebar: Sidebar) -> None:
    def confuse(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"context": "generic|another|1"})

    sidebar.page.route("**/sidebar/card", confuse)
    with sidebar.page.expect_response("**/sidebar/card"):
        sidebar.page.goto(f"/sidebar/#email={ANA}")
    expect(sidebar.page.locator(".skeleton").first).to_be_visible()
    assert "Ana" not in sidebar.page.locator("main").inner_text()


def test_a_live_change_is_put_in_place_where_nobody_looks(sidebar: Sidebar) -> None:
    sidebar.page.route("**/sidebar/refresh", _changed)
    sidebar.open(email=DIEGO)
    expect(sidebar.heading).to_have_text("Diego Navarro Gil")
    expect(sidebar.page.locator("#updates")).to_be_hidden()
    expect(sidebar.page.locator(".matched")).to_contain_text("e-mail")


def test_a_live_change_under_the_focus_waits_for_the_agent(sidebar: Sidebar) -> None:
    page = sidebar.page
    held = Held(page, "refresh", "context")
    sidebar.open(email=DIEGO)
    sidebar.title(1).focus()
    before = [item.get_attribute("data-id") for item in sidebar.items.all()]
    _changed(held.first())
    chip = page.get_by_role("button", name="1 update")
    expect(chip).to_be_visible()
    expect(sidebar.title(1)).to_be_focused()
    assert [item.get_attribute("data-id") for item in sidebar.items.all()] == before
    expect(sidebar.heading).to_have_text("Diego Navarro")
    chip.click()
    expect(sidebar.heading).to_have_text("Diego Navarro Gil")


def test_no_connection_is_said_and_retried(sidebar: Sidebar) -> None:
    sidebar.page.route("**/sidebar/card", lambda route: route.abort())
    sidebar.open(email=PAULA)
    expect(sidebar.heading).to_have_text("No connection")
    sidebar.page.unroute("**/sidebar/card")
    sidebar.page.get_by_role("button", name="Try again").click()
    expect(sidebar.heading).to_have_text("Paula Gómez")


def test_an_outcome_whose_answer_was_lost_is_recorded_once(sidebar: Sidebar) -> None:
    ids: list[str] = []

    def lose_the_first(route: Route) -> None:
        ids.append(json.loads(route.request.post_data or "{}")["id"])
        route.fetch()
        if len(ids) == 1:
            route.abort()
        else:
            route.continue_()

    sidebar.page.route("**/sidebar/outcomes", lose_the_first)
    sidebar.open(email=PAULA, conversation="lost-answer")
    sidebar.title(1).press("Enter")
    expect(sidebar.undo_bar).to_contain_text("Copied")
    assert len(ids) == 2
    assert ids[0] == ids[1]


def test_a_renewed_token_is_asked_for_once(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    refused: list[str] = []

    def refuse_the_first(route: Route) -> None:
        if not refused:
            refused.append(route.request.url)
            route.fulfill(status=401, json={})
        else:
            route.continue_()

    sidebar.page.route("**/sidebar/card", refuse_the_first)
    with sidebar.page.expect_request("**/sidebar/session"):
        sidebar.look_up(BRUNO)
    expect(sidebar.heading).to_have_text("Bruno Almeida")
