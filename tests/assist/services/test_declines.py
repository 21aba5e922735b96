"""Each decline reason has the effect of its row on the next decision, and no other; taken back it has none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from assist.models.decision import Decision, Outcome
from assist.models.mirror import Customer
from assist.services import lineages, outcomes
from assist.services.brief import Request, as_pool, look_back, read_brief
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.facts import open_dossier
from assist.services.figures import FiguresShelf
from assist.services.outcomes import NewOutcome
from assist.services.sync import sync
from crm_adapters.model import Act
from personas.candidates import Candidate, Tally
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, dump, order
from tests.assist.databases import on_both_databases
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent, find_id

DEAR = "CASE-2"
"""What is declined: the dearer of two cases, with nothing else in its category shown."""


@pytest.fixture
def shop(desk: Desk, model: Path) -> World:
    shop = connect(desk)
    shop.put(customer("C1", country="ES"), *SHELF, order("O1", "C1", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop


@pytest.fixture
def agent(desk: Desk, shop: World) -> int:
    return add_agent(desk)


def look(desk: Desk, agent: int, context: str) -> dict[str, str]:
    """By SKU of every candidate, where it fell or that it is shown: a new decision of that conversation."""
    answer = decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context=context, language="en")
    with desk.database.reading() as session:
        removed = session.get_one(Decision, answer.decision_id).removed
    falls = {one["product"]: one["rule"] for one in reversed(removed)}
    return falls | {one.sku: "shown" for one in answer.suggestions}


def weigh(desk: Desk, agent: int, context: str) -> dict[str, tuple[float, float]]:
    """By SKU of what is shown, how likely a yes is and what asking costs."""
    answer = decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context=context, language="en")
    worths = {one.sku: one.worth for one in answer.suggestions}
    return {sku: (worth.probability, worth.attention) for sku, worth in worths.items() if worth}


def decline(desk: Desk, agent: int, reason: str, *, days: int | None = None) -> str:
    """In the conversation `here`."""
    customer_id = find_id(desk, "C1")
    answer = decide(desk, customer_id=customer_id, agent_id=agent, context="here", language="en")
    suggestion = next(one for one in answer.suggestions if one.sku == DEAR)
    act = Act.WRONG_DATA if reason == "wrong_data" else Act.DECLINED
    new = NewOutcome(suggestion.id, act, reason=reason, days=days)
    return outcomes.record(desk, new, agent_id=agent).id


def pool(desk: Desk, agent: int) -> Sequence[Candidate]:
    """What a decision would weigh now."""
    request = Request(find_id(desk, "C1"), agent, "now")
    with desk.database.reading() as session:
        customer = session.get_one(Customer, request.customer_id)
        dossier = open_dossier(session, customer, desk.clock.now())
        brief = read_brief(desk, session, request, dossier, look_back(session, request, dossier))
    return as_pool(brief.offerings.items, brief)


@dataclass(frozen=True)
class Row:
    """What is otherwise than before."""

    here: dict[str, str] = field(default_factory=dict)
    """In the same conversation, decided anew."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    lasts: int | None = None
    """Days; None: for good, or there is nothing to last."""
    patience: float = 1.0
    """How many times as much asking costs, of another category."""


EVERYTHING = ("CASE", "CASE-2", "GLASS", "CHARGER", "KETTLE")
CHEAPER = {DEAR: "suppressed", "CASE": "shown"}
COLUMNS = list(Outcome.__table__.columns.keys())
TABLE = {
    "too_expensive": Row(CHEAPER, CHEAPER, lasts=90),
    "already_has_it": Row({DEAR: "gone", "CASE": "shown"}, {DEAR: "gone", "CASE": "shown"}),
    "not_interested": Row(CHEAPER, CHEAPER, lasts=90, patience=1.5),
    "not_now": Row(CHEAPER, CHEAPER, lasts=7),
    "wrong_moment": Row(dict.fromkeys(EVERYTHING, "closed_by_agent")),
    "wrong_data": Row(),
    "no_reason": Row(patience=1.25),
    "no_offers": Row(dict.fromkeys(EVERYTHING, "objection"), dict.fromkeys(EVERYTHING, "objection")),
}


