"""What CRMs say has changed is looked into: once for each record, until the CRM answers, and by nobody twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assist.models.connection import Connection
from assist.models.mirror import Customer
from assist.models.webhook import Hint, Webhook
from assist.services.backoff import LONGEST_WAIT
from assist.services.desk import Desk
from assist.services.facts import find_gate, open_dossier
from assist.services.hints import LEASE, PATIENCE, WHILE_SYNCING, read_due
from assist.services.lease import hold
from assist.services.sync import list_due_connections, sync
from assist.services.webhooks import KEPT, SETTLES, UnknownKey, make_address, receive
from assist.store import webhooks as store
from assist.store.customers import find_customer
from crm_adapters.errors import AuthRevoked, RateLimited, Unavailable, ValidationFailed, VendorChanged
from crm_adapters.model import ChangeHint, Kind
from crm_adapters.testing import Crash, Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import find_id


@pytest.fixture
def shop(desk: Desk) -> World:
    shop = connect(desk)
    shop.put(customer("C1", name="Ana"), customer("C2", name="Bo"), product("P1"), order("O1", "C1", "P1"))
    shop.put(complaint("S1", "C1"))
    sync(desk, "shop")
    return shop


@pytest.fixture
def key(desk: Desk, shop: World) -> str:
    return make_address(desk, "shop").url.rpartition("/")[2]


def tell(desk: Desk, shop: World, key: str, kind: Kind = Kind.CUSTOMERS, ref: str = "C1") -> int:
    """As the CRM does; the same event each time."""
    return receive(desk, key, shop.stage.webhook(kind, ref))


def hint(desk: Desk, *hints: ChangeHint) -> None:
    now = desk.clock.now()
    with desk.database.writing() as session:
        connection = session.scalars(select(Connection.id)).one()
        store.add_hints(session, connection, hints, at=now, due_at=now)


def waiting(desk: Desk) -> int:
    with desk.database.reading() as session:
        return len(session.scalars(select(Hint).where(Hint.read_at.is_(None))).all())


def webhook(desk: Desk) -> Webhook:
    with desk.database.reading() as session:
        return session.scalars(select(Webhook)).one()


def name_of(desk: Desk, ref: str = "C1") -> str | None:
    with desk.database.reading() as session:
        return session.scalar(select(Customer.name).where(Customer.ref == ref, Customer.deleted.is_(False)))


def settle(clock: HandClock) -> None:
    clock.pass_time(seconds=SETTLES.total_seconds())


@on_both_databases
def test_a_customer_is_read_again_with_their_orders(
    desk: Desk, shop: World, key: str, clock: HandClock
) -> None:
    shop.put(customer("C1", name="Ana Ruiz"), order("O2", "C1", "P1"))
    assert tell(desk, shop, key) == 1
    assert read_due(desk) == 0, "the CRM may have more to say of them"
    settle(clock)
    assert read_due(desk) == 1
    assert name_of(desk) == "Ana Ruiz"
    assert read_due(desk) == waiting(desk) == 0


@on_both_databases
def test_a_repeated_delivery_has_one_effect(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    assert [tell(desk, shop, key), tell(desk, shop, key)] == [1, 0]
    settle(clock)
    assert read_due(desk) == 1
    assert tell(desk, shop, key) == 0
    settle(clock)
    assert read_due(desk) == 0
    assert (webhook(desk).deliveries, webhook(desk).received_at) == (3, clock.now() - SETTLES)
    clock.pass_time(seconds=(KEPT + SETTLES).total_seconds())
    assert tell(desk, shop, key) == 1, "nobody repeats what is that old"


def test_events_without_an_id_are_news_each_time(desk: Desk, shop: World, key: str) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", ""))
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", ""))
    assert waiting(desk) == 2


@on_both_databases
def test_many_hints_at_one_record_are_one_look(desk: Desk, shop: World, key: str) -> None:
    hint(desk, *(ChangeHint(Kind.CUSTOMERS, "C1", str(number)) for number in range(30)))
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C2", "31"))
    hint(desk, *(ChangeHint(Kind.ORDERS, f"O{number}", str(number)) for number in range(30)))
    before = shop.faults.calls["changes"]
    assert read_due(desk) == 3
    assert shop.faults.calls["get_customer"] == 2
    assert shop.faults.calls["changes"] == before + 1, "orders are listed once"


def test_what_is_said_while_somebody_looks_is_looked_into_after_that(
    desk: Desk, shop: World, key: str
) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", "1"))
    shop.meanwhile = lambda: hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", "2"))
    assert read_due(desk) == 2
    assert shop.faults.calls["get_customer"] == 2


@on_both_databases
def test_a_customer_who_is_gone_is_taken_out(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    shop.crm.delete(Kind.CUSTOMERS, "C1")
    tell(desk, shop, key)
    settle(clock)
    assert read_due(desk) == 1
    assert name_of(desk) is None


@on_both_databases
def test_a_merged_customer_lives_on_under_the_other_ref(
    desk: Desk, shop: World, key: str, clock: HandClock
) -> None:
    shop.crm.merge("C1", into="C2")
    tell(desk, shop, key)
    settle(clock)
    assert read_due(desk) == 1
    assert name_of(desk) is None
    with desk.database.reading() as session:
        survivor = find_customer(session, find_id(desk, "C2"))
        assert survivor
        assert len(open_dossier(session, survivor, clock.now()).purchases) == 1


@on_both_databases
def test_the_gate_lifts_when_the_complaint_is_said_to_be_closed(
    desk: Desk, shop: World, key: str, clock: HandClock
) -> None:
    assert gate(desk) == "open_complaint"
    shop.put(complaint("S1", "C1", is_open=False))
    tell(desk, shop, key, Kind.CASES, "S1")
    settle(clock)
    assert read_due(desk) == 1
    assert gate(desk) is None


def gate(desk: Desk) -> str | None:
    with desk.database.reading() as session:
        ana = find_customer(session, find_id(desk, "C1"))
        assert ana
        found = find_gate(open_dossier(session, ana, desk.clock.now()))
    return found.code if found else None


def test_a_sync_for_a_hint_leaves_the_others_due(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    clock.pass_time(minutes=desk.config.sync_minutes)
    assert list_due_connections(desk) == ["shop"]
    hint(desk, ChangeHint(Kind.ORDERS, "O1", "1"))
    assert read_due(desk) == 1
    assert list_due_connections(desk) == ["shop"]
    sync(desk, "shop")
    assert list_due_connections(desk) == []


@pytest.mark.parametrize("error", [Unavailable("away"), AuthRevoked("no more")])
@on_both_databases
def test_hints_wait_for_a_crm_that_does_not_answer(
    desk: Desk, shop: World, key: str, clock: HandClock, *, error: Exception
) -> None:
    shop.put(customer("C1", name="Ana Ruiz"))
    hint(desk, *(ChangeHint(Kind.CUSTOMERS, f"C{number}", str(number)) for number in range(20)))
    shop.faults.plan = (Fault("get_customer", error, times=12),)
    waits = []
    for _ in range(12):
        assert read_due(desk) == 1, "one try stands for all"
        paused = webhook(desk).paused_until
        assert paused
        waits.append(paused - clock.now())
        assert read_due(desk) == 0
        clock.pass_time(seconds=waits[-1].total_seconds())
    assert waits[0] <= timedelta(seconds=2) < waits[3] < waits[6] < max(waits) <= LONGEST_WAIT
    assert waiting(desk) == 20
    assert read_due(desk) == 20
    assert (waiting(desk), webhook(desk).failures, webhook(desk).cause) == (0, 0, None)
    assert name_of(desk) == "Ana Ruiz"


def test_a_rate_limit_is_waited_for(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", "1"))
    shop.faults.plan = (Fault("get_customer", RateLimited("slow down", retry_after=120)),)
    read_due(desk)
    assert webhook(desk).paused_until == clock.now() + timedelta(seconds=120)


@pytest.mark.parametrize("error", [VendorChanged("odd"), ValidationFailed("odd")])
def test_one_record_that_cannot_be_read_is_not_in_the_others_way(
    desk: Desk, shop: World, key: str, clock: HandClock, *, error: Exception
) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", "1"))
    shop.faults.plan = (Fault("get_customer", error), Fault("get_customer", error, nth=3))
    read_due(desk)
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C2", "2"))
    assert read_due(desk) == 1
    assert waiting(desk) == 1
    clock.pass_time(seconds=(PATIENCE + SETTLES).total_seconds())
    assert read_due(desk) == 1
    assert waiting(desk) == 0, "given up"


@on_both_databases
def test_who_dies_while_looking_is_succeeded(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", "1"))
    shop.faults.plan = (Fault("get_customer", Crash()),)
    with pytest.raises(Crash):
        read_due(desk)
    assert read_due(desk) == 0
    clock.pass_time(seconds=LEASE.total_seconds())
    assert read_due(desk) == 1


def test_a_running_sync_is_waited_for(desk: Desk, shop: World, key: str, clock: HandClock) -> None:
    hint(desk, ChangeHint(Kind.ORDERS, "O1", "1"))
    with hold(desk, webhook(desk).connection_id):
        assert read_due(desk) == 1
    assert waiting(desk) == 1
    clock.pass_time(seconds=WHILE_SYNCING.total_seconds())
    assert read_due(desk) == 1
    assert waiting(desk) == 0


def test_before_the_first_sync_nothing_is_listed_from_here(desk: Desk, clock: HandClock) -> None:
    shop = connect(desk, "new")
    shop.put(customer("C1"))
    tell(desk, shop, make_address(desk, "new").url.rpartition("/")[2])
    settle(clock)
    assert read_due(desk) == 1
    assert (find_id(desk, "C1"), waiting(desk)) == (0, 1)
    sync(desk, "new")
    clock.pass_time(seconds=WHILE_SYNCING.total_seconds())
    assert read_due(desk) == 1
    assert waiting(desk) == 0


def test_a_kind_that_the_crm_does_not_list_is_let_go(desk: Desk, clock: HandClock) -> None:
    shop = connect(desk, "new")
    shop.put(customer("C1"))
    tell(desk, shop, make_address(desk, "new").url.rpartition("/")[2], Kind.CASES, "S1")
    settle(clock)
    assert read_due(desk) == 1
    assert waiting(desk) == 0


def test_a_ref_that_no_record_can_have_is_a_hint_at_its_kind(desk: Desk, shop: World, key: str) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C" * 200, "1"), ChangeHint(Kind.CUSTOMERS, "C\0", "2"))
    with desk.database.reading() as session:
        assert set(session.scalars(select(Hint.ref))) == {""}
    shop.put(customer("C3", name="Cleo"))
    assert read_due(desk) == 1
    assert name_of(desk, "C3") == "Cleo"


def test_a_connection_that_is_switched_off_is_left_alone(desk: Desk, shop: World, key: str) -> None:
    hint(desk, ChangeHint(Kind.CUSTOMERS, "C1", "1"))
    with desk.database.writing() as session:
        session.scalars(select(Connection)).one().enabled = False
    assert read_due(desk) == 0
    with pytest.raises(UnknownKey):
        tell(desk, shop, key)
