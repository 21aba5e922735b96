"""EspoCRM's adapter against EspoCRM's fake: the suite, with the Sales Pack and without, and what is EspoCRM's own."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    BadSettings,
    Conflict,
    CRMError,
    NotFound,
    NotTrusted,
    PermissionDenied,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.espocrm import Fake
from crm_adapters.model import (
    Case,
    Customer,
    CustomerKey,
    DealKind,
    Email,
    KeyKind,
    Kind,
    Money,
    NewLine,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
    WebhookRequest,
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.vendors.espocrm import Adapter
from crm_adapters.vendors.espocrm.failures import translate

VECTORS = Path(__file__).parents[4] / "shared" / "contracts" / "crm" / "webhook_vectors.json"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAPPING = {
    "customer.language": "cLanguage",
    "customer.id.shop": "cShopNumber",
    "customer.offers_consent": "cOffers",
    "customer.crm.store": "cStore",
    "customer.crm.segment": "cSegment",
    "customer.crm.nothing": "cNothing",
    "company.employees": "cEmployees",
    "company.revenue": "cRevenue",
    "product.family": "cLine",
    "product.stock": "quantity",
    "line.name": "cSold",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class Community(Fake):
    """Without the Sales Pack, and with an API user that signs its calls."""

    pack = False
    hmac = True


class TestSalesPack(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices", "order.time"})

    def hold(self, record: Any) -> Any:
        """EspoCRM takes no address with a backslash."""
        if isinstance(record, Customer):
            emails = tuple(email for email in record.emails if "\\" not in email.value)
            return replace(record, emails=emails)
        return replace(record, kind=DealKind.QUOTE) if isinstance(record, OpenDeal) else record


class TestCommunity(TestSalesPack):
    lacks = frozenset({"order.time", "order.lines", "opendeal.lines"})
    deals_are_orders = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        return Community(watch.clock)

    def hold(self, record: Any) -> Any:
        return record if isinstance(record, OpenDeal) else super().hold(record)


@contextmanager
def connect(fake: Fake, watch: Watch, **settings: Any) -> Iterator[Adapter]:
    with serving(fake) as url:
        raw = {**fake.settings(url), **SETTINGS, "country": "BR", **settings}
        yield Adapter(Adapter.load_settings(raw), local_transport(watch))


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def fake(watch: Watch) -> Fake:
    return Fake(watch.clock)


@pytest.fixture
def adapter(fake: Fake, watch: Watch) -> Iterator[Adapter]:
    with connect(fake, watch) as adapter:
        yield adapter


@pytest.fixture
def community(watch: Watch) -> Fake:
    return Community(watch.clock)


@pytest.fixture
def plain(community: Fake, watch: Watch) -> Iterator[Adapter]:
    """Without the Sales Pack."""
    with connect(community, watch) as adapter:
        yield adapter


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "", family_name="Silva", **values))


def sell(fake: Fake, customer: str, *names: str, status: OrderStatus = OrderStatus.WON) -> str:
    lines = [OrderLine("", None, name, Decimal(2), Money(Decimal("9.50"), "EUR")) for name in names]
    return fake.put(Order("", customer, NOW, status, tuple(lines)))


def change(fake: Fake, entity: str, ref: str, **values: Any) -> None:
    fake.base.change(entity, fake.base.tables[entity].rows[ref], values)


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


class TestSettings:
    def test_secrets_of_webhooks_are_read_as_they_are_written(self) -> None:
        raw = {"url": "https://crm.example.com", "api_key": "key", "webhook_secret": "Contact.update=hidden"}
        with pytest.raises(BadSettings) as refusal:
            Adapter.load_settings(raw)
        assert "hidden" not in str(refusal.value)
        assert "webhook_secret" in str(refusal.value)

    def test_without_the_pack_less_is_declared(self, plain: Adapter) -> None:
        assert Kind.PRODUCTS not in plain.capabilities.kinds
        assert not plain.capabilities.add_line
        assert not plain.capabilities.stock
        with pytest.raises(Unsupported):
            plain.add_line("a", NewLine("b"), key="k")
        assert plain.describe_fields(Kind.PRODUCTS) == []

    def test_only_a_mapped_stock_is_declared(self, fake: Fake, watch: Watch) -> None:
        with connect(fake, watch, mapping={}) as adapter:
            assert not adapter.capabilities.stock
            assert KeyKind.DECLARED not in adapter.capabilities.keys


class TestFinding:
    @pytest.mark.parametrize(
        "written",
        ["(11) 99123-4567", "11 9123-4567", "+55 11 9123 4567", "+5511991234567", "+55-11-99123.4567"],
    )
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, written: str
    ) -> None:
        ref = put(fake, phones=(Phone("+34 612 345 678"), Phone(written)))
        put(fake, phones=(Phone("(21) 99123-4567"),))
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_a_second_address_finds_too(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        assert refs(adapter, KeyKind.EMAIL, "Two@Example.com") == [ref]

    def test_accents_tell_addresses_and_numbers_apart(self, adapter: Adapter, fake: Fake) -> None:
        """The database does not."""
        put(fake, emails=(Email("ána@example.com"),), declared_ids={"shop": "é1"})
        assert refs(adapter, KeyKind.EMAIL, "ana@example.com") == []
        assert refs(adapter, KeyKind.DECLARED, "shop:e1") == []

    def test_what_is_invalid_reaches_nobody(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("old@example.com"), Email("new@example.com")))
        data = fake.base.tables["Contact"].rows[ref].values["emailAddressData"]
        change(fake, "Contact", ref, emailAddressData=[{**data[0], "invalid": True}, data[1]])
        assert [email.value for email in adapter.get_customer(ref).emails] == ["new@example.com"]

    def test_whoever_wants_neither_mail_nor_calls_has_said_so(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),))
        (address,) = fake.base.tables["Contact"].rows[ref].values["emailAddressData"]
        change(fake, "Contact", ref, emailAddressData=[{**address, "optOut": True}], doNotCall=True)
        found = adapter.get_customer(ref).consents
        assert {(one.purpose, one.granted) for one in found} == {("email", False), ("phone", False)}

    def test_what_an_admin_is_shown_of_the_deleted_is_gone(self, adapter: Adapter, fake: Fake) -> None:
        """Core/Record/Service reads them for administrators."""
        ref = put(fake)
        change(fake, "Contact", ref, deleted=True)
        with pytest.raises(NotFound):
            adapter.get_customer(ref)

    def test_a_company_is_known_by_its_domain(self, adapter: Adapter, fake: Fake) -> None:
        ref = fake.fill(Seed())["acme"]
        money = {"cRevenue": "250000.50", "cRevenueCurrency": "EUR"}
        change(fake, "Account", ref, website="https://www.Ota.example.com/br", **money)
        company = adapter.get_company(ref)
        assert (company.domain, company.revenue) == (
            "ota.example.com",
            Money(Decimal("250000.50"), "EUR"),
        )


class TestFeed:
    def test_every_address_is_synced(self, adapter: Adapter, fake: Fake) -> None:
        put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        (customer,) = adapter.changes(Kind.CUSTOMERS, None).items
        assert isinstance(customer, Customer)
        assert len(customer.emails) == 2

    def test_main_addresses_cost_no_further_calls(self, fake: Fake, watch: Watch) -> None:
        for number in range(3):
            put(fake, emails=(Email(f"{number}@example.com"), Email("two@example.com")))
        with connect(fake, watch, main_address_only=True) as adapter:
            page = adapter.changes(Kind.CUSTOMERS, None)
        assert [len(one.emails) for one in page.items if isinstance(one, Customer)] == [1, 1, 1]
        assert {exchange.path for exchange in fake.log} == {"/api/v1/Contact"}

    def test_a_deletion_is_noticed_by_the_number_that_is_left(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        known = [put(fake) for _ in range(7)]
        watch.now += timedelta(days=1)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(hours=2)
        fake.delete(Kind.CUSTOMERS, known[3])
        put(fake)
        second = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert second.lost(known) == {known[3]}
        watch.now += timedelta(hours=2)
        assert not sync(adapter, Kind.CUSTOMERS, second.cursor).pages[0].snapshot

    def test_what_is_not_counted_is_gone_through_once_a_week(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        fake.uncounted.add("Contact")
        known = [put(fake) for _ in range(3)]
        first = sync(adapter, Kind.CUSTOMERS)
        fake.delete(Kind.CUSTOMERS, known[0])
        watch.now += timedelta(hours=2)
        second = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert not second.lost(known)
        watch.now += timedelta(days=7)
        assert sync(adapter, Kind.CUSTOMERS, second.cursor).lost(known) == {known[0]}

    def test_whoever_was_merged_is_gone_and_what_was_theirs_is_the_others(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        gone, kept = put(fake), put(fake)
        order = sell(fake, gone, "Phone")
        written = adapter.log_outcome(make_outcome(gone), key="k")
        watch.now += timedelta(days=1)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(hours=2)
        fake.merge(gone, into=kept)
        second = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert (second.lost([gone, kept]), second.merged) == ({gone}, {})
        assert [one.ref for one in adapter.orders(kept)] == [order]
        assert adapter.find_outcome("k", customer_ref=kept) == replace(written, created=False)
        assert adapter.find_outcome("k", customer_ref=gone) is None

    def test_what_nobody_bought_is_rejected_and_said(self, adapter: Adapter, fake: Fake) -> None:
        order, other = (sell(fake, put(fake), "Phone") for _ in range(2))
        change(fake, "SalesOrder", order, billingContactId=None)
        case = fake.put(Case("", put(fake), "A question", complaint=False, open=True, opened_at=NOW))
        change(fake, "Case", case, contactId=None)
        pages = [*sync(adapter, Kind.ORDERS).pages, *sync(adapter, Kind.CASES).pages]
        assert [item.ref for page in pages for item in page.items] == [other]
        rejected = [row.source for page in pages for row in page.rejected]
        assert rejected == [f"SalesOrder {order}", f"Case {case}"]

    def test_a_case_is_open_until_its_state_is_one_of_those_that_end_it(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        fake.fields["Case"]["status"]["notActualOptions"] = ["Done"]
        case = fake.put(Case("", put(fake), "Late", complaint=True, open=False, opened_at=NOW))
        assert [one.open for one in _cases(adapter)] == [True]
        change(fake, "Case", case, status="Done")
        assert [one.open for one in _cases(adapter)] == [False]

    def test_a_template_is_not_sold_itself(self, adapter: Adapter, fake: Fake) -> None:
        ref = fake.put(Product("", "SHIRT", "Shirt", prices=(Money(Decimal(5), "EUR"),)))
        change(fake, "Product", ref, type="Template")
        (product,) = adapter.changes(Kind.PRODUCTS, None).items
        assert isinstance(product, Product)
        assert not product.active


def _cases(adapter: Adapter) -> list[Case]:
    again = Adapter(adapter.settings, adapter.transport)
    return [item for item in again.changes(Kind.CASES, None).items if isinstance(item, Case)]


class TestPurchases:
    def test_a_stage_means_what_its_probability_says(self, plain: Adapter, community: Fake) -> None:
        stages = community.fields["Opportunity"]["stage"]["probabilityMap"]
        stages |= {"Verkauft": 100, "Später": 30, "Weg": 0}
        customer = put(community)
        for stage in ("Verkauft", "Später", "Weg", "Unheard of"):
            change(community, "Opportunity", sell(community, customer, "Phone"), stage=stage)
        found = {order.raw_status: order.status for order in plain.orders(customer)}
        assert found == {
            "Verkauft": OrderStatus.WON,
            "Später": OrderStatus.OPEN,
            "Weg": OrderStatus.CANCELLED,
            "Unheard of": OrderStatus.UNKNOWN,
        }
        assert [deal.stage for deal in plain.open_deals(customer)] == ["Später"]

    def test_an_opportunity_names_what_was_sold_in_a_field(self, plain: Adapter, community: Fake) -> None:
        customer = put(community)
        sell(community, customer, "Phone")
        (one,) = plain.orders(customer)
        assert [(line.name, line.unit_price) for line in one.lines] == [
            ("Phone", Money(Decimal("19.0"), "EUR"))
        ]
        sell(community, customer, "Phone", "Case")
        lines = [line for order in plain.orders(customer) if order.ref != one.ref for line in order.lines]
        assert [(line.name, line.unit_price) for line in lines] == [("Phone", None), ("Case", None)]

    def test_without_such_a_field_there_are_no_lines(self, community: Fake, watch: Watch) -> None:
        customer = put(community)
        sell(community, customer, "Phone")
        with connect(community, watch, mapping={}) as adapter:
            assert [order.lines for order in adapter.orders(customer)] == [()]

    def test_states_can_be_given_a_meaning(self, fake: Fake, watch: Watch) -> None:
        customer = put(fake)
        change(fake, "SalesOrder", sell(fake, customer, "Phone"), status="Verschickt")
        with connect(fake, watch, statuses={"Verschickt": "won"}) as adapter:
            assert [order.status for order in adapter.orders(customer)] == [OrderStatus.WON]

    def test_who_buys_can_stand_in_another_field(self, fake: Fake, watch: Watch) -> None:
        names = fake.fill(Seed())
        twin = names["twin2"]
        change(fake, "SalesOrder", names["spring"], accountId=twin)
        change(fake, "Quote", names["deal"], accountId=twin)
        mapping = {"order.customer": "accountId", "deal.customer": "accountId"}
        with connect(fake, watch, mapping=mapping) as adapter:
            assert [order.ref for order in adapter.orders(twin)] == [names["spring"]]
            assert [(deal.ref, deal.customer_ref) for deal in adapter.open_deals(twin)] == [
                (names["deal"], twin)
            ]

    def test_an_older_server_answers_with_all_of_its_metadata(self, plain: Adapter, community: Fake) -> None:
        community.old = True
        customer = put(community)
        sell(community, customer, "Phone")
        assert [order.status for order in plain.orders(customer)] == [OrderStatus.WON]
        assert plain.check().ok


class TestWriting:
    def test_a_post_is_found_behind_two_hundred_others(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        written = adapter.log_outcome(make_outcome(ref), key="k")
        for number in range(220):
            fake.base.tables["Note"].add({"parentId": ref, "post": str(number), "versionNumber": 1})
        assert adapter.log_outcome(make_outcome(ref), key="k") == replace(written, created=False)

    def test_a_line_leaves_the_others_as_they_were(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        before = fake.base.tables["Quote"].rows[names["deal"]].values["itemList"]
        adapter.add_line(names["deal"], NewLine(names["case"], Decimal(2)), key="k")
        after = fake.base.tables["Quote"].rows[names["deal"]].values["itemList"]
        assert after[:-1] == before
        added = {name: after[-1][name] for name in ("productId", "quantity", "unitPrice", "amount")}
        assert added == {"productId": names["case"], "quantity": 2.0, "unitPrice": 29.9, "amount": 59.8}

    @pytest.mark.parametrize(
        ("product", "price"), [("case", Money(Decimal(5), "USD")), ("request", None)], ids=["dollars", "none"]
    )
    def test_a_line_needs_a_price_in_the_quotes_currency(
        self, adapter: Adapter, fake: Fake, product: str, price: Money | None
    ) -> None:
        names = fake.fill(Seed())
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(names["deal"], NewLine(names[product], unit_price=price), key="k")
        assert refusal.value.fields == {"unit_price": "EUR"}

    def test_a_locked_quote_takes_no_lines(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        change(fake, "Quote", names["deal"], isLocked=True)
        assert adapter.open_deals(names["ana"]) == []
        with pytest.raises(Conflict):
            adapter.add_line(names["deal"], NewLine(names["case"]), key="k")

    def test_what_is_dropped_without_a_word_is_told(self, adapter: Adapter, fake: Fake) -> None:
        """A field that only reads, and one that is not there."""
        ref = put(fake)
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, {"crm.segment": "A", "crm.nothing": "B", "crm.store": "Porto"})
        assert refusal.value.fields.keys() == {"crm.segment", "crm.nothing"}

    def test_a_refused_value_is_told_by_our_name(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(put(fake), {"crm.store": "Faro"})
        assert refusal.value.fields.keys() == {"crm.store"}

    def test_a_value_is_taken_away(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="PT")
        assert adapter.update_customer(ref, {"country": ""}).country is None
        with pytest.raises(ValidationFailed):
            adapter.update_customer(ref, {"family_name": " "})

    def test_a_name_that_another_has_is_refused_where_duplicates_are(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        fake.duplicates_refused = True
        put(fake, given_name="Ana")
        ref = put(fake, given_name="Bea")
        with pytest.raises(ValidationFailed):
            adapter.update_customer(ref, {"given_name": "Ana"})
        assert adapter.get_customer(ref).given_name == "Bea"

    def test_numbered_versions_are_compared(self, adapter: Adapter, fake: Fake) -> None:
        fake.base.versioned.add("Contact")
        ref = put(fake)
        before = adapter.get_customer(ref)
        assert before.version == "1"
        after = adapter.update_customer(ref, {"given_name": "Ana"}, expected_version="1")
        assert after.version == "2"
        with pytest.raises(Conflict) as refusal:
            adapter.update_customer(ref, {"given_name": "Bea"}, expected_version="1")
        assert refusal.value.existing == "2"

    def test_a_change_behind_our_back_is_refused_by_the_server(self, fake: Fake, watch: Watch) -> None:
        """Between the look at the version and the write."""
        hasty = Overtaken(watch.clock)
        hasty.base.versioned.add("Contact")
        ref = put(hasty, given_name="Ana")
        with connect(hasty, watch) as adapter, pytest.raises(Conflict):
            adapter.update_customer(ref, {"given_name": "Bea"}, expected_version="1")
        assert hasty.base.tables["Contact"].rows[ref].values["firstName"] == "Cleo"


class Overtaken(Fake):
    """Somebody else is a little faster."""

    def _guard(self, entity: str, row: Any, body: Mapping[str, Any], version: str | None) -> None:
        self.base.change(entity, row, {"firstName": "Cleo"})
        super()._guard(entity, row, dict(body), version)


class TestCheck:
    def test_what_a_role_lacks_and_has_too_much_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.rights["Contact"] |= {"stream": "no", "delete": "own"}
        del fake.rights["Case"]
        findings = {finding.name: finding for finding in adapter.check().findings}
        assert findings["scopes"].missing == ("Case: read", "Contact: stream")
        assert findings["excess scopes"].excess == ("Contact: delete",)
        assert findings["read Case"].missing == ("Case: read",)
        assert "role" in findings["scopes"].message

    def test_a_connection_that_only_reads_needs_less(self, adapter: Adapter, fake: Fake) -> None:
        findings = {finding.name: finding for finding in adapter.check(writes=False).findings}
        assert findings["excess scopes"].excess == ("Contact: edit", "Quote: edit")

    def test_what_is_not_allowed_for_every_record_is_told(self, adapter: Adapter, fake: Fake) -> None:
        fake.rights["Contact"]["read"] = "team"
        (warning,) = (finding for finding in adapter.check().findings if finding.name == "levels")
        assert warning.warning
        assert "Contact: read" in warning.message

    def test_a_missing_pack_is_told(self, community: Fake, watch: Watch) -> None:
        with connect(community, watch, purchases="invoices") as adapter:
            failed = {finding.name for finding in adapter.check().findings if not finding.ok}
        assert "Sales Pack" in failed

    def test_an_unused_pack_is_told(self, fake: Fake, watch: Watch) -> None:
        with connect(fake, watch, purchases="opportunities") as adapter:
            (pack,) = (finding for finding in adapter.check().findings if finding.name == "Sales Pack")
        assert pack.warning

    def test_states_without_a_meaning_are_told(self, adapter: Adapter, fake: Fake) -> None:
        fake.fields["SalesOrder"]["status"]["options"].append("Verschickt")
        (warning,) = (finding for finding in adapter.check().findings if finding.name == "states")
        assert "Verschickt" in warning.message

    def test_a_clock_that_is_wrong_is_told(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        fake.clock = lambda: watch.now + timedelta(minutes=9)
        assert [one.name for one in adapter.check().findings if not one.ok] == ["clock"]

    def test_a_right_that_is_missing_is_named_when_it_is_needed(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        fake.rights["Contact"] |= {"stream": "no", "edit": "no"}
        for call, scope in (
            (lambda: adapter.log_outcome(make_outcome(ref), key="k"), "Contact: stream"),
            (lambda: adapter.update_customer(ref, {"given_name": "Ana"}), "Contact: edit"),
        ):
            with pytest.raises(PermissionDenied) as refusal:
                call()
            assert refusal.value.scope == scope

    def test_a_key_alone_does_not_let_in_whoever_must_sign(self, community: Fake, watch: Watch) -> None:
        with connect(community, watch, secret_key="") as adapter:
            assert not adapter.check().ok

    def test_fields_are_offered_by_the_names_of_their_attributes(self, adapter: Adapter, fake: Fake) -> None:
        fake.fill(Seed())
        found = {one.name: one for one in adapter.describe_fields(Kind.CUSTOMERS, sample=50)}
        assert found["cStore"].options[-1].value == "Lisboa"
        assert (found["cSegment"].writable, found["cNote"].writable) == (False, True)
        assert found["accountName"].fill_rate
        assert {one.mapped for one in adapter.describe_fields(Kind.ORDERS)} >= {"placed_at", "raw_status"}


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "headers", "kind"),
        [
            (404, {"Content-Type": "text/html"}, VendorChanged),
            (404, {"Content-Type": "text/html", "X-Status-Reason": "Record not found."}, NotFound),
            (409, {"X-Status-Reason": "modified"}, Conflict),
            (409, {}, Conflict),
            (409, {"X-Status-Reason": "Duplicate"}, ValidationFailed),
            (400, {"X-Status-Reason": "Bad where."}, ValidationFailed),
        ],
    )
    def test_what_a_refusal_means(self, status: int, headers: dict[str, str], kind: type[CRMError]) -> None:
        error = translate(Answer(status, headers, b"<h1>no</h1>"))
        assert type(error) is kind


class TestWebhooks:
    def test_before_version_nine_there_is_one_signature_and_later_another(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        genuine = fake.webhook(Kind.CUSTOMERS, "a1")
        both = adapter.read_webhook(genuine)
        for name in ("Signature", "X-Signature"):
            alone = replace(genuine, headers={name.lower(): genuine.headers[name]})
            assert adapter.read_webhook(alone) == both

    def test_events_come_together(self, adapter: Adapter, fake: Fake) -> None:
        body = b'[{"id": "a1", "name": "x"}, {"id": "a2"}, {"id": "a1"}]'
        hints = adapter.read_webhook(fake.sign("SalesOrder.update", body))
        assert [(hint.kind, hint.ref) for hint in hints] == [(Kind.ORDERS, "a1"), (Kind.ORDERS, "a2")]

    def test_what_is_not_kept_here_is_no_news(self, adapter: Adapter, fake: Fake) -> None:
        assert adapter.read_webhook(fake.sign("Quote.update", b'[{"id": "a1"}]')) == []

    def test_a_body_that_names_nothing_is_told(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(VendorChanged):
            adapter.read_webhook(fake.sign("Contact.update", b'{"id": "a1"}'))

    def test_without_secrets_nothing_is_believed(self, fake: Fake, watch: Watch) -> None:
        with connect(fake, watch, webhook_secret="") as adapter, pytest.raises(NotTrusted):
            adapter.read_webhook(fake.webhook(Kind.CUSTOMERS, "a1"))

    @pytest.mark.skipif(not VECTORS.exists(), reason="the collected signatures are not here")
    def test_a_collected_signature_is_right(self, watch: Watch) -> None:
        known = next(one for one in json.loads(VECTORS.read_text()) if one["vendor"] == "espocrm")
        hook = f"Contact.update={known['webhook_id']}:{known['secret']}"
        raw = {"url": "https://crm.example.com", "api_key": "key", "webhook_secret": hook}
        adapter = Adapter(Adapter.load_settings(raw))
        headers = {"Signature": known["expected"]}
        request = WebhookRequest("POST", "https://a.example.com", headers, known["body"].encode(), watch.now)
        with pytest.raises(VendorChanged):
            adapter.read_webhook(request)
