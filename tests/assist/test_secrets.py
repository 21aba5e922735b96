"""Markers are planted in what a CRM says and in what we tell it; then everything that was written is searched."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from traceback import format_exception

import pytest
import structlog
from sqlalchemy import select

from assist.config import Config
from assist.logs import configure_logs
from assist.models.connection import SyncState
from assist.models.outbox import OutboxEntry
from assist.services import authorize
from assist.services.connect import add_connection, check_connection
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome, record
from assist.services.refresh import refresh
from assist.services.sync import sync
from assist.services.writeback import deliver_due
from crm_adapters.errors import CRMError
from tests.assist.conftest import HandClock
from tests.assist.crms import connect, dump, product
from tests.assist.scenes import add_agent, find_id, suggest
from tests.crm_adapters.vendor import SECRET, Vendor, serving

NAME, EMAIL = "Quetzalcoatl Marker", "marker.person@example.com"
PERSON = {"ref": "C1", "name": NAME, "email": EMAIL}
ERROR = json.dumps({"error": NAME, "message": EMAIL}).encode()


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"127.0.0.1"}), live_deadline_seconds=60)


@pytest.fixture
def written() -> Iterator[StringIO]:
    root, stream = logging.getLogger(), StringIO()
    before = (root.handlers, root.level)
    configure_logs("json", stream=stream)
    root.setLevel(logging.DEBUG)
    yield stream
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    pages = {"/people": [PERSON], "/people/C1": PERSON, "/notes": {"id": "N1"}}
    with serving(
        Vendor(uses=1000, pages={path: (200, json.dumps(page).encode()) for path, page in pages.items()})
    ) as vendor:
        yield vendor


@pytest.fixture
def signed_in(desk: Desk, vendor: Vendor) -> Vendor:
    add_connection(
        desk, "crm", adapter="signed", settings={"url": vendor.url, "client_secret": SECRET}, shadow=False
    )
    begun = authorize.begin(desk, "crm")
    authorize.finish(desk, "crm", begun, vendor.approve(begun.url))
    vendor.secrets += [begun.verifier, begun.state]
    return vendor


def use(desk: Desk, clock: HandClock) -> list[str]:
    """Everything that talks to the CRM, and how each failure would be printed."""
    told = []
    work: list[Callable[[], object]] = [
        lambda: check_connection(desk, "crm"),
        lambda: sync(desk, "crm"),
        lambda: refresh(desk, customer_id=find_id(desk, "C1"), language="en"),
        lambda: deliver_due(desk),
    ]
    for one in work:
        clock.pass_time(hours=1)
        try:
            told.append(repr(one()) if one is work[0] else str(bool(one())))
        except CRMError as error:
            told += format_exception(error)
    return told


def assert_silent(desk: Desk, texts: list[str], secrets: list[str], personal: list[str]) -> None:
    calls = [file.read_text() for file in (desk.config.data_dir / "calls").iterdir() if file.is_file()]
    assert calls
    stored = str(dump(desk.database.engine))
    for secret in secrets:
        assert not [text for text in (*texts, *calls, stored) if secret in text]
    for datum in personal:
        assert not [text for text in (*texts, *calls) if datum in text]


def offer_something(desk: Desk) -> None:
    shop = connect(desk, "shop")
    shop.put(product("P1"), product("P2"))
    sync(desk, "shop")
    record(desk, NewOutcome(suggest(desk, "C1", "P1", agent_id=add_agent(desk)), "declined"), agent_id=1)


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
def test_neither_secrets_nor_customers_are_told(
    desk: Desk, clock: HandClock, signed_in: Vendor, written: StringIO, status: int
) -> None:
    sync(desk, "crm")
    offer_something(desk)
    if status != 200:
        signed_in.pages |= dict.fromkeys((*signed_in.pages, "/me"), (status, ERROR))
    told = use(desk, clock)
    assert written.getvalue()
    assert_silent(desk, [*told, written.getvalue(), repr(desk)], [SECRET, *signed_in.secrets], [NAME, EMAIL])
    with desk.database.reading() as session:
        kept = [*session.scalars(select(SyncState.error)), *session.scalars(select(OutboxEntry.cause))]
    assert bool([cause for cause in kept if cause]) is (status != 200)
    assert not [cause for cause in kept if NAME in str(cause) or EMAIL in str(cause)]
