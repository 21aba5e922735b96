"""A suggestion is put on an open deal when the agent says so: once, after the time to undo, or not at all."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from assist.models.outbox import OutboxEntry
from assist.services import lines, outcomes
from assist.services.backlog import replay
from assist.services.deals import list_deals
from assist.services.desk import Desk
from assist.services.lines import NewLineAct
from assist.services.outcomes import NewOutcome, Refused, TooLate, UnknownOutcome
from assist.services.sync import sync
from assist.services.views import LineView
from assist.services.writeback import deliver_due
from crm_adapters.errors import OutcomeUnknown, Unavailable
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, forbid_writing, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import add_agent, find_id, offer, suggest
from tests.assist.services.test_deals import QUOTE


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1"), customer("C2"), product("CASE"), product("STRAP"))
    for number in (1, 2):
        shop.stage.put(replace(QUOTE, ref=f"D{number}", name=f"Q-{number}"))
    shop.stage.put(replace(QUOTE, ref="D3", customer_ref="C2"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def agent(desk: Desk) -> int:
    return add_agent(desk)


@pytest.fixture
def case(desk: Desk, shop: World, agent: int) -> str:
    """A suggestion that was offered."""
    suggestion = suggest(desk, "C1", "CASE", agent_id=agent)
    offer(desk, suggestion, agent_id=agent)
    return suggestion


def token(desk: Desk, *, ref: str = "C1", number: int = 0) -> str:
    return list_deals(desk, customer_id=find_id(desk, ref))[number].token or ""


def add(desk: Desk, suggestion: str, deal: str, *, agent: int, id: str | None = None) -> LineView:  # noqa: A002 - as the field is called
    return lines.add(desk, NewLineAct(suggestion, deal, id or uuid4().hex), agent_id=agent)


def seen(desk: Desk, suggestion: str) -> LineView | None:
    with desk.database.reading() as session:
        return lines.list_lines(desk, session, [suggestion]).get(suggestion)


def entries(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.reading() as session:
        return [
            (row.operation, row.state)
            for row in session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))
        ]


def pass_undo(desk: Desk, clock: HandClock) -> None:
    clock.pass_time(seconds=desk.config.undo_seconds)


def on_deal(shop: World, ref: str = "D1") -> list[str | None]:
    return [line.product_ref for line in shop.crm.deals[ref].lines]


@on_both_databases
def test_a_line_is_put_on_the_deal_when_it_can_no_longer_be_undone(
    desk: Desk, shop: World, agent: int, clock: HandClock, *, case: str
) -> None:
    line = add(desk, case, token(desk), agent=agent)
    assert (line.kind, line.deal, line.state) == ("quote", "Q-1", "waiting")
    assert line.undo_until == clock.now() + timedelta(seconds=desk.config.undo_seconds)
    clock.pass_time(seconds=desk.config.undo_seconds - 0.1)
    deliver_due(desk)
    assert on_deal(shop) == []
    clock.pass_time(seconds=0.1)
    assert deliver_due(desk) == 2
    assert on_deal(shop) == ["CASE"]
    done = seen(desk, case)
    assert done
    assert (done.id, done.state) == (line.id, "delivered")
    assert entries(desk) == [("note", "delivered"), ("line", "delivered")]


@on_both_databases
def test_the_same_line_twice_is_one(
    desk: Desk, shop: World, agent: int, clock: HandClock, *, case: str
) -> None:
    deal, key = token(desk), uuid4().hex
    first = add(desk, case, deal, agent=agent, id=key)
    assert add(desk, case, deal, agent=agent, id=key).id == first.id
    assert add(desk, case, deal, agent=agent).id == first.id, "a second press"
    pass_undo(desk, clock)
    deliver_due(desk)
    assert add(desk, case, deal, agent=agent).id == first.id
    assert add(desk, case, token(desk, number=1), agent=agent).deal == "Q-2", "another deal is another line"
    pass_undo(desk, clock)
    deliver_due(desk)
    assert (on_deal(shop), on_deal(shop, "D2")) == (["CASE"], ["CASE"])


@on_both_databases
def test_a_lost_answer_writes_no_second_line(
    desk: Desk, shop: World, agent: int, clock: HandClock, *, case: str
) -> None:
    add(desk, case, token(desk), agent=agent)
    shop.faults.plan = (
        Fault("add_line", OutcomeUnknown("no answer"), after=True),
        Fault("add_line", Unavailable("away"), nth=2),
    )
    for _ in range(3):
        clock.pass_time(minutes=10)
        deliver_due(desk)
    assert on_deal(shop) == ["CASE"]
    assert entries(desk) == [("note", "delivered"), ("line", "delivered")]


@on_both_databases
def test_undone_in_time_the_crm_is_never_told(
    desk: Desk, shop: World, agent: int, clock: HandClock, *, case: str
) -> None:
    line = add(desk, case, token(desk), agent=agent)
    lines.undo(desk, line.id, agent_id=agent)
    lines.undo(desk, line.id, agent_id=agent)
    assert seen(desk, case) is None
    pass_undo(desk, clock)
    deliver_due(desk)
    assert on_deal(shop) == []
    assert add(desk, case, token(desk), agent=agent).id != line.id, "and may be said anew"


def test_too_late_is_too_late(desk: Desk, shop: World, agent: int, clock: HandClock, *, case: str) -> None:
    line = add(desk, case, token(desk), agent=agent)
    pass_undo(desk, clock)
    with pytest.raises(TooLate):
        lines.undo(desk, line.id, agent_id=agent)


@on_both_databases
def test_undoing_the_offer_takes_the_line_along(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    suggestion = suggest(desk, "C1", "CASE", agent_id=agent)
    offered = offer(desk, suggestion, agent_id=agent)
    line = add(desk, suggestion, token(desk), agent=agent)
    lines.undo(desk, line.id, agent_id=agent)
    add(desk, suggestion, token(desk), agent=agent)
    outcomes.undo(desk, offered.id, agent_id=agent)
    assert entries(desk) == [("note", "cancelled"), ("line", "cancelled"), ("line", "cancelled")]
    pass_undo(desk, clock)
    assert deliver_due(desk) == 0
    assert on_deal(shop) == []


@on_both_databases
def test_a_deal_that_was_closed_meanwhile_is_a_dead_letter_with_its_cause(
    desk: Desk, shop: World, agent: int, clock: HandClock, *, case: str
) -> None:
    add(desk, case, token(desk), agent=agent)
    shop.crm.close_deal("D1")
    pass_undo(desk, clock)
    deliver_due(desk)
    dead = seen(desk, case)
    assert dead
    assert (dead.state, dead.closed) == ("dead", True)
    with desk.database.reading() as session:
        causes = session.scalars(select(OutboxEntry.cause).where(OutboxEntry.state == "dead")).all()
    assert causes == ["Conflict: the deal was closed"]
    assert replay(desk) == 1
    deliver_due(desk)
    assert entries(desk)[-1] == ("line", "dead")
    add(desk, case, token(desk), agent=agent)
    pass_undo(desk, clock)
    deliver_due(desk)
    assert on_deal(shop, "D2") == ["CASE"], "another deal may be chosen"


def test_only_what_was_offered_is_put_on_a_deal(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    suggestion = suggest(desk, "C1", "CASE", agent_id=agent)
    with pytest.raises(Refused) as refused:
        add(desk, suggestion, token(desk), agent=agent)
    assert refused.value.code == "not_offered"
    outcomes.record(desk, NewOutcome(suggestion, "declined"), agent_id=agent)
    with pytest.raises(Refused):
        add(desk, suggestion, token(desk), agent=agent)
    clock.pass_time(seconds=1)
    outcomes.record(desk, NewOutcome(suggestion, "accepted"), agent_id=agent)
    assert add(desk, suggestion, token(desk), agent=agent)


def test_nothing_is_put_on_another_customers_deal_or_by_another_agent(
    desk: Desk, shop: World, agent: int, *, case: str
) -> None:
    with pytest.raises(UnknownOutcome):
        add(desk, case, token(desk, ref="C2"), agent=agent)
    with pytest.raises(UnknownOutcome):
        add(desk, case, "D1", agent=agent)
    other = add_agent(desk, "Bo")
    with pytest.raises(UnknownOutcome):
        add(desk, case, token(desk), agent=other)
    line = add(desk, case, token(desk), agent=agent)
    with pytest.raises(UnknownOutcome):
        lines.undo(desk, line.id, agent_id=other)
    strap = suggest(desk, "C1", "STRAP", agent_id=agent)
    offer(desk, strap, agent_id=agent)
    with pytest.raises(UnknownOutcome):
        add(desk, strap, token(desk), agent=agent, id=line.id)


def test_a_note_is_not_undone_as_a_line(desk: Desk, shop: World, agent: int) -> None:
    note = offer(desk, suggest(desk, "C1", "CASE", agent_id=agent), agent_id=agent)
    with pytest.raises(UnknownOutcome):
        lines.undo(desk, note.id, agent_id=agent)


def test_a_crm_that_is_only_read_since_is_refused(desk: Desk, shop: World, agent: int, *, case: str) -> None:
    deal = token(desk)
    forbid_writing(desk, "shop")
    with pytest.raises(Refused) as refused:
        add(desk, case, deal, agent=agent)
    assert refused.value.code == "read_only"


def test_a_product_goes_by_the_name_that_the_deals_crm_has_for_it(
    desk: Desk, shop: World, agent: int, clock: HandClock
) -> None:
    other = connect(desk, "catalogue")
    other.put(product("X-9", sku="CABLE"), product("X-8", sku="STAND"))
    sync(desk, "catalogue")
    for sku in ("CABLE", "STAND"):
        suggestion = suggest(desk, "C1", sku, agent_id=agent)
        offer(desk, suggestion, agent_id=agent)
        if sku == "STAND":
            with pytest.raises(Refused) as refused:
                add(desk, suggestion, token(desk), agent=agent)
            assert refused.value.code == "not_sold"
            continue
        shop.put(product("P-CABLE", sku="CABLE"))
        sync(desk, "shop")
        add(desk, suggestion, token(desk), agent=agent)
    pass_undo(desk, clock)
    deliver_due(desk)
    assert on_deal(shop) == ["P-CABLE"]
