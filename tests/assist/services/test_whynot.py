"""Why not: for every product there is an answer, and it is that of the decision itself."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assist.services import candidates, outcomes
from assist.services.brief import Request
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.obstacles import ClauseView
from assist.services.outcomes import NewOutcome
from assist.services.serving import Serving
from assist.services.sync import sync
from assist.services.views import Suggestions
from assist.services.whynot import ProductChoice, WhyNotView, ask_why_not
from crm_adapters.model import Consent
from recommender.base import Query
from recommender.model import SalesModel
from tests.assist.crms import World, complaint, connect, customer, dump, order, product
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id
from tests.assist.services.test_rulings import CASES, FROM_SPAIN, UNKNOWN, ruled

ANA = customer("C1", name="Ana Ruiz", given_name="Ana", email="ana@x.com", country="ES", language="es")


@pytest.fixture
def shop(desk: Desk, model: Path) -> World:
    shop = connect(desk)
    shop.put(ANA, *SHELF, order("O1", "C1", "PHONE-1", days=20), product("NOVEL", category="books"))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def show(desk: Desk, agent: int) -> Suggestions:
    return decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context="chat-1", language="en")


def ask(desk: Desk, agent: int, text: str, decision: str | None = None, language: str = "en") -> WhyNotView:
    request = Request(find_id(desk, "C1"), agent, "chat-1", language)
    return ask_why_not(desk, request, text, decision_id=decision)


def falls(answer: WhyNotView) -> list[tuple[str, str]]:
    return [(each.stage, each.code) for each in answer.obstacles]


def test_what_is_offered_says_so_with_its_place_and_nothing_is_stored(desk: Desk, agent: int) -> None:
    shown = show(desk, agent).suggestions
    before = dump(desk.database.engine)
    for suggestion in shown:
        answer = ask(desk, agent, suggestion.sku)
        assert (answer.state, answer.position, answer.obstacles) == ("offered", suggestion.position, ())
    assert dump(desk.database.engine) == before


def test_what_ranks_lower_tells_its_worth_beside_that_of_the_last_shown(desk: Desk, agent: int) -> None:
    shown = {one.sku for one in show(desk, agent).suggestions}
    (lower,) = {"CASE", "CASE-2", "GLASS", "CHARGER"} - shown
    answer = ask(desk, agent, lower)
    assert falls(answer) == [("slots", "category_full")]
    assert answer.place is not None
    assert answer.worth is not None
    assert answer.last is not None
    assert answer.worth.currency == "EUR"
    assert answer.worth.amount > Decimal(0)


@pytest.mark.parametrize(
    ("sku", "fall"),
    [
        ("PHONE-1", ("eligibility", "owned")),
        ("NOVEL", ("candidates", "not_in_model")),
    ],
)
def test_what_was_never_a_candidate_says_why(desk: Desk, agent: int, sku: str, fall: tuple[str, str]) -> None:
    answer = ask(desk, agent, sku)
    assert answer.state == "not_offered"
    assert falls(answer)[0] == fall


def test_what_others_outrank_says_so(desk: Desk, agent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "ASKED", 1)
    gathered = [sku for sku in ("CASE", "CASE-2", "GLASS", "KETTLE") if ask(desk, agent, sku).place]
    assert len(gathered) <= 1
    assert falls(ask(desk, agent, "KETTLE")) == [("candidates", "outranked")]


class Mute:
    """A model that knows the kettle and has no opinion."""

    parts = SimpleNamespace(code={"KETTLE": 0})

    def shortlist(self, query: Query) -> Any:
        return SimpleNamespace(proposals=())


def test_what_nothing_leads_to_says_so(desk: Desk, agent: int) -> None:
    models: Any = SimpleNamespace(current=lambda: Serving("v1", cast("SalesModel", Mute())))
    mute = replace(desk, models=models)
    assert falls(ask(mute, agent, "KETTLE")) == [("candidates", "no_opinion")]
    by_kind = {"stage": "eligibility", "effect": "deny", "scope": {"kinds": ["upsell"]}}
    assert falls(ask(ruled(mute, by_kind), agent, "KETTLE")) == [("candidates", "no_opinion")]
    by_category = {**by_kind, "scope": {"categories": ["kettles"]}}
    assert falls(ask(ruled(mute, by_category), agent, "KETTLE"))[1:] == [("eligibility", "rule")]


@pytest.mark.parametrize(
    ("change", "fall"),
    [({"active": False}, ("eligibility", "inactive")), ({"stock": 0}, ("stock", "out_of_stock"))],
)
def test_what_cannot_be_sold_says_so(
    desk: Desk, shop: World, agent: int, change: dict[str, Any], fall: tuple[str, str]
) -> None:
    shop.put(replace(SHELF[3], **change))
    sync(desk, "shop")
    assert falls(ask(desk, agent, "CASE-2")) == [fall]


def test_without_a_model_nothing_is_a_candidate(desk: Desk) -> None:
    connect(desk).put(ANA, product("CASE"))
    sync(desk, "shop")
    assert falls(ask(desk, add_agent(desk), "CASE")) == [("candidates", "no_model")]


def test_a_rule_tells_its_reason_the_clause_what_is_and_what_would_pass(desk: Desk, agent: int) -> None:
    young = {"fact": "order.count", "at_least": 3}
    needs = {"stage": "eligibility", "effect": "require", "if": young, "scope": CASES}
    (obstacle,) = ask(ruled(desk, needs), agent, "CASE-2", language="es").obstacles
    assert (obstacle.stage, obstacle.code, obstacle.rule) == ("eligibility", "rule", "rule_0")
    assert obstacle.reason == "Porque sí"
    (clause,) = obstacle.clauses
    assert clause.text == "order.count at least 3"
    assert (clause.found, clause.needed) == ("un pedido hasta hoy", "3 pedidos hasta hoy")


def test_what_is_unknown_and_what_may_be_anything_else(desk: Desk, agent: int) -> None:
    unsure = {"stage": "eligibility", "effect": "deny", "if": UNKNOWN, "scope": CASES}
    from_spain = {**unsure, "if": FROM_SPAIN}
    first, second = ask(ruled(desk, unsure, from_spain), agent, "CASE-2").obstacles
    assert first.clauses == (ClauseView("crm.tier is gold", "not known: Tier in the CRM", ""),)
    assert second.clauses == (ClauseView("customer.country is ES", "lives in Spain", ""),)


def test_a_rule_for_everybody_and_a_cap_have_no_clause(desk: Desk, agent: int) -> None:
    (denied,) = ask(ruled(desk, {"stage": "eligibility", "effect": "deny"}), agent, "CASE-2").obstacles
    assert (denied.code, denied.clauses, denied.reason) == ("rule", (), "Because")
    capped = ruled(desk, {"stage": "cap", "effect": {"most": 1}})
    first = show(capped, agent).suggestions[0].sku
    other = next(sku for sku in ("GLASS", "CHARGER") if sku != first)
    (held,) = ask(capped, agent, other).obstacles
    assert (held.stage, held.rule, held.clause, held.reason) == ("slots", "rule_0", "at most 1", "Because")


def test_trouble_and_an_objection_stand_before_all_else(desk: Desk, shop: World, agent: int) -> None:
    shop.put(complaint("K1", "C1"))
    sync(desk, "shop")
    assert falls(ask(desk, agent, "CASE-2"))[0] == ("gate", "open_complaint")
    shop.put(replace(ANA, consents=(Consent("offers", granted=False),)))
    sync(desk, "shop")
    assert falls(ask(desk, agent, "CASE-2"))[:2] == [("consent", "objection"), ("gate", "open_complaint")]
    assert falls(ask(desk, agent, "NOVEL"))[:3] == [
        ("consent", "objection"),
        ("gate", "open_complaint"),
        ("candidates", "not_in_model"),
    ]


@pytest.mark.parametrize(
    ("reason", "fall"),
    [("not_interested", ("contact", "suppressed")), ("already_has_it", ("eligibility", "owned"))],
)
def test_a_decline_says_until_when(desk: Desk, agent: int, reason: str, fall: tuple[str, str]) -> None:
    declined = next(one for one in show(desk, agent).suggestions if one.sku == "CASE-2")
    outcomes.record(desk, NewOutcome(declined.id, "declined", reason=reason), agent_id=agent)
    (obstacle,) = ask(desk, agent, "CASE-2").obstacles
    assert (obstacle.stage, obstacle.code) == fall
    assert (obstacle.until is not None) is (reason == "not_interested")


def test_the_log_is_told_where_it_says_otherwise(desk: Desk, agent: int) -> None:
    decision = show(desk, agent)
    assert ask(desk, agent, "CASE-2", decision.decision_id).logged is None
    closed = ruled(desk, {"stage": "eligibility", "effect": "deny", "scope": CASES})
    logged = ask(closed, agent, "CASE-2", decision.decision_id).logged
    assert logged is not None
    assert (logged.position, logged.obstacles) == (
        next(one.position for one in decision.suggestions if one.sku == "CASE-2"),
        (),
    )
    logged = ask(closed, agent, "CASE", decision.decision_id).logged
    assert logged is not None
    assert [each.code for each in logged.obstacles] == ["category_full"]
    assert ask(closed, add_agent(desk, "Bo"), "CASE-2", decision.decision_id).logged is None, "not theirs"


def test_products_are_found_by_sku_or_by_a_part_of_the_name(desk: Desk, agent: int) -> None:
    assert ask(desk, agent, "product glass").product == ProductChoice("GLASS", "Product GLASS")
    assert [one.sku for one in ask(desk, agent, "case").choices] == ["CASE", "CASE-2"]
    assert ask(desk, agent, "CASE").product == ProductChoice("CASE", "Product CASE")
    for text in ("100%", "_", "nothing like it", " "):
        assert ask(desk, agent, text).state == "unknown_product"
    assert ask_why_not(desk, Request(999, agent, "c"), "CASE").state == "no_customer"


def test_a_suggestion_is_kept_with_the_rules_that_moved_it_and_what_it_is_worth(
    desk: Desk, agent: int
) -> None:
    boost = {"stage": "boost", "effect": {"factor": 1.5}, "scope": CASES, "to": "2026-12-31"}
    pin = {"stage": "pin", "effect": "first", "scope": {"products": ["GLASS"]}, "to": "2026-12-31"}
    moved = ruled(desk, boost, pin)
    before = show(moved, agent)
    by_sku = {one.sku: one for one in before.suggestions}
    assert [(one.rule, one.effect, one.factor) for one in by_sku["GLASS"].moved] == [
        ("rule_1", "first", None)
    ]
    assert [(one.rule, one.effect, one.factor) for one in by_sku["CASE-2"].moved] == [
        ("rule_0", "boost", "1.5")
    ]
    worth = by_sku["CASE-2"].worth
    assert worth is not None
    assert worth.lever == 1.5
    found = worth.probability * worth.value * worth.context * worth.lever - worth.attention
    assert worth.expected == pytest.approx(found)
    assert show(moved, agent) == before, "and is told again as it was"
