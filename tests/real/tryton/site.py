"""The loop's server, customer and notes on a Tryton of the tests' own."""

from tests.real.site import Site
from tests.real.tryton.client import Client
from tests.real.tryton.filling import ANA
from tests.real.tryton.server import Server
from tests.real.tryton.template import SELLER, USERS_PASSWORD


class TrytonSite(Site):
    adapter = "tryton"
    secret = "password"
    learnable = True

    def __init__(self, server: Server, client: Client) -> None:
        self.server = server
        self.client = client
        settings = {
            "url": server.url,
            "database": server.database,
            "user": SELLER,
            "password": USERS_PASSWORD,
        }
        super().__init__(settings, ANA.email)

    def read_notes(self, ref: str, mark: str) -> list[str]:
        about = [("resource", "=", f"party.party,{ref}"), ("message", "like", f"%{mark}%")]
        return [row["message"] for row in self.client.find("ir.note", about, "message")]

    def rename(self, ref: str, name: str) -> None:
        """As Tryton's own people do."""
        self.client.run("party.party", "write", [int(ref)], {"name": name})
