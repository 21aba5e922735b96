"""Dynamics 365's adapter against Dynamics 365's fake: the suite, and what is Dynamics 365's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.wrappers import Request

from crm_adapters.errors import BadSettings, Conflict, NotTrusted, ValidationFailed
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.dynamics365 import Fake
from crm_adapters.model import (
    Company,
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
from crm_adapters.vendors.dynamics365 import Adapter
from tests.crm_adapters.described import checker

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAPPING = {
    "customer.language": "new_language",
    "customer.id.shop": "new_shop",
    "customer.crm.store": "new_store",
    "customer.offers_consent": "new_offers",
    "product.category": "new_category",
}
SETTINGS: dict[str, Any] = {"page_size": 5, "mapping": MAPPING}


def check_described(request: Request) -> None:
    """The description's list of tables lacks this one."""
    if not request.path.endswith("/productsubstitutes"):
        checker("dynamics365")(request)


class TestDynamics365(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    renews = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        checker("dynamics365")
        fake = Fake(watch.clock)
        fake.checks.append(check_described)
        return fake


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
    return connect(fake, url, watch)


def connect(fake: Fake, url: str, watch: Watch, **settings: Any) -> Adapter:
    raw = {**fake.settings(url), **SETTINGS, **settings}
    return Adapter(Adapter.load_settings(raw), local_transport(watch))


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "", family_name="Silva", **values))


def sell(fake: Fake, customer: str) -> str:
    line = OrderLine("1", None, "Phone", Decimal(1), Money(Decimal(5), "EUR"))
    return fake.put(Order("", customer, NOW, OrderStatus.WON, (line,)))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


@pytest.mark.parametrize("wrong", [{"tenant": "a/b"}, {"page_size": 5001}, {"client_secret": ""}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    raw = {"url": "https://acme.crm4.dynamics.com", "tenant": "t", "client_id": "a", "client_secret": "s"}
    Adapter.load_settings(raw)
    with pytest.raises(BadSettings):
        Adapter.load_settings(raw | wrong)


def test_the_browser_is_sent_to_the_tenants_sign_in() -> None:
    raw = {
        "url": "https://acme.crm4.dynamics.com",
        "tenant": "acme.example.com",
        "client_id": "app",
        "client_secret": "secret",
        "flow": "browser",
    }
    oauth = Adapter(Adapter.load_settings(raw)).sign_in()
    assert oauth is not None
    address = oauth.begin("https://assist.example.com/back").url
    assert address.startswith("https://login.microsoftonline.com/acme.example.com/oauth2/v2.0/authorize?")
    assert "offline_access" in address


class TestFinding:
    def test_accents_are_not_overlooked(self, adapter: Adapter, fake: Fake) -> None:
        """Dynamics 365 does."""
        put(fake, emails=(Email("jose@example.com"),))
        ref = put(fake, emails=(Email("other@example.com"), Email("josé@example.com")))
        assert refs(adapter, KeyKind.EMAIL, "josé@example.com") == [ref]

    @pytest.mark.parametrize(
        "written", ["(11) 99123-4567", "11 9123-4567", "+55 11 9123 4567", "+5511991234567"]
    )
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, written: str
    ) -> None:
        ref = put(fake, phones=(Phone("+34 612 345 678"), Phone(written)), country="BR")
        put(fake, phones=(Phone("(21) 99123-4567"),), country="BR")
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]


