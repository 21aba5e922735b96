"""Processes that compete for one token, and whether it survived them."""

import subprocess
import sys
from collections.abc import Sequence

from crm_adapters.tokens import Token, TokenStore
from tests.crm_adapters.vendor import Vendor

FIRST = "first-refresh-token"


def begin(vendor: Vendor, store: TokenStore) -> None:
    vendor.good_refresh = FIRST
    store.save(Token("first-access-token", FIRST))


def compete(module: str, arguments: Sequence[str], *, processes: int = 2) -> None:
    """Run as many at once; raises for one that fails."""
    command = [sys.executable, "-m", module, *arguments]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(processes)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0] * processes, "\n".join(errors)


def assert_kept(vendor: Vendor, store: TokenStore, *, times: int) -> None:
    """Each process renewed it, or found that the other one just had; what is stored is what the vendor takes."""
    kept = store.load()
    assert kept is not None
    assert not vendor.revoked
    assert (kept.access in vendor.access, kept.refresh) == (True, vendor.good_refresh)
    assert times <= vendor.issued <= 2 * times
    assert len(vendor.forms) == vendor.issued
