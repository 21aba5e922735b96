"""What the sidebar looks like: sizes, themes, languages, and what axe says about every main state."""

import gzip
from collections.abc import Callable, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.browser.pages import ANA, JOAO, PAULA, Sidebar

WIDTHS = (258, 320, 400)
FOLD = 400
RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
"""All that a scheme changes."""
LARGEST_SHELL = 30 * 1024

MEASURE_SHIFTS = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""

Open = Callable[..., BrowserContext]


def _menu(sidebar: Sidebar) -> None:
    sidebar.title(1).press("Delete")


def _why(sidebar: Sidebar) -> None:
    sidebar.items.first.get_by_role("button", name="Why").click()


def _persona(sidebar: Sidebar) -> None:
    sidebar.page.locator(".chip.persona").click()


def _history(sidebar: Sidebar) -> None:
    sidebar.page.locator("#past summary").click()


def _help(sidebar: Sidebar) -> None:
    sidebar.page.get_by_role("button", name="Keyboard help").click()


def _declined(sidebar: Sidebar) -> None:
    sidebar.title(1).press("Delete")
    sidebar.page.keyboard.press("3")
    expect(sidebar.undo_bar).to_be_visible()


def _offered(sidebar: Sidebar) -> None:
    sidebar.title(1).press("Enter")
    expect(sidebar.page.get_by_role("button", name="Add to quote Q-0302")).to_be_visible()


def _choosing_a_deal(sidebar: Sidebar) -> None:
    sidebar.title(1).press("Enter")
    sidebar.items.first.get_by_role("button", name="Add to a deal").click()


def _why_not(sidebar: Sidebar) -> None:
    sidebar.product.fill("case")
    sidebar.product.press("Enter")
    expect(sidebar.why_not.locator(".products, .label").first).to_be_visible()


def _as_it_is(_sidebar: Sidebar) -> None:
    pass


STATES: dict[str, tuple[dict[str, str], Callable[[Sidebar], None]]] = {
    "match": ({"email": ANA}, _as_it_is),
    "menu": ({"email": ANA}, _menu),
    "why": ({"email": ANA}, _why),
    "persona": ({"email": ANA}, _persona),
    "history": ({"email": ANA}, _history),
    "help": ({"email": ANA}, _help),
    "why not": ({"email": ANA}, _why_not),
    "declined": ({"email": ANA}, _declined),
    "offered": ({"email": JOAO, "conversation": "look-offered"}, _offered),
    "choosing a deal": ({"email": PAULA, "conversation": "look-deals"}, _choosing_a_deal),
    "no key": ({}, _as_it_is),
    "unknown": ({"email": "nobody@example.com"}, _as_it_is),
    "ambiguous": ({"email": "familia.mendoza@example.com"}, _as_it_is),
    "gate": ({"email": "maria.hernandez@example.com"}, _as_it_is),
    "objection": ({"email": "emily.carter@example.com"}, _as_it_is),
    "new customer": ({"email": "lucia.torres@example.com"}, _as_it_is),
}

MAIN = frozenset(
    {"match", "menu", "why", "persona", "history", "gate", "offered", "choosing a deal", "why not"}
)
"""Checked at every width; the others have little but words in them, and are checked at the narrowest."""


@pytest.mark.parametrize(
    ("scheme", "widths", "rules"),
    [("light", WIDTHS, RULES), ("dark", WIDTHS[:1], COLOURS)],
    ids=["light", "dark"],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_context: Open, scheme: str, widths: Sequence[int], rules: dict[str, object]
) -> None:
    page = open_context(color_scheme=scheme).new_page()
    sidebar = Sidebar(page)
    for name, (identity, act) in STATES.items():
        page.goto("about:blank")
        sidebar.open(**identity)
        act(sidebar)
        for width in widths if name in MAIN else widths[:1]:
            page.set_viewport_size({"width": width, "height": 640})
            _check(page, f"{name} at {width} px, {scheme}", rules)


def _check(page: Page, where: str, rules: dict[str, object]) -> None:
    results = Axe().run(page, options=rules)
    assert results.violations_count == 0, f"{where}: {results.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{where} scrolls sideways"


def test_the_first_fold_holds_the_open_suggestion(open_context: Open) -> None:
    sidebar = Sidebar(open_context(viewport={"width": 320, "height": FOLD}).new_page())
    sidebar.open(email=ANA)
    box = sidebar.items.first.locator(".acts").bounding_box()
    footer = sidebar.page.locator("footer").bounding_box()
    assert box is not None
    assert footer is not None
    assert box["y"] + box["height"] <= footer["y"]


def test_text_twice_as_large_still_fits(open_context: Open) -> None:
    page = open_context().new_page()
    sidebar = Sidebar(page)
    sidebar.open(email=ANA)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_hosts_theme_is_there_before_the_first_paint(open_context: Open) -> None:
    page = open_context(color_scheme="light").new_page()
    page.route("**/main.js", lambda route: route.abort())
    page.goto("/sidebar/#theme=dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("about:blank")
    page.goto("/sidebar/")
    assert dark != page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_identity_leaves_the_address_bar(sidebar: Sidebar) -> None:
    sidebar.open(email=ANA)
    assert sidebar.page.url.endswith("/sidebar/")


@pytest.mark.parametrize(
    ("locale", "label"),
    [
        ("en", "E-mail, phone or CRM id"),
        ("es", "Correo, teléfono o id del CRM"),
        ("pt-BR", "E-mail, telefone ou id do CRM"),
    ],
)
def test_the_page_speaks_the_hosts_language_and_talk_tracks_the_customers(
    sidebar: Sidebar, locale: str, label: str
) -> None:
    sidebar.open(email=ANA, locale=locale)
    expect(sidebar.page.locator("html")).to_have_attribute("lang", locale)
    expect(sidebar.page.locator("#key")).to_have_attribute("placeholder", label)
    expect(sidebar.items.first.locator(".talk")).to_have_attribute("lang", "es-ES")


def test_the_shell_is_small(open_context: Open) -> None:
    page = open_context().new_page()
    page.route("**/sidebar/session", lambda route: route.abort())
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a built-in cannot be registered
    page.goto("/sidebar/", wait_until="networkidle")
    assert len(answers) > 10
    assert {answer.header_value("content-encoding") for answer in answers} == {"gzip"}
    assert sum(len(gzip.compress(answer.body())) for answer in answers) <= LARGEST_SHELL


def test_nothing_moves_while_a_customer_arrives(open_context: Open) -> None:
    page = open_context().new_page()
    page.add_init_script(MEASURE_SHIFTS)
    Sidebar(page).open(email=ANA)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.moved") < 0.02


def test_hostile_text_stays_text(sidebar: Sidebar) -> None:
    sidebar.open()
    sidebar.look_up('"><img src=x onerror=alert(1)>')
    expect(sidebar.page.locator("#who")).to_contain_text("<img src=x")
    assert sidebar.page.locator("#who img").count() == 0
