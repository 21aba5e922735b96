"""The sidebar inside another page: the documented messages, and no others."""

from pathlib import Path

from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.pages import ANA, BRUNO

HOST = """<!doctype html><title>Chat</title><textarea id="reply"></textarea>
<iframe name="sidebar" src="/sidebar/" width="320" height="600"></iframe><script src="/host.js"></script>"""
SCRIPT = (Path(__file__).parent / "host.js").read_text()


def _open(page: Page, answers: str = "inserted") -> FrameLocator:
    page.route("**/host", lambda route: route.fulfill(content_type="text/html", body=HOST))
    page.route(
        "**/host.js",
        lambda route: route.fulfill(content_type="text/javascript", body=SCRIPT.replace("ANSWER", answers)),
    )
    page.goto("/host")
    return page.frame_locator("iframe[name=sidebar]")


def test_a_host_that_shook_hands_gets_the_text_inserted(page: Page) -> None:
    frame = _open(page)
    page.evaluate(f"tell({{email: {ANA!r}, conversation: 'one'}})")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ana Ruiz")
    frame.get_by_role("button", name="Insert").click()
    expect(frame.locator(".suggestion").first).to_have_attribute("data-state", "offered")
    expect(page.locator("#reply")).to_have_value(frame.locator(".talk").first.inner_text())


def test_a_host_that_refuses_gets_the_text_copied(page: Page) -> None:
    frame = _open(page, "refused")
    page.evaluate(f"tell({{email: {ANA!r}, conversation: 'two'}})")
    frame.get_by_role("button", name="Insert").click()
    expect(frame.locator("#note")).to_contain_text("It was copied instead")
    assert page.evaluate("navigator.clipboard.readText()") == frame.locator(".talk").first.inner_text()


def test_the_next_conversation_replaces_the_former(page: Page) -> None:
    frame = _open(page)
    page.evaluate(f"tell({{email: {ANA!r}}})")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Ana Ruiz")
    page.evaluate(f"tell({{email: {BRUNO!r}}})")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Bruno Almeida")


def test_a_frame_beside_the_sidebar_is_not_heard(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    frame = _open(page)
    page.evaluate(f"forgeFromSibling({{email: {ANA!r}}})")
    page.evaluate(f"tell({{email: {BRUNO!r}}})")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Bruno Almeida")
    assert not any(ANA in body for body in asked)


def test_another_origin_cannot_frame_the_sidebar(page: Page, address: str) -> None:
    elsewhere = address.replace("127.0.0.1", "localhost")
    framing = f'<!doctype html><title>Other</title><iframe src="{address}/sidebar/"></iframe>'
    page.route(f"{elsewhere}/host", lambda route: route.fulfill(content_type="text/html", body=framing))
    with page.expect_event("requestfailed", lambda request: request.url == f"{address}/sidebar/"):
        page.goto(f"{elsewhere}/host")
