"""The loop against an ERPNext of yours; docs/add-a-crm.md says how."""

import pytest
import requests

from tests.real.contract import RealContract
from tests.real.site import TIMEOUT, Site
from tests.real.variables import mark, read_variables

pytestmark = mark("erpnext")


class ERPNextSite(Site):
    adapter = "erpnext"
    secret = "api_secret"

    def read_notes(self, ref: str, mark: str) -> list[str]:
        """Comments are for administrators to list; those of a document come with it."""
        key, secret = self.settings["api_key"], self.settings["api_secret"]
        answer = requests.post(
            f"{self.url}/api/method/frappe.desk.form.load.get_docinfo",
            json={"doctype": "Customer", "name": ref},
            headers={"Authorization": f"token {key}:{secret}"},
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        notes = [comment["content"] for comment in answer.json()["docinfo"]["comments"]]
        return [note for note in notes if mark in note]


@pytest.fixture(scope="module")
def site() -> Site:
    return ERPNextSite(*read_variables("erpnext"))


class TestERPNext(RealContract):
    """Nothing is different here."""
