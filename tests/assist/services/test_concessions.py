"""The wallet: what may be given, given once, counted, taken back, and free again."""

from copy import deepcopy
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry, Role
from assist.models.decision import Restraint
from assist.models.outbox import OutboxEntry
from assist.services import outcomes
from assist.services.concessions import WalletView, find_wallet, give, take_back
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome, Refused, TooLate, UnknownOutcome
from assist.services.sync import sync
from assist.services.views import Price
from crm_adapters.model import Act
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.crms import connect, customer
from tests.assist.databases import on_both_databases
from tests.assist.models import SHELF
from tests.assist.scenes import add_agent, put_in_force
from tests.assist.scenes import suggest as suggest_plainly

pytestmark = on_both_databases

POLICY: dict[str, Any] = {
    "steps": [5, 10, 20],
    "margin_floor": 0,
    "roles": {"agent": {"most": 10, "budget": {"EUR": 1}, "days": 30}},
    "customer": {"most": 20, "budget": {"EUR": 0.8}, "days": 90},
}
RICH = {"agent": {"most": 10, "budget": {"EUR": 9}, "days": 30}}
PRICE = Decimal(10)
SENTENCE = "Una funda por 10,00 €, ¿le parece?"


def allow(desk: Desk, **changes: Any) -> None:
    document = deepcopy(dict(shipped().document))
    document["policies.yaml"]["concessions"] = {**POLICY, **changes}
    put_in_force(desk, Release.of(document))


def suggest(desk: Desk, ref: str, sku: str, *, agent_id: int, context: str = "chat-1") -> str:
    return suggest_plainly(desk, ref, sku, agent_id=agent_id, context=context, said=("es", SENTENCE))


@pytest.fixture
def agent(desk: Desk) -> int:
    shop = connect(desk)
    shop.put(customer("C1", name="Ana Ruiz", language="es"), customer("C2", name="Bob"), *SHELF)
    sync(desk, "shop")
    allow(desk)
    return add_agent(desk)


@pytest.fixture
def case(desk: Desk, agent: int) -> str:
    return suggest(desk, "C1", "CASE", agent_id=agent)


def key() -> str:
    return uuid4().hex


def look(desk: Desk, agent: int, *suggestions: str) -> WalletView:
    wallet = find_wallet(desk, suggestions, agent_id=agent)
    assert wallet
    return wallet


def offer(desk: Desk, suggestion: str, agent: int) -> str:
    return outcomes.record(desk, NewOutcome(suggestion, Act.OFFERED, "copy"), agent_id=agent).id


def test_what_may_be_given(desk: Desk, agent: int, case: str) -> None:
    wallet = look(desk, agent, case)
    assert (wallet.most, wallet.left) == (Decimal(10), Price(Decimal("0.8"), "EUR"))
    one = wallet.may_give[case]
    assert (one.percent, one.price) == (Decimal(5), Price(Decimal("9.50"), "EUR"))


def test_the_sentence_and_the_price_change_and_come_back(desk: Desk, agent: int, case: str) -> None:
    concession = key()
    given = give(desk, case, concession, agent_id=agent)
    assert given.price
    assert (given.price.amount, given.given) == (Decimal("9.50"), "5")
    assert "9,50" in given.talk_track
    assert "10,00" not in given.talk_track
    wallet = look(desk, agent, case)
    assert wallet.left.amount == Decimal("0.30")
    assert wallet.given[case].id == concession
    assert not wallet.may_give
    before = take_back(desk, concession, agent_id=agent)
    assert (before.price and before.price.amount, before.given) == (PRICE, None)
    assert "10,00" in before.talk_track
    assert look(desk, agent, case).left.amount == Decimal("0.8")
    assert take_back(desk, concession, agent_id=agent) == before


def test_asking_twice_gives_once(desk: Desk, agent: int, case: str) -> None:
    concession = key()
    assert give(desk, case, concession, agent_id=agent) == give(desk, case, key(), agent_id=agent)
    assert look(desk, agent, case).left.amount == Decimal("0.30")


