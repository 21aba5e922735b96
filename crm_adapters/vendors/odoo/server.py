"""What kind of server it is: asked once a day, kept for all processes of the connection.

Signing in by JSON-RPC takes a second of the server's, and fields come and go with versions and apps (`mobile` went
in 19): neither is asked with every call.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from crm_adapters.answers import Answer
from crm_adapters.auth import TokenAuth
from crm_adapters.errors import (
    AuthExpired,
    NotFound,
    PermissionDenied,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.http import ApiClient
from crm_adapters.tokens import Token
from crm_adapters.transport import Transport
from crm_adapters.vendors.odoo.interfaces import Account, Interface, Invocation, Json2, JsonRpc, call_service

FIRST_JSON2 = 19
KEPT = timedelta(days=1)
STOCK = "stock.quant"
"""Ordinary users may describe its fields and not read it."""
ABSENT = (NotFound, PermissionDenied, ValidationFailed)
"""What a model is refused with that is not there, or not for us."""
Wanted = Mapping[str, Iterable[str]]
"""Models → the fields that we would like to read."""


@dataclass(frozen=True, slots=True)
class Release:
    major: int
    text: str


@dataclass(frozen=True, slots=True)
class Server:
    release: Release
    uid: int
    """Of whom the key is, by JSON-RPC; 0 by JSON-2, which need not know."""
    fields: Mapping[str, frozenset[str]]
    """Of the wanted ones, those there are; none where the model is missing."""


class Session:
    def __init__(self, client: ApiClient, account: Account, transport: Transport, wanted: Wanted) -> None:
        self.client = client
        self._account = account
        self._wanted = {model: sorted(set(names)) for model, names in wanted.items()}
        self._clock = transport.timing.clock
        self._auth = TokenAuth(self._look, transport)

    @property
    def server(self) -> Server:
        token = self._auth.token()
        if token.access != self._fingerprint:
            self._auth.refresh()
            token = self._auth.token()
        return _read_facts(token.facts, self._wanted)

    @property
    def interface(self) -> Interface:
        return self._interface(self.server.release, self.server.uid)

    def require(self, model: str) -> frozenset[str]:
        """The model's fields. Raises Unsupported where the app is not installed that keeps such records; what was
        missing a while ago is looked for again."""
        found = self.server.fields[model]
        if not found and _list_fields(self.interface, model, self._wanted[model]):
            self._auth.refresh()
            found = self.server.fields[model]
        if not found:
            raise Unsupported(f"Odoo has no app that keeps {model}, or our user may not see it")
        return found

    def renew(self) -> bool:
        """After a refusal; whether there is something else to try: a key that JSON-2 refuses stays refused."""
        return self.server.release.major < FIRST_JSON2 and self._auth.refresh()

    def ask_release(self) -> tuple[Release, Answer]:
        """JSON-2 of a server before 19 answers with a page and 200, so that only the version tells."""
        try:
            answer = self.client.read("web/version")
            return _read_release(answer.json(), "version", "version_info"), answer
        except (NotFound, VendorChanged):
            found, answer = call_service(self.client, "common", "version", [])
            return _read_release(found, "server_version", "server_version_info"), answer

    @property
    def _fingerprint(self) -> str:
        """Of all that the answer depends on."""
        account = (self._account.database, self._account.login, self._account.key)
        return sha256(json.dumps([account, self._wanted]).encode()).hexdigest()

    def _look(self, _old: Token | None) -> Token:
        release, _ = self.ask_release()
        uid = 0 if release.major >= FIRST_JSON2 else self._sign_in()
        facts = {"version": release.text, "major": str(release.major), "uid": str(uid)}
        interface = self._interface(release, uid)
        found = {
            model: " ".join(_list_fields(interface, model, names)) for model, names in self._wanted.items()
        }
        return Token(self._fingerprint, expires_at=self._clock() + KEPT, facts=facts | found)

    def _interface(self, release: Release, uid: int) -> Interface:
        if release.major >= FIRST_JSON2:
            return Json2(self.client, self._account)
        return JsonRpc(self.client, self._account, uid)

    def _sign_in(self) -> int:
        if not self._account.login:
            raise ValidationFailed(
                "Odoo before version 19 needs the setting login", fields={"login": "needed"}
            )
        account = [self._account.database, self._account.login, self._account.key, {}]
        uid, _ = call_service(self.client, "common", "authenticate", account)
        if not uid or not isinstance(uid, int):
            raise AuthExpired("Odoo does not know the login with this key")
        return uid


def _list_fields(interface: Interface, model: str, names: list[str]) -> list[str]:
    try:
        if model == STOCK:
            interface.call(Invocation(model, "search_read", {"domain": [], "fields": ["id"], "limit": 1}))
        found = interface.call(Invocation(model, "fields_get", {"allfields": names, "attributes": ["type"]}))
    except ABSENT:
        return []
    if not isinstance(found, dict):
        raise VendorChanged("the answer describes no fields")
    return [name for name in names if name in found]


def _read_facts(facts: Mapping[str, str], wanted: Wanted) -> Server:
    release = Release(int(facts["major"]), facts["version"])
    fields = {model: frozenset(facts[model].split()) for model in wanted}
    return Server(release, int(facts["uid"]), fields)


def _read_release(found: object, text: str, parts: str) -> Release:
    """Online, 18.3 is `saas~18`, 3."""
    info = found.get(parts) if isinstance(found, dict) else None
    major = re.search(r"\d+", str(info[0])) if isinstance(info, list) and info else None
    if not isinstance(found, dict) or not major:
        raise VendorChanged("the server does not tell its version")
    return Release(int(major[0]), str(found.get(text, major[0])))
