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
from crm_adapters.vendors.dolibarr import catalogue, people, records, webhooks
from crm_adapters.vendors.dolibarr.api import MOST_LISTED, Api
from crm_adapters.vendors.dolibarr.catalogue import Catalogue
from crm_adapters.vendors.dolibarr.checks import Checks
from crm_adapters.vendors.dolibarr.edits import Edits
from crm_adapters.vendors.dolibarr.feed import TICKETS, Feed
from crm_adapters.vendors.dolibarr.fields import describe
from crm_adapters.vendors.dolibarr.people import People
from crm_adapters.vendors.dolibarr.purchases import INVOICES, ORDERS, PROPOSALS, Purchases, Treasury
from crm_adapters.vendors.dolibarr.writing import Writing

COMPLAINTS = "ISSUE,PROBLEM"


class Adapter(CRMAdapter):
    name = "dolibarr"
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
    )
    webhook_setup = webhooks.SETUP

    class Settings(CRMAdapter.Settings):
        url = fields.Url(required=True, require_tld=False)
        """Where people sign in to Dolibarr, with its path."""
        key = fields.String(required=True, validate=validate.Length(1), metadata={"secret": True})
        """Of the user who is to read and write."""
        currency = fields.String(load_default="", validate=validate.Regexp(r"([A-Za-z]{3})?\Z"))
        """Which Dolibarr calculates in; it tells administrators only."""
        purchases = fields.String(load_default=ORDERS, validate=validate.OneOf((ORDERS, INVOICES)))
        """What is a purchase: a customer's order, or an invoice where no orders are kept."""
        credit_notes = fields.Boolean(load_default=True)
        """Whether credit notes take back what was bought, where orders are the purchases."""
        proposals = fields.Boolean(load_default=True)
        """Whether the module is in use; likewise the next."""
        tickets = fields.Boolean(load_default=True)
        complaint_types = fields.String(load_default=COMPLAINTS)
        """Codes of the types of tickets that are complaints, with commas between."""
        accessories = fields.Boolean(load_default=False)
        """Whether associated products are accessories, and not the parts of kits alone."""
        webhook_secret = fields.String(load_default="", metadata={"secret": True})
        """What the address of a webhook's target ends with, behind ?secret=."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        """Complementary attributes as `customer.crm.store=array_options.options_store`."""
        page_size = fields.Integer(load_default=MOST_LISTED, validate=validate.Range(1, 500))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(settings["mapping"])
        api = Api(settings["url"], settings["key"], self.transport)
        self._api = api
        self._currency = Treasury(api, settings["currency"])
        self._people = People(api, known, settings["country"])
        self._catalogue = Catalogue(api, known.product, self._currency)
        self._purchases = Purchases(
            api, self._currency, settings["purchases"], settings["credit_notes"], settings["page_size"]
        )
        self._writing = Writing(api, self._people, self._currency)
        vars(self)["capabilities"] = self._able(known)

    def _able(self, known: records.Fields) -> Capabilities:
        able, settings = self.capabilities, self.settings
        declared = any(name.startswith("id.") for name in known.customer)
        return replace(
            able,
            kinds=able.kinds - (frozenset() if settings["tickets"] else {Kind.CASES}),
            keys=able.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            cases=settings["tickets"],
            relations=settings["accessories"],
            open_deals=settings["proposals"],
            add_line=settings["proposals"],
            webhooks=bool(settings["webhook_secret"]),
        )

    def check(self, *, writes: bool = True) -> Health:
        deals = (PROPOSALS,) if self.capabilities.open_deals else ()
        cases = (TICKETS,) if self.capabilities.cases else ()
        grouped = ("categories",) if self._catalogue.categorised else ()
        bought = tuple(path for path, _ in self._purchases.sources)
        paths = (people.PATH, people.CONTACTS, catalogue.PATH, *grouped, *bought, *deals, *cases)
        known = self._people.fields
        mapped = {
            people.PATH: {*known.customer.values(), *known.company.values()},
            catalogue.PATH: known.product.values(),
        }
        clock = self.transport.timing.clock
        return Health(Checks(self._api, clock, self._currency, paths, writes, mapped).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind} without an entry of the setting mapping")
        found = self._people.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        row = self._people.get(ref)
        if row is None:
            raise NotFound("Dolibarr has no such customer")
        return self._people.read([row])[0]

    def get_company(self, ref: str) -> Company:
        row = self._api.read(people.PATH, ref)
        if row is None or records.is_private(row):
            raise NotFound("Dolibarr has no such company")
        return records.to_company(row, self._people.fields)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        return iter(self._purchases.of(customer_ref, since=since))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind}")
        complaints = frozenset(self.settings["complaint_types"].replace(" ", "").split(","))
        clock = self.transport.timing.clock
        feed = Feed(self._api, self._people, self._catalogue, self._purchases, complaints, clock)
        return feed.read(kind, cursor, limit=self.settings["page_size"])

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        if not self.capabilities.open_deals:
            self._refuse("is asked for proposals, which the settings say are not in use")
        return self._purchases.open_of(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        if not self.capabilities.relations:
            self._refuse("keeps the parts of kits, unless the setting accessories says otherwise")
        return self._catalogue.relations(product_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        found = self._writing.find_note(key, customer_ref)
        return WriteResult(str(found["id"]), created=False) if found else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        if not self.capabilities.add_line:
            self._refuse("is asked for proposals, which the settings say are not in use")
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        Edits(self._api, self._people).update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        if kind not in self.capabilities.kinds:
            return []
        return describe(self._api, kind, self._people.fields, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        if not self.capabilities.webhooks:
            self._refuse("signs no webhooks: they are taken with the setting webhook_secret only")
        return webhooks.read_webhook(request, self.settings["webhook_secret"])
