"""Rules that people wrote, as they work on decisions: one test per effect."""

import os
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assist.models.decision import Decision
from assist.services import lookup, outcomes
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome
from assist.services.sync import sync
from assist.services.views import Gate, Suggestions
from crm_adapters.model import Consent
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, order
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id, put_in_force

ANA = customer("C1", name="Ana Ruiz", given_name="Ana", email="ana@x.com", country="ES", language="es")
REASON = {"en": "Because", "es": "Porque sí", "pt-BR": "Porque sim"}
FROM_SPAIN = {"fact": "customer.country", "is": "ES"}
UNKNOWN = {"fact": "crm.tier", "is": "gold"}


@pytest.fixture
def shop(desk: Desk, model: Path) -> World:
    shop = connect(desk)
    shop.put(ANA, *SHELF, order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def ruled(desk: Desk, *raw: dict[str, Any], attention: int | None = None) -> Desk:
    """With these rules in force; what all of them need is filled in. `attention`: what one more offer costs."""
    needed = {"reason": REASON, "owner": "Ana"}
    document = deepcopy(dict(shipped().document))
    document["rules.yaml"] = {
        "rules": [{**needed, "key": f"rule_{number}", **one} for number, one in enumerate(raw)]
    }
    if attention:
        document["policies.yaml"]["arbitration"]["attention"].update(currencies={}, other=attention)
    put_in_force(desk, Release.of(document))
    return desk


def ask(desk: Desk, agent: int, context: str = "chat-1", *, language: str = "en") -> Suggestions:
    return decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context=context, language=language)


def skus(answer: Suggestions) -> list[str]:
    return [one.sku for one in answer.suggestions]


def removed(desk: Desk, answer: Suggestions) -> list[dict[str, Any]]:
    """By rules, as kept with the decision."""
    with desk.database.reading() as session:
        decision = session.scalars(select(Decision).where(Decision.id == answer.decision_id)).one()
        return [one for one in decision.removed if one["rule"].startswith("rule:")]


CASES = {"categories": ["cases"]}


@pytest.mark.parametrize(
    ("stage", "condition", "actual"),
    [
        ("eligibility", FROM_SPAIN, "ES"),
        ("applicability", FROM_SPAIN, "ES"),
        ("suitability", FROM_SPAIN, "ES"),
        ("eligibility", UNKNOWN, "missing: crm.tier"),
        ("applicability", UNKNOWN, None),
        ("suitability", UNKNOWN, "missing: crm.tier"),
    ],
)
def test_a_denial_takes_out_its_scope_and_is_kept_with_what_would_have_let_it_pass(
    desk: Desk, agent: int, stage: str, condition: dict[str, Any], actual: str | None
) -> None:
    denial = {"stage": stage, "effect": "deny", "if": condition, "scope": CASES}
    answer = ask(ruled(desk, denial), agent)
    assert ("CASE-2" in skus(answer)) is (actual is None)
    assert "GLASS" in skus(answer)
    kept = {"stage": stage, "rule": "rule:rule_0", "actual": actual, "wanted": "something else"}
    clause = f"{condition['fact']} is {condition['is']}"
    assert removed(desk, answer) == (
        [{**kept, "clause": clause, "product": sku} for sku in ("CASE", "CASE-2")] if actual else []
    )


def test_a_pin_goes_first_and_a_boost_changes_the_order(desk: Desk, agent: int) -> None:
    plain = skus(ask(desk, agent))
    last, others = {"products": plain[2:]}, {"products": plain[:2]}
    pin = {"stage": "pin", "effect": "first", "scope": last, "to": "2026-12-31"}
    assert skus(ask(ruled(desk, pin), agent, "pinned")) == [plain[2], *plain[:2]]
    boost = {"stage": "boost", "effect": {"factor": 2}, "scope": last, "to": "2026-12-31"}
    damper = {**boost, "effect": {"factor": 0.5}, "scope": others}
    unsure = {**boost, "if": UNKNOWN}
    assert skus(ask(ruled(desk, boost, damper), agent, "boosted")) == [plain[0], plain[2], plain[1]]
    assert skus(ask(ruled(desk, unsure), agent, "unsure")) == plain


def test_what_is_mandatory_is_offered_though_it_is_worth_nothing(desk: Desk, agent: int) -> None:
    assert ask(ruled(desk, attention=10**6), agent, "silent").silence == "nothing_fits"
    pin = {"stage": "pin", "effect": "mandatory", "scope": {"products": ["GLASS"]}, "to": "2026-12-31"}
    assert skus(ask(ruled(desk, pin, attention=10**6), agent)) == ["GLASS"]


def test_a_cap_leaves_at_most_so_many(desk: Desk, agent: int) -> None:
    assert len(ask(desk, agent).suggestions) == 3
    answer = ask(ruled(desk, {"stage": "cap", "effect": {"most": 1}}), agent, "capped")
    assert len(answer.suggestions) == 1
    assert {(one["actual"], one["wanted"], one["clause"]) for one in removed(desk, answer)} == {
        ("1", "below 1", "at most 1")
    }


GATE = {"stage": "gate", "effect": "close", "if": FROM_SPAIN}


def test_a_gate_closes_with_its_reason_in_the_agents_language(desk: Desk, agent: int) -> None:
    closed = ruled(desk, GATE)
    answer = ask(closed, agent, language="pt-BR")
    assert (skus(answer), answer.silence, answer.gate) == ([], "gate", Gate("rule", "Porque sim"))
    with desk.database.reading() as session:
        asked = lookup.LookUp(customer_id=find_id(desk, "C1"), language="es")
        assert lookup.look_up(closed, session, asked).gate == Gate("rule", "Porque sí")
    assert ask(ruled(desk, {**GATE, "if": UNKNOWN}), agent, "unknown").suggestions


