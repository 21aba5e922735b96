"""ERPNext's adapter against ERPNext's fake: the suite, and what is ERPNext's own."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.wrappers import Request

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    BadSettings,
    Conflict,
    CRMError,
    Merged,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import ACME, Record
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.fakes.vendors.erpnext import Fake, documents
from crm_adapters.fakes.vendors.erpnext.database import Database
from crm_adapters.fakes.vendors.erpnext.filling import put_price
from crm_adapters.model import (
    Case,
    Company,
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
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
    ProductRelation,
    WebhookRequest,
)
from crm_adapters.signatures import sign_base64
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import Run, sync
from crm_adapters.vendors.erpnext import Adapter
from crm_adapters.vendors.erpnext.failures import translate

MAPPING = {
    "customer.id.shop": "custom_shop_number",
    "customer.offers_consent": "custom_offers",
    "customer.crm.store": "custom_store",
    "customer.crm.visits": "custom_visits",
    "company.employees": "custom_employees",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class TestERPNext(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"name": "Aña Nuñez", "language": "es-MX", "crm.store": "Porto", "crm.visits": "3"}
    lacks = frozenset({"order.time", "opendeal.name"})

    def held(self, refs: Mapping[str, str]) -> dict[str, Record]:
        """Companies buy too, and are their own."""
        ref = refs["acme"]
        company = Customer(ref, ACME.name, country=ACME.country, company=ACME.name, company_ref=ref)
        return {**super().held(refs), "acme as customer": company}

    def hold(self, record: Any) -> Any:
        """Whom a person works for is only a word; what is open is a quotation."""
        match record:
            case Customer():
                return replace(record, company_ref=None)
            case OpenDeal():
                return replace(record, kind=DealKind.QUOTE)
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
    return set_up(fake, url, watch)


def set_up(fake: Fake, url: str, watch: Watch, **more: Any) -> Adapter:
    raw = {**fake.settings(url), **SETTINGS, "country": "BR", **more}
    return Adapter(Adapter.load_settings(raw), local_transport(watch))


def put(fake: Fake, name: str = "Maria Silva", **values: Any) -> str:
    return fake.put(replace(Customer("", name, given_name=name.partition(" ")[0]), **values))


def put_product(fake: Fake, sku: str = "LAMP", **values: Any) -> str:
    return fake.put(replace(Product("", sku, "Lamp", prices=(euros("9.90"),)), **values))


def put_order(fake: Fake, customer: str, *, product: str | None = None, **values: Any) -> str:
    line = OrderLine("", product, "Lamp", Decimal(2), euros("9.90"))
    return fake.put(replace(Order("", customer, fake.now(), OrderStatus.WON, (line,)), **values))


def put_deal(fake: Fake, customer: str) -> str:
    return fake.put(OpenDeal("", DealKind.QUOTE, "", customer))


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def change(fake: Fake, doctype: str, name: str, **values: Any) -> None:
    fake.database.change(doctype, fake.database.need(doctype, name), values)


def linked(fake: Fake, doctype: str, customer: str) -> str:
    """The one contact, or address, of a customer."""
    rows = fake.database.tables[doctype].live()
    (name,) = [row.id for row in rows if customer in {one["link_name"] for one in row.values["links"]}]
    return name


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


def items(run: Run) -> list[Any]:
    return [item for page in run.pages for item in page.items]


def after(adapter: Adapter, kind: Kind, watch: Watch, act: Callable[[], object]) -> Run:
    """What is listed after something has happened at the shop."""
    watch.now += timedelta(hours=1)
    first = sync(adapter, kind)
    watch.now += timedelta(hours=1)
    act()
    watch.now += timedelta(hours=1)
    return sync(adapter, kind, first.cursor)


class TestFinding:
    def test_all_addresses_of_all_contacts_find(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),))
        emails = [
            {"email_id": "Two@Example.com", "is_primary": 0},
            {"email_id": "three@example.com", "is_primary": 1},
        ]
        links = [{"link_doctype": "Customer", "link_name": ref}]
        fake.database.add("Contact", {"first_name": "Rui", "email_ids": emails, "links": links}, name="Rui")
        for address in ("ONE@example.com", "two@example.com", "three@example.com"):
            assert refs(adapter, KeyKind.EMAIL, address) == [ref]
        change(fake, "Customer", ref, customer_primary_contact="Rui")
        found = adapter.get_customer(ref)
        assert [email.value for email in found.emails] == [
            "three@example.com",
            "two@example.com",
            "one@example.com",
        ]
        assert found.given_name == "Rui"

    def test_of_several_contacts_nobody_is_taken_for_the_customer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        links = [{"link_doctype": "Customer", "link_name": ref}]
        fake.database.add("Contact", {"first_name": "Rui", "links": links}, name="Rui")
        assert adapter.get_customer(ref).given_name == ""

    def test_one_contact_of_two_customers_finds_both(self, adapter: Adapter, fake: Fake) -> None:
        one, other = put(fake, emails=(Email("one@example.com"),)), put(fake, "Bo Larsen")
        contact = fake.database.need("Contact", linked(fake, "Contact", one))
        contact.values["links"].append(
            {"link_doctype": "Customer", "link_name": other, "name": "more", "idx": 2}
        )
        assert sorted(refs(adapter, KeyKind.EMAIL, "one@example.com")) == sorted([one, other])

    def test_an_address_with_an_accent_is_another(self, adapter: Adapter, fake: Fake) -> None:
        """The database takes them for the same."""
        put(fake, emails=(Email("jose@example.com"),))
        assert refs(adapter, KeyKind.EMAIL, "josé@example.com") == []

    def test_a_leads_contact_is_nobody(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),))
        fake.database.need("Contact", linked(fake, "Contact", ref)).values["links"][0]["link_doctype"] = (
            "Lead"
        )
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == []

    @pytest.mark.parametrize(
        "written", ["(11) 99123-4567", "11 9123-4567", "+5511991234567", "0055 11/9.9123.4567 "]
    )
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, written: str
    ) -> None:
        ref = put(fake, phones=(Phone(written),))
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_a_name_in_other_letters_is_another_name(self, adapter: Adapter, fake: Fake) -> None:
        """The database takes them for the same."""
        ref = put(fake)
        put_deal(fake, ref)
        put_order(fake, ref)
        with pytest.raises(NotFound):
            adapter.get_customer("maria silva")
        assert adapter.open_deals("maria silva") == []
        assert list(adapter.orders("maria silva")) == []

    def test_who_is_disabled_is_nobody(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),))
        change(fake, "Customer", ref, disabled=1)
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == []
        with pytest.raises(NotFound):
            adapter.get_customer(ref)

    def test_the_web_servers_log_learns_of_no_customer(self, adapter: Adapter, fake: Fake) -> None:
        put(fake, emails=(Email("one@example.com"),), phones=(Phone("+5511991234567"),))
        assert refs(adapter, KeyKind.EMAIL, "one@example.com")
        assert refs(adapter, KeyKind.PHONE, "+5511991234567")
        assert not any(one.query or "%" in one.path or "Maria" in one.path for one in fake.log)


class TestPeople:
    def test_a_company_is_its_own_and_a_person_has_an_employer(self, adapter: Adapter, fake: Fake) -> None:
        company = fake.put(Company("", "Acme", domain="acme.example.com"))
        assert adapter.get_company(company).domain == "acme.example.com"
        assert (adapter.get_customer(company).company, adapter.get_customer(company).company_ref) == (
            "Acme",
            company,
        )
        person = put(fake, company="Acme")
        assert (adapter.get_customer(person).company, adapter.get_customer(person).company_ref) == (
            "Acme",
            None,
        )
        with pytest.raises(NotFound):
            adapter.get_company(person)

    def test_a_territory_may_be_the_country(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        change(fake, "Customer", ref, territory="Germany")
        assert adapter.get_customer(ref).country == "DE"
        fake.put(replace(adapter.get_customer(ref), country="PT"))
        assert adapter.get_customer(ref).country == "PT"

    def test_an_address_that_is_used_no_more_says_nothing(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="PT")
        change(fake, "Address", linked(fake, "Address", ref), disabled=1)
        assert adapter.get_customer(ref).country is None

    def test_who_has_unsubscribed_takes_no_offers(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, consents=(Consent("offers", granted=True),))
        change(fake, "Contact", linked(fake, "Contact", ref), unsubscribed=1)
        assert adapter.get_customer(ref).consents == (Consent("offers", granted=False),)


class TestTime:
    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
    def test_moments_are_the_sites(self, fake: Fake, url: str, watch: Watch, zone: str) -> None:
        fake.zone = zone
        adapter = set_up(fake, url, watch)
        customer = adapter.get_customer(put(fake))
        assert customer.updated_at
        assert abs(customer.updated_at - watch.now) < timedelta(seconds=1)
        (sold,) = adapter.orders(put_order(fake, customer.ref) and customer.ref)
        assert sold.placed_at == watch.now

    def test_what_changed_when_clocks_went_back_is_listed(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        """Its stamp is earlier than that of the run before, which was an hour ago by the clock on the wall."""
        watch.now = datetime(2025, 10, 26, 0, 50, tzinfo=UTC)
        put(fake, "Bo Larsen")
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now = datetime(2025, 10, 26, 1, 5, tzinfo=UTC)
        ref = put(fake)
        watch.now = datetime(2025, 10, 26, 1, 20, tzinfo=UTC)
        assert ref in sync(adapter, Kind.CUSTOMERS, first.cursor).listed

    def test_an_order_of_its_day_has_its_moment_and_one_of_another_its_day(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref, product = put(fake), put_product(fake)
        put_order(fake, ref, product=product)
        late = put_order(fake, ref, product=product)
        change(fake, "Sales Order", late, transaction_date="2025-12-30")
        moments = [order.placed_at.replace(microsecond=0) for order in adapter.orders(ref)]
        assert moments == [watch.now, datetime(2025, 12, 30, tzinfo=UTC)]

    def test_a_site_that_tells_no_zone_needs_a_setting(self, fake: Fake, url: str, watch: Watch) -> None:
        fake.tells_zone = False
        ref = put(fake)
        mute = set_up(fake, url, watch)
        with pytest.raises(ValidationFailed, match="time_zone"):
            mute.get_customer(ref)
        assert [finding.name for finding in mute.check().findings if not finding.ok] == ["time zone"]
        told = set_up(fake, url, watch, time_zone=fake.zone)
        assert told.check().ok
        assert told.get_customer(ref).updated_at

    def test_the_site_is_asked_once_a_day(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake)

        def count_asked() -> int:
            return sum("get_time_zone" in one.path for one in fake.log)

        adapter.get_customer(ref)
        Adapter(adapter.settings, adapter.transport).get_customer(ref)
        assert count_asked() == 1
        watch.now += timedelta(days=2)
        adapter.get_customer(ref)
        assert count_asked() == 2


class TestSales:
    def test_what_was_ordered_is_not_bought_again_when_it_is_invoiced(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        ref, product = put(fake), put_product(fake)
        order = put_order(fake, ref, product=product)
        line = OrderLine("", None, "Delivery", Decimal(1), euros("5"))
        invoice = put_order(fake, ref, lines=(line, line))
        rows = fake.database.need("Sales Invoice", invoice.removeprefix("invoice:")).values["items"]
        rows[0]["sales_order"] = order
        found = {one.ref: one for one in adapter.orders(ref)}
        assert found.keys() == {order, invoice}
        assert [one.ref for one in found[invoice].lines] == [rows[1]["name"]]
        rows[1]["sales_order"] = order
        assert [one.ref for one in adapter.orders(ref)] == [order]
        assert sync(adapter, Kind.ORDERS).listed == {order}

    def test_a_credit_note_takes_back(self, adapter: Adapter, fake: Fake) -> None:
        """Also of what was ordered, whose invoices are no purchases of their own."""
        ref = put(fake)
        invoice = put_order(fake, ref, lines=(OrderLine("", None, "Lamp", Decimal(-1), euros("9.90")),))
        change(fake, "Sales Invoice", invoice.removeprefix("invoice:"), is_return=1, status="Return")
        fake.database.need("Sales Invoice", invoice.removeprefix("invoice:")).values["items"][0][
            "sales_order"
        ] = "SO"
        (note,) = adapter.orders(ref)
        assert (note.status, note.raw_status) == (OrderStatus.WON, "Return")
        assert [line.quantity for line in note.lines] == [-1]

    def test_an_order_may_have_many_lines(self, adapter: Adapter, fake: Fake) -> None:
        """Of a list that does not say how many, Frappe gives twenty."""
        ref, product = put(fake), put_product(fake)
        line = OrderLine("", product, "Lamp", Decimal(1), euros("9.90"))
        put_order(fake, ref, lines=(line,) * 25)
        assert [len(order.lines) for order in adapter.orders(ref)] == [25]

    @pytest.mark.parametrize(
        ("values", "status"),
        [
            ({"status": "On Hold"}, OrderStatus.OPEN),
            ({"status": "Closed"}, OrderStatus.CANCELLED),
            ({"status": "Closed", "per_delivered": 50.0}, OrderStatus.WON),
            ({"status": "Completed"}, OrderStatus.WON),
            ({"docstatus": 0, "status": "Draft"}, OrderStatus.OPEN),
            ({"docstatus": 2, "status": "Cancelled"}, OrderStatus.CANCELLED),
            ({"docstatus": 7}, OrderStatus.UNKNOWN),
        ],
        ids=str,
    )
    def test_what_became_of_an_order(
        self, adapter: Adapter, fake: Fake, values: dict[str, Any], status: OrderStatus
    ) -> None:
        ref = put(fake)
        order = put_order(fake, ref, product=put_product(fake))
        change(fake, "Sales Order", order, **values)
        assert [one.status for one in adapter.orders(ref)] == [status]

    def test_where_deliveries_are_booked_an_order_may_be_late(
        self, fake: Fake, url: str, watch: Watch
    ) -> None:
        ref = put(fake)
        order = put_order(fake, ref, product=put_product(fake))
        change(fake, "Sales Order", order, delivery_date="2026-01-02")
        (found,) = set_up(fake, url, watch, delivers=True).orders(ref)
        assert (found.status, found.promised_at) == (OrderStatus.OPEN, datetime(2026, 1, 2, tzinfo=UTC))

    def test_invoices_can_be_left_out(self, fake: Fake, url: str, watch: Watch) -> None:
        ref = put(fake)
        put_order(fake, ref)
        fake.unreadable = {"Sales Invoice"}
        adapter = set_up(fake, url, watch, without="invoices")
        assert list(adapter.orders(ref)) == []
        assert sync(adapter, Kind.ORDERS).listed == set()
        with pytest.raises(PermissionDenied) as refusal:
            list(set_up(fake, url, watch).orders(ref))
        assert refusal.value.scope == "Sales Invoice: read"

    def test_a_quotation_that_was_sent_is_open_and_takes_no_lines(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        deal = put_deal(fake, ref)
        change(fake, "Quotation", deal, docstatus=1, status="Open")
        assert [one.ref for one in adapter.open_deals(ref)] == [deal]
        with pytest.raises(Conflict):
            adapter.add_line(deal, NewLine(put_product(fake)), key="k")
        change(fake, "Quotation", deal, status="Expired")
        assert adapter.open_deals(ref) == []


class TestChanges:
    def test_a_contact_of_two_customers_is_news_of_both(self, fake: Fake, url: str, watch: Watch) -> None:
        adapter = set_up(fake, url, watch, page_size=1)
        one, other = put(fake), put(fake, "Bo Larsen")
        name = linked(fake, "Contact", one)
        links = [{"link_doctype": "Customer", "link_name": ref} for ref in (one, other)]
        run = after(adapter, Kind.CUSTOMERS, watch, lambda: change(fake, "Contact", name, links=links))
        assert run.listed == {one, other}

    def test_an_address_that_was_deleted_is_news_of_its_customer(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake, country="PT")
        put(fake, "Bo Larsen")
        row = fake.database.need("Address", linked(fake, "Address", ref))
        run = after(adapter, Kind.CUSTOMERS, watch, lambda: fake.database.remove("Address", row))
        assert [(one.ref, one.country) for one in items(run)] == [(ref, None)]
        assert not run.lost({ref})

    def test_a_new_name_is_news_and_the_old_one_leads_to_it(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake, "Ōta & Filhas", emails=(Email("one@example.com"),))
        order = put_order(fake, ref)
        watch.now += timedelta(hours=1)
        before = sync(adapter, Kind.ORDERS)
        run = after(adapter, Kind.CUSTOMERS, watch, lambda: fake.database.rename("Customer", ref, "Ota Ltd"))
        assert (run.listed, run.merged) == ({"Ota Ltd"}, {ref: "Ota Ltd"})
        assert [(one.ref, one.customer_ref) for one in items(sync(adapter, Kind.ORDERS, before.cursor))] == [
            (order, "Ota Ltd")
        ]
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == ["Ota Ltd"]
        with pytest.raises(Merged) as refusal:
            adapter.get_customer(ref)
        assert refusal.value.new_ref == "Ota Ltd"

    def test_what_was_made_anew_under_the_same_name_is_not_gone(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake)

        def replace_it() -> None:
            fake.delete(Kind.CUSTOMERS, ref)
            put(fake)

        run = after(adapter, Kind.CUSTOMERS, watch, replace_it)
        assert (run.listed, run.lost({ref})) == ({ref}, set())

    def test_who_is_disabled_is_gone_and_comes_back(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake)
        run = after(adapter, Kind.CUSTOMERS, watch, lambda: change(fake, "Customer", ref, disabled=1))
        assert run.lost({ref}) == {ref}
        change(fake, "Customer", ref, disabled=0)
        assert sync(adapter, Kind.CUSTOMERS, run.cursor).listed == {ref}

    def test_an_invoice_that_was_deleted_is_gone(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        invoice = put_order(fake, put(fake))
        run = after(adapter, Kind.ORDERS, watch, lambda: fake.delete(Kind.ORDERS, invoice))
        assert run.lost({invoice}) == {invoice}

    def test_without_deletions_everything_is_listed_once_a_week(
        self, fake: Fake, url: str, watch: Watch
    ) -> None:
        fake.unreadable = {"Deleted Document", "Comment"}
        adapter = set_up(fake, url, watch, without="deletions")
        kept, gone = put(fake), put(fake, "Bo Larsen")
        run = after(adapter, Kind.CUSTOMERS, watch, lambda: fake.delete(Kind.CUSTOMERS, gone))
        assert not run.lost({kept, gone})
        assert all(page.may_miss_deletes for page in run.pages)
        watch.now += timedelta(days=8)
        assert sync(adapter, Kind.CUSTOMERS, run.cursor).lost({kept, gone}) == {gone}
        with pytest.raises(NotFound):
            adapter.get_customer(gone)

    def test_a_price_and_the_stock_are_news_of_the_item(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        lamp, bulb, shade = (put_product(fake, sku, stock=3) for sku in ("LAMP", "BULB", "SHADE"))
        (price,) = [
            row for row in fake.database.tables["Item Price"].live() if row.values["item_code"] == lamp
        ]
        (held,) = [row for row in fake.database.tables["Bin"].live() if row.values["item_code"] == bulb]

        def act() -> None:
            fake.database.remove("Item Price", price)
            fake.database.change("Bin", held, {"reserved_qty": 2.0})

        run = after(adapter, Kind.PRODUCTS, watch, act)
        assert {one.ref: (one.prices, one.stock) for one in items(run)} == {
            lamp: ((), 3),
            bulb: ((euros("9.9"),), 1),
        }
        assert not run.lost({lamp, bulb, shade})

    def test_a_server_that_gives_the_same_page_for_ever_is_not_listened_to(
        self, fake: Fake, url: str, watch: Watch
    ) -> None:
        adapter = set_up(fake, url, watch, page_size=1)
        customer = put(fake)
        for subject in ("One", "Two", "Three"):
            fake.put(Case("", customer, subject, complaint=False, open=True, opened_at=watch.now))
        fake.strike(Strike(Trouble.REPEATED, writes=False, nth=3, times=None))
        with pytest.raises(VendorChanged):
            sync(adapter, Kind.CASES)


class TestCatalogue:
    def test_the_price_is_that_which_anybody_pays_today(self, adapter: Adapter, fake: Fake) -> None:
        ref = put_product(fake, prices=())
        put_price(fake.database, ref, 12.0, valid_from="2025-02-01")
        put_price(fake.database, ref, 11.0, valid_from="2025-03-01")
        put_price(fake.database, ref, 1.0, valid_from="2026-02-01")
        put_price(fake.database, ref, 2.0, valid_from="2025-06-01", valid_upto="2025-12-31")
        put_price(fake.database, ref, 3.0, valid_from="2025-06-01", customer=put(fake))
        put_price(fake.database, ref, 4.0, valid_from="2025-06-01", uom="Box")
        put_price(fake.database, ref, 5.0, valid_from="2025-06-01", batch_no="B1")
        put_price(fake.database, ref, 6.0, valid_from="2025-06-01", price_list="Wholesale")
        put_price(fake.database, ref, 7.0, valid_from="2025-06-01", selling=0)
        put_price(fake.database, ref, 13.0, "USD")
        (item,) = items(sync(adapter, Kind.PRODUCTS))
        assert item.prices == (euros("11.0"), Money(Decimal("13.0"), "USD"))

    def test_what_is_written_in_an_editor_is_read_as_text(self, adapter: Adapter, fake: Fake) -> None:
        put_product(fake, description="Red &amp; <b>warm</b>")
        (item,) = items(sync(adapter, Kind.PRODUCTS))
        assert item.description == "Red &  warm"

    def test_an_alternative_both_ways_is_one_of_both(self, adapter: Adapter, fake: Fake) -> None:
        lamp, bulb = put_product(fake), put_product(fake, "BULB")
        fake.put(ProductRelation(lamp, bulb, "upsell"))
        fake.database.absent = {"Website Item"}
        assert adapter.relations(lamp) == [ProductRelation(lamp, bulb, "upsell")]
        assert adapter.relations(bulb) == []
        (row,) = fake.database.tables["Item Alternative"].live()
        row.values["two_way"] = 1
        assert adapter.relations(bulb) == [ProductRelation(bulb, lamp, "upsell")]


class TestWriting:
    def test_a_note_is_text_and_says_whose_it_is(self, adapter: Adapter, fake: Fake) -> None:
        adapter.log_outcome(make_outcome(put(fake), note="<b>1 < 2</b>\nSim"), key="k")
        (note,) = map(json.loads, fake.notes())
        assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;<br>Sim" in note["content"]
        assert note["comment_email"] == fake.user

    def test_a_quotation_that_somebody_saves_meanwhile_gets_the_line_once(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        deal, product = put_deal(fake, put(fake)), put_product(fake)
        theirs = [{"item_code": product, "item_name": "Lamp", "qty": 9.0, "rate": 1.0}]
        meanwhile = [lambda: change(fake, "Quotation", deal, items=theirs)]

        def interfere(request: Request) -> None:
            if request.method == "PUT" and meanwhile:
                watch.now += timedelta(seconds=1)
                meanwhile.pop()()

        fake.checks.append(interfere)
        assert adapter.add_line(deal, NewLine(product), key="k").created
        assert [json.loads(line)["qty"] for line in fake.lines()] == [9.0, 1.0]

    def test_a_line_that_gets_another_name_is_not_put_there_again_and_again(
        self, adapter: Adapter, fake: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in a version that names all new rows itself: an error that is not tried again says so."""
        deal, product = put_deal(fake, put(fake)), put_product(fake)

        def save(database: Database, doctype: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
            for row in data["items"]:
                row.pop("name")
            return saved(database, doctype, name, data)

        saved = documents.save
        monkeypatch.setattr(documents, "save", save)
        with pytest.raises(VendorChanged):
            adapter.add_line(deal, NewLine(product), key="k")
        assert len(fake.lines()) == 1

    def test_a_line_without_a_price_gets_the_lists(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        deal = put_deal(fake, ref)
        adapter.add_line(deal, NewLine(put_product(fake), Decimal("1.5")), key="k")
        (found,) = adapter.open_deals(ref)
        assert [(line.quantity, line.unit_price) for line in found.lines] == [(Decimal("1.5"), euros("9.9"))]

    @pytest.mark.parametrize(
        ("values", "price"),
        [
            ({}, Money(Decimal(5), "USD")),
            ({"disabled": 1}, None),
            ({"has_variants": 1}, None),
            ({"is_sales_item": 0}, None),
        ],
        ids=str,
    )
    def test_what_cannot_be_sold_is_put_on_nothing(
        self, adapter: Adapter, fake: Fake, values: dict[str, int], price: Money | None
    ) -> None:
        deal, product = put_deal(fake, put(fake)), put_product(fake)
        change(fake, "Item", product, **values)
        with pytest.raises(ValidationFailed):
            adapter.add_line(deal, NewLine(product, unit_price=price), key="k")
        assert fake.lines() == []

    @pytest.mark.parametrize(
        "patch",
        [
            {"language": "xx"},
            {"name": " "},
            {"crm.visits": "many"},
            {"crm.visits": "1.5"},
            {"crm.vip": "perhaps"},
            {"crm.since": "2026-01-01"},
            {"offers_consent": "perhaps"},
            {"country": "PT"},
            {"emails": "a@example.com"},
            {"crm.mail": "a@example.com"},
        ],
        ids=str,
    )
    def test_what_erpnext_would_refuse_or_lose_is_named(
        self, fake: Fake, url: str, watch: Watch, patch: dict[str, str]
    ) -> None:
        more = {
            "customer.crm.vip": "custom_vip",
            "customer.crm.since": "custom_since",
            "customer.crm.mail": "email_id",
        }
        adapter = set_up(fake, url, watch, mapping={**MAPPING, **more})
        ref = put(fake)
        before = adapter.get_customer(ref)
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, patch)
        assert refusal.value.fields.keys() == patch.keys()
        assert adapter.get_customer(ref) == before

    def test_values_are_taken_away(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, language="pt-BR", consents=(Consent("offers", granted=True),))
        found = adapter.update_customer(ref, {"language": "", "offers_consent": ""})
        assert (found.language, found.consents) == (None, ())

    def test_what_erpnext_says_of_a_value_is_not_repeated(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(put(fake), {"name": "Qzx7" * 40})
        assert "Qzx7" not in str(refusal.value)


class TestChecking:
    def test_what_is_missing_and_what_is_too_much_is_named(self, adapter: Adapter, fake: Fake) -> None:
        put_deal(fake, put(fake))
        put_product(fake)
        fake.unreadable = {"Issue", "Item Price"}
        fake.rights = {("Customer", "write"), ("Customer", "delete"), ("Item", "write")}
        found = {finding.name: finding for finding in adapter.check().findings}
        assert found["scopes"].missing == ("Issue: read", "Item Price: read", "Quotation: write")
        assert found["excess scopes"].excess == ("Customer: delete", "Item: write")
        assert not found["read Issue"].ok
        reading = {finding.name: finding for finding in adapter.check(writes=False).findings}
        assert reading["scopes"].missing == ("Issue: read", "Item Price: read")
        assert "Customer: write" in reading["excess scopes"].excess

    def test_what_is_left_out_need_not_be_granted(self, fake: Fake, url: str, watch: Watch) -> None:
        fake.unreadable = {"Issue", "Deleted Document", "Comment", "Bin", "Item Alternative", "Sales Invoice"}
        adapter = set_up(fake, url, watch, without="cases, deletions, invoices, relations, stock")
        assert adapter.check().ok
        with pytest.raises(Unsupported):
            adapter.changes(Kind.CASES, None)
        with pytest.raises(Unsupported):
            adapter.relations("LAMP")

    def test_a_mapped_field_and_a_price_list_that_are_not_there_are_named(
        self, fake: Fake, url: str, watch: Watch
    ) -> None:
        put_product(fake)
        mapping = {"customer.register": "custom_form"}
        adapter = set_up(fake, url, watch, mapping=mapping, price_lists="Standard Selling, Wholsale")
        found = {finding.name: finding for finding in adapter.check().findings}
        assert "custom_form" in found["mapping"].message
        assert not found["mapping"].ok
        assert "Wholsale" in found["price lists"].message

    @pytest.mark.parametrize(("version", "ok"), [("13.55.2", False), ("14.0.0", True), ("16.0.0-dev", True)])
    def test_versions(self, adapter: Adapter, fake: Fake, version: str, ok: bool) -> None:
        fake.version = version
        assert adapter.check().ok == ok

    def test_a_wrong_key_may_be_let_in_as_a_guest(self, adapter: Adapter, fake: Fake) -> None:
        fake.user = "Guest"
        (finding,) = adapter.check().findings
        assert not finding.ok


@pytest.mark.parametrize("without", ["cases,prices", "everything", "cases stock"])
def test_what_cannot_be_left_out_is_refused(fake: Fake, without: str) -> None:
    with pytest.raises(BadSettings, match="without"):
        Adapter.load_settings({**fake.settings("http://127.0.0.1"), "without": without})


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (417, "TimestampMismatchError", Conflict),
        (417, "ValidationError", ValidationFailed),
        (417, "SomethingOfAnAppError", ValidationFailed),
        (417, "DataError", VendorChanged),
        (500, "OperationalError", VendorChanged),
        (403, "PermissionError", PermissionDenied),
        (404, "DoesNotExistError", NotFound),
        (409, "DuplicateEntryError", Conflict),
        (417, "DocumentLockedError", Unavailable),
        (500, "QueryDeadlockError", Unavailable),
        (417, "RateLimitExceededError", RateLimited),
    ],
)
def test_the_exceptions_class_says_what_it_is(status: int, name: str, kind: type[CRMError]) -> None:
    body = {"exc_type": name, "exception": "frappe.exceptions: Qzx7", "_server_messages": "Qzx7"}
    error = translate(Answer(status, {}, json.dumps(body).encode()))
    assert type(error) is kind
    assert "Qzx7" not in str(error)


