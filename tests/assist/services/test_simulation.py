"""A release tried on the past: what it would change and why, and nothing else than it."""

import json
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from assist.models.decision import Decision
from assist.models.mirror import Customer
from assist.models.release import Simulation
from assist.services import outcomes, releases
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome
from assist.services.simulation import CUSTOMERS, DECISIONS, Plan, find_latest, simulate
from assist.services.sync import sync
from assist.services.views import Suggestions
from assist.store.replays import sample_customers
from crm_adapters.model import Money
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order
from tests.assist.databases import on_both_databases
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id

ANA = customer(
    "ana-7731@mail.example",
    name="Ana Ruiz-Ortega",
    given_name="Ana",
    email="ana@x.example",
    phone="+34600111222",
    country="ES",
    language="es",
    custom={"nickname": "Anuska", "tier": "gold"},
)
BEN = customer("C2", name="Ben Lomond", given_name="Ben", country="GB", language="en")
REASON = {"en": "Because", "es": "Porque sí", "pt-BR": "Porque sim"}
NO_CASES = {
    "stage": "applicability",
    "effect": "deny",
    "if": {"fact": "crm.nickname", "starts_with": "A"},
    "scope": {"categories": ["cases"]},
}


@pytest.fixture
def shop(desk: Desk, model: Path) -> World:
    shop = connect(desk)
    shop.put(ANA, BEN, *SHELF)
    shop.put(*(order(f"O-{one.ref}", one.ref, "PHONE-1", days=20) for one in (ANA, BEN)))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def ask(desk: Desk, agent: int, ref: str, context: str = "chat-1") -> Suggestions:
    return decide(desk, customer_id=find_id(desk, ref), agent_id=agent, context=context, language="en")


def skus(answer: Suggestions) -> list[str]:
    return [one.sku for one in answer.suggestions]


def bring(desk: Desk, *rules: dict[str, Any]) -> str:
    """The digest of a release with these rules, and nothing else that is new."""
    document = deepcopy(dict(shipped().document))
    needed = {"reason": REASON, "owner": "Ana"}
    document["rules.yaml"] = {
        "rules": [{**needed, "key": f"rule_{number}", **one} for number, one in enumerate(rules)]
    }
    release = Release.of(document)
    releases.bring_in(desk, release)
    return release.digest


def run(desk: Desk, name: str, **plan: Any) -> dict[str, Any]:
    return simulate(desk, name, plan=Plan(**plan)).report


@on_both_databases
def test_the_same_release_changes_nothing_and_decides_as_it_did(desk: Desk, agent: int) -> None:
    for one in (ANA, BEN):
        assert ask(desk, agent, one.ref).suggestions
    report = run(desk, "shipped")
    assert (report["source"], report["cases"], report["models"]) == (DECISIONS, 2, ["v1"])
    assert report["changed"]["count"] == 0
    assert (report["reproduced"]["count"], report["reproduced"]["of"]) == (2, 2)
    assert report["before"] == report["after"]
    assert report["changes"] == []


def test_a_rule_is_named_where_it_changes_something_and_nowhere_else(desk: Desk, agent: int) -> None:
    shown = {one.ref: skus(ask(desk, agent, one.ref)) for one in (ANA, BEN)}
    assert "CASE-2" in shown[ANA.ref]
    report = run(desk, bring(desk, NO_CASES))
    assert (report["changed"]["count"], report["changed"]["of"]) == (1, 2)
    (change,) = report["changes"]
    assert change["customer"] == find_id(desk, ANA.ref)
    assert [one["sku"] for one in change["before"]["shown"]] == shown[ANA.ref]
    assert "CASE-2" not in [one["sku"] for one in change["after"]["shown"]]
    assert change["why"][0] == {
        "side": "after",
        "product": "CASE-2",
        "stage": "applicability",
        "rule": "rule:rule_0",
        "clause": "crm.nickname starts with A",
    }
    assert report["before"]["funnel"]["removed"]["applicability"] == 0
    assert report["after"]["funnel"]["removed"]["applicability"] == 2
    for side in ("before", "after"):
        funnel = report[side]["funnel"]
        assert funnel["candidates"] == funnel["chosen"] + sum(funnel["removed"].values())


