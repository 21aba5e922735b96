"""Keys go where the CRM looks for them; tokens are renewed before their end, once, and kept before they are used."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm_adapters.auth import Auth, HeaderKey, QueryKey, TokenAuth, basic, bearer
from crm_adapters.oauth import OAuth
from crm_adapters.testing import Watch, local_transport
from crm_adapters.tokens import MemoryTokenStore, Token
from tests.crm_adapters.client import make_client
from tests.crm_adapters.loopback import answering, reply
from tests.crm_adapters.vendor import Vendor, serving


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as vendor:
        yield vendor


@pytest.fixture
def watch() -> Watch:
    return Watch()


class TestKeys:
    @pytest.mark.parametrize(
        ("auth", "sent"),
        [
            (HeaderKey("DOLAPIKEY", "k3y"), b"\r\nDOLAPIKEY: k3y\r\n"),
            (bearer("k3y"), b"\r\nAuthorization: Bearer k3y\r\n"),
            (basic("ana", "pässword:"), b"\r\nAuthorization: Basic YW5hOnDDpHNzd29yZDo=\r\n"),
            (QueryKey("token", "k3y"), b"GET /api/people?q=x&token=k3y HTTP/1.1\r\n"),
        ],
    )
    def test_go_where_the_crm_looks(self, watch: Watch, auth: Auth, sent: bytes) -> None:
        with answering(reply(200)) as server:
            make_client(server.url, watch, auth=auth).read("people", params={"q": "x"})
        assert sent in server.requests[0]
        assert "k3y" not in repr(auth)
        assert not auth.refresh()


class TestTokenAuth:
    def test_a_token_is_renewed_a_minute_before_its_end(self, vendor: Vendor, watch: Watch) -> None:
        vendor.lifetime = 1800
        store = MemoryTokenStore()
        transport = local_transport(watch, tokens=store)
        auth = TokenAuth(OAuth(vendor.app(), transport).client_credentials, transport)
        first = auth.headers()
        watch.now += timedelta(seconds=1739)
        assert auth.headers() == first
        watch.now += timedelta(seconds=1)
        assert auth.headers() != first
        assert vendor.issued == 2

    def test_one_that_another_process_renewed_is_taken_over(self, vendor: Vendor, watch: Watch) -> None:
        transport = local_transport(watch, tokens=MemoryTokenStore(Token("old")))
        auth = TokenAuth(OAuth(vendor.app(), transport).client_credentials, transport)
        assert auth.headers() == {"Authorization": "Bearer old"}
        transport.tokens.save(Token("new"))
        assert auth.refresh()
        assert auth.headers() == {"Authorization": "Bearer new"}
        assert vendor.issued == 0

    def test_the_renewed_token_is_kept_before_it_is_used(self, vendor: Vendor, watch: Watch) -> None:
        class FullDisk(MemoryTokenStore):
            def save(self, token: Token) -> None:
                raise OSError("no space left")

        transport = local_transport(watch, tokens=FullDisk(Token("old")))
        auth = TokenAuth(OAuth(vendor.app(), transport).client_credentials, transport)
        assert auth.headers() == {"Authorization": "Bearer old"}
        with pytest.raises(OSError, match="no space"):
            auth.refresh()
        assert auth.headers() == {"Authorization": "Bearer old"}
