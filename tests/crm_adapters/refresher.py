"""A process that keeps renewing a token which another one renews as well."""

import sys
from pathlib import Path

from crm_adapters.auth import TokenAuth
from crm_adapters.oauth import OAuth
from crm_adapters.testing import FileTokenStore, local_transport
from crm_adapters.tokens import TokenStore
from crm_adapters.transport import SYSTEM
from tests.crm_adapters.vendor import Vendor


def refresh_often(url: str, store: TokenStore, times: int) -> None:
    """Every time with an adapter of its own now and then, as after a restart."""
    transport = local_transport(timing=SYSTEM, tokens=store)
    app = Vendor(url).app()
    for number in range(times):
        if number % 20 == 0:
            auth = TokenAuth(OAuth(app, transport).refresh, transport)
        before = auth.headers()
        assert auth.refresh()
        assert auth.headers() != before


if __name__ == "__main__":
    refresh_often(sys.argv[1], FileTokenStore(Path(sys.argv[2])), int(sys.argv[3]))