def test_a_boost_and_a_pin_are_told_as_what_moved_a_product(desk: Desk, agent: int) -> None:
    last = skus(ask(desk, agent, ANA.ref))[-1]
    about = {"scope": {"products": [last]}, "to": "2026-12-31"}
    pin = {"stage": "pin", "effect": "first", **about}
    boost = {"stage": "boost", "effect": {"factor": 2}, **about}
    (change,) = run(desk, bring(desk, pin, boost))["changes"]
    assert change["after"]["shown"][0]["sku"] == last
    assert [(why["stage"], why["rule"], why["clause"]) for why in change["why"]] == [
        ("boost", "rule:rule_1", "× 2"),
        ("pin", "rule:rule_0", "first"),
    ]


def test_a_persona_that_takes_to_something_else_is_seen_in_the_order_and_in_worth(
    desk: Desk, agent: int
) -> None:
    shown, ours = skus(ask(desk, agent, ANA.ref)), "personas/early_upgrader.yaml"
    document = {
        path: deepcopy(part)
        for path, part in shipped().document.items()
        if path == ours or not path.startswith("personas/")
    }
    document[ours]["criteria"] = [{"if": {"fact": "customer.country", "is": "ES"}, "weight": 5}]
    last = next(one.category for one in SHELF if one.sku == shown[-1])
    document[ours]["selling"]["affinities"] = {
        one.category: 2 if one.category == last else 0.5 for one in SHELF
    }
    release = Release.of(document)
    releases.bring_in(desk, release)
    report = run(desk, release.digest)
    (change,) = report["changes"]
    assert (change["before"]["persona"], change["after"]["persona"]) == (None, "early_upgrader")
    moved = [one["sku"] for one in change["after"]["shown"]]
    assert sorted(moved) == sorted(shown)
    assert moved != shown
    assert {(why["rule"], why["product"]) for why in change["why"]} == {
        ("weighed_otherwise", sku) for sku in shown
    }
    ceiling = release.catalogue.personas[0].selling.concession_ceiling
    prices = sum(one.prices[0].amount for one in SHELF if one.sku in shown)
    bound = report["after"]["concession_upper_bound"]
    assert (bound["most"], bound["counted"]) == ({"EUR": f"{prices * ceiling / 100:.2f}"}, len(shown))
    assert report["before"]["concession_upper_bound"] == {"most": {}, "counted": 0, "uncounted": len(shown)}


def test_a_gate_silences_and_its_cause_is_counted(desk: Desk, agent: int) -> None:
    ask(desk, agent, ANA.ref)
    report = run(desk, bring(desk, {"stage": "gate", "effect": "close"}))
    assert (report["before"]["silence"], report["after"]["silence"]) == ({}, {"gate": 1})
    assert report["after"]["value"]["EUR"]["sum"] == "0.00"
    assert float(report["before"]["value"]["EUR"]["sum"]) > 0
    assert report["changes"][0]["why"][0]["rule"] == "rule:rule_0"


