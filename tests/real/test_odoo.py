"""The loop against an Odoo of yours; docs/add-a-crm.md says how."""

import pytest

from crm_adapters.transport import Transport
from crm_adapters.vendors.odoo import Adapter
from tests.real.contract import RealContract
from tests.real.site import Site
from tests.real.variables import mark, read_variables

pytestmark = mark("odoo")


class OdooSite(Site):
    adapter = "odoo"
    secret = "key"

    def read_notes(self, ref: str, mark: str) -> list[str]:
        """By the adapter's connection alone, which differs from version to version."""
        adapter = Adapter(Adapter.load_settings(self.settings), Transport(network=self.network))
        about = [["model", "=", "res.partner"], ["res_id", "=", int(ref)], ["body", "ilike", mark]]
        return [str(row["body"]) for row in adapter._api.search("mail.message", about, ["body"])]


@pytest.fixture(scope="module")
def site() -> Site:
    return OdooSite(*read_variables("odoo"))


class TestOdoo(RealContract):
    """Nothing is different here."""
