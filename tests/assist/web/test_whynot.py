"""Why not, at the sidebar's border and in words."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assist.models.account import Role
from assist.models.mirror import Customer, ServiceCase
from assist.services.desk import Desk
from assist.services.obstacles import ClauseView, ObstacleView
from assist.services.sync import sync
from assist.services.whynot import ProductChoice, WhyNotView
from personas.candidates import Stage
from tests.assist.crms import connect, customer, order
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import find_id
from tests.assist.services.test_rulings import CASES, FROM_SPAIN, ruled
from tests.assist.web.visitors import arrive

HOSTILE = "<img src=x onerror=alert(1)>" + "x" * 500
GLASS = ProductChoice("GLASS", "Glass")
CODES = (
    "objection", "consent_unknown", "not_asked_for", "closed_by_agent", "open_complaint", "late_order", "no_model",
    "not_in_model", "no_opinion", "outranked", "owned", "inactive", "out_of_stock", "no_better_than_chance",
    "suppressed", "category_snoozed", "offered_enough", "worth_less_than_nothing", "category_full", "slots_full",
)  # fmt: skip


def post(app: Flask, desk: Desk, path: str, role: Role = Role.AGENT, **body: Any) -> TestResponse:
    return ask(arrive(app, desk, role).client, path, **body)


def ask(client: FlaskClient, path: str, **body: Any) -> TestResponse:
    token: Any = client.post("/sidebar/session", headers={"Sec-Fetch-Site": "same-origin"}).json
    bearer = {"Authorization": f"Bearer {token['token']}", "Accept-Language": body.pop("language", "en")}
    return client.post(f"/sidebar/{path}", json={"context": "c", **body}, headers=bearer)


def text(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", (answer.json or {})["html"]).split())


@pytest.fixture
def shop(desk: Desk, model: Path) -> int:
    """The customer."""
    shop = connect(desk)
    shop.put(customer("C1", country="ES"), *SHELF, order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return find_id(desk, "C1")


RULED = "· {} rule_0 {} customer.country is ES {} {} {}"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Because", "Rule", "Is", "lives in Spain", "Would pass with any other value")),
        ("es", ("Porque sí", "Regla", "Es", "vive en España", "Pasaría con cualquier otro valor")),
        ("pt-BR", ("Porque sim", "Regra", "É", "mora em: Espanha", "Passaria com qualquer outro valor")),
    ],
)
def test_the_stage_the_rule_the_clause_and_what_would_pass(
    app: Flask, desk: Desk, shop: int, language: str, words: tuple[str, ...]
) -> None:
    ruled(desk, {"stage": "eligibility", "effect": "deny", "if": FROM_SPAIN, "scope": CASES})
    answer = post(app, desk, "why-not", customer=shop, product="CASE-2", language=language)
    assert (answer.json or {})["context"] == "c"
    assert RULED.format(*words) in text(answer)


def test_several_products_are_for_the_agent_to_pick(app: Flask, desk: Desk, shop: int) -> None:
    answer = post(app, desk, "why-not", customer=shop, product="case")
    html = (answer.json or {})["html"]
    assert re.findall(r'data-sku="([^"]+)"', html) == ["CASE", "CASE-2"]


def test_the_parts_of_a_worth_are_for_leads(app: Flask, desk: Desk, shop: int) -> None:
    boost = {"stage": "boost", "effect": {"factor": 1.5}, "to": "2026-12-31"}
    ruled(desk, boost)
    agents, leads = (
        text(post(app, desk, "suggestions", role, customer=shop)) for role in (Role.AGENT, Role.LEAD)
    )
    assert "A rule moves it by × 1.5: Because rule_0" in agents
    assert "Expected to bring" not in agents
    assert "× 1.50 rules −" in leads


def test_the_gate_is_asked_about_alone(app: Flask, desk: Desk, shop: int) -> None:
    client = arrive(app, desk, Role.AGENT).client

    def gate(customer: int = shop) -> Any:
        answer = ask(client, "gate", customer=customer).json or {}
        assert answer["context"] == "c"
        return answer["gate"]

    assert gate() is None
    ruled(desk, {"stage": "gate", "effect": "close", "if": FROM_SPAIN})
    assert gate() == "rule"
    with desk.database.writing() as session:
        connection = session.get_one(Customer, shop).connection_id
        case = ServiceCase(connection_id=connection, ref="K1", digest="", customer_ref="C1", customer_id=shop)
        case.subject, case.complaint, case.open, case.opened_at = "Broken", True, True, desk.clock.now()
        session.add(case)
    assert gate() == "open_complaint"
    assert gate(customer=999) is None


def test_an_agent_chooses_the_persona_and_takes_it_back(app: Flask, desk: Desk, shop: int) -> None:
    client = arrive(app, desk, Role.AGENT).client
    ask(client, "suggestions", customer=shop)
    assert "chosen by you" not in text(ask(client, "refresh", customer=shop))
    chosen = ask(client, "persona", customer=shop, persona="mobile_gamer")
    assert "chosen by you" in text(chosen)
    assert "data-proposed" in (chosen.json or {})["html"]
    assert "No persona fits chosen by you" in text(ask(client, "persona", customer=shop, persona=None))
    assert "chosen by you" in text(ask(client, "refresh", customer=shop))
    assert "chosen by you" not in text(ask(client, "persona", customer=shop, proposed=True))
    assert ask(client, "persona", customer=shop, persona="pirate").status_code == 422
    assert ask(client, "persona", customer=999, persona=None).status_code == 404


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_every_obstacle_and_every_stage_has_words(app: Flask, language: str) -> None:
    for code in CODES:
        said = _render(app, language, ObstacleView("worth", code, "3.0%", "above 5.0%"))
        assert code not in said
        assert "above" not in said
    for stage in Stage:
        assert len(_render(app, language, ObstacleView(str(stage), "owned", "", ""))) > 20


def test_every_text_is_escaped_and_bounded(app: Flask) -> None:
    clause = ClauseView(HOSTILE, HOSTILE, HOSTILE)
    hostile = ObstacleView("eligibility", "rule", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (clause,))
    html = _render(app, "en", hostile, ProductChoice(HOSTILE, HOSTILE))
    assert "<img" not in html
    assert "x" * 201 not in html


def _render(app: Flask, language: str, obstacle: ObstacleView, product: ProductChoice = GLASS) -> str:
    answer = WhyNotView("not_offered", product=product, obstacles=(obstacle,))
    with app.test_request_context(headers={"Accept-Language": language}):
        return render_template("sidebar/why_not.html", answer=answer, asked="")