def test_a_gate_that_closes_stops_a_decision_already_shown(desk: Desk, shop: World, agent: int) -> None:
    open_until = ruled(desk, {**GATE, "if": {"fact": "customer.country", "is": "MX"}})
    shown = ask(open_until, agent)
    assert ask(open_until, agent).decision_id == shown.decision_id
    shop.put(replace(ANA, country="MX"))
    sync(desk, "shop")
    assert ask(open_until, agent).silence == "gate"
    shop.put(ANA)
    sync(desk, "shop")
    assert ask(open_until, agent).suggestions


def test_a_denial_that_comes_into_force_reaches_what_is_shown_already(desk: Desk, agent: int) -> None:
    first = ask(desk, agent)
    denial = {"stage": "eligibility", "effect": "deny", "if": FROM_SPAIN}
    elsewhere = ruled(desk, {**denial, "scope": {"products": ["PHONE-1"]}})
    assert ask(elsewhere, agent).decision_id == first.decision_id
    again = ask(ruled(desk, {**denial, "scope": CASES}), agent)
    assert again.decision_id != first.decision_id
    assert not {"CASE", "CASE-2"} & set(skus(again))
    assert ask(ruled(desk, {**denial, "scope": {"kinds": ["cross_sell"]}}), agent).silence == "nothing_fits"


def test_what_the_agent_has_declined_already_is_not_judged_again(desk: Desk, agent: int) -> None:
    first = ask(desk, agent)
    declined = next(one for one in first.suggestions if one.sku == "CASE-2")
    outcomes.record(desk, NewOutcome(declined.id, "declined", reason="not_now"), agent_id=agent)
    assert ask(desk, agent).decision_id == first.decision_id
    denial = {"stage": "eligibility", "effect": "deny", "scope": {"products": ["CASE-2"]}}
    assert ask(ruled(desk, denial), agent).decision_id == first.decision_id


def test_trouble_is_shown_before_a_rule(desk: Desk, shop: World, agent: int) -> None:
    shop.put(complaint("K1", "C1"))
    sync(desk, "shop")
    gate = ask(ruled(desk, GATE), agent).gate
    assert gate is not None
    assert gate.code == "open_complaint"


def test_an_objection_goes_before_what_is_mandatory(desk: Desk, shop: World, agent: int) -> None:
    shop.put(replace(ANA, consents=(Consent("offers", granted=False),)))
    sync(desk, "shop")
    pin = {"stage": "pin", "effect": "mandatory", "to": "2026-12-31"}
    assert ask(ruled(desk, pin), agent).silence == "objection"


def test_messages_are_told_in_the_agents_language_and_stay_with_the_decision(desk: Desk, agent: int) -> None:
    general = {"stage": "message", "effect": {"says": REASON}, "if": FROM_SPAIN}
    about = {**general, "scope": {"products": ["GLASS"]}}
    unknown = {**general, "if": UNKNOWN}
    told = ruled(desk, general, about, unknown)
    answer = ask(told, agent, language="es")
    assert answer.messages == ("Porque sí",)
    assert {one.sku: one.messages for one in answer.suggestions if one.messages} == {"GLASS": ("Porque sí",)}
    assert ask(told, agent, language="es") == answer


def test_a_rule_of_another_time_does_nothing(desk: Desk, agent: int, clock: HandClock) -> None:
    today = clock.now().date().isoformat()
    closed = ruled(desk, {**GATE, "to": today})
    assert ask(closed, agent).silence == "gate"
    clock.pass_time(days=1)
    assert ask(closed, agent).suggestions


@pytest.mark.parametrize(("days", "offered"), [(14, True), (3, False)])
def test_a_rule_may_count_down_to_a_day_of_the_calendar(
    desk: Desk, agent: int, days: int, offered: bool
) -> None:
    """Asked on 2 March; the day is kept in Spain on the ninth."""
    near = {"fact": "calendar.sale", "at_most": days}
    document = deepcopy(dict(shipped().document))
    document["calendar.yaml"] = {"sale": {"name": REASON, "days": {"ES": {"day": "03-09"}}}}
    rule = {"key": "sale", "stage": "eligibility", "effect": "require", "if": near}
    document["rules.yaml"] = {"rules": [{**rule, "reason": REASON, "owner": "Ana"}]}
    put_in_force(desk, Release.of(document))
    assert bool(skus(ask(desk, agent))) is offered


def test_two_processes_decide_alike(desk: Desk, agent: int) -> None:
    boost = {"stage": "boost", "effect": {"factor": 1.5}, "scope": CASES, "to": "2026-12-31"}
    ruled(
        desk,
        {"stage": "applicability", "effect": "deny", "if": FROM_SPAIN, "scope": {"kinds": ["popular"]}},
        boost,
    )
    decided = [_decide_elsewhere(desk, agent, seed) for seed in (1, 2)]
    assert b"rule_1" in decided[0]
    assert b"category_full" in decided[0]
    assert decided[0] == decided[1]


def _decide_elsewhere(desk: Desk, agent: int, seed: int) -> bytes:
    program = [sys.executable, "-m", "tests.assist.processes.decider", desk.config.database_url]
    command = [*program, str(find_id(desk, "C1")), str(agent), f"chat-{seed}"]
    ran = subprocess.run(
        command,
        input=str(desk.config.data_dir).encode(),
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
    )
    return ran.stdout
