"""Whoever works at Tryton itself: its administrator, signed in as Tryton's own clients are."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from crm_adapters.vendors.tryton.values import decode, encode
from tests.real.tryton.server import Server

PASSWORD = "Till-Key-24680"
CONTEXT = ("company", "company_filter", "language")
TIMEOUT = 300.0
Row = Mapping[str, Any]


class Client:
    def __init__(self, server: Server) -> None:
        self._address = f"{server.url}/{server.database}/rpc/"
        self._session: dict[str, str] = {}
        self.context: dict[str, Any] = {}
        number, token, *_ = self._ask("common.db.login", "admin", {"password": PASSWORD}, None)
        key = b64encode(f"admin:{number}:{token}".encode()).decode()
        self._session = {"Authorization": f"Session {key}"}
        self.look_around()

    def look_around(self) -> None:
        """Without a company in the context there are no prices."""
        told = self._ask("model.res.user.get_preferences", True, {})
        self.context = {name: told[name] for name in CONTEXT if told.get(name)}

    def run(self, model: str, method: str, *params: Any) -> Any:
        return self._ask(f"model.{model}.{method}", *params, self.context)

    def create(self, model: str, *rows: Row) -> list[int]:
        found: list[int] = self.run(model, "create", list(rows))
        return found

    def find(self, model: str, domain: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run(
            model, "search_read", domain, 0, None, [("id", "ASC")], list(fields)
        )
        return found

    def find_id(self, model: str, name: str, value: str) -> int:
        """Of the one there is."""
        (row,) = self.find(model, [(name, "=", value)])
        return int(row["id"])

    def merge(self, party: int, *, into: int) -> None:
        """By the dialogue that people have for it."""
        session, *_ = self._ask("wizard.party.replace.create", self.context)
        asked = {"ask": {"source": party, "destination": into}}
        self._ask("wizard.party.replace.execute", session, asked, "replace", self.context)

    def _ask(self, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": encode(list(params))}
        answer = requests.post(self._address, json=body, headers=self._session, timeout=TIMEOUT)
        assert answer.ok, f"{method}: {answer.status_code}"
        found = answer.json()
        assert "result" in found, f"{method}: {found.get('error')}"
        return decode(found["result"])
