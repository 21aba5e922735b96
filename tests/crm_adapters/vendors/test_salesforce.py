"""Salesforce's adapter against Salesforce's fake: the suite, and what is Salesforce's own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.wrappers import Request

from crm_adapters.answers import Answer
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import (
    BadSettings,
    Conflict,
    CRMError,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.salesforce import Fake
from crm_adapters.fakes.vendors.salesforce.org import KEY
from crm_adapters.model import (
    Customer,
    CustomerKey,
    Email,
    KeyKind,
    Kind,
    Money,
    NewLine,
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.tokens import MemoryTokenStore, Token
from crm_adapters.transport import Transport
from crm_adapters.vendors.salesforce import Adapter
from crm_adapters.vendors.salesforce.failures import make_translate
from tests.crm_adapters.described import checker

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAPPING = {
    "customer.language": "Language__c",
    "customer.id.shop": "Shop__c",
    "customer.crm.store": "Store__c",
    "customer.offers_consent": "Offers__c",
    "product.family": "Line__c",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


def check_described(request: Request) -> None:
    """The description knows no `describe`, and takes it for an id."""
    if not request.path.endswith("/describe"):
        checker("salesforce")(request)


class TestSalesforce(FakeContract):
    """An org of several currencies; opportunities; a unique field for our keys."""

    adapter_class = Adapter
    fake_class = Fake
    settings = {**SETTINGS, "key_field": KEY}
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"order.time"})
    deals_are_orders = True
    renews = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        checker("salesforce")
        fake = Fake(watch.clock)
        fake.checks.append(check_described)
        return fake


class TestOrders(TestSalesforce):
    """An org of one currency that keeps orders; somebody has signed in; keys in the tasks' descriptions."""

    settings = {**SETTINGS, "currency": "EUR", "purchases": "orders", "flow": "browser"}
    deals_are_orders = False

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        checker("salesforce")
        fake = Fake(watch.clock)
        fake.orders, fake.org.currency = True, "EUR"
        fake.checks.append(check_described)
        return fake

    @pytest.fixture
    def adapter(self, fake: Fake, url: str, transport: Transport) -> CRMAdapter:
        store = MemoryTokenStore(Token("", refresh="refresh-Qzx7-0", expires_at=NOW - timedelta(days=1)))
        raw = {**fake.settings(url), **self.settings}
        return Adapter(Adapter.load_settings(raw), replace(transport, tokens=store))

    def hold(self, record: Any) -> Any:
        """There is no other currency."""
        if isinstance(record, Product):
            return replace(record, prices=record.prices[:1])
        if isinstance(record, Order):
            lines = tuple(
                replace(one, unit_price=one.unit_price and replace(one.unit_price, currency="EUR"))
                for one in record.lines
            )
            return replace(record, lines=lines)
        return record


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def fake(watch: Watch) -> Fake:
    return Fake(watch.clock)


@pytest.fixture
def url(fake: Fake) -> Iterator[str]:
    with serving(fake) as url:
        yield url


@pytest.fixture
def adapter(fake: Fake, url: str, watch: Watch) -> Adapter:
    return connect(fake, url, watch, key_field=KEY)


def connect(fake: Fake, url: str, watch: Watch, **settings: Any) -> Adapter:
    raw = {**fake.settings(url), **SETTINGS, **settings}
    return Adapter(Adapter.load_settings(raw), local_transport(watch))


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "", family_name="Silva", **values))


def sell(fake: Fake, customer: str, product: str | None = None) -> str:
    line = OrderLine("1", product, "Phone", Decimal(1), Money(Decimal(5), "EUR"))
    return fake.put(Order("", customer, NOW, OrderStatus.WON, (line,)))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


WAYS = [
    {"flow": "key", "client_id": "app"},
    {"flow": "server", "client_id": "app"},
    {"client_id": "app", "client_secret": "x", "key_field": "SA_Key"},
    {"client_id": "app", "client_secret": "x", "page_size": 2001},
    {"client_id": "app", "client_secret": "x", "currency": "Euro"},
]