def test_what_was_offered_cannot_be_taken_back_until_the_offer_is(desk: Desk, agent: int, case: str) -> None:
    concession = key()
    give(desk, case, concession, agent_id=agent)
    offered = offer(desk, case, agent)
    with pytest.raises(TooLate):
        take_back(desk, concession, agent_id=agent)
    outcomes.undo(desk, offered, agent_id=agent)
    take_back(desk, concession, agent_id=agent)


def test_the_crm_hears_the_price_that_was_offered(desk: Desk, agent: int, case: str) -> None:
    give(desk, case, key(), agent_id=agent)
    offer(desk, case, agent)
    with desk.database.reading() as session:
        payload = session.scalars(select(OutboxEntry)).one().payload
    assert "9.50" in str(payload)
    with desk.database.reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.event == "concession.given"))
        assert entry.detail == {"percent": "5", "amount": "0.50 EUR"}


@pytest.mark.parametrize(("offered", "left"), [(True, "0.30"), (False, "0.8")])
def test_what_was_never_offered_is_free_again(
    desk: Desk, agent: int, case: str, clock: HandClock, offered: bool, left: str
) -> None:
    give(desk, case, key(), agent_id=agent)
    if offered:
        offer(desk, case, agent)
    clock.pass_time(minutes=31)
    other = suggest(desk, "C1", "GLASS", agent_id=agent)
    assert look(desk, agent, other).left.amount == Decimal(left)


def test_budgets_are_the_agents_and_the_customers(desk: Desk, agent: int, case: str) -> None:
    """1 of the agent's own; 0.8 for each customer, whoever gives it."""
    give(desk, case, key(), agent_id=agent)
    offer(desk, case, agent)
    assert look(desk, agent, suggest(desk, "C2", "CASE", agent_id=agent)).left.amount == Decimal("0.5")
    other = add_agent(desk, "Eva")
    assert look(desk, other, suggest(desk, "C1", "GLASS", agent_id=other)).left.amount == Decimal("0.30")
    second = suggest(desk, "C1", "CASE", agent_id=other, context="chat-2")
    with pytest.raises(Refused) as refused:
        give(desk, second, key(), agent_id=other)
    assert refused.value.code == "budget"


def test_a_budget_comes_back_after_its_days(desk: Desk, agent: int, case: str, clock: HandClock) -> None:
    give(desk, case, key(), agent_id=agent)
    offer(desk, case, agent)
    clock.pass_time(days=31)
    assert look(desk, agent, suggest(desk, "C2", "CASE", agent_id=agent)).left.amount == Decimal("0.8")
    clock.pass_time(days=60)
    assert look(desk, agent, suggest(desk, "C1", "CASE", agent_id=agent)).left.amount == Decimal("0.8")


def test_after_too_expensive_the_step_is_one_that_helps(desk: Desk, agent: int, case: str) -> None:
    """What would still be at or above a price called too expensive is not worth naming."""
    allow(desk, customer={"most": 20, "budget": {"EUR": 9}, "days": 90}, roles=RICH)
    again = suggest(desk, "C1", "CASE", agent_id=agent, context="chat-2")
    outcomes.record(desk, NewOutcome(again, Act.DECLINED, reason="too_expensive"), agent_id=agent)
    assert look(desk, agent, case).may_give[case].percent == 5
    with desk.database.writing() as session:
        for band in session.scalars(select(Restraint).where(Restraint.kind == "lower_price_band")):
            band.amount = Decimal("9.4")
    assert look(desk, agent, case).may_give[case].percent == 10


def test_others_may_give_nothing(desk: Desk, agent: int, case: str) -> None:
    auditor = add_agent(desk, "Otto", Role.AUDITOR)
    theirs = suggest(desk, "C1", "CASE", agent_id=auditor)
    assert find_wallet(desk, [theirs], agent_id=auditor) is None
    with pytest.raises(UnknownOutcome):
        give(desk, case, key(), agent_id=auditor)
    with pytest.raises(Refused):
        give(desk, theirs, key(), agent_id=auditor)


def test_what_ships_gives_nothing(desk: Desk, agent: int, case: str) -> None:
    put_in_force(desk, Release.of({**shipped().document, "rules.yaml": {"rules": []}}))
    assert find_wallet(desk, [case], agent_id=agent) is None
