"""The two ways into Odoo, JSON-2 and JSON-RPC: each calls a method of a model by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Protocol

from crm_adapters.answers import Answer
from crm_adapters.errors import OutcomeUnknown, VendorChanged
from crm_adapters.http import ApiClient, Call


@dataclass(frozen=True, slots=True)
class Account:
    database: str
    login: str
    """Needed for JSON-RPC only: a key alone says who it is of."""
    key: str = field(repr=False)
    context: Mapping[str, Any] = field(default_factory=dict)
    """Goes with every call: companies, language."""


@dataclass(frozen=True, slots=True)
class Invocation:
    model: str
    method: str
    named: Mapping[str, Any]
    """Parameters by name; both ways know them by the same names."""
    ids: Sequence[int] = ()
    """Of the records whose method it is; none for a method of the model."""
    repeatable: bool = True


class Interface(Protocol):
    def call(self, one: Invocation) -> Any:
        """What the method returns."""
        ...


@dataclass(frozen=True, slots=True)
class Json2(Interface):
    client: ApiClient
    account: Account

    def call(self, one: Invocation) -> Any:
        context = {**self.account.context, **one.named.get("context", {})}
        body = {**({"ids": list(one.ids)} if one.ids else {}), **one.named, "context": context}
        path = f"json/2/{one.model}/{one.method}"
        answer = self.client.run(Call("POST", path, json=body, repeatable=one.repeatable))
        return read_body(answer, repeatable=one.repeatable)


@dataclass(frozen=True, slots=True)
class JsonRpc(Interface):
    client: ApiClient
    account: Account
    uid: int

    def call(self, one: Invocation) -> Any:
        context = {**self.account.context, **one.named.get("context", {})}
        who = [self.account.database, self.uid, self.account.key]
        what = [one.model, one.method, [list(one.ids)] if one.ids else [], {**one.named, "context": context}]
        return call_service(self.client, "object", "execute_kw", [*who, *what], repeatable=one.repeatable)[0]


def call_service(
    client: ApiClient, service: str, method: str, arguments: Sequence[Any], *, repeatable: bool = True
) -> tuple[Any, Answer]:
    """The result by JSON-RPC, None where the answer has none, as for methods that return nothing."""
    name = token_hex(8)
    params = {"service": service, "method": method, "args": arguments}
    body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": name}
    answer = client.run(Call("POST", "jsonrpc", json=body, repeatable=repeatable))
    found = read_body(answer, repeatable=repeatable)
    if not isinstance(found, dict) or found.get("id") != name:
        raise _unreadable("the answer is to another call", repeatable=repeatable)
    return found.get("result"), answer


def read_body(answer: Answer, *, repeatable: bool) -> Any:
    try:
        return answer.json()
    except VendorChanged as error:
        told = str(error)
    raise _unreadable(told, repeatable=repeatable)


def _unreadable(told: str, *, repeatable: bool) -> VendorChanged | OutcomeUnknown:
    return VendorChanged(told) if repeatable else OutcomeUnknown(told)
