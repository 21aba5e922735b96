"""The calls of the interface, each by the part that does it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from crm_adapters.auth import TokenAuth
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound
from crm_adapters.fieldmap import FieldMapSetting
from crm_adapters.lazy import lazy
from crm_adapters.model import (
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
    WriteResult,
)
from crm_adapters.oauth import OAuth, OAuthApp
from crm_adapters.transport import Transport
from crm_adapters.vendors.salesforce import records
from crm_adapters.vendors.salesforce.api import Api
from crm_adapters.vendors.salesforce.checks import Checks
from crm_adapters.vendors.salesforce.contacts import Contacts
from crm_adapters.vendors.salesforce.feed import Feed
from crm_adapters.vendors.salesforce.fields import describe
from crm_adapters.vendors.salesforce.sales import OPPORTUNITY, ORDER, ROLE, Sales
from crm_adapters.vendors.salesforce.soql import is_id, quote
from crm_adapters.vendors.salesforce.writing import Writing

HOSTS = ("*.salesforce.com", "*.salesforce.mil", "*.sfcrmproducts.cn")
MOST_ROWS = 2_000
BROWSER, SERVER, KEY = "browser", "server", "key"


class Adapter(CRMAdapter):
    name = "salesforce"
    capabilities = Capabilities(
        kinds=frozenset(Kind),
        keys=frozenset(KeyKind),
        log_outcome=True,
        unique_keys=True,
        update_customer=True,
        cases=True,
        consents=True,
        companies=True,
        open_deals=True,
        add_line=True,
        describes_fields=True,
        reports_deletes=True,
        reports_merges=True,
    )

    other_hosts = HOSTS

    class Settings(CRMAdapter.Settings):
        url = fields.Url(required=True, require_tld=False)
        """The org's My Domain: `https://acme.my.salesforce.com`, a sandbox's own for a sandbox."""
        flow = fields.String(load_default=SERVER, validate=validate.OneOf((BROWSER, SERVER, KEY)))
        """How to sign in: `server` as the user that the external client app names, `key` with a private key and a
        user's name, `browser` as whoever signs in."""
        client_id = fields.String(required=True, validate=validate.Length(min=1))
        client_secret = fields.String(load_default="", metadata={"secret": True})
        private_key = fields.String(load_default="", metadata={"secret": True})
        """PEM; of the certificate that the app holds."""
        username = fields.String(load_default="")
        audience = fields.Url(load_default="https://login.salesforce.com")
        """`https://test.salesforce.com` for a sandbox; read for the flow `key` only."""
        version = fields.String(load_default="66.0", validate=validate.Regexp(r"[6-9]\d\.0\Z"))
        currency = fields.String(load_default="", validate=validate.Regexp(r"([A-Z]{3})?\Z"))
        """Of an org with one currency, which does not tell it; empty where each amount names its own."""
        purchases = fields.String(
            load_default="opportunities", validate=validate.OneOf(("opportunities", "orders"))
        )
        key_field = fields.String(load_default="", validate=validate.Regexp(r"(\w+__c)?\Z"))
        """A unique external id, of the same name on Task and OpportunityLineItem, for our keys, as `SA_Key__c`. With
        it two writers at once write once."""
        complaint_type = fields.String(load_default="Complaint")
        """Of cases."""
        country = fields.String(load_default=None, allow_none=True, validate=validate.Length(equal=2))
        """Where telephones without a country code are from."""
        mapping = FieldMapSetting()
        page_size = fields.Integer(load_default=500, validate=validate.Range(1, MOST_ROWS))

        @validates_schema
        def require_a_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
            if data["flow"] == KEY and not (data["private_key"] and data["username"]):
                raise ValidationError("The flow `key` needs private_key and username.", "private_key")
            if data["flow"] == SERVER and not data["client_secret"]:
                raise ValidationError("The flow `server` needs client_secret.", "client_secret")

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        known = records.map_fields(
            settings["mapping"],
            currency=settings["currency"],
            country=settings["country"],
            complaint=settings["complaint_type"],
        )
        self._fields = known
        self._contacts = Contacts(self._api, known)
        self._shape = ORDER if settings["purchases"] == "orders" else OPPORTUNITY
        self._sales = Sales(self._api, known, self._shape)
        self._feed = Feed(self._api, self._contacts, self._sales, known)
        self._writing = Writing(self._api, self._contacts, known, settings["key_field"])
        vars(self)["capabilities"] = self._narrow(known.contact)

    def _narrow(self, mapped: Mapping[str, str]) -> Capabilities:
        declared = any(name.startswith("id.") for name in mapped)
        return replace(
            self.capabilities,
            keys=self.capabilities.keys - (frozenset() if declared else {KeyKind.DECLARED}),
            consents="offers_consent" in mapped,
            unique_keys=bool(self.settings["key_field"]),
        )

    @lazy
    def _api(self) -> Api:
        return Api(self.settings["url"], self.settings["version"], self._auth(), self.transport)

    def _auth(self) -> TokenAuth:
        settings, oauth = self.settings, self._oauth()
        grants = {BROWSER: oauth.refresh, SERVER: oauth.client_credentials}
        if settings["flow"] == KEY:
            key, user, audience = settings["private_key"], settings["username"], settings["audience"]
            grants[KEY] = oauth.jwt_bearer(key, subject=user, audience=audience)
        return TokenAuth(grants[settings["flow"]], self.transport)

    def _oauth(self) -> OAuth:
        settings = self.settings
        browser = settings["flow"] == BROWSER
        app = OAuthApp(
            token_url=f"{settings['url'].rstrip('/')}/services/oauth2/token",
            client_id=settings["client_id"],
            client_secret=settings["client_secret"] or None,
            authorize_url=f"{settings['url'].rstrip('/')}/services/oauth2/authorize" if browser else "",
            scopes=("api", "refresh_token") if browser else (),
            basic=settings["flow"] == SERVER,
            facts={"instance_url": HOSTS},
        )
        return OAuth(app, self.transport)

    def sign_in(self) -> OAuth | None:
        return self._oauth() if self.settings["flow"] == BROWSER else None

    def check(self, *, writes: bool = True) -> Health:
        shape, settings = self._shape, self.settings
        sold = ("Opportunity", "OpportunityLineItem", ROLE, shape.name, shape.line)
        objects = tuple(
            dict.fromkeys(("Contact", "Account", "Product2", "PricebookEntry", *sold, "Case", "Task"))
        )
        clock = self.transport.timing.clock
        checks = Checks(self._api, clock, settings["version"], objects, settings["key_field"], writes)
        return Health(checks.run())

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        found = self._contacts.find(key)[:limit]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        return self._contacts.read(self._contacts.get(ref))

    def get_company(self, ref: str) -> Company:
        names = ["Id", "SystemModstamp", *self._fields.company.values(), *self._fields.money]
        rows = self._api.select("Account", names, f"Id = {quote(ref)}") if is_id(ref) else []
        if not rows:
            raise NotFound("Salesforce has no such account")
        return records.to_company(rows[0], self._fields)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        found = self._sales.of_contact(customer_ref).orders
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        now = self.transport.timing.clock()
        return self._feed.read(kind, cursor, limit=self.settings["page_size"], now=now)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return Sales(self._api, self._fields).open_of(customer_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._writing.add_note(outcome, key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        return self._writing.find_note(key, customer_ref)

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self._writing.add_line(deal_ref, line, key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        self._writing.update(ref, patch, expected_version=expected_version)
        return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        names = {Kind.CUSTOMERS: "Contact", Kind.PRODUCTS: "Product2", Kind.CASES: "Case"}
        return describe(self._api, kind, names.get(kind, self._shape.name), self._fields, sample=sample)
