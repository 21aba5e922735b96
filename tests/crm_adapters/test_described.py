"""The check against a vendor's description catches what is not as described."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.crm_adapters.described import DESCRIPTIONS, checker

pytestmark = pytest.mark.skipif(
    not DESCRIPTIONS.exists(), reason="the descriptions do not lie beside the project"
)
SEARCH = "/crm/v3/objects/contacts/search"


def make_request(path: str, **parts: object) -> Request:
    headers = {"Authorization": "Bearer t"}
    return EnvironBuilder(path, "http://127.0.0.1:5000", headers=headers, **parts).get_request()  # type: ignore[arg-type]  # as given


def test_what_is_as_described_or_not_described_passes() -> None:
    check = checker("hubspot")
    check(make_request("/crm/v3/objects/contacts", query_string={"limit": "100"}))
    check(make_request("/account-info/v3/details"))
    body = {"filterGroups": [], "limit": 10}
    check(make_request(SEARCH, method="POST", json=body))


@pytest.mark.parametrize(
    "request_parts",
    [
        {"path": "/crm/v3/objects/contacts", "query_string": {"limit": "500"}},
        {"path": "/crm/v3/objects/people"},
        {"path": SEARCH, "method": "POST", "json": {"limit": "many"}},
        {"path": SEARCH, "method": "PUT", "json": {}},
    ],
)
def test_what_is_not_as_described_is_refused(request_parts: dict[str, object]) -> None:
    check = checker("hubspot")
    with pytest.raises(AssertionError):
        check(make_request(**request_parts))  # type: ignore[arg-type]  # as given
