"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from crm_adapters.auth import TokenAuth
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
    OrderStatus,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WebhookRequest,
    WriteResult,
)
from crm_adapters.oauth import OAuth, OAuthApp
from crm_adapters.tokens import Token
from crm_adapters.transport import Transport
from crm_adapters.vendors.zoho import records, webhooks
from crm_adapters.vendors.zoho.account import Account
from crm_adapters.vendors.zoho.api import MOST_LISTED, Api, is_id, zoho_key
from crm_adapters.vendors.zoho.checks import READ_SCOPES, WRITE_SCOPES, Checks
from crm_adapters.vendors.zoho.feed import Feed
from crm_adapters.vendors.zoho.fields import describe
from crm_adapters.vendors.zoho.sales import Sales
from crm_adapters.vendors.zoho.search import Search
from crm_adapters.vendors.zoho.writing import Writing

ANY_REGION = ("www.zohoapis.*", "www.zohoapis.com.*", "sandbox.zohoapis.*")


class Adapter(CRMAdapter):
    name = "zoho"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
        stock=True,
        consents=True,
        companies=True,
        open_deals=True,
        add_line=True,
        webhooks=True,
        describes_fields=True,
        reports_deletes=True,
    )
    other_hosts = ANY_REGION
    webhook_setup = webhooks.SETUP

    class Settings(CRMAdapter.Settings):
        url = fields.Url(load_default="https://accounts.zoho.com", require_tld=False)
        """The accounts server of the data centre that the organisation is in, as https://accounts.zoho.eu."""
        client_id = fields.String(required=True)
        client_secret = fields.String(required=True, metadata={"secret": True})
        refresh_token = fields.String(load_default="", metadata={"secret": True})
        """Of a self client; empty where an admin signs in by browser."""
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """The token that the channel of notifications was opened with."""
        statuses = fields.Dict(fields.String(), fields.Enum(OrderStatus, by_value=True), load_default=dict)
        """What the organisation's own states of sales orders mean, as {"Paid": "won"}."""
        credits = fields.Integer(load_default=50_000, validate=validate.Range(1))
        """Of the edition, in 24 hours."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=MOST_LISTED, validate=validate.Range(1, MOST_LISTED))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"])
        auth = TokenAuth(self._renew, self.transport, header=zoho_key)
        api = Api(settings["url"], auth, self.transport, granted=settings["credits"])
        self._api = api
        self._account = Account(api)
        self._search = Search(api, known, settings["country"])
        statuses = {**records.STATUSES, **settings["statuses"]}
        self._sales = Sales(api, self._account, statuses, known.placed)
        self._feed = Feed(api, self._search, self._sales)
        self._writing = Writing(api, self._search, self._account)
        if not any(name.startswith("id.") for name in known.contact):
            keys = self.capabilities.keys - {KeyKind.DECLARED}
            vars(self)["capabilities"] = replace(self.capabilities, keys=keys)

    def sign_in(self) -> OAuth:
        accounts = self.settings["url"].rstrip("/")
        app = OAuthApp(
            token_url=f"{accounts}/oauth/v2/token",
            client_id=self.settings["client_id"],
            client_secret=self.settings["client_secret"],
            authorize_url=f"{accounts}/oauth/v2/auth",
            scopes=(*READ_SCOPES, *WRITE_SCOPES),
            scope_separator=",",
            extra={"access_type": "offline", "prompt": "consent"},
            facts={"api_domain": ANY_REGION},
        )
        return OAuth(app, self.transport)

    def _renew(self, old: Token | None) -> Token:
        given = self.settings["refresh_token"]
        first = Token("", refresh=given) if given else None
        return self.sign_in().refresh(old if old and old.refresh else first)

    def check(self, *, writes: bool = True) -> Health:
        return Health(Checks(self._api, self._account, self.transport.timing.clock, writes).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._search.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        found = self._search.get(ref)
        if found is None:
            raise NotFound("Zoho has no such contact")
        return found

    def get_company(self, ref: str) -> Company:
        row = self._api.get("Accounts", ref)
        if row is None:
            raise NotFound("Zoho has no such account")
        return records.to_company(row, self._search.fields, currency=self._account.currency)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._sales.of_contact(customer_ref) if is_id(customer_ref) else []
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._sales.open_of(customer_ref) if is_id(customer_ref) else []

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
        return describe(self._api, kind, self._search.fields, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        return webhooks.read_webhook(request, self.settings["webhook_secret"])
