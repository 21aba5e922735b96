"""Ten thousand customers on Tryton with PostgreSQL: all are read, and then only what changes."""

from collections.abc import Iterator, Sequence

import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.assist.databases import postgres_database
from tests.real.commands import Commands
from tests.real.tryton.client import Client
from tests.real.tryton.server import Server, require_template
from tests.real.tryton.site import TrytonSite
from tests.real.tryton.template import found

pytestmark = pytest.mark.long

CUSTOMERS = 10_000
PARTIES = """INSERT INTO party_party (create_uid, create_date, active, code, name)
  SELECT 1, now() AT TIME ZONE 'UTC', true, 'L' || number, 'Customer ' || number
  FROM generate_series(1, %s) AS number"""
EMAILS = """INSERT INTO party_contact_mechanism
  (create_uid, create_date, active, party, type, value, value_compact)
  SELECT 1, now() AT TIME ZONE 'UTC', true, id, 'email', email, email
  FROM (SELECT id, lower(replace(name, ' ', '.')) || '@example.com' AS email FROM party_party
        WHERE code LIKE 'L%%') AS everybody"""
STAMPED = ("party_party", "party_contact_mechanism", "party_address")


@pytest.fixture(scope="module")
def database() -> Iterator[URL]:
    require_template()
    with postgres_database() as url:
        yield make_url(url)


@pytest.fixture(scope="module")
def site(database: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonSite]:
    host, port = database.query["host"], database.query["port"]
    uri = f"postgresql://{database.username}@{host}:{port}/"
    server = Server(tmp_path_factory.mktemp("server"), uri=uri, database=str(database.database))
    found(server)
    _add_customers(database)
    with server:
        yield TrytonSite(server, Client(server))


def _connect(database: URL) -> psycopg.Connection:
    server = f"host={database.query['host']} port={database.query['port']} user={database.username}"
    return psycopg.connect(f"{server} dbname={database.database}")


def _add_customers(database: URL) -> None:
    """By the database itself: Tryton would take minutes."""
    with _connect(database) as connection:
        connection.execute(PARTIES, [CUSTOMERS])
        connection.execute(EMAILS, [])


def _age(database: URL) -> None:
    """As if all of it had been made yesterday: what changed in the last minutes is read twice for safety."""
    with _connect(database) as connection:
        for table in STAMPED:
            connection.execute(
                f"UPDATE {table} SET create_date = create_date - interval '1 day',"
                " write_date = write_date - interval '1 day'"
            )


def _counts(reports: dict[str, dict[str, int]], *names: str) -> Sequence[int]:
    return [reports["customers"][name] for name in names]


def _move(client: Client, email: str, *, to: str) -> None:
    (way,) = client.find("party.contact_mechanism", [("value", "=", email)])
    client.run("party.contact_mechanism", "write", [way["id"]], {"value": to})


def _delete(client: Client, name: str) -> None:
    (party,) = client.find("party.party", [("name", "=", name)])
    client.run("party.party", "delete", [party["id"]])


def test_all_are_read_and_then_only_what_changes(site: TrytonSite, database: URL, bare: Commands) -> None:
    options = [part for name, value in site.settings.items() for part in ("--set", f"{name}={value}")]
    bare.run("crm", "add", "shop", "--adapter", site.adapter, *options)
    known = CUSTOMERS + 1  # the company is a party too
    assert _counts(bare.sync(), "changed", "rows", "rejected") == [known, known, 0]
    _age(database)
    assert _counts(bare.sync(), "changed", "deleted", "rows") == [0, 0, known]
    assert _counts(bare.sync(), "read", "changed", "deleted", "rows") == [0, 0, 0, known]
    _move(site.client, "customer.4711@example.com", to="moved@example.com")
    assert _counts(bare.sync(), "read", "changed", "deleted", "rows") == [1, 1, 0, known]
    assert "Customer 4711" in bare.run("suggest", "--email", "moved@example.com")
    _delete(site.client, "Customer 42")
    assert _counts(bare.sync(), "changed", "deleted", "rows") == [0, 1, known - 1]
