"""OAuth 2: signing a connection in by browser (authorisation code with PKCE), and the grants that give tokens.

Sources: RFC 6749, 6750, 7523, 7636. Errors are told by their code alone: descriptions may hold anything.
"""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crm_adapters.answers import Answer
from crm_adapters.auth import NoAuth, Obtain, basic
from crm_adapters.errors import (
    AuthRevoked,
    BadSettings,
    CRMError,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.http import ApiClient, Call
from crm_adapters.limiter import Pace
from crm_adapters.network import require_host
from crm_adapters.tokens import NO_FACTS, Token
from crm_adapters.transport import Limits, Purpose, Transport

PATIENT = Limits(connect=5, read=20, whole=30, attempts=2, longest_pause=2)
"""Also where an agent waits: an answer that we leave may hold the only token that is still good."""
MARGIN = 60.0
"""Seconds; a token this close to its end is renewed before it is used."""
ASSERTION_LIFE = timedelta(minutes=2)
"""Salesforce takes three at most."""
LATER: Mapping[str, type[CRMError]] = {
    "Access Denied": RateLimited,  # Zoho, after ten tokens in ten minutes
    "slow_down": RateLimited,
    "server_error": Unavailable,
    "temporarily_unavailable": Unavailable,
}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_PACE = Pace("token")


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """What the CRM's admin got when registering us there, and the CRM's addresses."""

    token_url: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    authorize_url: str = ""
    """Empty where no browser is needed."""
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    extra: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)
    """For the authorisation page, as Zoho's `access_type=offline`."""
    basic: bool = False
    """The CRM wants id and secret in the Authorization header instead of the form."""
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Addresses to keep from the answer, and the hosts that they may be on beside the token's own:
    `{"instance_url": ("*.salesforce.com",)}`."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Between sending the browser away and its coming back."""

    url: str = field(repr=False)
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class OAuth:
    """Its grants are for `TokenAuth`, as `TokenAuth(oauth.refresh, transport)`."""

    def __init__(self, app: OAuthApp, transport: Transport) -> None:
        self._app = app
        self._tokens = transport.tokens
        self._clock = transport.timing.clock
        self._client = ApiClient(
            urljoin(app.token_url, "/"),
            auth=basic(app.client_id, app.client_secret or "") if app.basic else NoAuth(),
            transport=replace(transport, patience=dict.fromkeys(Purpose, PATIENT)),
            pace=TOKEN_PACE,
            translate=_refusal,
        )

    def begin(self, redirect_uri: str) -> SignIn:
        """`redirect_uri` as it was registered with the CRM."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._app.scope_separator.join(self._app.scopes),
            "state": state,
            "code_challenge": _encode(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **self._app.extra,
        }
        return SignIn(f"{self._app.authorize_url}?{urlencode(query)}", redirect_uri, state, verifier)

    def finish(self, sign_in: SignIn, answer: str) -> None:
        """Exchange what the browser came back with, the whole address or the code alone, and keep the token.

        Raises AuthRevoked where the CRM refuses, ValidationFailed where the answer is to another question.
        """
        form = {
            "grant_type": "authorization_code",
            "code": _read_code(sign_in, answer.strip()),
            "redirect_uri": sign_in.redirect_uri,
            "code_verifier": sign_in.verifier,
        }
        with self._tokens.locked():
            self._tokens.save(self._ask(form, old=None))

    def refresh(self, old: Token | None) -> Token:
        """The grant of whoever signed in by browser. Raises AuthRevoked where nobody did."""
        if old is None or old.refresh is None:
            raise AuthRevoked("nobody has signed in to the CRM yet, or it gave no refresh token")
        return self._ask({"grant_type": "refresh_token", "refresh_token": old.refresh}, old=old)

    def client_credentials(self, _old: Token | None) -> Token:
        form = {"grant_type": "client_credentials"}
        if self._app.scopes:
            form["scope"] = self._app.scope_separator.join(self._app.scopes)
        return self._ask(form, old=None)

    def jwt_bearer(self, key: str, *, subject: str, audience: str) -> Obtain:
        """`key`: an RSA private key in PEM. Raises BadSettings for anything else."""
        private = _read_key(key)

        def obtain(_old: Token | None) -> Token:
            expires = int((self._clock() + ASSERTION_LIFE).timestamp())
            claims = {"iss": self._app.client_id, "sub": subject, "aud": audience, "exp": expires}
            return self._ask({"grant_type": JWT_BEARER, "assertion": _sign(claims, private)}, old=None)

        return obtain

    def _ask(self, form: Mapping[str, str], *, old: Token | None) -> Token:
        """A lost answer is asked for again: had the CRM given a new token, the old one would be lost anyway."""
        asked = self._clock()
        call = Call("POST", self._app.token_url, form={**form, **self._identity()}, repeatable=True)
        reply = self._client.run(call).json()
        access = reply.get("access_token") if isinstance(reply, dict) else None
        if not isinstance(access, str) or not access:
            raise VendorChanged("the CRM's answer holds no token")
        return Token(
            access=access,
            refresh=reply.get("refresh_token") or (old.refresh if old else None),
            expires_at=_end(asked, reply.get("expires_in")),
            facts={**(old.facts if old else {}), **self._read_facts(reply)},
        )

    def _identity(self) -> Mapping[str, str]:
        if self._app.basic:
            return {}
        secret = self._app.client_secret
        return {"client_id": self._app.client_id} | ({"client_secret": secret} if secret else {})

    def _read_facts(self, reply: Mapping[str, Any]) -> Mapping[str, str]:
        given = {name: str(reply[name]) for name in self._app.facts if reply.get(name)}
        for name, url in given.items():
            if urljoin(url, "/") != urljoin(self._app.token_url, "/"):
                require_host(url, self._app.facts[name])
        return given


def _refusal(answer: Answer) -> CRMError | None:
    """Zoho refuses with a 200."""
    try:
        reply = json.loads(answer.body)
    except ValueError:
        reply = None
    code = reply.get("error") if isinstance(reply, dict) else None
    if isinstance(code, str) and code in LATER:
        return LATER[code]("the CRM gives no token just now")
    if answer.status == 429 or answer.status >= 500:
        return None  # whatever it says: nobody was refused
    if code or answer.status in {400, 401, 403}:
        shown = code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else answer.status
        return AuthRevoked(f"the CRM refuses the sign-in ({shown})")
    return None


def _read_code(sign_in: SignIn, answer: str) -> str:
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
    if not query:
        return unquote(answer)
    if not secrets.compare_digest(query.get("state", "").encode(), sign_in.state.encode()):
        raise ValidationFailed("this is the answer to another sign-in; begin anew")
    if "code" not in query:
        raise AuthRevoked("the sign-in was refused at the CRM")
    return query["code"]


def _end(asked: datetime, told: object) -> datetime | None:
    if not re.fullmatch(r"\d{1,9}", str(told), re.ASCII):
        return None
    seconds = int(str(told))
    return asked + timedelta(seconds=seconds - min(MARGIN, seconds / 10))


def _read_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise BadSettings("The private key must be an RSA key in PEM without a password.")
    return key


def _sign(claims: Mapping[str, object], key: RSAPrivateKey) -> str:
    """RFC 7519 with RS256."""
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    signed = ".".join(_encode(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_encode(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
