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
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WebhookRequest,
    WriteResult,
)
from crm_adapters.oauth import OAuth, OAuthApp
from crm_adapters.transport import Transport
from crm_adapters.vendors.dynamics365 import records, webhooks
from crm_adapters.vendors.dynamics365.api import Api
from crm_adapters.vendors.dynamics365.catalogue import Catalogue
from crm_adapters.vendors.dynamics365.checks import Checks
from crm_adapters.vendors.dynamics365.contacts import Contacts
from crm_adapters.vendors.dynamics365.feed import Feed
from crm_adapters.vendors.dynamics365.fields import describe
from crm_adapters.vendors.dynamics365.odata import read_guid
from crm_adapters.vendors.dynamics365.sales import Sales
from crm_adapters.vendors.dynamics365.writing import Writing

MOST_ROWS = 5_000
BROWSER, SERVER = "browser", "server"


class Adapter(CRMAdapter):
    name = "dynamics365"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        unique_keys=True,
        update_customer=True,
        relations=True,
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
        url = fields.Url(required=True, require_tld=False)
        """Of the environment: `https://acme.crm4.dynamics.com`."""
        tenant = fields.String(required=True, validate=validate.Regexp(r"[\w.-]+\Z"))
        """Directory id, or one of its domains."""
        authority = fields.Url(load_default="https://login.microsoftonline.com", require_tld=False)
        """Other for the clouds of governments and of China."""
        flow = fields.String(load_default=SERVER, validate=validate.OneOf((BROWSER, SERVER)))
        """How to sign in: `server` as the application user, `browser` as whoever signs in."""
        client_id = fields.String(required=True, validate=validate.Length(min=1))
        client_secret = fields.String(
            required=True, metadata={"secret": True}, validate=validate.Length(min=1)
        )
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """The key that webhooks are registered with (WebhookKey)."""
        submitted_orders_count = fields.Boolean(load_default=False)
        """As bought; else only fulfilled and invoiced ones do."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=500, validate=validate.Range(1, MOST_ROWS))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"], country=settings["country"])
        self._fields = known
        self._api = Api(settings["url"], self._auth(), self.transport)
        self._contacts = Contacts(self._api, known)
        self._catalogue = Catalogue(self._api, known)
        self._sales = Sales(self._api, self._catalogue, settings["submitted_orders_count"])
        self._feed = Feed(self._api, self._contacts, self._catalogue, self._sales)
        self._writing = Writing(self._api, self._contacts, self._catalogue)
        vars(self)["capabilities"] = self._narrow(known.contact)

    def _narrow(self, mapped: Mapping[str, str]) -> Capabilities:
        declared = any(name.startswith("id.") for name in mapped)
        return replace(
            self.capabilities,
            keys=self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            consents="offers_consent" in mapped,
        )

    def _auth(self) -> TokenAuth:
        oauth, server = self._oauth(), self.settings["flow"] == SERVER
        return TokenAuth(oauth.client_credentials if server else oauth.refresh, self.transport)

    def _oauth(self) -> OAuth:
        settings = self.settings
        root, own = settings["url"].rstrip("/"), settings["authority"].rstrip("/")
        base = f"{own}/{settings['tenant']}/oauth2/v2.0"
        browser = settings["flow"] == BROWSER
        app = OAuthApp(
            token_url=f"{base}/token",
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            authorize_url=f"{base}/authorize" if browser else "",
            scopes=(f"{root}/user_impersonation", "offline_access") if browser else (f"{root}/.default",),
        )
        return OAuth(app, self.transport)

    def sign_in(self) -> OAuth | None:
        return self._oauth() if self.settings["flow"] == BROWSER else None

    def check(self, *, writes: bool = True) -> Health:
        return Health(Checks(self._api, self.transport.timing.clock, writes).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._contacts.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        return self._contacts.read(self._contacts.get(ref))

    def get_company(self, ref: str) -> Company:
        guid = read_guid(ref)
        row = self._api.get("accounts", guid, self._fields.company_columns) if guid else None
        if row is None:
            raise NotFound("Dynamics 365 has no such account")
        return records.to_company(row, self._fields, self._catalogue.currencies)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._sales.of_contact(customer_ref).orders
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        return self._feed.read(kind, cursor, limit=self.settings["page_size"])

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._sales.open_of(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return self._catalogue.relations(product_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:  # noqa: ARG002 - the key is enough
        return self._writing.find_note(key)

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        self._writing.update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        return describe(self._api, kind, self._fields, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        return webhooks.read_webhook(request, self.settings["webhook_secret"])
