"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from crm_adapters.auth import Auth, HeaderKey, TokenAuth
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound
from crm_adapters.fieldmap import DECLARED, FieldMapSetting
from crm_adapters.model import (
    ChangeHint,
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
from crm_adapters.vendors.shopify import records, webhooks
from crm_adapters.vendors.shopify.api import MOST_LISTED, Api
from crm_adapters.vendors.shopify.catalogue import Catalogue
from crm_adapters.vendors.shopify.checks import Checks
from crm_adapters.vendors.shopify.feed import Feed
from crm_adapters.vendors.shopify.fields import describe
from crm_adapters.vendors.shopify.outcomes import Outcomes
from crm_adapters.vendors.shopify.people import People
from crm_adapters.vendors.shopify.purchases import Purchases
from crm_adapters.vendors.shopify.writing import Writing


def token_key(token: str) -> HeaderKey:
    return HeaderKey("X-Shopify-Access-Token", token)


class Adapter(CRMAdapter):
    name = "shopify"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        unique_keys=True,
        update_customer=True,
        relations=True,
        stock=True,
        consents=True,
        open_deals=True,
        add_line=True,
        webhooks=True,
        describes_fields=True,
    )
    webhook_setup = webhooks.SETUP

    class Settings(CRMAdapter.Settings):
        url = fields.Url(required=True, require_tld=False)
        """The shop's own address: `https://acme.myshopify.com`."""
        client_id = fields.String(load_default="")
        """Of an app of the shop's own organisation, which gets its tokens by itself."""
        client_secret = fields.String(load_default="", metadata={"secret": True})
        access_token = fields.String(load_default="", metadata={"secret": True})
        """Of an app that was made in the shop's admin, whose token stays; in place of the other two."""
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """Of webhooks that were made in the shop's admin; empty for the app's own, signed with client_secret."""
        test_orders = fields.Boolean(load_default=False)
        """Count them too, on a development store."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        """Metafields as `customer.crm.store=metafields.custom.store`; those of products are the product's."""
        page_size = fields.Integer(load_default=50, validate=validate.Range(1, MOST_LISTED))

        @validates_schema
        def require_a_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
            if not data["access_token"] and not (data["client_id"] and data["client_secret"]):
                raise ValidationError("Give client_id and client_secret, or access_token.", "client_id")

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"])
        api = Api(settings["url"], self._auth(), self.transport)
        self._api = api
        self._fields = known
        self._people = People(api, known, settings["country"])
        self._purchases = Purchases(api, settings["page_size"], settings["test_orders"])
        self._catalogue = Catalogue(api, known)
        self._feed = Feed(api, self._people, self._purchases, self._catalogue)
        self._outcomes = Outcomes(api)
        self._writing = Writing(api, self._people, self._purchases)
        if not any(name.startswith(DECLARED) for name in known.customer):
            keys = self.capabilities.keys - {KeyKind.DECLARED}
            vars(self)["capabilities"] = replace(self.capabilities, keys=keys)

    def _auth(self) -> Auth:
        settings = self.settings
        if settings["access_token"]:
            return token_key(settings["access_token"])
        app = OAuthApp(
            token_url=f"{settings['url'].rstrip('/')}/admin/oauth/access_token",
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
        )
        grant = OAuth(app, self.transport).client_credentials
        return TokenAuth(grant, self.transport, header=token_key)

    def check(self, *, writes: bool = True) -> Health:
        clock = self.transport.timing.clock
        return Health(Checks(self._api, clock, self._fields, writes).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._people.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        row = self._people.get_row(ref)
        if row is None:
            raise NotFound("the shop has no such customer")
        return self._people.read(row)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._purchases.of(customer_ref)
        return takewhile(lambda order: since is None or order.placed_at >= since, found)

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._purchases.open_of(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return self._catalogue.relations(product_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._outcomes.add(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        return self._outcomes.find(key, customer_ref)

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
        secret = self.settings["webhook_secret"] or self.settings["client_secret"]
        return webhooks.read_webhook(request, secret)
