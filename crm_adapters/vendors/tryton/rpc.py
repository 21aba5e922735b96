"""JSON-RPC as Tryton speaks it: one address for everything, a session, and a name for each question."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import TokenAuth
from crm_adapters.errors import AuthExpired, OutcomeUnknown, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.lazy import lazy
from crm_adapters.transport import Transport
from crm_adapters.vendors.tryton.failures import judge
from crm_adapters.vendors.tryton.session import SignIn, session_key
from crm_adapters.vendors.tryton.values import decode, encode

CONTEXT = ("company", "company_filter", "employee", "language")
"""Of the user's preferences; without a company there are no prices."""


class Rpc:
    def __init__(self, settings: Mapping[str, Any], transport: Transport) -> None:
        self.sign_in = SignIn(settings, transport)
        self._auth = TokenAuth(self.sign_in, transport, header=session_key)
        self._client = ApiClient(settings["url"], auth=self._auth, transport=transport, translate=judge)

    @property
    def version(self) -> str:
        return self._auth.token().facts["version"]

    @lazy
    def preferences(self) -> Mapping[str, Any]:
        return _table(self.call("model.res.user.get_preferences", True, {}))  # noqa: FBT003 - theirs: as context

    @lazy
    def context(self) -> dict[str, Any]:
        return {name: self.preferences[name] for name in CONTEXT if self.preferences.get(name) is not None}

    def call(self, method: str, *params: Any, writes: bool = False) -> Any:
        return self.ask(method, *params, writes=writes)[0]

    def ask(self, method: str, *params: Any, writes: bool = False) -> tuple[Any, Answer]:
        """The result, and the answer that held it."""
        name = token_hex(8)
        answer = self._send({"id": name, "method": method, "params": encode(params)}, writes=writes)
        try:
            return _read(answer, name), answer
        except VendorChanged as error:
            told = str(error)
        raise OutcomeUnknown(told) if writes else VendorChanged(told)

    def _send(self, body: Mapping[str, Any], *, writes: bool) -> Answer:
        path = self._auth.token().facts["path"]
        try:
            return self._client.run(Call("POST", path, json=body, repeatable=not writes))
        except AuthExpired:
            moved = self._auth.token().facts["path"]
            if moved == path:
                raise
        return self._client.run(Call("POST", moved, json=body, repeatable=not writes))


def _read(answer: Answer, name: str) -> Any:
    found = _table(answer.json())
    if found.get("id") != name or "result" not in found:
        raise VendorChanged("the answer is not to what was asked")
    try:
        return decode(found["result"])
    except (ValueError, KeyError, TypeError, ArithmeticError):
        pass
    raise VendorChanged("the answer holds values that cannot be read")


def _table(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise VendorChanged("the answer is not a table of names and values")
    return found