@on_both_databases
def test_what_happened_since_is_not_known_in_the_replay(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    before = ask(desk, agent, ANA.ref)
    clock.pass_time(minutes=1)
    declined = NewOutcome(before.suggestions[0].id, "declined", reason="no_offers")
    outcomes.record(desk, declined, agent_id=agent)
    shop.put(replace(order("O9", ANA.ref, before.suggestions[1].sku), placed_at=clock.now()))
    sync(desk, "shop")
    clock.pass_time(minutes=1)
    assert ask(desk, agent, ANA.ref, "chat-2").silence == "objection"
    report = run(desk, "shipped")
    assert (report["reproduced"]["count"], report["reproduced"]["of"]) == (2, 2)
    assert report["before"]["silence"] == {"objection": 1}


def test_a_gate_closed_in_a_conversation_stays_closed_in_its_replay(
    desk: Desk, agent: int, clock: HandClock
) -> None:
    first = ask(desk, agent, ANA.ref)
    outcomes.record(
        desk, NewOutcome(first.suggestions[0].id, "declined", reason="wrong_moment"), agent_id=agent
    )
    clock.pass_time(minutes=1)
    assert ask(desk, agent, ANA.ref).silence == "gate"
    assert ask(desk, agent, ANA.ref, "chat-2").suggestions
    report = run(desk, "shipped")
    assert report["before"]["silence"] == {"gate": 1}
    assert report["reproduced"]["count"] == 3


def test_before_there_are_decisions_customers_as_they_are_now_stand_in(desk: Desk, shop: World) -> None:
    report = run(desk, bring(desk, NO_CASES))
    assert (report["source"], report["cases"], report["reproduced"]) == (CUSTOMERS, 2, None)
    assert report["changed"]["count"] == 1
    assert run(desk, bring(desk, NO_CASES), most=1)["cases"] == 1
    assert "no_conversation" in report["notes"]


def test_decisions_out_of_the_days_and_customers_who_are_gone_are_left_out(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    ask(desk, agent, ANA.ref)
    clock.pass_time(days=2)
    ask(desk, agent, BEN.ref, "chat-2")
    assert run(desk, "shipped", days=1)["cases"] == 1
    assert run(desk, "shipped", over=CUSTOMERS)["source"] == CUSTOMERS
    with desk.database.writing() as session:
        session.get_one(Customer, find_id(desk, BEN.ref)).deleted = True
    report = run(desk, "shipped")
    assert (report["cases"], report["skipped"]) == (1, 1)
    assert "customers_gone" in report["notes"]


def test_a_sample_is_the_same_each_time(desk: Desk, shop: World) -> None:
    shop.put(*(customer(f"X{number}") for number in range(30)))
    sync(desk, "shop")
    now = desk.clock.now()
    with desk.database.reading() as session:
        some = sample_customers(session, now, most=10)
        more = sample_customers(session, now, most=20)
        assert some == sample_customers(session, now, most=10)
    assert more[:10] == some
    assert len({one.customer_id for one in more}) == 20


def test_without_a_model_the_report_says_so(desk: Desk) -> None:
    connect(desk).put(ANA)
    sync(desk, "shop")
    report = run(desk, "shipped")
    assert report["before"]["silence"] == {"no_model": 1}
    assert "no_model" in report["notes"]


def test_currencies_are_never_added(desk: Desk, shop: World, agent: int) -> None:
    shop.put(*(replace(one, prices=(*one.prices, replace(one.prices[0], currency="GBP"))) for one in SHELF))
    sync(desk, "shop")
    pounds = Money(Decimal(10), "GBP")
    lines = order("O3", BEN.ref, "KETTLE", days=22).lines
    priced = tuple(replace(line, unit_price=pounds) for line in lines)
    shop.put(order("O3", BEN.ref, "KETTLE", days=22, lines=priced))
    sync(desk, "shop")
    report = run(desk, "shipped")
    assert set(report["before"]["value"]) == {"EUR", "GBP"}
    assert all(one["n"] == 1 for one in report["before"]["value"].values())


def test_nobody_is_ranked_by_few(desk: Desk, shop: World) -> None:
    shop.put(*(customer(f"M{number}", country="MX") for number in range(30)))
    sync(desk, "shop")
    groups = {one["group"]: one for one in run(desk, "shipped")["fairness"]["country"]}
    assert next(iter(groups)) == "MX"
    assert (groups["MX"]["ranked"], groups["ES"]["ranked"]) == (True, False)
    assert groups["MX"]["n"] == 30


@on_both_databases
def test_the_report_is_kept_with_the_release_and_says_of_nobody_who_they_are(desk: Desk, agent: int) -> None:
    ask(desk, agent, ANA.ref)
    nick = {**NO_CASES, "if": {"fact": "crm.nickname", "is_not": "Bo"}}
    made = simulate(desk, bring(desk, nick))
    assert made.report["changed"]["count"] == 1
    with desk.database.reading() as session:
        assert find_latest(session, made.release) == made
        assert session.scalar(select(func.count()).select_from(Decision)) == 1
        kept = json.dumps(session.scalars(select(Simulation.report)).one())
    for secret in ("Ana", "Ruiz", "x.example", "mail.example", "600111222", "Anuska", "gold"):
        assert secret not in kept