class TestSigningIn:
    @pytest.mark.parametrize("settings", WAYS)
    def test_wrong_settings_are_refused(self, settings: dict[str, Any]) -> None:
        with pytest.raises(BadSettings):
            Adapter.load_settings({"url": "https://acme.my.salesforce.com", **settings})

    def test_the_browser_is_sent_to_the_orgs_own_domain(self) -> None:
        raw = {"url": "https://acme.my.salesforce.com", "client_id": "app", "flow": "browser"}
        oauth = Adapter(Adapter.load_settings(raw)).sign_in()
        assert oauth is not None
        address = oauth.begin("https://assist.example.com/back").url
        assert address.startswith("https://acme.my.salesforce.com/services/oauth2/authorize?")
        assert "scope=api+refresh_token" in address

    def test_a_private_key_lets_in(self, fake: Fake, url: str, watch: Watch) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, *form).decode()
        adapter = connect(fake, url, watch, flow="key", private_key=pem, username=fake.username)
        assert adapter.get_customer(put(fake)).family_name == "Silva"
        other = connect(fake, url, watch, flow="key", private_key=pem, username="another")
        assert not other.check().ok


class TestFinding:
    def test_quotes_and_backslashes_end_no_literal(self, adapter: Adapter, fake: Fake) -> None:
        put(fake)
        for value in ("x' OR Email != '", "x\\", "x\\' OR Email != '", "x@example.com\n"):
            assert refs(adapter, KeyKind.EMAIL, value) == []
            assert refs(adapter, KeyKind.DECLARED, f"shop:{value}") == []

    @pytest.mark.parametrize(
        "written", ["(11) 99123-4567", "11 9123-4567", "+55 11 9123 4567", "+5511991234567"]
    )
    def test_a_telephone_of_this_second_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, watch: Watch, written: str
    ) -> None:
        """The index knows nothing of it yet, and never of all its forms."""
        ref = put(fake, phones=(Phone("+34 612 345 678"), Phone(written)), country="BR")
        put(fake, phones=(Phone("(21) 99123-4567"),), country="BR")
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]
        watch.now += timedelta(hours=1)
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_the_short_form_of_an_id_is_the_same_id(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        assert adapter.get_customer(ref[:15]).ref == ref
        with pytest.raises(CRMError):
            adapter.get_customer(ref[:15].lower())

    def test_hidden_fields_are_read_around(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),), country="BR")
        fake.org.hidden |= {("Contact", "MailingCountry"), ("Contact", "AccountId"), ("Contact", "Store__c")}
        customer = adapter.get_customer(ref)
        assert (customer.family_name, customer.country, customer.company) == ("Silva", None, None)
        fake.log.clear()
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == [ref]
        assert len(fake.log) == 1, "what is hidden is remembered"

    def test_an_opt_out_is_of_e_mail_only(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        fake.org.tables["Contact"].rows[ref].values["HasOptedOutOfEmail"] = True
        (consent,) = adapter.get_customer(ref).consents
        assert (consent.purpose, consent.granted) == ("email", False)


class TestFeed:
    def test_salesforce_may_cut_any_answer(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        whole = {kind: sync(adapter, kind).listed for kind in Kind}
        fake.batch = 2
        assert {kind: sync(adapter, kind).listed for kind in Kind} == whole
        assert len(list(adapter.orders(names["ana"]))) == 6

    def test_more_of_one_moment_than_a_page_holds(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(hours=1)
        before = {put(fake)}
        watch.now += timedelta(seconds=1)
        together = {put(fake) for _ in range(17)}
        watch.now += timedelta(seconds=1)
        after = {put(fake) for _ in range(2)}
        watch.now += timedelta(hours=1)
        run = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert run.listed == before | together | after
        assert len(run.pages) > 4

    @pytest.mark.parametrize("act", ["add", "remove", "role"])
    def test_what_changes_in_a_sale_lists_it_again(
        self, adapter: Adapter, fake: Fake, watch: Watch, act: str
    ) -> None:
        """The opportunity itself keeps its stamp."""
        customer, other = put(fake), put(fake)
        deal = sell(fake, customer)
        watch.now += timedelta(hours=2)
        first = sync(adapter, Kind.ORDERS)
        watch.now += timedelta(hours=2)
        lines, roles = fake.org.tables["OpportunityLineItem"], fake.org.tables["OpportunityContactRole"]
        match act:
            case "add":
                lines.add({"OpportunityId": deal, "Description": "Case", "Quantity": 2.0})
            case "remove":
                lines.remove(lines.live()[0])
            case _:
                roles.change(roles.live()[0], {"ContactId": other})
        watch.now += timedelta(hours=2)
        (order,) = [item for page in sync(adapter, Kind.ORDERS, first.cursor).pages for item in page.items]
        assert isinstance(order, Order)
        assert order.customer_ref == (other if act == "role" else customer)
        assert [line.name for line in order.lines] == {"add": ["Phone", "Case"], "remove": []}.get(
            act, ["Phone"]
        )

    def test_a_new_price_lists_its_product_again(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        names = fake.fill(Seed())
        first = sync(adapter, Kind.PRODUCTS)
        watch.now += timedelta(hours=2)
        entries = fake.org.tables["PricebookEntry"]
        (entry,) = [row for row in entries.live() if row.values["Product2Id"] == names["case"]]
        entries.change(entry, {"UnitPrice": 31.5})
        watch.now += timedelta(hours=2)
        pages = sync(adapter, Kind.PRODUCTS, first.cursor).pages
        (product,) = [item for page in pages for item in page.items]
        assert isinstance(product, Product)
        assert product.prices == (Money(Decimal("31.5"), "EUR"),)

    def test_after_a_month_of_silence_everything_is_listed(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        """Deletions are told for thirty days."""
        kept, gone = put(fake), put(fake)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(days=1)
        fake.delete(Kind.CUSTOMERS, gone)
        watch.now += timedelta(days=31)
        run = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert run.pages[0].snapshot
        assert run.listed == {kept}

    def test_a_sale_of_nobody_is_rejected_and_said(self, adapter: Adapter, fake: Fake) -> None:
        customer = put(fake)
        deal, other = sell(fake, customer), sell(fake, customer)
        roles = fake.org.tables["OpportunityContactRole"]
        roles.remove(roles.live()[0])
        (page,) = sync(adapter, Kind.ORDERS).pages
        assert [item.ref for item in page.items] == [other]
        assert [row.source for row in page.rejected] == [f"Opportunity {deal}"]

    def test_a_sale_of_two_is_the_primary_ones(self, adapter: Adapter, fake: Fake) -> None:
        one, two = put(fake), put(fake)
        deal = sell(fake, two)
        fake.org.tables["OpportunityContactRole"].add(
            {"OpportunityId": deal, "ContactId": one, "IsPrimary": False}
        )
        assert [order.ref for order in adapter.orders(two)] == [deal]
        assert list(adapter.orders(one)) == []

    def test_an_org_of_one_currency_must_have_it_named(self, fake: Fake, url: str, watch: Watch) -> None:
        fake.org.currency = "EUR"
        customer = put(fake)
        sell(fake, customer)
        with pytest.raises(VendorChanged, match="`currency`"):
            list(connect(fake, url, watch).orders(customer))
        (order,) = connect(fake, url, watch, currency="EUR").orders(customer)
        assert order.lines[0].unit_price == Money(Decimal(5), "EUR")


class TestWriting:
    def test_a_note_is_a_task_that_is_done(self, adapter: Adapter, fake: Fake) -> None:
        outcome = make_outcome(put(fake), note="Aceptada\ncon ilusión")
        adapter.log_outcome(outcome, key="k")
        (task,) = fake.org.tables["Task"].live()
        assert (task.values["Subject"], task.values["Status"]) == ("Aceptada", "Completed")
        assert task.values["Description"] == "Aceptada\ncon ilusión"
        assert task.values["ActivityDate"] == "2026-03-29"
        before = dict(task.values)
        adapter.log_outcome(replace(outcome, note="something else"), key="k")
        assert task.values == before, "an upsert would write over it"

    def test_a_product_without_a_price_there_cannot_be_put(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        for product in (names["request"], names["ana"]):
            with pytest.raises(ValidationFailed) as refusal:
                adapter.add_line(names["deal"], NewLine(product), key="k")
            assert refusal.value.fields.keys() == {"product_ref"}
        dollars = NewLine(names["case"], unit_price=Money(Decimal(5), "USD"))
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(names["deal"], dollars, key="k")
        assert refusal.value.fields == {"unit_price": "EUR"}

    def test_a_change_in_the_last_moment_is_not_written_over(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        """Between our look and our writing."""
        ref = put(fake, country="ES")
        version = adapter.get_customer(ref).version

        def change(request: Request) -> None:
            if request.method == "PATCH":
                watch.now += timedelta(seconds=5)
                fake.org.tables["Contact"].change(fake.org.row("Contact", ref), {"FirstName": "Eva"})

        fake.checks.append(change)
        with pytest.raises(Conflict):
            adapter.update_customer(ref, {"given_name": "Ana"}, expected_version=version)
        assert adapter.get_customer(ref).given_name == "Eva"

    def test_what_a_contact_cannot_hold_is_named(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="ES")
        patch = {"country": "Spain", "family_name": " ", "company": "Acme"}
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, patch)
        assert refusal.value.fields.keys() == patch.keys()
        assert adapter.update_customer(ref, {"country": ""}).country is None


class TestCheck:
    def test_missing_and_excess_rights_are_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.org.rights["Task"].discard("createable")
        fake.org.rights["Contact"].add("deletable")
        fake.org.unseen.add("Case")
        findings = adapter.check().findings
        assert {name for one in findings for name in one.missing} == {"Task: Create", "Case: Read"}
        assert {name for one in findings for name in one.excess} == {"Contact: Delete"}
        assert all("admin" in one.granted_by for one in findings if one.missing or one.excess)

    def test_leave_to_write_is_too_much_for_who_only_reads(self, adapter: Adapter) -> None:
        (excess,) = [one for one in adapter.check(writes=False).findings if one.excess]
        assert "Contact: Edit" in excess.excess

    def test_a_hidden_key_is_found_out(self, adapter: Adapter, fake: Fake) -> None:
        fake.org.hidden.add(("Task", KEY))
        wrong = [one.name for one in adapter.check().findings if not one.ok]
        assert wrong == ["key of Task"]


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
            (403, "INSUFFICIENT_ACCESS_OR_READONLY", PermissionDenied),
            (400, "INVALID_TYPE", PermissionDenied),
            (400, "UNABLE_TO_LOCK_ROW", Unavailable),
            (400, "DUPLICATES_DETECTED", ValidationFailed),
            (400, "DUPLICATE_VALUE", Conflict),
        ],
    )
    def test_the_code_tells_not_the_status(self, status: int, code: str, kind: type[CRMError]) -> None:
        assert type(_translate(status, [{"errorCode": code, "message": "x@example.com"}])) is kind

    def test_what_is_refused_is_named_without_its_value(self) -> None:
        error = _translate(
            400,
            [
                {
                    "errorCode": "STRING_TOO_LONG",
                    "message": "x@example.com",
                    "fields": ["Email", "x@example.com"],
                }
            ],
        )
        assert error is not None
        assert vars(error)["fields"].keys() == {"Email"}
        assert "example" not in str(error)

    @pytest.mark.parametrize("body", [{}, [], ["x"], [{"errorCode": "x@example.com"}], {"error": "x"}])
    def test_what_is_no_error_of_salesforce_is_judged_by_its_status(self, body: object) -> None:
        assert _translate(502, body) is None


def _translate(status: int, body: object) -> CRMError | None:
    return make_translate(lambda: NOW)(Answer(status, {}, json.dumps(body).encode()))
