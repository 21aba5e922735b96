"""A vendor's OAuth on this machine, as strict as they come: refresh tokens are good once, and whoever uses one
twice loses the whole family of tokens; access tokens are good for a few calls."""

import json
import secrets
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from crm_adapters.oauth import JWT_BEARER, OAuthApp

Form = Mapping[str, str]
SECRET = "app-secret/+"


@dataclass
class Vendor:
    url: str = ""
    uses: int = 1
    """Calls that an access token is good for."""
    secret: str = SECRET
    """The app's."""
    facts: dict[str, str] = field(default_factory=dict)
    """What comes with a token."""
    lifetime: int | None = None
    key: RSAPublicKey | None = None
    """Of whoever may sign assertions."""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """Given instead of tokens, first one first."""
    basic: bool = False
    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """What stands where, for whoever shows a good token."""
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """Path and headers of every call."""
    secrets: list[str] = field(default_factory=list)
    """All that was ever handed out."""
    forms: list[Form] = field(default_factory=list)
    issued: int = 0
    revoked: bool = False
    good_refresh: str | None = None
    used_refresh: set[str] = field(default_factory=set)
    access: dict[str, int] = field(default_factory=dict)
    codes: dict[str, Form] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def app(self, **more: Any) -> OAuthApp:
        return OAuthApp(
            token_url=f"{self.url}/oauth/token",
            authorize_url=f"{self.url}/oauth/authorize",
            client_id="app-1",
            client_secret=SECRET,
            basic=self.basic,
            **more,
        )

    def approve(self, address: str) -> str:
        """What a browser does whose person agrees; where it is sent then."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8) + "=="
        self.codes[code] = query
        return f"{query['redirect_uri']}?code={code.replace('=', '%3D')}&state={query['state']}"

    def answer(self, path: str, headers: Mapping[str, str], body: str) -> tuple[int, bytes]:
        with self.lock:
            self.asked.append((path, headers))
            if path == "/oauth/token":
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self.forms.append(form)
                return self.answers.pop(0) if self.answers else self._grant(form, headers)
            return self._serve(path, headers.get("Authorization", "").removeprefix("Bearer "))

    def _serve(self, path: str, access: str) -> tuple[int, bytes]:
        if self.access.get(access, 0) < 1:
            return 401, b"{}"
        self.access[access] -= 1
        return self.pages.get(path, (200, b"{}"))

    def _grant(self, form: Form, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if not self._knows(form, headers):
            return _refuse("invalid_client", 401)
        match form["grant_type"]:
            case "refresh_token":
                return self._rotate(form["refresh_token"])
            case "authorization_code":
                return self._exchange(form)
            case "client_credentials":
                return self._issue(refresh=None)
            case grant if grant == JWT_BEARER and self.key:
                _verify(form["assertion"], self.key)
                return self._issue(refresh=None)
        return _refuse("unsupported_grant_type", 400)

    def _knows(self, form: Form, headers: Mapping[str, str]) -> bool:
        if form["grant_type"] == JWT_BEARER:
            return True
        if self.basic:
            given = b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
            return given == f"app-1:{self.secret}" and "client_secret" not in form
        return (form.get("client_id"), form.get("client_secret")) == ("app-1", self.secret)

    def _rotate(self, refresh: str) -> tuple[int, bytes]:
        if refresh in self.used_refresh:
            self.revoked, self.good_refresh = True, None
            self.access.clear()
        if refresh != self.good_refresh:
            return _refuse("invalid_grant", 400)
        self.used_refresh.add(refresh)
        return self._issue(refresh=secrets.token_hex(16))

    def _exchange(self, form: Form) -> tuple[int, bytes]:
        asked = self.codes.pop(form["code"], None)
        proof = _encode(sha256(form["code_verifier"].encode()).digest())
        if not asked or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return _refuse("invalid_grant", 400)
        return self._issue(refresh=secrets.token_hex(16))

    def _issue(self, *, refresh: str | None) -> tuple[int, bytes]:
        self.issued += 1
        access = secrets.token_hex(16)
        self.secrets += [access, *([refresh] if refresh else [])]
        self.access = {access: self.uses}
        given: dict[str, Any] = {"access_token": access, "token_type": "Bearer", **self.facts}
        if refresh:
            self.good_refresh = given["refresh_token"] = refresh
        if self.lifetime is not None:
            given["expires_in"] = self.lifetime
        return 200, json.dumps(given).encode()


def _refuse(code: str, status: int) -> tuple[int, bytes]:
    return status, json.dumps({"error": code, "error_description": "a description of anything"}).encode()


def _verify(assertion: str, key: RSAPublicKey) -> None:
    signed, _, signature = assertion.rpartition(".")
    key.verify(_decode(signature), signed.encode(), PKCS1v15(), SHA256())


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def serving(vendor: Vendor) -> Iterator[Vendor]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or each answer waits for an acknowledgement

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, answer = vendor.answer(urlsplit(self.path).path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        vendor.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield vendor
        finally:
            server.shutdown()
            thread.join()
