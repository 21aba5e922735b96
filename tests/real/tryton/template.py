"""The database that each run begins with a copy of: modules, a company, and users. `make test` makes it once,
by `python -m tests.real.tryton.template`, in about half a minute."""

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.real.tryton.client import PASSWORD, Client
from tests.real.tryton.server import DATABASE, HOME, TEMPLATE, Server

MODULES = (
    "party",
    "product",
    "sale",
    "sale_opportunity",
    "sale_product_recommendation_association_rule",
)
SELLER, CLERK = "assist", "clerk"
"""Who may do what the sidebar needs, and who may see no sale."""
GROUPS = {SELLER: ("Sales", "Sale Opportunity"), CLERK: ("Sale Opportunity",)}
USERS_PASSWORD = "Side-Bar-13579"


def make_template() -> None:
    with TemporaryDirectory(dir=HOME) as name:
        folder = Path(name)
        made = folder / f"{DATABASE}.sqlite"
        made.touch()  # what is not there, Tryton takes for no database
        found(Server(folder))
        # Its last changes lie in a file beside it.
        whole = folder / TEMPLATE.name
        with closing(sqlite3.connect(made)) as database:
            database.execute("VACUUM INTO ?", [str(whole)])
        whole.rename(TEMPLATE)


def found(server: Server) -> None:
    """A company, on an empty database."""
    server.install(MODULES, password=PASSWORD)
    with server:
        client = Client(server)
        _add_company(client)
        _add_users(client)


def _add_company(client: Client) -> None:
    rate = {"date": date(2020, 1, 1), "rate": Decimal(1)}
    euro = {
        "name": "Euro",
        "symbol": "€",
        "code": "EUR",
        "numeric_code": "978",
        "rates": [["create", [rate]]],
    }
    (currency,) = client.create("currency.currency", euro)
    (country,) = client.create("country.country", {"name": "Spain", "code": "ES"})
    address = {"country": country}
    (party,) = client.create("party.party", {"name": "Our Own Shop", "addresses": [["create", [address]]]})
    (company,) = client.create("company.company", {"party": party, "currency": currency})
    (admin,) = client.find("res.user", [("login", "=", "admin")])
    values = {"companies": [["add", [company]]], "company": company}
    client.run("res.user", "write", [admin["id"]], values)
    client.look_around()


def _add_users(client: Client) -> None:
    company = client.context["company"]
    for login, names in GROUPS.items():
        groups = [client.find_id("res.group", "name", name) for name in names]
        values = {
            "name": login.capitalize(),
            "login": login,
            "password": USERS_PASSWORD,
            "companies": [["add", [company]]],
            "company": company,
            "groups": [["add", groups]],
        }
        client.create("res.user", values)


if __name__ == "__main__":
    make_template()
