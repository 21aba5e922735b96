"""The sidebar's HTTP border, and what its fragments say; the page itself is driven in tests/browser."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.test import TestResponse

from assist.models.account import Role
from assist.services.desk import Desk
from assist.services.views import (
    Card,
    CustomerChoice,
    EvidenceView,
    Gate,
    Header,
    Price,
    Purchase,
    Suggestions,
    SuggestionView,
    WriteBack,
)
from assist.web.controls import Controls
from tests.assist.conftest import HandClock
from tests.assist.web.visitors import Visitor, arrive

OURS = {"Sec-Fetch-Site": "same-origin"}
HOSTILE = "<img src=x onerror=alert(1)>" + "x" * 500
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

HEADER = Header(
    customer_id=1,
    name="Ana Ruiz",
    register="formal",
    language="es",
    country="ES",
    company=None,
    matched_on="email",
    connections=("sample",),
    orders=5,
    months=14,
    lifecycle="loyal",
)
SUGGESTION = SuggestionView(
    id="s1",
    position=1,
    kind="cross_sell",
    sku="CASE",
    name="Case",
    price=Price(Decimal(29), "EUR"),
    difference=None,
    anchor="Phone X",
    popular=False,
    evidence=EvidenceView("Phone X", buyers=97, also=38, days=30, shop_wide=0.04, low=0.3, high=0.49),
    because=(),
    talk_track="¿Le añado la funda?",
    language="es",
    stock=None,
)


def _boot(page: str) -> Any:
    found = re.search(r'id="boot">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def _token(client: FlaskClient) -> str:
    answer: Any = client.post("/sidebar/session", headers=OURS, json={}).json
    return str(answer["token"])


def _ask(client: FlaskClient, path: str, body: dict[str, Any], token: str) -> TestResponse:
    return client.post(f"/sidebar/{path}", json=body, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def agent(app: Flask, desk: Desk) -> FlaskClient:
    return arrive(app, desk).client


@pytest.fixture
def token(agent: FlaskClient) -> str:
    return _token(agent)


def test_the_shell_needs_no_sign_in_and_is_not_kept(stranger: Visitor) -> None:
    answer = stranger.get("/sidebar/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_shell_takes_identity_from_a_post_and_never_from_the_query(stranger: Visitor) -> None:
    posted = stranger.client.post("/sidebar/", data={"email": "ana@example.com", "theme": "dark"})
    assert _boot(posted.text)["identity"]["email"] == "ana@example.com"
    assert '<html lang="en" data-theme="dark">' in posted.text
    asked = stranger.get("/sidebar/?email=ana@example.com")
    assert "ana@example.com" not in asked.text


def test_a_posted_field_that_cannot_be_used_leaves_the_others(stranger: Visitor) -> None:
    form = {"email": "x" * 300, "phone": "+34600000001", "theme": "loud", "more": "1"}
    identity = _boot(stranger.client.post("/sidebar/", data=form).text)["identity"]
    assert identity["email"] is None
    assert identity["phone"] == "+34600000001"


def test_posted_text_cannot_leave_its_island(stranger: Visitor) -> None:
    answer = stranger.client.post("/sidebar/", data={"ref": "</script><script>alert(1)</script>"})
    assert "<script>alert" not in answer.text
    assert _boot(answer.text)["identity"]["ref"] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize(("locale", "lang"), [("pt-BR", "pt-BR"), ("ES", "es"), ("xx", "en")])
def test_the_shell_speaks_the_language_asked_for(stranger: Visitor, locale: str, lang: str) -> None:
    assert f'<html lang="{lang}"' in stranger.get(f"/sidebar/?locale={locale}").text


def test_a_token_is_for_our_own_page_of_somebody_signed_in(agent: FlaskClient, stranger: Visitor) -> None:
    assert stranger.client.post("/sidebar/session", headers=OURS, json={}).status_code == 401
    assert (
        agent.post("/sidebar/session", headers={"Sec-Fetch-Site": "cross-site"}, json={}).status_code == 403
    )
    assert (
        agent.post("/sidebar/session", headers={"Origin": "https://evil.example"}, json={}).status_code == 403
    )
    assert agent.post("/sidebar/session", json={}).status_code == 403
    answer = agent.post("/sidebar/session", headers=OURS, json={})
    assert answer.json is not None
    assert answer.json["expires_in"] == 900
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "card",
        "suggestions",
        "refresh",
        "outcomes",
        "outcomes/x/undo",
        "events",
        "state",
        "why-not",
        "gate",
        "persona",
    ],
)
def test_the_cookie_alone_opens_nothing(agent: FlaskClient, path: str) -> None:
    answer = agent.post(f"/sidebar/{path}", json={"context": "c"})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_a_token_ends_with_its_time(agent: FlaskClient, token: str, clock: HandClock) -> None:
    assert _ask(agent, "card", {"context": "c"}, token).status_code == 200
    clock.pass_time(minutes=16)
    assert _ask(agent, "card", {"context": "c"}, token).status_code == 401


def test_a_token_ends_with_its_sign_in(app: Flask, desk: Desk) -> None:
    visitor = arrive(app, desk)
    token = _token(visitor.client)
    visitor.post("/sign-out")
    assert _ask(visitor.client, "card", {"context": "c"}, token).status_code == 401


def test_only_agents_and_leads_are_let_in(app: Flask, desk: Desk) -> None:
    auditor = arrive(app, desk, Role.AUDITOR).client
    assert _ask(auditor, "card", {"context": "c"}, _token(auditor)).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("card", {"context": "c", "name": "Ana"}),
        ("card", {"context": "c", "email": "x" * 300}),
        ("card", {"email": "ana@example.com"}),
        ("suggestions", {"context": "c", "customer": "1"}),
        ("why-not", {"context": "c", "customer": 1, "product": ""}),
        ("why-not", {"context": "c", "customer": 1, "product": "x" * 121}),
        ("outcomes", {"suggestion": "s", "act": "sold"}),
        ("outcomes", {"suggestion": "s", "act": "offered"}),
        ("outcomes", {"suggestion": "s", "act": "declined", "id": "1"}),
        ("events", {"kind": "shown", "suggestions": []}),
        ("events", {"kind": "shown", "suggestions": ["s"] * 11}),
        ("card", {"context": "c\0"}),
        ("why-not", {"context": "c", "customer": 1, "product": "\ud800"}),
        ("events", {"kind": "shown", "suggestions": ["s\0"]}),
    ],
)
def test_a_request_out_of_bounds_is_refused(
    agent: FlaskClient, token: str, path: str, body: dict[str, Any]
) -> None:
    answer = _ask(agent, path, body, token)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"


def test_the_context_comes_back_and_no_key_is_a_state(agent: FlaskClient, token: str) -> None:
    answer = _ask(agent, "card", {"context": "generic|7|"}, token).json
    assert answer is not None
    assert (answer["context"], answer["state"], answer["customer"]) == ("generic|7|", "no_key", None)


def test_a_key_that_nobody_has_is_said_back(agent: FlaskClient, token: str) -> None:
    answer = _ask(agent, "card", {"context": "generic|7|", "ref": "NOBODY-7"}, token).json
    assert answer is not None
    assert "No connected CRM knows NOBODY-7." in answer["html"]


def test_what_does_not_exist_is_not_found(agent: FlaskClient, token: str) -> None:
    act = {"suggestion": "none", "act": "offered", "channel": "copy"}
    assert _ask(agent, "outcomes", act, token).status_code == 404
    assert _ask(agent, "outcomes/none/undo", {}, token).status_code == 404
    assert _ask(agent, "refresh", {"context": "c", "customer": 999}, token).status_code == 404


def _list(app: Flask, answer: Suggestions) -> str:
    controls = Controls(Markup(""), dict.fromkeys(range(1, 4), Markup("")))
    return _render(app, "sidebar/suggestions.html", answer=answer, controls=controls)


def _render(app: Flask, template: str, **values: Any) -> str:
    with app.test_request_context():
        return render_template(template, **values)


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_every_text_of_a_crm_is_escaped_and_bounded(app: Flask) -> None:
    purchase = Purchase(AT, HOSTILE, Decimal(1), None, HOSTILE, HOSTILE)
    header = replace(
        HEADER, name=HOSTILE, company=HOSTILE, country=HOSTILE, language=HOSTILE, lifecycle=HOSTILE
    )
    gate = Gate("other", HOSTILE)
    card = _render(
        app, "sidebar/card.html", card=Card("match", header, gate=gate, history=(purchase,)), asked=None
    )
    hostile = replace(SUGGESTION, name=HOSTILE, sku=HOSTILE, talk_track=HOSTILE, anchor=HOSTILE)
    listed = _list(app, Suggestions("d", (hostile,)))
    assert "<img" not in card + listed
    assert len(card) < 6_000
    assert "x" * 121 not in card


def test_where_complaints_are_not_visible_the_card_says_so(app: Flask) -> None:
    blind, seeing = (
        _render(app, "sidebar/card.html", card=Card("match", HEADER, complaints_visible=visible), asked=None)
        for visible in (False, True)
    )
    assert "Complaints are not visible here." in blind
    assert "not visible" not in seeing


def test_several_customers_are_for_the_agent_to_pick(app: Flask) -> None:
    choice = CustomerChoice(7, "Ana Ruiz", None, "ES", "sample", AT, "a…z@example.com")
    html = _render(app, "sidebar/card.html", card=Card("ambiguous", choices=(choice,)), asked=None)
    assert 'data-customer="7"' in html
    assert "a…z@example.com" in html


@pytest.mark.parametrize(
    ("state", "said", "waiting"),
    [
        (WriteBack(0, 0, None, shadow=True), "CRM: not written: shadow mode", 0),
        (WriteBack(1, 0, None, shadow=True, kept=3), "CRM: 1 entry waits", 1),
        (WriteBack(0, 2, None, shadow=True), "CRM: 2 entries failed", 0),
        (WriteBack(0, 0, None, kept=1), "CRM: not written: shadow mode", 0),
        (WriteBack(0, 0, AT, kept=1), "CRM ✓ 09:00", 0),
        (WriteBack(0, 0, None), "CRM ✓", 0),
    ],
)
def test_what_the_crm_was_told_is_said_as_it_is(
    app: Flask, state: WriteBack, said: str, waiting: int
) -> None:
    html = _render(app, "sidebar/writeback.html", state=state)
    assert _text(html) == said
    assert f'data-waiting="{waiting}"' in html


def test_evidence_is_told_with_its_counts(app: Flask) -> None:
    html = _list(app, Suggestions("d", (SUGGESTION,)))
    assert "38 of 97 who bought Phone X also bought this · shop-wide 4%" in _text(html)
    assert "within 30 days: between 30% and 49%" in _text(html)
    assert '<blockquote class="talk" lang="es">' in html


def test_what_somebody_relates_says_so_where_nothing_is_counted(app: Flask) -> None:
    related = replace(SUGGESTION, linked=True, evidence=None, because=())
    text = _text(_list(app, Suggestions("d", (related,))))
    assert "Your catalogue relates it to Phone X" in text
    assert "Somebody relates this to Phone X in your catalogue." in text
    counted = _text(_list(app, Suggestions("d", (replace(SUGGESTION, linked=True),))))
    assert "relates" not in counted


def test_what_is_only_popular_does_not_pretend_to_be_personal(app: Flask) -> None:
    popular = replace(SUGGESTION, popular=True, evidence=None)
    html = _list(app, Suggestions("d", (popular,)))
    assert "Popular now · not chosen for this customer in particular" in _text(html)


@pytest.mark.parametrize(
    "code", ["objection", "no_consent", "nothing_fits", "no_model", "switched_off", "no_customer"]
)
def test_silence_has_words_a_cause_and_one_action(app: Flask, code: str) -> None:
    html = _list(app, Suggestions("d", (), silence=code))
    assert len(re.findall(r"<button", html)) == 1
    assert all(len(text) > 10 for text in re.findall(r"<p>(.*?)</p>", html))


def test_a_gate_that_a_rule_closes_says_the_rules_reason(app: Flask) -> None:
    html = _list(app, Suggestions("d", (), "gate", Gate("rule", "Under contract <b>until</b> May")))
    assert "Under contract &lt;b&gt;until&lt;/b&gt; May" in html
    assert "Nothing is offered as long as this holds." in _text(html)


def test_what_rules_tell_stands_above_the_list_and_beside_what_it_is_about(app: Flask) -> None:
    about = replace(SUGGESTION, messages=("Ask which <i>colour</i>",))
    html = _list(app, Suggestions("d", (about,), messages=("Greet by name",)))
    assert html.index("Greet by name") < html.index('<ol class="suggestions">')
    assert html.index('class="talk"') < html.index("Ask which &lt;i&gt;colour&lt;/i&gt;")
    assert 'class="told"' not in _list(app, Suggestions("d", (SUGGESTION,)))


def test_a_closed_gate_replaces_the_selling_area(app: Flask) -> None:
    gate = Gate("late_order", "4411", days=3)
    html = _list(app, Suggestions("d", (), "gate", gate))
    assert "Order 4411 is 3 days late" in _text(html)
    assert "suggestion" not in html
