"""Activity: what was shown, offered, answered and bought, day by day and by what it was."""

from datetime import UTC, timedelta, timezone

import pytest

from assist.models.decision import Event
from assist.models.mirror import Product
from assist.services import outcomes
from assist.services.activity import Tally, count_activity, rank
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome
from tests.assist.conftest import HandClock
from tests.assist.scenes import add_agent, suggest
from tests.assist.web.shops import open_shop


@pytest.fixture
def agent(desk: Desk) -> int:
    shop = open_shop(desk)
    with desk.database.writing() as session:
        session.add(Product(connection_id=shop.id, ref="CASE", digest="", sku="CASE", name="Case"))
    return add_agent(desk)


def show(desk: Desk, agent: int, sku: str) -> str:
    found = suggest(desk, "C1", sku, agent_id=agent)
    with desk.database.writing() as session:
        session.add(Event(suggestion_id=found, kind="shown", agent_id=agent, at=desk.clock.now()))
    return found


def act(desk: Desk, agent: int, suggestion: str, act: str, **more: object) -> str:
    made = outcomes.record(desk, NewOutcome(suggestion_id=suggestion, act=act, **more), agent_id=agent)  # type: ignore[arg-type]  # - as the page sends them
    return made.id


def test_nothing_is_nothing_and_its_rates_are_unknown(desk: Desk) -> None:
    found = count_activity(desk, days=7, zone=UTC)
    assert (found.total, len(found.days), found.reasons) == (Tally(), 7, [])
    assert found.total.offer_rate["share"] is None


def test_each_suggestion_counts_once_with_what_became_of_it(desk: Desk, agent: int, clock: HandClock) -> None:
    one, two, three = (show(desk, agent, "CASE") for _ in range(3))
    act(desk, agent, one, "offered", channel="copy")
    act(desk, agent, one, "accepted")
    act(desk, agent, two, "offered", channel="voice")
    act(desk, agent, two, "declined", reason="too_expensive")
    found = count_activity(desk, days=7, zone=UTC)
    assert found.total == Tally(shown=3, offered=2, accepted=1, refused=1)
    assert found.days[-1] == (clock.now().date(), found.total)
    assert found.channels == {"copy": 1, "voice": 1}
    assert found.reasons == [("too_expensive", 1)]
    assert found.heat == {(clock.now().weekday(), clock.now().hour): 2}
    assert three


def test_what_is_undone_never_was(desk: Desk, agent: int) -> None:
    one = show(desk, agent, "CASE")
    made = act(desk, agent, one, "offered", channel="copy")
    outcomes.undo(desk, made, agent_id=agent)
    found = count_activity(desk, days=7, zone=UTC)
    assert found.total == Tally(shown=1)
    assert found.heat == {}


def test_days_and_hours_are_the_readers(desk: Desk, agent: int, clock: HandClock) -> None:
    act(desk, agent, show(desk, agent, "CASE"), "offered", channel="copy")
    east = timezone(timedelta(hours=14))
    found = count_activity(desk, days=2, zone=east)
    local = clock.now().astimezone(east)
    assert found.days[-1][0] == local.date()
    assert found.heat == {(local.weekday(), local.hour): 1}


def test_what_is_before_the_period_is_left_out(desk: Desk, agent: int, clock: HandClock) -> None:
    act(desk, agent, show(desk, agent, "CASE"), "offered", channel="copy")
    clock.pass_time(days=10)
    assert count_activity(desk, days=7, zone=UTC).total == Tally()
    assert count_activity(desk, days=30, zone=UTC).total == Tally(shown=1, offered=1)


def test_few_are_not_ranked() -> None:
    groups = {
        "few": Tally(shown=3, offered=3),
        "low": Tally(shown=40, offered=4),
        "high": Tally(shown=40, offered=20),
    }
    assert [(key, ranked) for key, _, ranked in rank(groups)] == [
        ("high", True),
        ("low", True),
        ("few", False),
    ]
