"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound
from crm_adapters.fieldmap import FieldMapSetting
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
from crm_adapters.transport import Transport
from crm_adapters.vendors.woocommerce import records, webhooks
from crm_adapters.vendors.woocommerce.api import MOST_LISTED, Api
from crm_adapters.vendors.woocommerce.checks import Checks
from crm_adapters.vendors.woocommerce.feed import Feed
from crm_adapters.vendors.woocommerce.fields import describe
from crm_adapters.vendors.woocommerce.people import People, is_id
from crm_adapters.vendors.woocommerce.purchases import Purchases
from crm_adapters.vendors.woocommerce.writing import Writing


class Adapter(CRMAdapter):
    name = "woocommerce"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset({KeyKind.EMAIL, KeyKind.PHONE, KeyKind.REF}),
        log_outcome=True,
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
        """Of the shop, with the path of its WordPress."""
        consumer_key = fields.String(required=True, metadata={"secret": True})
        consumer_secret = fields.String(required=True, metadata={"secret": True})
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        """Meta data as `customer.language=meta.locale`, other fields as `product.family=tags.0.name`."""
        page_size = fields.Integer(load_default=MOST_LISTED, validate=validate.Range(2, MOST_LISTED))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"])
        api = Api(settings["url"], settings["consumer_key"], settings["consumer_secret"], self.transport)
        self._api = api
        self._fields = known
        self._people = People(api, known.customer, settings["country"])
        self._purchases = Purchases(api, settings["page_size"])
        self._feed = Feed(api, self._people, self._purchases, known.product)
        self._writing = Writing(api, self._people, self._purchases)
        consents = "offers_consent" in known.customer
        vars(self)["capabilities"] = replace(self.capabilities, consents=consents)

    def check(self, *, writes: bool = True) -> Health:
        return Health(Checks(self._api, self.transport.timing.clock, writes).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._people.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        found = self._people.get(ref)
        if found is None:
            raise NotFound("the shop has no such customer")
        return found

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._purchases.read(self._purchases.of(customer_ref))
        return iter([order for order in found if since is None or order.placed_at >= since])

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._purchases.open_of(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        """Those of a variation are its product's."""
        row = self._api.get(f"products/{product_ref}") if is_id(product_ref) else None
        if row and row.get("type") == "variation" and row.get("parent_id"):
            row = self._api.get(f"products/{row['parent_id']}")
        return records.to_relations(product_ref, row) if row else []

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        found = self._writing.find_note(key, customer_ref)
        return WriteResult(found, created=False) if found else None

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
