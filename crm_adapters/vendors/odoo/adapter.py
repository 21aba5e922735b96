"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from crm_adapters.auth import HeaderKey
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound
from crm_adapters.fieldmap import FieldMapSetting
from crm_adapters.http import ApiClient
from crm_adapters.limiter import Pace
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
from crm_adapters.transport import Transport
from crm_adapters.vendors.odoo import catalogue, records, webhooks
from crm_adapters.vendors.odoo.api import Api, is_id
from crm_adapters.vendors.odoo.checks import Checks
from crm_adapters.vendors.odoo.failures import translate
from crm_adapters.vendors.odoo.feed import STOCK_KEYS, Feed
from crm_adapters.vendors.odoo.fields import Edits, describe
from crm_adapters.vendors.odoo.interfaces import Account
from crm_adapters.vendors.odoo.records import PARTNER, PRODUCT, TEMPLATE, TEMPLATE_KEYS
from crm_adapters.vendors.odoo.sales import LINE, LINE_KEYS, ORDER, ORDER_KEYS, Sales
from crm_adapters.vendors.odoo.search import SEARCHED, Search
from crm_adapters.vendors.odoo.server import STOCK, Session, Wanted
from crm_adapters.vendors.odoo.writing import Writing

PACE = Pace(calls=20, seconds=10, at_once=4)
"""Odoo names no limit; its hosting slows down those who ask more than once or twice a second for long."""


class Adapter(CRMAdapter):
    name = "odoo"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
        relations=True,
        stock=True,
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
        database = fields.String(required=True)
        key = fields.String(required=True, metadata={"secret": True})
        """An API key of the user who is to read and write."""
        login = fields.String(load_default="")
        """That user's; needed before version 19."""
        company_ids = fields.String(load_default="", validate=validate.Regexp(r"(\d{1,9}(,\d{1,9})*)?\Z"))
        """Whose records are meant, where there are several companies, as 1,3."""
        language = fields.String(load_default="", validate=validate.Regexp(r"[A-Za-z_@0-9]*\Z"))
        """In which products' names are read, as pt_BR."""
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """What the address of automation rules ends with, behind ?secret=."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=500, validate=validate.Range(1, 1_000))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"])
        api = Api(Session(self._open_client(), self._account(), self.transport, _wanted(known)))
        self._api = api
        self._search = Search(api, known, settings["country"])
        self._sales = Sales(api)
        self._feed = Feed(api, self._search, self._sales)
        self._writing = Writing(api, self._search)
        declared = any(name.startswith("id.") for name in known.customer)
        keys = self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED})
        webhooks = bool(settings["webhook_secret"])
        vars(self)["capabilities"] = replace(self.capabilities, keys=keys, webhooks=webhooks)

    def _open_client(self) -> ApiClient:
        key, database = self.settings["key"], self.settings["database"]
        return ApiClient(
            self.settings["url"],
            auth=HeaderKey("Authorization", f"bearer {key}"),
            headers={"X-Odoo-Database": database},
            transport=self.transport,
            pace=PACE,
            translate=translate,
        )

    def _account(self) -> Account:
        companies = [int(number) for number in self.settings["company_ids"].split(",") if number]
        context: dict[str, Any] = {"allowed_company_ids": companies} if companies else {}
        context |= {"lang": self.settings["language"]} if self.settings["language"] else {}
        return Account(self.settings["database"], self.settings["login"], self.settings["key"], context)

    def check(self, *, writes: bool = True) -> Health:
        companies = bool(self.settings["company_ids"])
        clock = self.transport.timing.clock
        return Health(Checks(self._api, clock, self._search.fields, writes, companies).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._search.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        row = self._search.get(ref)
        if row is None:
            raise NotFound("Odoo has no such partner")
        return self._search.read(row)

    def get_company(self, ref: str) -> Company:
        row = self._api.get(PARTNER, ref, self._search.fields.of_company)
        if row is None or not row["is_company"]:
            raise NotFound("Odoo has no such company")
        return records.to_company(row, self._search.fields)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        return iter(self._sales.orders_of(customer_ref, since=since))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._sales.quotations_of(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return catalogue.relations_of(self._api, product_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        found = self._writing.find_note(key, customer_ref) if is_id(customer_ref) else None
        return WriteResult(str(found["id"]), created=False) if found else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        Edits(self._api, self._search).update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        return describe(self._api, kind, self._search.fields, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        if not self.capabilities.webhooks:
            self._refuse("is asked for webhooks without the setting webhook_secret")
        return webhooks.read_webhook(request, self.settings["webhook_secret"])


def _wanted(known: records.Fields) -> Wanted:
    return {
        PARTNER: [*known.of_partner, *known.of_company, *SEARCHED],
        PRODUCT: known.of_product,
        TEMPLATE: TEMPLATE_KEYS,
        ORDER: ORDER_KEYS,
        LINE: LINE_KEYS,
        STOCK: STOCK_KEYS,
    }
