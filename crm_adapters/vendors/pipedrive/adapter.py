"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from crm_adapters.auth import Auth, HeaderKey, TokenAuth
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound
from crm_adapters.fieldmap import FieldMapSetting
from crm_adapters.model import (
    ChangeHint,
    Company,
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Health,
    KeyKind,
    Kind,
    NewLine,
    OpenDeal,
    Order,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WebhookRequest,
    WriteResult,
)
from crm_adapters.oauth import OAuth, OAuthApp
from crm_adapters.transport import Transport
from crm_adapters.vendors.pipedrive import webhooks
from crm_adapters.vendors.pipedrive.api import MOST_LISTED, Api, is_id
from crm_adapters.vendors.pipedrive.checks import SCOPES, Checks
from crm_adapters.vendors.pipedrive.deals import Deals
from crm_adapters.vendors.pipedrive.feed import Feed
from crm_adapters.vendors.pipedrive.fields import Fields
from crm_adapters.vendors.pipedrive.search import Search
from crm_adapters.vendors.pipedrive.writing import Writing


class Adapter(CRMAdapter):
    name = "pipedrive"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
        consents=True,
        companies=True,
        open_deals=True,
        add_line=True,
        webhooks=True,
        describes_fields=True,
    )
    webhook_setup = webhooks.SETUP

    class Settings(CRMAdapter.Settings):
        url = fields.Url(required=True, require_tld=False)
        """The company's, as https://yourcompany.pipedrive.com."""
        token = fields.String(load_default="", metadata={"secret": True})
        """Of a user. Without one, client_id and client_secret of an app to sign in to by browser."""
        client_id = fields.String(load_default="")
        client_secret = fields.String(load_default="", metadata={"secret": True})
        accounts_url = fields.Url(load_default="https://oauth.pipedrive.com", require_tld=False)
        """Where an app is signed in to."""
        webhook_user = fields.String(load_default="assist")
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """The password that the webhook was set up with."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=MOST_LISTED, validate=validate.Range(1, MOST_LISTED))

        @validates_schema
        def require_a_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
            if not data["token"] and not (data["client_id"] and data["client_secret"]):
                raise ValidationError("A user's token is needed, or client_id and client_secret.", "token")

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        api = Api(settings["url"], self._auth(), self.transport, page_size=settings["page_size"])
        self._api = api
        self._fields = Fields(api, settings["mapping"])
        self._search = Search(api, self._fields, settings["country"])
        self._deals = Deals(api)
        self._feed = Feed(api, self._search, self._deals)
        self._writing = Writing(api, self._fields, self._deals)
        vars(self)["capabilities"] = self._narrow()

    def _narrow(self) -> Capabilities:
        mapped = self._fields.customer
        declared = any(name.startswith("id.") for name in mapped)
        return replace(
            self.capabilities,
            keys=self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            consents="offers_consent" in mapped,
        )

    def _auth(self) -> Auth:
        oauth = self.sign_in()
        if oauth:
            return TokenAuth(oauth.refresh, self.transport)
        return HeaderKey("x-api-token", self.settings["token"])

    def sign_in(self) -> OAuth | None:
        if self.settings["token"]:
            return None
        accounts = self.settings["accounts_url"].rstrip("/")
        app = OAuthApp(
            token_url=f"{accounts}/oauth/token",
            client_id=self.settings["client_id"],
            client_secret=self.settings["client_secret"],
            authorize_url=f"{accounts}/oauth/authorize",
            scopes=SCOPES,
            basic=True,
        )
        return OAuth(app, self.transport)

    def check(self, *, writes: bool = True) -> Health:
        return Health(Checks(self._api, self.transport.timing.clock, writes).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._search.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        found = self._search.get(ref)
        if found is None:
            raise NotFound("Pipedrive has no such person")
        return found

    def get_company(self, ref: str) -> Company:
        found = self._search.get_company(ref)
        if found is None:
            raise NotFound("Pipedrive has no such organization")
        return found

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._deals.of_person(customer_ref) if is_id(customer_ref) else []
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        return self._feed.read(kind, cursor, now=self.transport.timing.clock())

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._deals.open_of(customer_ref) if is_id(customer_ref) else []

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        return self._writing.find_note(key, customer_ref) if is_id(customer_ref) else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        self._writing.update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        return self._fields.describe(kind, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        return webhooks.read_webhook(request, self.settings["webhook_user"], self.settings["webhook_secret"])
