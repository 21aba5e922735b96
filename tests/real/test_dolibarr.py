"""The loop against a Dolibarr of yours; docs/add-a-crm.md says how."""

import pytest
import requests

from tests.real.contract import RealContract
from tests.real.site import TIMEOUT, Site
from tests.real.variables import mark, read_variables

pytestmark = mark("dolibarr")


class DolibarrSite(Site):
    adapter = "dolibarr"
    secret = "key"

    def read_notes(self, ref: str, mark: str) -> list[str]:
        """Where there are none, there is no such page."""
        conditions = f"(t.fk_soc:=:{int(ref)}) and (t.note:like:'%{mark}%')"
        answer = requests.get(
            f"{self.url}/api/index.php/agendaevents",
            params={"sqlfilters": conditions, "sortfield": "t.id", "sortorder": "ASC", "limit": "100"},
            headers={"DOLAPIKEY": self.settings["key"]},
            timeout=TIMEOUT,
        )
        if answer.status_code == requests.codes.not_found:
            return []
        answer.raise_for_status()
        return [event.get("note") or event["note_private"] for event in answer.json()]


@pytest.fixture(scope="module")
def site() -> Site:
    return DolibarrSite(*read_variables("dolibarr"))


class TestDolibarr(RealContract):
    """Nothing is different here."""