class TestWebhooks:
    def send(self, fake: Fake, body: dict[str, str]) -> WebhookRequest:
        """Signed as it should be."""
        written = json.dumps(body).encode()
        headers = {"X-Frappe-Webhook-Signature": sign_base64(fake.webhook_secret, written)}
        return WebhookRequest("POST", "https://assist.example.com/1", headers, written, fake.now())

    @pytest.mark.parametrize(
        ("doctype", "hint"),
        [
            ("Contact", (Kind.CUSTOMERS, "")),
            ("Bin", (Kind.PRODUCTS, "")),
            ("Item", (Kind.PRODUCTS, "N")),
            ("Sales Invoice", (Kind.ORDERS, "invoice:N")),
        ],
    )
    def test_of_a_part_nothing_is_known_but_that_something_changed(
        self, adapter: Adapter, fake: Fake, doctype: str, hint: tuple[Kind, str]
    ) -> None:
        (found,) = adapter.read_webhook(self.send(fake, {"doctype": doctype, "name": "N"}))
        assert (found.kind, found.ref) == hint

    def test_a_second_change_is_another(self, adapter: Adapter, fake: Fake) -> None:
        first, second = (
            self.send(fake, {"doctype": "Item", "name": "N", "modified": moment}) for moment in ("1", "2")
        )
        assert adapter.read_webhook(first) != adapter.read_webhook(second)

    def test_of_other_documents_there_is_no_news(self, adapter: Adapter, fake: Fake) -> None:
        assert adapter.read_webhook(self.send(fake, {"doctype": "ToDo", "name": "N"})) == []
        with pytest.raises(VendorChanged):
            adapter.read_webhook(self.send(fake, {"name": "N"}))

    def test_without_a_secret_they_are_refused(self, fake: Fake, url: str, watch: Watch) -> None:
        adapter = set_up(fake, url, watch, webhook_secret="")
        with pytest.raises(Unsupported):
            adapter.read_webhook(fake.webhook(Kind.CUSTOMERS, "N"))
