"""Fields are changed in the CRM once, and never over what somebody else has written meanwhile."""

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from assist.models.outbox import OutboxEntry
from assist.services import entries
from assist.services.backlog import replay
from assist.services.corrections import correct
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.writeback import deliver_due
from assist.store.outbox_search import OutboxFilter
from crm_adapters.errors import NotFound, OutcomeUnknown, Unavailable, Unsupported, ValidationFailed
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, forbid_writing
from tests.assist.databases import on_both_databases


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", name="Ana", country="ES"), customer("C2"))
    sync(desk, "shop")
    return shop


def entry(desk: Desk) -> OutboxEntry:
    with desk.database.reading() as session:
        return session.scalars(select(OutboxEntry)).one()


def country(shop: World) -> str | None:
    return shop.crm.get_customer("C1").country


@on_both_databases
def test_a_field_is_written_once(desk: Desk, shop: World) -> None:
    done = correct(desk, "shop", "C1", {"country": "MX"})
    assert done.guarded
    assert country(shop) == "ES", "the worker writes"
    assert deliver_due(desk) == 1
    assert country(shop) == "MX"
    assert (entry(desk).id, entry(desk).state, entry(desk).record_ref) == (done.entry_id, "delivered", "C1")


@on_both_databases
def test_what_somebody_else_wrote_meanwhile_stays(desk: Desk, shop: World) -> None:
    correct(desk, "shop", "C1", {"country": "MX", "company": "Qzx7 Ltd"})
    shop.put(customer("C1", name="Ana", country="PT"))
    with capture_logs() as logged:
        deliver_due(desk)
    assert country(shop) == "PT"
    assert (entry(desk).state, entry(desk).cause) == ("dead", "Conflict: the customer was changed in between")
    assert [event["state"] for event in logged if event["event"] == "write_back"] == ["dead"]
    assert "Qzx7" not in str(logged)
    with desk.database.reading() as session:
        (row,) = entries.search_outbox(session, OutboxFilter()).rows
    assert (row.act, row.product) == ("field", "country: ES → MX, company: – → Qzx7 Ltd")
    replay(desk)
    deliver_due(desk)
    assert entry(desk).state == "dead", "it would still be over somebody else's"


@on_both_databases
def test_a_lost_answer_is_no_conflict_with_ourselves(desk: Desk, shop: World, clock: HandClock) -> None:
    correct(desk, "shop", "C1", {"country": "MX"})
    shop.faults.plan = (Fault("update_customer", OutcomeUnknown("no answer"), after=True),)
    for _ in range(2):
        deliver_due(desk)
        clock.pass_time(minutes=1)
    assert (entry(desk).state, country(shop)) == ("delivered", "MX")


def test_a_crm_that_is_away_is_waited_for(desk: Desk, shop: World, clock: HandClock) -> None:
    correct(desk, "shop", "C1", {"country": ""})
    shop.faults.plan = (Fault("update_customer", Unavailable("away")),)
    for _ in range(2):
        deliver_due(desk)
        clock.pass_time(minutes=1)
    assert entry(desk).state == "delivered"
    assert not country(shop)


def test_what_cannot_be_written_is_refused_at_once(desk: Desk, shop: World) -> None:
    with pytest.raises(ValidationFailed, match=r"emails cannot be written; there are: company, country"):
        correct(desk, "shop", "C1", {"emails": "x@example.com"})
    with pytest.raises(NotFound, match="no such customer in the mirror"):
        correct(desk, "shop", "C9", {"country": "MX"})
    shop.lacks = ("update_customer",)
    with pytest.raises(Unsupported, match="does not let us change customers as shop is set up"):
        correct(desk, "shop", "C1", {"country": "MX"})
    shop.lacks = ()
    forbid_writing(desk, "shop")
    with pytest.raises(Unsupported, match="Nothing is written to shop"):
        correct(desk, "shop", "C1", {"country": "MX"})