class TestFeed:
    def test_a_line_lists_its_order_again(self, adapter: Adapter, fake: Fake) -> None:
        order, _ = sell(fake, put(fake)), sell(fake, put(fake))
        first = sync(adapter, Kind.ORDERS)
        line = {"_salesorderid_value": order, "isproductoverridden": True, "productdescription": "Case"}
        fake.env.add("salesorderdetails", line)
        (found,) = [item for page in sync(adapter, Kind.ORDERS, first.cursor).pages for item in page.items]
        assert isinstance(found, Order)
        assert [one.name for one in found.lines] == ["Phone", "Case"]
        assert found.lines[1].unit_price is None

    def test_a_price_lists_its_product_again(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        first = sync(adapter, Kind.PRODUCTS)
        table = fake.env.table("productpricelevels")
        (row,) = [one for one in table.live() if one.values["_productid_value"] == names["case"]]
        fake.env.change("productpricelevels", row, {"amount": 31.5})
        (found,) = [item for page in sync(adapter, Kind.PRODUCTS, first.cursor).pages for item in page.items]
        assert isinstance(found, Product)
        assert found.prices == (Money(Decimal("31.5"), "EUR"),)

    def test_a_line_that_comes_in_while_everything_is_listed_is_not_lost(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        orders = [sell(fake, put(fake)) for _ in range(12)]
        page, cursor = adapter.changes(Kind.ORDERS, None), None
        while not page.items:
            cursor = page.next_cursor
            page = adapter.changes(Kind.ORDERS, cursor)
        fake.env.add("salesorderdetails", {"_salesorderid_value": orders[0], "quantity": 2})
        rest = sync(adapter, Kind.ORDERS, page.next_cursor)
        assert orders[0] in sync(adapter, Kind.ORDERS, rest.cursor).listed

    def test_after_a_week_of_silence_everything_is_listed(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        kept, gone = put(fake), put(fake)
        first = sync(adapter, Kind.CUSTOMERS)
        fake.delete(Kind.CUSTOMERS, gone)
        watch.now += timedelta(days=8)
        run = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert run.pages[0].snapshot
        assert run.listed == {kept}

    def test_an_accounts_order_is_its_primary_contacts(self, adapter: Adapter, fake: Fake) -> None:
        account, contact = fake.put(Company("", "Acme")), put(fake)
        order, own = sell(fake, account), sell(fake, contact)
        row = fake.env.row("salesorders", order)
        fake.env.change("salesorders", row, {"_customerid_value@target": "accounts"})
        (page,) = [page for page in sync(adapter, Kind.ORDERS).pages if page.rejected]
        assert [one.source for one in page.rejected] == [f"salesorder {order}"]
        fake.env.change("accounts", fake.env.row("accounts", account), {"_primarycontactid_value": contact})
        assert {one.ref for one in adapter.orders(contact)} == {order, own}

    @pytest.mark.parametrize("counts", [True, False])
    def test_whether_submitted_is_bought_is_the_shops_to_say(
        self, fake: Fake, url: str, watch: Watch, *, counts: bool
    ) -> None:
        customer = put(fake)
        fake.env.change("salesorders", fake.env.row("salesorders", sell(fake, customer)), {"statecode": 1})
        (order,) = connect(fake, url, watch, submitted_orders_count=counts).orders(customer)
        assert order.status is (OrderStatus.WON if counts else OrderStatus.OPEN)


class TestWriting:
    def test_a_note_hangs_on_its_contact(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        adapter.log_outcome(make_outcome(ref, note="Aceptada\ncon ilusión"), key="k")
        (note,) = fake.env.table("annotations").live()
        assert (note.values["subject"], note.values["_objectid_value"]) == ("Aceptada", ref)

    def test_the_environment_compares_the_version(self, adapter: Adapter, fake: Fake) -> None:
        """Between our look and our writing."""
        ref = put(fake, country="ES")
        version = adapter.get_customer(ref).version

        def change(request: Request) -> None:
            if request.method == "PATCH":
                fake.env.change("contacts", fake.env.row("contacts", ref), {"firstname": "Eva"})

        fake.checks.append(change)
        with pytest.raises(Conflict):
            adapter.update_customer(ref, {"given_name": "Ana"}, expected_version=version)
        assert adapter.get_customer(ref).given_name == "Eva"

    def test_a_product_that_is_not_in_the_price_list_is_not_put(self, adapter: Adapter, fake: Fake) -> None:
        """Dynamics 365 would take it, without a price."""
        names = fake.fill(Seed())
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(names["deal"], NewLine(names["request"]), key="k")
        assert refusal.value.fields.keys() == {"product_ref"}
        dollars = NewLine(names["case"], unit_price=Money(Decimal(5), "USD"))
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(names["deal"], dollars, key="k")
        assert refusal.value.fields == {"unit_price": "EUR"}


class TestRelations:
    def test_what_goes_both_ways_is_found_from_both(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        rows = fake.env.table("productsubstitutes").live()
        assert adapter.relations(names["case"]) == []
        for row in rows:
            fake.env.change("productsubstitutes", row, {"direction": 1})
        (found,) = adapter.relations(names["case"])
        assert (found.product_ref, found.related_ref) == (names["case"], names["phone"])
        for row in rows:
            fake.env.change("productsubstitutes", row, {"salesrelationshiptype": 3})
        assert adapter.relations(names["case"]) == []


class TestCheck:
    def test_missing_and_excess_privileges_are_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.privileges -= {"prvReadSalesOrder", "prvCreateNote"}
        fake.privileges |= {"prvDeleteContact", "prvReadWorkflow"}
        findings = adapter.check().findings
        assert {one for found in findings for one in found.missing} == {"prvReadSalesOrder", "prvCreateNote"}
        assert {one for found in findings for one in found.excess} == {"prvDeleteContact"}

    def test_a_table_without_change_tracking_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.untracked.add("products")
        (wrong,) = [one for one in adapter.check().findings if not one.ok]
        assert wrong.name == "changes of products"
        assert "change tracking" in wrong.message


class TestWebhooks:
    def test_without_a_secret_nothing_is_believed(self, fake: Fake) -> None:
        raw = {**fake.settings("https://acme.crm4.dynamics.com"), "webhook_secret": ""}
        adapter = Adapter(Adapter.load_settings(raw))
        request = fake.webhook(Kind.CUSTOMERS, put(fake))
        for address in (request.url, "https://assist.example.com/", "https://assist.example.com/?code="):
            with pytest.raises(NotTrusted):
                adapter.read_webhook(replace(request, url=address))
