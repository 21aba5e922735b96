"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from crm_adapters.auth import HeaderKey
from crm_adapters.base import Capabilities, CRMAdapter
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
from crm_adapters.vendors.erpnext import records, webhooks
from crm_adapters.vendors.erpnext.api import Api
from crm_adapters.vendors.erpnext.cases import ISSUE, Cases
from crm_adapters.vendors.erpnext.catalogue import ALTERNATIVE, BIN, Catalogue
from crm_adapters.vendors.erpnext.checks import Checks
from crm_adapters.vendors.erpnext.failures import translate
from crm_adapters.vendors.erpnext.feed import Feed
from crm_adapters.vendors.erpnext.fields import DOCTYPES, Edits, describe
from crm_adapters.vendors.erpnext.gone import DELETED, REMARK
from crm_adapters.vendors.erpnext.people import People
from crm_adapters.vendors.erpnext.sales import INVOICE, Sales
from crm_adapters.vendors.erpnext.site import Site
from crm_adapters.vendors.erpnext.writing import Writing

PACE = Pace(calls=60, seconds=10, at_once=4)
"""ERPNext names no limit; a site usually has few workers, which its own people need too."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "cases": (ISSUE,),
    "deletions": (DELETED, REMARK),
    "invoices": (INVOICE,),
    "relations": (ALTERNATIVE,),
    "stock": (BIN,),
}
"""What can be left out → the doctypes that need not be read then."""
LISTED = r"(({0})(\s*,\s*({0}))*)?\Z".format("|".join(PARTS))


class Adapter(CRMAdapter):
    name = "erpnext"
    capabilities = Capabilities(
        kinds=frozenset(Kind),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
        relations=True,
        cases=True,
        stock=True,
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
        api_key = fields.String(required=True, metadata={"secret": True})
        api_secret = fields.String(required=True, metadata={"secret": True})
        """Both of the user who is to read and write, generated on the user's page."""
        without = fields.String(load_default="", validate=validate.Regexp(LISTED))
        """What the user has no right to, as `cases, stock`: cases, deletions, invoices, relations or stock. Without
        deletions, which take reading Deleted Document and Comment, what is gone is noticed once a week."""
        price_lists = fields.String(load_default="Standard Selling", validate=validate.Length(min=1))
        """The main one first; further ones, after a comma, for further currencies."""
        complaint_type = fields.String(load_default="Complaint")
        """The type of issues that are complaints."""
        delivers = fields.Boolean(load_default=False)
        """Deliveries are booked in ERPNext: an order that is not delivered is open, and may be late."""
        time_zone = fields.String(load_default="")
        """The site's, as Europe/Berlin, should it not tell."""
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=200, validate=validate.Range(1, 1_000))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        client = self._open_client()
        self._api = api = Api(client, Site(client, settings, self.transport))
        self._known = records.map_fields(settings["mapping"])
        self._without = frozenset(filter(None, map(str.strip, settings["without"].split(","))))
        self._people = People(api, self._known, settings["country"])
        self._catalogue = Catalogue(api, self._people, self._price_lists, "stock" not in self._without)
        self._sales = Sales(api, "invoices" not in self._without, settings["delivers"])
        self._cases = Cases(api.site, settings["complaint_type"])
        deletions = "deletions" not in self._without
        self._feed = Feed(api, self._people, self._catalogue, self._sales, self._cases, deletions)
        self._writing = Writing(api, self._people, deletions)
        vars(self)["capabilities"] = self._narrow()

    def _open_client(self) -> ApiClient:
        key, secret = self.settings["api_key"], self.settings["api_secret"]
        return ApiClient(
            self.settings["url"],
            auth=HeaderKey("Authorization", f"token {key}:{secret}"),
            headers={"Accept": "application/json"},
            transport=self.transport,
            pace=PACE,
            translate=translate,
        )

    def _narrow(self) -> Capabilities:
        lacks = self._without
        declared = any(name.startswith("id.") for name in self._known.customer)
        return replace(
            self.capabilities,
            kinds=self.capabilities.kinds - (frozenset({Kind.CASES}) if "cases" in lacks else frozenset()),
            keys=self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            relations="relations" not in lacks,
            cases="cases" not in lacks,
            stock="stock" not in lacks,
            webhooks=bool(self.settings["webhook_secret"]),
            reports_deletes="deletions" not in lacks,
            reports_merges="deletions" not in lacks,
        )

    @property
    def _price_lists(self) -> list[str]:
        return list(filter(None, map(str.strip, self.settings["price_lists"].split(","))))

    def check(self, *, writes: bool = True) -> Health:
        options = [one for part, doctypes in PARTS.items() if part not in self._without for one in doctypes]
        return Health(Checks(self._api, self._known, self._price_lists, writes, options).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._people.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        return self._people.read([self._writing.require(ref)])[0]

    def get_company(self, ref: str) -> Company:
        return self._people.get_company(ref)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        return iter(self._sales.orders_of([customer_ref], since=since))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._sales.quotations_of(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        if not self.capabilities.relations:
            self._refuse("is set up without relations between items")
        return self._catalogue.relations(product_ref)

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
        Edits(self._writing).update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        known = kind in self.capabilities.kinds and kind in DOCTYPES
        return describe(self._api, kind, self._known, sample=sample) if known else []

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        if not self.capabilities.webhooks:
            self._refuse("is asked for webhooks without the setting webhook_secret")
        return webhooks.read_webhook(request, self.settings["webhook_secret"])
