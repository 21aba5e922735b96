"""A token that several processes renew at a vendor which takes every refresh token once."""

from pathlib import Path

import pytest

from crm_adapters.testing import FileTokenStore
from tests.crm_adapters import refresher
from tests.crm_adapters.rivals import assert_kept, begin, compete
from tests.crm_adapters.vendor import Vendor, serving


@pytest.mark.parametrize("times", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_two_processes_never_lose_it(tmp_path: Path, times: int) -> None:
    store = FileTokenStore(tmp_path / "token.json")
    with serving(Vendor()) as vendor:
        begin(vendor, store)
        compete(refresher.__name__, [vendor.url, str(tmp_path / "token.json"), str(times)])
        assert_kept(vendor, store, times=times)
