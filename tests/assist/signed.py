"""An adapter that talks HTTP as adapters of real CRMs do, to a vendor that wants to be signed in to by browser."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from marshmallow import fields

from crm_adapters.auth import TokenAuth
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import CRMError
from crm_adapters.http import ApiClient
from crm_adapters.limiter import Pace
from crm_adapters.model import (
    Customer,
    CustomerKey,
    CustomerMatch,
    Email,
    Finding,
    Health,
    KeyKind,
    Kind,
    Order,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WriteResult,
)
from crm_adapters.oauth import OAuth, OAuthApp
from crm_adapters.transport import Transport


class SignedAdapter(CRMAdapter):
    name = "signed"
    capabilities = Capabilities(
        kinds=frozenset({Kind.CUSTOMERS}), keys=frozenset({KeyKind.EMAIL}), log_outcome=True
    )

    class Settings(CRMAdapter.Settings):
        url = fields.String(required=True)
        client_secret = fields.String(required=True, metadata={"secret": True})

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        url = settings["url"]
        app = OAuthApp(
            token_url=f"{url}/oauth/token",
            authorize_url=f"{url}/oauth/authorize",
            client_id="app-1",
            client_secret=settings["client_secret"],
        )
        self._oauth = OAuth(app, self.transport)
        auth = TokenAuth(self._oauth.refresh, self.transport)
        self._api = ApiClient(url, auth=auth, transport=self.transport, pace=Pace(calls=1000, at_once=4))

    def sign_in(self) -> OAuth:
        return self._oauth

    def check(self, *, writes: bool = True) -> Health:
        try:
            self._api.read("me")
        except CRMError as error:
            return Health((Finding("sign-in", ok=False, message=f"{type(error).__name__}: {error}"),))
        return Health((Finding("sign-in", ok=True, message="signed in"),))

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        found = self._api.read("people", params={"email": key.value}).json()[:limit]
        return [CustomerMatch(_customer(person), key.kind, 1.0) for person in found]

    def get_customer(self, ref: str) -> Customer:
        return _customer(self._api.read(f"people/{ref}").json())

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        return iter(())

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        people = tuple(_customer(person) for person in self._api.read("people").json())
        return SyncPage(people, SyncCursor("end"), more=False)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        answer = self._api.write("POST", "notes", json={"about": outcome.customer_ref, "key": key})
        return WriteResult(answer.json()["id"], created=True)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        return None


def _customer(person: Mapping[str, str]) -> Customer:
    return Customer(person["ref"], person["name"], emails=(Email(person["email"], verified=True),))
