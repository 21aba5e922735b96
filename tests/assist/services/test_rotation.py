"""New secrets are tried before the old ones go, and nobody stands without one that works."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from assist.config import Config
from assist.models.account import AuditEntry
from assist.models.connection import Connection, ConnectionToken
from assist.services import authorize
from assist.services.connect import add_connection, check_connection, get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.rotation import list_secrets, rotate
from assist.services.tokens import DatabaseTokens
from crm_adapters.errors import BadSettings
from crm_adapters.tokens import Token
from crm_adapters.transport import Purpose
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
