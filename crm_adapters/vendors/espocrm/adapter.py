"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound, NotTrusted
from crm_adapters.fieldmap import DECLARED, FieldMapSetting
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
from crm_adapters.transport import Transport
from crm_adapters.vendors.espocrm import records, webhooks
from crm_adapters.vendors.espocrm.api import MOST_LISTED, Api, is_id
from crm_adapters.vendors.espocrm.checks import Checks
from crm_adapters.vendors.espocrm.feed import Feed
from crm_adapters.vendors.espocrm.fields import describe
from crm_adapters.vendors.espocrm.records import Fields
from crm_adapters.vendors.espocrm.sales import SHAPES, Sales, Shape
from crm_adapters.vendors.espocrm.search import Search
from crm_adapters.vendors.espocrm.writing import Writing


def _check_hooks(text: str) -> None:
    try:
        webhooks.parse_hooks(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class Adapter(CRMAdapter):
    name = "espocrm"
    capabilities = Capabilities(
        kinds=frozenset(Kind),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
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
        """Of the site, as people open it in a browser."""
        api_key = fields.String(required=True, validate=validate.Length(min=1), metadata={"secret": True})
        """Of an API user."""
        secret_key = fields.String(load_default="", metadata={"secret": True})
        """Of one whose calls are signed (HMAC); empty: of one whose key is enough."""
        purchases = fields.String(load_default="opportunities", validate=validate.OneOf(tuple(SHAPES)))
        """`orders` or `invoices` of the Sales Pack, which have lines and products. Without it opportunities that were
        won, and the names of what was sold in a field of theirs: `line.name=cProduct` in `mapping`."""
        statuses = fields.Dict(fields.String(), fields.Enum(OrderStatus, by_value=True), load_default=dict)
        """What the states of orders or invoices mean, as {"Shipped": "won"}."""
        complaint_type = fields.String(load_default="Problem")
        """Of cases."""
        webhook_secret = fields.String(load_default="", validate=_check_hooks, metadata={"secret": True})
        """Of each webhook its event, id and secret: `Contact.update=id:secret, Contact.delete=id:secret`."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        """Attributes, as `customer.language=cLanguage`; `product.stock=quantity` where the inventory is kept, and
        `order.customer`, `deal.customer` (of quotes) and `order.placed_at` where those are not the usual ones."""
        main_address_only = fields.Boolean(load_default=False)
        """Of contacts that are synced keep the main address and telephone only, which is what lists tell: for a CRM
        with so many contacts that to read each takes too long."""
        page_size = fields.Integer(load_default=100, validate=validate.Range(1, MOST_LISTED))

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known, limit = records.map_fields(settings["mapping"]), settings["page_size"]
        api = Api(settings["url"], settings["api_key"], settings["secret_key"], self.transport)
        shape = SHAPES[settings["purchases"]]
        self._api = api
        self._fields = known
        self._search = Search(api, known, settings["country"], settings["main_address_only"])
        self._sales = Sales(api, shape, known, settings["statuses"], limit=limit)
        self._feed = Feed(api, self._search, self._sales, complaint=settings["complaint_type"], limit=limit)
        self._writing = Writing(api, known)
        vars(self)["capabilities"] = self._narrow(shape, known)

    def _narrow(self, shape: Shape, known: Fields) -> Capabilities:
        declared = any(name.startswith(DECLARED) for name in known.contact)
        return replace(
            self.capabilities,
            kinds=self.capabilities.kinds - (frozenset() if shape.itemized else {Kind.PRODUCTS}),
            keys=self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            stock=shape.itemized and "stock" in known.product,
            add_line=shape.itemized,
        )

    def check(self, *, writes: bool = True) -> Health:
        return Health(Checks(self._api, self._sales, self.transport.timing.clock, writes).run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._search.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        found = self._search.get(ref)
        if found is None:
            raise NotFound("EspoCRM has no such contact")
        return found

    def get_company(self, ref: str) -> Company:
        row = self._api.get("Account", ref)
        if row is None:
            raise NotFound("EspoCRM has no such account")
        return records.to_company(row, self._fields)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._sales.of_contact(customer_ref)
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        if kind not in self.capabilities.kinds:
            self._refuse(f"lists no {kind} without the Sales Pack")
        return self._feed.read(kind, cursor, now=self.transport.timing.clock())

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self._sales.open_of(customer_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_post(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        return self._writing.find_post(key, customer_ref) if is_id(customer_ref) else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        if not self.capabilities.add_line:
            self._refuse("takes no lines without the Sales Pack")
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        self._writing.update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        if kind not in self.capabilities.kinds:
            return []
        return describe(self._api, kind, self._fields, self._sales.shape, sample=sample)

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        try:
            hooks = webhooks.parse_hooks(self.settings["webhook_secret"])
        except ValueError:
            raise NotTrusted("the secrets of webhooks cannot be read") from None
        return webhooks.read_webhook(request, hooks, self._sales.shape.entity)