def changed(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """What is shown or taken out otherwise; that something takes a place which has become free is no effect."""
    places = {"shown", "slots_full"}
    return {
        sku: after.get(sku, "gone")
        for sku in before
        if before[sku] != after.get(sku) and not {before[sku], after.get(sku)} <= places
    }


@pytest.mark.parametrize("reason", TABLE)
def test_a_reason_has_the_effect_of_its_row_and_no_other(
    desk: Desk, agent: int, reason: str, clock: HandClock
) -> None:
    assert set(TABLE) == {one.key for one in desk.personas.policies.decline_reasons}
    row = TABLE[reason]
    before = look(desk, agent, "before")
    assert before[DEAR] == "shown"
    decline(desk, agent, reason)
    clock.pass_time(minutes=31)
    assert changed(before, look(desk, agent, "here")) == row.here
    assert changed(before, look(desk, agent, "elsewhere")) == row.elsewhere
    if row.lasts:
        clock.pass_time(days=row.lasts - 1)
        assert changed(before, look(desk, agent, "still")) == row.elsewhere
        clock.pass_time(days=1)
        assert changed(before, look(desk, agent, "over")) == {}


@pytest.mark.parametrize("reason", [reason for reason, row in TABLE.items() if reason != "no_offers"])
def test_a_reason_costs_the_patience_that_it_speaks_of(desk: Desk, agent: int, reason: str) -> None:
    before = weigh(desk, agent, "before")
    decline(desk, agent, reason)
    after = weigh(desk, agent, "after")
    sku = next(sku for sku in after if sku in before and not sku.startswith("CASE"))
    assert after[sku][1] == pytest.approx(before[sku][1] * TABLE[reason].patience)
    if "CASE" in after:  # of the category that was declined
        double = 2 if reason == "not_interested" else 1
        assert after["CASE"][1] == pytest.approx(after[sku][1] * double)


def test_without_a_reason_it_counts_half_against_the_offer_and_suppresses_nothing(
    desk: Desk, agent: int
) -> None:
    before = weigh(desk, agent, "before")
    decline(desk, agent, "no_reason")
    assert weigh(desk, agent, "at once")[DEAR][0] == pytest.approx(before[DEAR][0] * 40 / 40.5)
    lineages.compute(desk.database, desk.clock, desk.personas.policies)
    counted = replace(desk, figures=FiguresShelf(desk.database))
    (own,) = {one.offer for one in pool(counted, agent) if one.product == DEAR}
    assert own == Tally(0.0, 0.5), "and once"
    with desk.database.reading() as session:
        tallies = lineages.read_tallies(session)
    assert tallies.find("cross_sell", DEAR, None)[0] == Tally(0.0, 0.5)
    assert look(desk, agent, "after")[DEAR] == "shown"


@pytest.mark.parametrize("reason", ["wrong_data", "wrong_moment"])
def test_what_says_nothing_of_the_offer_leaves_the_next_decision_as_it_was(
    desk: Desk, agent: int, reason: str
) -> None:
    before = weigh(desk, agent, "before")
    decline(desk, agent, reason)
    assert weigh(desk, agent, "after") == before


def test_what_has_no_category_stays_away_itself_when_it_is_too_expensive(
    desk: Desk, shop: World, agent: int
) -> None:
    shop.put(replace(SHELF[3], category=None))
    sync(desk, "shop")
    decline(desk, agent, "too_expensive")
    assert look(desk, agent, "after")[DEAR] == "suppressed"


@on_both_databases
@pytest.mark.parametrize("reason", TABLE)
def test_taken_back_within_ten_seconds_everything_is_as_it_was(
    desk: Desk, agent: int, reason: str, clock: HandClock
) -> None:
    decide(desk, customer_id=find_id(desk, "C1"), agent_id=agent, context="here", language="en")
    before = dump(desk.database.engine)
    undone = decline(desk, agent, reason)
    clock.pass_time(seconds=9.9)
    outcomes.undo(desk, undone, agent_id=agent)
    after = dump(desk.database.engine)
    assert before.pop("outcome") == []
    (kept,) = after.pop("outcome")
    assert kept[0] == undone
    assert kept[COLUMNS.index("undone_at")] == clock.now(), "marked as taken back"
    assert before.pop("outbox") == []
    (write,) = after.pop("outbox")
    assert "cancelled" in write
    assert after == before
