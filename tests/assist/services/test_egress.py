"""Which hosts a connection may call: its own, and what an admin added with a reason."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from assist.config import Config
from assist.models.account import AuditEntry
from assist.services.audit import Actor
from assist.services.connect import add_connection, get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.egress import Egress, HostNotAdded, add_host, read_egress, remove_host
from crm_adapters import registry
from crm_adapters.errors import HostRefused
from crm_adapters.transport import Purpose
from tests.assist.scenes import add_agent

NEEDED = {
    "salesforce": {"client_id": "c", "client_secret": "s"},
    "dynamics365": {"client_id": "c", "client_secret": "s", "tenant": "t"},
    "zoho": {"client_id": "c", "client_secret": "s"},
}


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"odoo.lan"}))


@pytest.fixture(autouse=True)
def crm(desk: Desk) -> None:
    settings = {"url": "https://acme.my.salesforce.com", **NEEDED["salesforce"]}
    add_connection(desk, "crm", adapter="salesforce", settings=settings)


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is looked up is somewhere in the world, but for what is inside."""

    def resolve(host: str, _port: int) -> list[str]:
        return ["10.0.0.7"] if host.startswith("inside") else ["93.184.216.34"]

    monkeypatch.setattr("assist.services.transport.resolve_by_system", resolve)


def hosts(desk: Desk) -> Egress:
    with desk.database.reading() as session:
        return read_egress(desk, session, "crm")


def allowed(desk: Desk) -> frozenset[str]:
    """What an adapter that is opened now may call."""
    with desk.database.reading() as session:
        adapter = open_adapter(desk, get_connection(session, "crm"), Purpose.BACKGROUND)
    return adapter.transport.network.hosts or frozenset()


def test_its_own_hosts_come_from_settings_and_vendor(desk: Desk) -> None:
    own = hosts(desk).own
    assert own
    assert {"acme.my.salesforce.com", "login.salesforce.com", "*.salesforce.com"} <= set(own)
    assert set(own) == allowed(desk)


@pytest.mark.usefixtures("public")
def test_an_added_host_may_be_called_until_it_is_removed(desk: Desk) -> None:
    admin = add_agent(desk, "Ada")
    assert (
        add_host(desk, "crm", " Files.Example.COM. ", reason="exports", actor=Actor(admin))
        == "files.example.com"
    )
    (added,) = hosts(desk).added
    assert (added.host, added.reason, added.by) == ("files.example.com", "exports", "Ada")
    assert "files.example.com" in allowed(desk)
    assert remove_host(desk, "crm", "files.example.com", actor=Actor(admin))
    assert not remove_host(desk, "crm", "files.example.com")
    assert "files.example.com" not in allowed(desk)
    with desk.database.reading() as session:
        told = [(row.event, row.actor_id, row.detail) for row in session.scalars(select(AuditEntry))]
    assert told == [
        ("connection.host_added", admin, {"host": "files.example.com", "why": "exports"}),
        ("connection.host_removed", admin, {"host": "files.example.com"}),
    ]


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize(
    ("host", "reason", "code"),
    [
        ("https://files.example.com", "exports", "name"),
        ("files.example.com/path", "exports", "name"),
        ("files.example.com:8443", "exports", "name"),
        ("*.example.com", "exports", "name"),
        ("fil es.example.com", "exports", "name"),
        ("files", "exports", "name"),
        ("files.example.com", "  ", "reason"),
        ("acme.my.salesforce.com", "exports", "known"),
    ],
)
def test_what_is_no_host_or_has_no_reason_is_not_added(desk: Desk, host: str, reason: str, code: str) -> None:
    with pytest.raises(HostNotAdded) as refused:
        add_host(desk, "crm", host, reason=reason)
    assert refused.value.code == code
    assert hosts(desk).added == ()


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("host", ["inside.example.com", "169.254.169.254", "10.0.0.1", "127.0.0.1"])
def test_private_ones_are_not_added_whatever_the_reason(desk: Desk, host: str) -> None:
    with pytest.raises((HostRefused, HostNotAdded)):
        add_host(desk, "crm", host, reason="exports")
    assert hosts(desk).added == ()


@pytest.mark.usefixtures("public")
def test_a_private_one_that_was_opened_may_be_added(desk: Desk) -> None:
    add_host(desk, "crm", "odoo.lan", reason="files of orders")
    assert "odoo.lan" in allowed(desk)


@pytest.mark.parametrize("name", registry.available())
def test_every_adapter_says_where_it_leads(name: str) -> None:
    kind = registry.load(name)
    fields = kind.Settings().fields
    if "url" not in fields:
        return
    given = {key: "x" for key, field in fields.items() if field.required} | NEEDED.get(name, {})
    settings = {**given, "url": "https://crm.example.com"}
    assert "crm.example.com" in kind.hosts(settings)
