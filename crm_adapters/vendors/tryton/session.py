"""Signing in: which address the series answers at, and a session that all our processes share."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crm_adapters.auth import HeaderKey, NoAuth
from crm_adapters.errors import AuthRevoked, NotFound, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.tokens import Token
from crm_adapters.transport import Transport
from crm_adapters.vendors.tryton.failures import judge_sign_in

ROOTS = ("rpc/", "")
"""Of the series from 8.0 on, and of those before."""


class SignIn:
    def __init__(self, settings: Mapping[str, Any], transport: Transport) -> None:
        self._settings = settings
        self._client = ApiClient(settings["url"], auth=NoAuth(), transport=transport, translate=judge_sign_in)

    def __call__(self, _old: Token | None) -> Token:
        """A session ends 30 days after its last use, or as the server is configured. Wrong passwords are not
        tried twice: each makes Tryton wait longer, and in the end refuse everything."""
        user, password = self._settings["user"], self._settings["password"]
        root, version = self._find()
        path = f"{quote(self._settings['database'], safe='')}/{root}"
        found = self._ask(path, "common.db.login", user, {"password": password}, None)
        if not isinstance(found, list) or len(found) < 2:
            raise VendorChanged("the answer to a sign-in is no session")
        access = b64encode(f"{user}:{found[0]}:{found[1]}".encode()).decode()
        return Token(access, facts={"path": path, "version": version, "user": str(found[0])})

    def _find(self) -> tuple[str, str]:
        """Either root takes the other's question for that of a database."""
        for root in ROOTS:
            try:
                return root, str(self._ask(root, "common.server.version"))
            except (AuthRevoked, NotFound):
                continue
        raise NotFound("there is no Tryton at this address")

    def _ask(self, path: str, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": list(params)}
        answer = self._client.run(Call("POST", path, json=body, repeatable=True)).json()
        if not isinstance(answer, dict) or "result" not in answer:
            raise VendorChanged("the answer is not Tryton's")
        return answer["result"]


def session_key(access: str) -> HeaderKey:
    return HeaderKey("Authorization", f"Session {access}")
