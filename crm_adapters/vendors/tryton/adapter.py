"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import Merged, NotFound
from crm_adapters.fieldmap import DECLARED, FieldMapSetting, custom_names
from crm_adapters.model import (
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
    WriteResult,
)
from crm_adapters.transport import Transport
from crm_adapters.vendors.tryton import records
from crm_adapters.vendors.tryton.api import Api, to_id
from crm_adapters.vendors.tryton.catalogue import Catalogue
from crm_adapters.vendors.tryton.checks import Checks
from crm_adapters.vendors.tryton.feed import Feed
from crm_adapters.vendors.tryton.fields import describe
from crm_adapters.vendors.tryton.rpc import Rpc
from crm_adapters.vendors.tryton.sales import Sales
from crm_adapters.vendors.tryton.search import Search
from crm_adapters.vendors.tryton.writing import Writing

MOST_ROWS = 1000


class Adapter(CRMAdapter):
    name = "tryton"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
        relations=True,
        stock=True,
        open_deals=True,
        add_line=True,
        describes_fields=True,
        reports_deletes=True,
        reports_merges=True,
    )

    class Settings(CRMAdapter.Settings):
        url = fields.Url(required=True, require_tld=False)
        """Without the database."""
        database = fields.String(required=True, validate=validate.Length(min=1))
        user = fields.String(required=True, validate=validate.Length(min=1))
        password = fields.String(required=True, metadata={"secret": True})
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        opportunities = fields.Boolean(load_default=True)
        stock = fields.Boolean(load_default=True)
        """Each can be left out where the user has no right to it."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=200, validate=validate.Range(1, MOST_ROWS))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known, clock = records.map_fields(settings["mapping"]), self.transport.timing.clock
        self._fields = known
        self._api = Api(Rpc(settings, self.transport))
        self._search = Search(self._api, known, settings["country"])
        self._catalogue = Catalogue(self._api, known, clock, stock=settings["stock"])
        self._sales = Sales(self._api, settings["opportunities"])
        self._feed = Feed(self._api, self._search, self._catalogue, self._sales, settings["stock"])
        self._writing = Writing(self._api, self._search)
        vars(self)["capabilities"] = self._narrow()

    def _narrow(self) -> Capabilities:
        declared = custom_names(self._fields.customer, DECLARED)
        keys = self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED})
        return replace(self.capabilities, keys=keys, stock=self.settings["stock"])

    def check(self, *, writes: bool = True) -> Health:
        stocked = self._catalogue if self.settings["stock"] else None
        clock, opportunities = self.transport.timing.clock, self.settings["opportunities"]
        return Health(Checks(self._api, clock, writes, opportunities, stocked).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._search.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        row = self._search.get(ref)
        if row and row["replaced_by"]:
            raise Merged("the party was replaced by another", new_ref=str(row["replaced_by"]))
        if row is None or not records.is_living(row):
            raise NotFound("Tryton has no such party")
        return self._search.read(row)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        party = to_id(customer_ref)
        return iter(self._sales.of_party(party, since) if party else [])

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        party = to_id(customer_ref)
        return self._sales.open_of(party) if party else []

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return self._catalogue.relations(product_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        found = self._writing.find_note(key, customer_ref)
        return WriteResult(str(found), created=False) if found else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        self._writing.update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        return describe(self._api, kind, self._fields, sample=sample)
