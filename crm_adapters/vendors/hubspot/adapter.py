"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from crm_adapters.auth import Auth, TokenAuth, bearer
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import Merged, NotFound
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
from crm_adapters.vendors.hubspot import records, webhooks
from crm_adapters.vendors.hubspot.account import Account
from crm_adapters.vendors.hubspot.api import MOST_FOUND, Api
from crm_adapters.vendors.hubspot.checks import LINE_SCOPES, READ_SCOPES, WRITE_SCOPES, Checks
from crm_adapters.vendors.hubspot.deals import Deals
from crm_adapters.vendors.hubspot.feed import Feed
from crm_adapters.vendors.hubspot.fields import describe
from crm_adapters.vendors.hubspot.search import Search, is_id
from crm_adapters.vendors.hubspot.writing import Writing

AUTHORIZE_URL = "https://app.hubspot.com/oauth/authorize"


class Adapter(CRMAdapter):
    name = "hubspot"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        unique_keys=True,
        update_customer=True,
        consents=True,
        companies=True,
        open_deals=True,
        add_line=True,
        webhooks=True,
        describes_fields=True,
        reports_deletes=True,
        reports_merges=True,
    )
    webhook_setup = webhooks.SETUP

    class Settings(CRMAdapter.Settings):
        url = fields.Url(load_default="https://api.hubapi.com", require_tld=False)
        token = fields.String(load_default="", metadata={"secret": True})
        """Of a private app. Without one, client_id and client_secret of an app to sign in to by browser."""
        client_id = fields.String(load_default="")
        client_secret = fields.String(load_default="", metadata={"secret": True})
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """The app's client secret, where webhooks come from a private app."""
        key_property = fields.String(load_default="", validate=validate.Regexp(r"[a-z0-9_]*\Z"))
        """A property with unique values, of the same name on notes and line items, for our keys. With it two
        writers at once write once, and lines can be put on deals."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=100, validate=validate.Range(1, MOST_FOUND))

        @validates_schema
        def require_a_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
            if not data["token"] and not (data["client_id"] and data["client_secret"]):
                raise ValidationError(
                    "A private app's token is needed, or client_id and client_secret.", "token"
                )

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"])
        api = Api(settings["url"], self._auth(), self.transport)
        self._api = api
        self._account = Account(api)
        self._search = Search(api, known, settings["country"])
        self._deals = Deals(api, self._account)
        self._feed = Feed(api, self._search, self._deals, self._account)
        self._writing = Writing(api, self._search, settings["key_property"])
        vars(self)["capabilities"] = self._narrow(known.contact)

    def _narrow(self, mapped: Mapping[str, str]) -> Capabilities:
        declared = any(name.startswith("id.") for name in mapped)
        keyed = bool(self.settings["key_property"])
        return replace(
            self.capabilities,
            keys=self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            consents="offers_consent" in mapped,
            unique_keys=keyed,
            add_line=keyed,
        )

    def _auth(self) -> Auth:
        oauth = self.sign_in()
        return TokenAuth(oauth.refresh, self.transport) if oauth else bearer(self.settings["token"])

    def sign_in(self) -> OAuth | None:
        if self.settings["token"]:
            return None
        app = OAuthApp(
            token_url=f"{self.settings['url']}/oauth/v3/token",
            client_id=self.settings["client_id"],
            client_secret=self.settings["client_secret"],
            authorize_url=AUTHORIZE_URL,
            scopes=("oauth", *sorted(READ_SCOPES | WRITE_SCOPES | LINE_SCOPES)),
        )
        return OAuth(app, self.transport)

    def check(self, *, writes: bool = True) -> Health:
        clock = self.transport.timing.clock
        return Health(Checks(self._api, clock, writes, self.settings["key_property"]).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._search.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        row = self._search.get(ref)
        if row is None:
            raise NotFound("HubSpot has no such contact")
        if row["id"] != ref:
            raise Merged("the contact was merged into another", new_ref=row["id"])
        return self._search.read(row)

    def get_company(self, ref: str) -> Company:
        known = self._search.fields
        row = self._api.get("companies", ref, sorted(known.company.values())) if is_id(ref) else None
        if row is None:
            raise NotFound("HubSpot has no such company")
        return records.to_company(row, known, currency=self._account.currency)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        rows = self._deals.of_contact(customer_ref) if is_id(customer_ref) else []
        found = self._deals.load(rows).orders
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._deals.open_of(customer_ref) if is_id(customer_ref) else []

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        found = self._writing.find_note(key, customer_ref)
        return WriteResult(found["id"], created=False) if found else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        if not self.capabilities.add_line:
            self._refuse("puts no lines on deals without the setting key_property")
        return self._writing.add_line(deal_ref, line, key, currency=self._account.currency)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        self._writing.update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        return describe(self._api, kind, self._search.fields, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        secret = self.settings["webhook_secret"] or self.settings["client_secret"]
        return webhooks.read_webhook(request, secret)
