"""OAuth against a vendor that is strict: signing in by browser, the grants, and what is told of refusals."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from crm_adapters.errors import (
    AuthRevoked,
    BadSettings,
    CRMError,
    HostRefused,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.oauth import OAuth
from crm_adapters.testing import Watch, local_transport
from crm_adapters.tokens import Token
from crm_adapters.transport import Transport
from tests.crm_adapters.vendor import SECRET, Vendor, _decode, serving

BACK = "https://assist.example.com/oauth/callback"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as vendor:
        yield vendor


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def transport(watch: Watch) -> Transport:
    return local_transport(watch)


@pytest.fixture(scope="session")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class TestSigningIn:
    def test_the_page_is_told_who_asks_for_what(self, vendor: Vendor, transport: Transport) -> None:
        app = vendor.app(
            scopes=("a.READ", "b.ALL"),
            scope_separator=",",
            extra={"access_type": "offline", "prompt": "consent"},
        )
        begun = OAuth(app, transport).begin(BACK)
        assert begun.url.startswith(f"{vendor.url}/oauth/authorize?")
        query = parse_qs(urlsplit(begun.url).query)
        expected = {"client_id": ["app-1"], "scope": ["a.READ,b.ALL"], "access_type": ["offline"]}
        assert query | expected == query
        assert begun.verifier not in begun.url
        assert SECRET not in begun.url

    def test_every_sign_in_is_another(self, vendor: Vendor, transport: Transport) -> None:
        oauth = OAuth(vendor.app(), transport)
        assert len({oauth.begin(BACK).state for _ in range(20)} | {oauth.begin(BACK).verifier}) == 21

    def test_the_address_that_the_browser_came_back_to_is_enough(
        self, vendor: Vendor, transport: Transport
    ) -> None:
        oauth = OAuth(vendor.app(), transport)
        begun = oauth.begin(BACK)
        oauth.finish(begun, f" {vendor.approve(begun.url)}\n")
        kept = transport.tokens.load()
        assert kept is not None
        assert (kept.access in vendor.access, kept.refresh) == (True, vendor.good_refresh)

    def test_so_is_the_code_alone(self, vendor: Vendor, transport: Transport) -> None:
        oauth = OAuth(vendor.app(), transport)
        begun = oauth.begin(BACK)
        answer = vendor.approve(begun.url)
        oauth.finish(begun, answer.split("code=")[1].split("&")[0])
        assert transport.tokens.load()

    def test_the_answer_to_another_sign_in_is_refused(self, vendor: Vendor, transport: Transport) -> None:
        oauth = OAuth(vendor.app(), transport)
        other = vendor.approve(oauth.begin(BACK).url)
        with pytest.raises(ValidationFailed, match="another sign-in"):
            oauth.finish(oauth.begin(BACK), other)
        assert vendor.forms == []

    def test_a_code_that_somebody_else_asked_for_is_worth_nothing(
        self, vendor: Vendor, transport: Transport
    ) -> None:
        oauth = OAuth(vendor.app(), transport)
        begun = oauth.begin(BACK)
        stolen = replace(begun, verifier=oauth.begin(BACK).verifier)
        with pytest.raises(AuthRevoked, match="invalid_grant"):
            oauth.finish(stolen, vendor.approve(begun.url))
        assert transport.tokens.load() is None

    def test_a_person_may_refuse(self, vendor: Vendor, transport: Transport) -> None:
        oauth = OAuth(vendor.app(), transport)
        begun = oauth.begin(BACK)
        with pytest.raises(AuthRevoked, match="refused at the CRM"):
            oauth.finish(begun, f"{BACK}?error=access_denied&state={begun.state}")


class TestGrants:
    def test_a_rotated_refresh_token_takes_the_place_of_the_old_one(
        self, vendor: Vendor, transport: Transport
    ) -> None:
        vendor.good_refresh = "first"
        renewed = OAuth(vendor.app(), transport).refresh(Token("old", "first"))
        assert renewed.refresh == vendor.good_refresh != "first"

    def test_one_that_does_not_rotate_stays(self, vendor: Vendor, transport: Transport) -> None:
        vendor.answers = [(200, b'{"access_token": "new"}')]
        old = Token("old", "kept", facts={"api_domain": "https://a.example"})
        renewed = OAuth(vendor.app(), transport).refresh(old)
        assert (renewed.access, renewed.refresh, renewed.facts) == ("new", "kept", old.facts)

    @pytest.mark.parametrize("old", [None, Token("access-only")])
    def test_without_a_sign_in_there_is_nothing_to_refresh(
        self, vendor: Vendor, transport: Transport, old: Token | None
    ) -> None:
        with pytest.raises(AuthRevoked, match="nobody has signed in"):
            OAuth(vendor.app(), transport).refresh(old)

    @pytest.mark.parametrize("basic", [False, True])
    def test_client_credentials_go_where_the_vendor_wants_them(
        self, vendor: Vendor, transport: Transport, basic: bool
    ) -> None:
        vendor.basic = basic
        token = OAuth(vendor.app(scopes=("crm/.default",)), transport).client_credentials(None)
        assert token.access in vendor.access
        assert vendor.forms[0]["scope"] == "crm/.default"

    def test_an_assertion_is_signed_and_short_lived(
        self, vendor: Vendor, transport: Transport, watch: Watch, key: RSAPrivateKey
    ) -> None:
        vendor.key = key.public_key()
        obtain = OAuth(vendor.app(), transport).jwt_bearer(
            pem(key), subject="integration@example.com", audience="https://login.salesforce.com"
        )
        assert obtain(None).access in vendor.access
        header, claims, _ = vendor.forms[0]["assertion"].split(".")
        assert json.loads(_decode(header)) == {"alg": "RS256", "typ": "JWT"}
        assert json.loads(_decode(claims)) == {
            "iss": "app-1",
            "sub": "integration@example.com",
            "aud": "https://login.salesforce.com",
            "exp": int((watch.now + timedelta(minutes=2)).timestamp()),
        }

    @pytest.mark.parametrize("kind", ["no key", "another algorithm"])
    def test_only_an_rsa_key_signs(self, vendor: Vendor, transport: Transport, kind: str) -> None:
        elliptic = generate_ec_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with pytest.raises(BadSettings, match="RSA") as refused:
            OAuth(vendor.app(), transport).jwt_bearer(
                "no key" if kind == "no key" else elliptic.decode(), subject="s", audience="a"
            )
        assert refused.value.__context__ is None

    @pytest.mark.parametrize(
        ("told", "seconds"),
        [("3600", 3540), ('"3600"', 3540), ("30", 27), ("null", None), ('"soon"', None), ("-5", None)],
    )
    def test_a_token_is_good_until_somewhat_before_the_end_that_was_told(
        self, vendor: Vendor, transport: Transport, watch: Watch, told: str, seconds: int | None
    ) -> None:
        vendor.answers = [(200, b'{"access_token": "a", "expires_in": ' + told.encode() + b"}")]
        token = OAuth(vendor.app(), transport).client_credentials(None)
        assert token.expires_at == (None if seconds is None else watch.now + timedelta(seconds=seconds))

    def test_addresses_that_come_with_a_token_must_be_the_vendors(
        self, vendor: Vendor, transport: Transport
    ) -> None:
        app = vendor.app(facts={"instance_url": ("*.my.salesforce.com",)})
        vendor.facts = {"instance_url": "https://acme.my.salesforce.com"}
        token = OAuth(app, transport).client_credentials(None)
        assert token.facts == {"instance_url": "https://acme.my.salesforce.com"}
        vendor.facts = {"instance_url": f"{vendor.url}/org"}
        assert OAuth(app, transport).client_credentials(None).facts == vendor.facts
        for address in (
            "https://acme.my.salesforce.com.evil.example",
            "http://127.0.0.1:1",
            "http://127.0.0.1",
        ):
            vendor.facts = {"instance_url": address}
            with pytest.raises(HostRefused):
                OAuth(app, transport).client_credentials(None)


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (400, b'{"error": "invalid_grant"}', AuthRevoked),
            (401, b'{"error": "invalid_client"}', AuthRevoked),
            (403, b"<html>no</html>", AuthRevoked),
            (200, b'{"error": "invalid_code"}', AuthRevoked),
            (200, b'{"error": "Access Denied"}', RateLimited),
            (400, b'{"error": "temporarily_unavailable"}', Unavailable),
            (200, b'{"access_token": ""}', VendorChanged),
            (200, b'{"access_token": 7}', VendorChanged),
            (200, b"[]", VendorChanged),
            (200, b"<html>", VendorChanged),
            (500, b"{}", Unavailable),
            (429, b"{}", RateLimited),
            (429, b'{"error": {"code": "TooManyRequests"}}', RateLimited),
            (503, b'{"error": "down for maintenance"}', Unavailable),
        ],
    )
    def test_has_its_kind(
        self, vendor: Vendor, transport: Transport, status: int, body: bytes, kind: type[CRMError]
    ) -> None:
        vendor.answers = [(status, body)] * 2
        with pytest.raises(kind):
            OAuth(vendor.app(), transport).client_credentials(None)

    def test_tells_the_code_and_nothing_else(self, vendor: Vendor, transport: Transport) -> None:
        vendor.answers = [(400, b'{"error": "Ana Lima", "error_description": "ana@x.example"}')]
        with pytest.raises(AuthRevoked) as refused:
            OAuth(vendor.app(), transport).client_credentials(None)
        assert str(refused.value) == "the CRM refuses the sign-in (400)"

    def test_nothing_secret_shows_where_things_are_printed(
        self, vendor: Vendor, transport: Transport
    ) -> None:
        oauth = OAuth(vendor.app(), transport)
        begun = oauth.begin(BACK)
        printed = repr(
            (vendor.app(), oauth, begun, Token("t0ken", "r3fresh", facts={"url": "f4ct"}), transport)
        )
        assert not [
            secret
            for secret in (SECRET, begun.state, begun.verifier, "t0ken", "r3fresh", "f4ct")
            if secret in printed
        ]
