"""Zoho's adapter against Zoho's fake: the suite, and what is Zoho's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_adapters.answers import Answer
from crm_adapters.errors import AuthRevoked, Conflict, CRMError, NotTrusted, Unsupported, ValidationFailed
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.zoho import Fake
from crm_adapters.fakes.vendors.zoho.coql import Invalid, read_query
from crm_adapters.model import (
    Consent,
    Customer,
    CustomerKey,
    DealKind,
    Email,
    KeyKind,
    Kind,
    Money,
    NewLine,
    OpenDeal,
    OrderStatus,
    Phone,
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.vendors.zoho import Adapter
from crm_adapters.vendors.zoho.failures import judge_record, translate

MAPPING = {
    "customer.language": "Language",
    "customer.id.shop": "Shop_Number",
    "customer.crm.store": "Store",
    "customer.offers_consent": "Offers",
    "product.family": "Line",
    "order.placed_at": "Ordered",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class TestZoho(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices"})
    renews = True

    def hold(self, record: Any) -> Any:
        """Only quotes have lines that are still to be bought."""
        return replace(record, kind=DealKind.QUOTE) if isinstance(record, OpenDeal) else record


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def fake(watch: Watch) -> Fake:
    return Fake(watch.clock)


@pytest.fixture
def adapter(fake: Fake, watch: Watch) -> Iterator[Adapter]:
    with serving(fake) as url:
        raw = {**fake.settings(url), **SETTINGS, "country": "BR", "statuses": {"Paid": "won"}}
        yield Adapter(Adapter.load_settings(raw), local_transport(watch))


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "", family_name="Silva", **values))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


def test_the_browser_is_sent_to_the_data_centre() -> None:
    raw = {"url": "https://accounts.zoho.eu", "client_id": "app", "client_secret": "secret"}
    address = Adapter(Adapter.load_settings(raw)).sign_in().begin("https://assist.example.com/back").url
    assert address.startswith("https://accounts.zoho.eu/oauth/v2/auth?")
    assert "access_type=offline" in address


def test_a_refusal_with_a_200_is_one(adapter: Adapter, fake: Fake) -> None:
    fake.tokens.refresh_tokens.clear()
    with pytest.raises(AuthRevoked):
        adapter.get_customer("1")


class TestFinding:
    @pytest.mark.parametrize(
        "written", ["(11) 99123-4567", "11 9123-4567", "+55 11 9123 4567", "+5511991234567"]
    )
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, written: str
    ) -> None:
        ref = put(fake, phones=(Phone("+34 612 345 678"), Phone(written)))
        put(fake, phones=(Phone("(21) 99123-4567"),))
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_a_second_address_finds_too(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.EMAIL, "Two@Example.com") == [ref]

    def test_an_address_that_they_had_before_finds_nobody(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        """The index knows it for a while yet."""
        ref = put(fake, emails=(Email("old@example.com"),))
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.EMAIL, "old@example.com") == [ref]
        fake.put(Customer(ref, "", family_name="Silva", emails=(Email("new@example.com"),)))
        assert refs(adapter, KeyKind.EMAIL, "old@example.com") == []

    @pytest.mark.parametrize("value", ["o'brien", "c\\d", "' or id > '0", "\\"])
    def test_signs_in_an_id_are_only_signs(self, adapter: Adapter, fake: Fake, value: str) -> None:
        ref = put(fake, declared_ids={"shop": value})
        put(fake, declared_ids={"shop": "another"})
        assert refs(adapter, KeyKind.DECLARED, f"shop:{value}") == [ref]

    def test_without_a_mapped_field_nobody_has_declared_ids(self, fake: Fake) -> None:
        plain = Adapter(Adapter.load_settings(fake.settings("https://accounts.zoho.com")))
        with pytest.raises(Unsupported):
            plain.find_customers(CustomerKey(KeyKind.DECLARED, "shop:1"))

    def test_who_wants_no_letters_is_told(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        fake.org.tables["Contacts"].rows[ref].values["Email_Opt_Out"] = True
        assert adapter.get_customer(ref).consents == (Consent("email", granted=False),)


class TestSales:
    def test_an_organisation_of_one_currency_has_no_field_for_it(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        fake.several_currencies = False
        (order, *_) = adapter.orders(names["ana"])
        assert order.lines[0].unit_price == Money(Decimal("560.5"), "EUR")

    def test_states_of_its_own_are_mapped(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        for name, status in (("autumn", "Paid"), ("dollars", "Odd")):
            fake.org.tables["Sales_Orders"].rows[names[name]].values["Status"] = status
        found = {order.raw_status: order.status for order in adapter.orders(names["ana"])}
        assert (found["Paid"], found["Odd"]) == (OrderStatus.WON, OrderStatus.UNKNOWN)

    def test_an_order_of_nobody_is_rejected_and_said(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        fake.org.tables["Sales_Orders"].rows[names["autumn"]].values["Contact_Name"] = None
        pages = sync(adapter, Kind.ORDERS).pages
        assert [row.source for page in pages for row in page.rejected] == [f"order {names['autumn']}"]

    def test_a_price_in_another_currency_is_refused(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        for line in (NewLine(names["case"], unit_price=Money(Decimal(5), "USD")), NewLine(names["request"])):
            with pytest.raises(ValidationFailed) as refusal:
                adapter.add_line(names["deal"], line, key="k")
            assert refusal.value.fields == {"unit_price": "EUR"}


class TestWriting:
    def test_a_note_is_found_behind_two_hundred_others(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        for number in range(220):
            fake.org.tables["Notes"].add({"Parent_Id": {"id": ref}, "Note_Content": str(number)})
        written = adapter.log_outcome(make_outcome(ref), key="k")
        assert adapter.log_outcome(make_outcome(ref), key="k") == replace(written, created=False)

    def test_a_failure_in_an_answer_of_success_is_one(self, adapter: Adapter, fake: Fake) -> None:
        wrong = {**adapter.settings, "mapping": Adapter.load_settings(
            {"client_id": "a", "client_secret": "b", "mapping": {"customer.crm.store": "No_Such"}}
        )["mapping"]}  # fmt: skip
        with pytest.raises(ValidationFailed) as refusal:
            Adapter(wrong, adapter.transport).update_customer(put(fake), {"crm.store": "Porto"})
        assert refusal.value.fields.keys() == {"No_Such"}

    def test_a_country_that_there_is_not_is_refused(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="ES")
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, {"country": "Spain", "family_name": " "})
        assert refusal.value.fields.keys() == {"country", "family_name"}
        assert adapter.update_customer(ref, {"country": ""}).country is None


class TestCheck:
    def test_a_missing_scope_is_named_with_whom_to_ask(self, adapter: Adapter, fake: Fake) -> None:
        missing = {"ZohoCRM.modules.salesorders.READ", "ZohoCRM.coql.READ"}
        fake.missing_scopes |= missing
        failed = [finding for finding in adapter.check().findings if not finding.ok]
        assert {scope for finding in failed for scope in finding.missing} == missing
        assert all("administrator" in finding.message for finding in failed)

    def test_a_clock_that_is_wrong_is_told(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        fake.clock = lambda: watch.now + timedelta(minutes=9)
        assert [one.name for one in adapter.check().findings if not one.ok] == ["clock"]


class TestFailures:
    def test_what_is_refused_is_named_without_its_value(self) -> None:
        body = b'{"code":"INVALID_DATA","details":{"api_name":"Email"},"message":"x@example.com","status":"error"}'
        error = translate(Answer(400, {}, body))
        assert isinstance(error, ValidationFailed)
        assert error.fields.keys() == {"Email"}
        assert "example" not in str(error)

    def test_a_double_is_a_conflict(self) -> None:
        with pytest.raises(Conflict) as refusal:
            judge_record({"code": "DUPLICATE_DATA", "details": {"id": "77", "api_name": "Email"}})
        assert refusal.value.existing == "77"

    @pytest.mark.parametrize("where", ["id > '0' and id > '1'", "(id > '0')", "id ~ '0'"])
    def test_the_fake_wants_conditions_in_pairs(self, where: str) -> None:
        with pytest.raises((Invalid, StopIteration)):
            read_query(f"select id from Contacts where {where} order by id asc limit 0, 5")


class TestWebhooks:
    def test_without_a_secret_nothing_is_believed(self, fake: Fake) -> None:
        raw = {**fake.settings("https://accounts.zoho.com"), "webhook_secret": ""}
        with pytest.raises(NotTrusted):
            Adapter(Adapter.load_settings(raw)).read_webhook(fake.webhook(Kind.CUSTOMERS, "1"))

    def test_several_ids_are_several_hints(self, adapter: Adapter, fake: Fake) -> None:
        genuine = fake.webhook(Kind.PRODUCTS, "1")
        several = replace(genuine, body=genuine.body.replace(b'["1"]', b'["1", "2"]'))
        assert [hint.ref for hint in adapter.read_webhook(several)] == ["1", "2"]
        with pytest.raises(CRMError):
            adapter.read_webhook(replace(genuine, body=genuine.body.replace(b'["1"]', b"null")))
