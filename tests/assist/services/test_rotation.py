"""New secrets are tried before the old ones go, and nobody stands without one that works."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Condition, Event

import pytest
from sqlalchemy import select
from werkzeug.wrappers import Request

from assist.config import Config
from assist.models.account import AuditEntry
from assist.models.connection import Connection, ConnectionToken
from assist.services import authorize
from assist.services.connect import add_connection, check_connection, get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.rotation import KEPT, drop_expired, drop_former, list_secrets, rotate
from assist.services.tokens import DatabaseTokens
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import AuthExpired, BadSettings
from crm_adapters.fakes.loopback import serving as serving_fake
from crm_adapters.fakes.vendors.hubspot import Fake
from crm_adapters.fakes.wire import Refused
from crm_adapters.model import Kind
from crm_adapters.tokens import Token
from crm_adapters.transport import Purpose
from tests.assist.conftest import HandClock
from tests.assist.crms import World, WorldAdapter, connect, dump
from tests.assist.databases import on_both_databases
from tests.crm_adapters.vendor import SECRET, Vendor, serving

NEW = "n3w-secret"


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"127.0.0.1"}))


@pytest.fixture
def world(desk: Desk) -> World:
    """A CRM that takes one token, and a connection with another, whose token it took before."""
    world = connect(desk, "behind")
    add_connection(desk, "crm", adapter="tested", settings={"world": world.name, "token": "old-secret"})
    tokens_of(desk, "crm").save(Token("access-of-old"))
    return world


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor(uses=100)) as vendor:
        yield vendor


@pytest.fixture
def signed_in(desk: Desk, vendor: Vendor) -> Vendor:
    add_connection(desk, "crm", adapter="signed", settings={"url": vendor.url, "client_secret": SECRET})
    begun = authorize.begin(desk, "crm")
    authorize.finish(desk, "crm", begun, vendor.approve(begun.url))
    return vendor


def connection(desk: Desk, name: str) -> Connection:
    with desk.database.reading() as session:
        return get_connection(session, name)


def tokens_of(desk: Desk, name: str) -> DatabaseTokens:
    return DatabaseTokens(desk.database, desk.vault, desk.clock, connection(desk, name).id)


def secret_of(desk: Desk, name: str) -> dict[str, str]:
    return desk.vault.open(connection(desk, name).sealed)


@on_both_databases
def test_a_secret_that_the_crm_takes_replaces_the_old_one_and_what_it_gave(desk: Desk, world: World) -> None:
    world.token = NEW
    assert rotate(desk, "crm", {"token": NEW}).ok
    adapter = open_adapter(desk, connection(desk, "crm"), Purpose.BACKGROUND)
    assert isinstance(adapter, WorldAdapter)
    assert adapter.given["token"] == NEW, "work that begins now has the new one"
    assert tokens_of(desk, "crm").load() is None
    with desk.database.reading() as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert (entry.event, entry.detail) == ("connection.secrets_rotated", {"secrets": ["token"]})
    assert NEW not in str(dump(desk.database.engine))


@on_both_databases
def test_a_secret_that_the_crm_refuses_changes_nothing(desk: Desk, world: World) -> None:
    world.token = "another"
    before = dump(desk.database.engine)
    health = rotate(desk, "crm", {"token": NEW})
    assert not health.ok
    assert dump(desk.database.engine) == before
    assert NEW not in repr(health)


@pytest.mark.parametrize(("name", "message"), [("world", "there are: token"), ("tokn", "there are: token")])
def test_what_is_no_secret_is_refused(desk: Desk, world: World, name: str, message: str) -> None:
    with pytest.raises(BadSettings, match=message):
        rotate(desk, "crm", {name: NEW})
    assert list_secrets(desk, "crm") == ["token"]


def test_what_an_admin_signed_in_for_is_renewed_with_the_new_secret(desk: Desk, signed_in: Vendor) -> None:
    before = tokens_of(desk, "crm").load()
    signed_in.secret = NEW
    assert rotate(desk, "crm", {"client_secret": NEW}).ok
    after = tokens_of(desk, "crm").load()
    assert before
    assert after
    assert after.access != before.access
    assert check_connection(desk, "crm").ok, "nobody has to sign in again"
    assert secret_of(desk, "crm") == {"client_secret": NEW}


def test_with_a_wrong_secret_the_sign_in_stays_good(desk: Desk, signed_in: Vendor) -> None:
    before = tokens_of(desk, "crm").load()
    assert not rotate(desk, "crm", {"client_secret": NEW}).ok
    assert tokens_of(desk, "crm").load() == before
    assert secret_of(desk, "crm") == {"client_secret": SECRET}
    assert check_connection(desk, "crm").ok


def test_a_refresh_token_that_was_used_up_by_trying_is_not_lost(desk: Desk, signed_in: Vendor) -> None:
    """The secret is right, and something else is not: the CRM takes the old refresh token no more."""
    signed_in.pages["/me"] = (403, b"{}")
    assert not rotate(desk, "crm", {"client_secret": SECRET}).ok
    signed_in.pages.clear()
    signed_in.access.clear()
    assert check_connection(desk, "crm").ok
    assert not signed_in.revoked


def test_before_anybody_signed_in_a_secret_is_taken_as_it_is(desk: Desk, vendor: Vendor) -> None:
    add_connection(desk, "crm", adapter="signed", settings={"url": vendor.url, "client_secret": "mistyped"})
    (finding,) = rotate(desk, "crm", {"client_secret": SECRET}).findings
    assert finding.warning
    begun = authorize.begin(desk, "crm")
    authorize.finish(desk, "crm", begun, vendor.approve(begun.url))
    assert check_connection(desk, "crm").ok


def test_secrets_whose_key_is_lost_are_entered_anew(desk: Desk, world: World) -> None:
    with desk.database.writing() as session:
        get_connection(session, "crm").sealed = b"of another vault"
        session.get_one(ConnectionToken, get_connection(session, "crm").id).sealed = b"of another vault"
    world.token = NEW
    assert rotate(desk, "crm", {"token": NEW}).ok
    assert secret_of(desk, "crm") == {"token": NEW}
    assert tokens_of(desk, "crm").load() is None


def test_the_former_secret_stays_until_it_is_dropped_or_its_time_is_over(
    desk: Desk, world: World, clock: HandClock
) -> None:
    world.token = NEW
    rotate(desk, "crm", {"token": NEW})
    kept = connection(desk, "crm")
    assert desk.vault.open(kept.former_sealed) == {"token": "old-secret"}
    assert kept.former_until == clock.now() + KEPT
    assert drop_former(desk, "crm")
    assert not drop_former(desk, "crm")
    assert connection(desk, "crm").former_sealed is None
    rotate(desk, "crm", {"token": NEW})
    assert connection(desk, "crm").former_sealed is None, "the same again is no new one"
    world.token = "third"
    rotate(desk, "crm", {"token": "third"})
    clock.pass_time(seconds=KEPT.total_seconds() - 1)
    drop_expired(desk)
    assert connection(desk, "crm").former_sealed
    clock.pass_time(seconds=1)
    drop_expired(desk)
    assert connection(desk, "crm").former_sealed is None
    with desk.database.reading() as session:
        events = list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))
    assert events[1] == "connection.former_secrets_dropped"
    assert events[-1] == "connection.former_secrets_expired"
    assert "old-secret" not in str(dump(desk.database.engine))


@on_both_databases
def test_rotating_under_load_fails_no_call(desk: Desk, clock: HandClock) -> None:
    """Agents, deliverers and a sync call all the while; each keeps an adapter from before and opens new ones."""
    fake = TwoTokens(clock)
    with serving_fake(fake) as url:
        add_connection(desk, "crm", adapter="hubspot", settings={"url": url, "token": fake.token})
        row = connection(desk, "crm")
        older = [open_adapter(desk, row, Purpose.INTERACTIVE) for _ in range(3)]
        begun, over = Barrier(4), Event()
        with ThreadPoolExecutor(3) as pool:
            workers = [pool.submit(call_on, desk, clock, adapter, begun, over) for adapter in older]
            begun.wait()
            fake.taken.add(NEW)
            assert rotate(desk, "crm", {"token": NEW}).ok
            fake.taken.discard(fake.token)
            fake.wait_for(NEW, 30)
            over.set()
            counts = [worker.result() for worker in workers]
    assert all(count > 5 for count in counts), counts
    assert fake.denied, "work from before did meet the revoked one"


@on_both_databases
def test_where_the_new_one_fails_the_former_is_taken_and_the_admin_is_told(
    desk: Desk, clock: HandClock
) -> None:
    fake = TwoTokens(clock)
    with serving_fake(fake) as url:
        add_connection(desk, "crm", adapter="hubspot", settings={"url": url, "token": fake.token})
        fake.taken.add(NEW)
        rotate(desk, "crm", {"token": NEW})
        fake.taken.discard(NEW)
        adapter = open_adapter(desk, connection(desk, "crm"), Purpose.BACKGROUND)
        assert adapter.changes(Kind.CUSTOMERS, None)
        assert connection(desk, "crm").former_used_at == clock.now()
        drop_former(desk, "crm")
        again = open_adapter(desk, connection(desk, "crm"), Purpose.BACKGROUND)
        with pytest.raises(AuthExpired):
            again.changes(Kind.CUSTOMERS, None)


class TwoTokens(Fake):
    """A HubSpot whose admin has two tokens that are good."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock.now)
        self.taken = {self.token}
        self.used: Counter[str] = Counter()
        self.denied = 0
        self._changed = Condition()

    def authorize(self, request: Request) -> None:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self._changed:
            good = shown in self.taken
            self.used[shown] += good
            self.denied += not good
            self._changed.notify_all()
        if not good:
            raise Refused(self.unauthorized())

    def wait_for(self, token: str, calls: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.used[token] >= calls, timeout=60)


def call_on(desk: Desk, clock: HandClock, older: CRMAdapter, begun: Barrier, over: Event) -> int:
    """How many calls went well; the first that does not is raised."""
    count = 0
    older.describe_fields(Kind.CUSTOMERS)
    begun.wait()
    while not over.is_set():
        older.describe_fields(Kind.CUSTOMERS)
        newer = open_adapter(desk, connection(desk, "crm"), Purpose.INTERACTIVE)
        newer.describe_fields(Kind.CUSTOMERS)
        count += 2
        clock.pass_time(seconds=1)  # or the CRM's limit is met
    return count
