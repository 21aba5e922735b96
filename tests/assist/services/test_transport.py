"""What adapters are lent, and for what: each piece of work names its purpose and carries its own id to the CRM."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from assist.config import Config
from assist.logs import start_request
from assist.models.account import AuditEntry
from assist.services import authorize
from assist.services.connect import add_connection, check_connection
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome, record
from assist.services.refresh import refresh
from assist.services.sync import sync
from assist.services.transport import make_transport
from assist.services.writeback import deliver_due
from crm_adapters.errors import AuthRevoked, BadSettings, HostRefused
from crm_adapters.transport import Purpose
from tests.assist.conftest import HandClock
from tests.assist.crms import connect, product
from tests.assist.scenes import add_agent, find_id, suggest
from tests.crm_adapters.vendor import SECRET, Vendor, serving

PERSON = {"ref": "C1", "name": "Ana", "email": "ana@example.com"}
PAGES = {"/people": [PERSON], "/people/C1": PERSON, "/notes": {"id": "N1"}}


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"127.0.0.1"}), live_deadline_seconds=60)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    pages = {path: (200, json.dumps(page).encode()) for path, page in PAGES.items()}
    with serving(Vendor(uses=1000, pages=pages)) as vendor:
        yield vendor


@pytest.fixture
def signed_in(desk: Desk, vendor: Vendor) -> Vendor:
    add_connection(
        desk, "crm", adapter="signed", settings={"url": vendor.url, "client_secret": SECRET}, shadow=False
    )
    begun = authorize.begin(desk, "crm")
    authorize.finish(desk, "crm", begun, vendor.approve(begun.url))
    return vendor


def decline(desk: Desk, clock: HandClock) -> None:
    shop = connect(desk, "shop")
    shop.put(product("P1"), product("P2"))
    sync(desk, "shop")
    agent = add_agent(desk)
    record(desk, NewOutcome(suggest(desk, "C1", "P1", agent_id=agent), "declined"), agent_id=agent)
    clock.pass_time(hours=1)


def test_each_work_has_its_purpose(desk: Desk, clock: HandClock, signed_in: Vendor) -> None:
    sync(desk, "crm")
    decline(desk, clock)
    (ledger,) = (desk.config.data_dir / "calls").glob("*-api.json")

    def spent() -> list[float]:
        slots = json.loads(ledger.read_text())["spent"].values()
        return [sum(purpose) for purpose in zip(*slots, strict=True)]

    def spend(work: object) -> list[float]:
        ledger.unlink()
        assert callable(work)
        work()
        return spent()

    assert spent() == [0, 0, 1]
    assert spend(lambda: deliver_due(desk)) == [0, 1, 0]
    assert spend(lambda: refresh(desk, customer_id=find_id(desk, "C1"), language="en")) == [1, 0, 0]
    assert spend(lambda: check_connection(desk, "crm")) == [1, 0, 0]


def test_an_agents_request_can_be_found_at_the_crm(desk: Desk, clock: HandClock, signed_in: Vendor) -> None:
    sync(desk, "crm")
    decline(desk, clock)
    request_id = start_request(None)
    refresh(desk, customer_id=find_id(desk, "C1"), language="en")
    structlog.contextvars.clear_contextvars()
    deliver_due(desk)
    names = {path: headers["X-Correlation-Id"] for path, headers in signed_in.asked}
    assert names["/people/C1"] == f"{request_id}.1"
    assert names["/notes"].endswith(".1")


class TestAuthorizing:
    def test_leaves_a_trace(self, desk: Desk, signed_in: Vendor) -> None:
        assert check_connection(desk, "crm").ok
        with desk.database.reading() as session:
            entry = session.scalars(select(AuditEntry)).one()
        assert entry.event == authorize.AUTHORIZED

    def test_comes_back_to_us_unless_told_otherwise(self, desk: Desk, signed_in: Vendor) -> None:
        assert authorize.begin(desk, "crm").redirect_uri == "http://localhost/oauth/callback"
        other = "https://login.example.com/done"
        assert authorize.begin(desk, "crm", redirect_uri=other).redirect_uri == other

    def test_is_not_for_connections_with_keys(self, desk: Desk) -> None:
        connect(desk, "shop")
        with pytest.raises(BadSettings, match="with its settings"):
            authorize.begin(desk, "shop")

    def test_what_the_crm_refuses_leaves_the_old_token(self, desk: Desk, signed_in: Vendor) -> None:
        begun = authorize.begin(desk, "crm")
        with pytest.raises(AuthRevoked):
            authorize.finish(desk, "crm", begun, "a-wrong-code")
        assert check_connection(desk, "crm").ok


def test_before_anybody_signed_in_the_check_says_so(desk: Desk, vendor: Vendor) -> None:
    add_connection(
        desk, "crm", adapter="signed", settings={"url": vendor.url, "client_secret": SECRET}, shadow=False
    )
    assert "nobody has signed in" in check_connection(desk, "crm").findings[0].message


def test_only_hosts_of_the_setting_may_be_private(desk: Desk, signed_in: Vendor) -> None:
    closed = replace(desk, config=replace(desk.config, crm_private_hosts=frozenset({"10.1.2.3"})))
    assert HostRefused.__name__ in check_connection(closed, "crm").findings[0].message


def test_proxy_and_certificates_are_those_of_the_settings(desk: Desk, tmp_path: Path) -> None:
    config = replace(desk.config, crm_proxy="http://proxy:3128", crm_ca_file=tmp_path / "ca.pem")
    network = make_transport(replace(desk, config=config), 1, Purpose.BACKGROUND).network
    assert (network.proxy, network.ca_file) == ("http://proxy:3128", str(tmp_path / "ca.pem"))


def test_without_a_request_the_work_has_an_id_of_its_own(desk: Desk) -> None:
    structlog.contextvars.clear_contextvars()
    ids = {make_transport(desk, 1, Purpose.BACKGROUND).correlation_id for _ in range(3)}
    assert len(ids) == 3
