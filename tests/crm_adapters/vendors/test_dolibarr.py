"""Dolibarr's adapter against Dolibarr's fake: the suite, and what is Dolibarr's own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any

import pytest

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    AuthExpired,
    BadSettings,
    Conflict,
    NotFound,
    PermissionDenied,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.fakes.vendors.dolibarr import Fake
from crm_adapters.model import (
    Case,
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
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.vendors.dolibarr import Adapter
from crm_adapters.vendors.dolibarr.api import _ordered, translate

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Connect = Callable[..., Adapter]
"""With other settings than the usual."""
MAPPING = {
    "customer.id.shop": "array_options.options_shop_number",
    "customer.crm.store": "array_options.options_store",
    "customer.offers_consent": "array_options.options_offers_ok",
    "product.family": "array_options.options_line",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING, "accessories": True}


class TestDolibarr(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices", "company.industry", "company.employees"})

    def hold(self, record: Any) -> Any:
        """A price of zero is none; a proposal's name begins with its number."""
        if isinstance(record, Product):
            return replace(record, prices=tuple(one for one in record.prices if one.amount))
        if isinstance(record, OpenDeal):
            return replace(record, kind=DealKind.QUOTE, name=f"(PROV{record.ref}) · {record.name}")
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
def connect(fake: Fake, url: str, watch: Watch) -> Connect:
    def connect(**settings: Any) -> Adapter:
        raw = {**fake.settings(url), **SETTINGS, "country": "BR", **settings}
        return Adapter(Adapter.load_settings(raw), local_transport(watch))

    return connect


@pytest.fixture
def adapter(connect: Connect) -> Adapter:
    return connect()


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "Silva", family_name="Silva", **values))


def add(fake: Fake, table: str, **values: Any) -> str:
    return fake.office.tables[table].add(values).id


def change(fake: Fake, table: str, ref: str, **values: Any) -> None:
    fake.office.tables[table].change(fake.office.tables[table].rows[ref], values)


def buy(fake: Fake, customer: str, *lines: OrderLine, status: OrderStatus = OrderStatus.WON) -> str:
    return fake.put(Order("", customer, NOW, status, lines))


def line(product: str | None = None, amount: str = "10.00", currency: str = "EUR") -> OrderLine:
    return OrderLine("", product, "A thing", Decimal(2), Money(Decimal(amount), currency))


def quote(fake: Fake, customer: str, *lines: OrderLine) -> str:
    return fake.put(OpenDeal("", DealKind.QUOTE, "An offer", customer, lines=lines))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


class TestSettings:
    @pytest.mark.parametrize(
        "wrong", [{"key": ""}, {"currency": "euro"}, {"purchases": "both"}, {"page_size": 0}], ids=str
    )
    def test_what_cannot_work_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadSettings):
            Adapter.load_settings({"url": "https://erp.example.com", "key": "k", **wrong})

    def test_an_address_and_a_key_are_enough(self, fake: Fake, url: str, watch: Watch) -> None:
        settings = Adapter.load_settings({"url": f"{url}/api/index.php/", "key": fake.token})
        adapter = Adapter(settings, local_transport(watch))
        ref = put(fake)
        assert adapter.get_customer(ref).name == "Silva"
        assert not adapter.capabilities.webhooks
        assert not adapter.capabilities.relations
        assert adapter.capabilities.keys == {KeyKind.EMAIL, KeyKind.PHONE, KeyKind.REF}

    def test_modules_that_are_not_in_use_are_left_alone(self, connect: Connect) -> None:
        adapter = connect(tickets=False, proposals=False)
        assert Kind.CASES not in adapter.capabilities.kinds
        for call in (lambda: adapter.open_deals("1"), lambda: adapter.changes(Kind.CASES, None)):
            with pytest.raises(Unsupported):
                call()


class TestFinding:
    @pytest.mark.parametrize("sign", ["(", ")", ":", "'", "_", "%", "\\", "&", '"'])
    def test_an_address_may_hold_any_sign(self, adapter: Adapter, fake: Fake, sign: str) -> None:
        found = put(fake, emails=(Email(f"a{sign}b@example.com"),))
        put(fake, emails=(Email("axb@example.com"),))
        assert refs(adapter, KeyKind.EMAIL, f"A{sign}b@example.com") == [found]

    def test_an_address_of_two_finds_both(self, adapter: Adapter, fake: Fake) -> None:
        both = [put(fake, emails=(Email("eva@example.com"),)) for _ in range(2)]
        assert refs(adapter, KeyKind.EMAIL, "eva@example.com") == both

    def test_a_contacts_address_is_the_third_partys(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("office@example.com"),))
        add(fake, "contacts", socid=ref, email="Eva@Example.com", phone_pro="+45 32 12 34 56", statut="1")
        add(fake, "contacts", socid=None, email="eva@example.com", statut="1")
        for kind, value in ((KeyKind.EMAIL, "eva@example.com"), (KeyKind.PHONE, "+4532123456")):
            (match,) = adapter.find_customers(CustomerKey(kind, value))
            assert match.customer == adapter.get_customer(ref)
        assert [one.value for one in match.customer.emails] == ["office@example.com", "eva@example.com"]

    def test_a_contact_who_left_is_nobody(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        add(fake, "contacts", socid=ref, email="eva@example.com", statut="0")
        assert refs(adapter, KeyKind.EMAIL, "eva@example.com") == []

    def test_a_supplier_is_no_customer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("eva@example.com"),))
        change(fake, "thirdparties", ref, client="0")
        assert refs(adapter, KeyKind.EMAIL, "eva@example.com") == refs(adapter, KeyKind.REF, ref) == []
        with pytest.raises(NotFound):
            adapter.get_customer(ref)

    @pytest.mark.parametrize("raw", ["+45 32 12 34 56", "32 12 34 56", "(3212) 3456", "0045/32.12.34.56"])
    def test_a_telephone_is_found_as_it_was_written(self, adapter: Adapter, fake: Fake, raw: str) -> None:
        found = put(fake, phones=(Phone(raw),), country="DK")
        put(fake, phones=(Phone("+45 42 12 34 56"),))
        assert refs(adapter, KeyKind.PHONE, "+4532123456") == [found]

    @pytest.mark.parametrize(("version", "known"), [("18.0.5", False), ("19.0.3", False), ("20.0.0", True)])
    def test_a_second_telephone_is_looked_for_where_there_is_one(
        self, adapter: Adapter, fake: Fake, version: str, known: bool
    ) -> None:
        fake.version = version
        ref = put(fake)
        change(fake, "thirdparties", ref, phone_mobile="+45 32 12 34 56")
        assert refs(adapter, KeyKind.PHONE, "+4532123456") == ([ref] if known else [])

    def test_a_field_of_the_third_party_may_be_a_declared_id(self, connect: Connect, fake: Fake) -> None:
        ref = put(fake)
        change(fake, "thirdparties", ref, ref_ext="8:841")
        adapter = connect(mapping={"customer.id.shop": "ref_ext"})
        assert refs(adapter, KeyKind.DECLARED, "shop:8:841") == [ref]
        assert refs(adapter, KeyKind.DECLARED, "shop:8_841") == []


class TestPeople:
    def test_a_professional_buys_for_itself(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        change(fake, "thirdparties", ref, typent_code="TE_MEDIUM", url="https://www.silva.example/about")
        found = adapter.get_customer(ref)
        assert (found.company, found.company_ref) == ("Silva", ref)
        company = adapter.get_company(ref)
        assert (company.name, company.domain) == ("Silva", "silva.example")

    @pytest.mark.parametrize(("vat", "company"), [("PT123456789", "Silva"), ("", None)])
    def test_without_a_type_a_vat_number_tells(
        self, adapter: Adapter, fake: Fake, vat: str, company: str | None
    ) -> None:
        ref = put(fake)
        change(fake, "thirdparties", ref, typent_code="TE_UNKNOWN", tva_intra=vat)
        assert adapter.get_customer(ref).company == company

    def test_a_private_person_is_no_company(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(NotFound):
            adapter.get_company(put(fake))

    def test_of_several_contacts_none_is_the_customer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, given_name="Eva")
        assert adapter.get_customer(ref).given_name == "Eva"
        add(fake, "contacts", socid=ref, firstname="Bo", lastname="Larsen", statut="1")
        assert adapter.get_customer(ref).given_name == ""

    @pytest.mark.parametrize("table", ["thirdparties", "contacts"])
    def test_who_takes_no_mailings_takes_no_offers(self, adapter: Adapter, fake: Fake, table: str) -> None:
        ref = put(fake, consents=(Consent("offers", granted=True),))
        assert adapter.get_customer(ref).consents == (Consent("offers", granted=True),)
        change(
            fake, table, ref if table == "thirdparties" else fake.office.contacts_of(ref)[0].id, no_email=1
        )
        assert adapter.get_customer(ref).consents == (Consent("offers", granted=False),)


class TestOrders:
    @pytest.mark.parametrize(
        ("raw", "status"),
        [
            ("-1", OrderStatus.CANCELLED),
            ("0", OrderStatus.OPEN),
            ("1", OrderStatus.WON),
            ("2", OrderStatus.WON),
            ("3", OrderStatus.WON),
            ("7", OrderStatus.UNKNOWN),
        ],
    )
    def test_a_status_means(self, adapter: Adapter, fake: Fake, raw: str, status: OrderStatus) -> None:
        ref = put(fake)
        change(fake, "orders", buy(fake, ref), statut=raw)
        (order,) = adapter.orders(ref)
        assert (order.status, order.raw_status) == (status, raw)

    def test_newer_versions_may_name_the_status_otherwise(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        change(fake, "orders", buy(fake, ref), statut=None, status=0)
        (order,) = adapter.orders(ref)
        assert order.status is OrderStatus.OPEN

    def test_what_was_entered_on_another_day_was_placed_at_noon(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        order = buy(fake, ref)
        assert next(adapter.orders(ref)).placed_at == NOW
        change(fake, "orders", order, date_creation=int((NOW + timedelta(days=3)).timestamp()))
        assert next(adapter.orders(ref)).placed_at == datetime(2026, 1, 5, 15, 0, tzinfo=UTC)

    def test_a_price_is_less_the_discount(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        order = buy(fake, ref, line(), line())
        rows = fake.office.tables["orders"].rows[order].values["lines"]
        rows[0] |= {"remise_percent": "25", "desc": "<p>A &amp; B</p>"}
        rows[1] |= {"product_type": "9"}
        (found,) = next(adapter.orders(ref)).lines
        assert (found.name, found.unit_price) == ("A & B", Money(Decimal("7.5"), "EUR"))

    def test_a_credit_note_takes_back(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        order = buy(fake, ref, line())
        back = fake.add_invoice(ref, line(amount="-10.00"), sort="2")
        fake.add_invoice(ref, line())
        found = {one.ref: one for one in adapter.orders(ref)}
        assert found.keys() == {order, f"invoice:{back}"}
        (returned,) = found[f"invoice:{back}"].lines
        assert (returned.quantity, returned.unit_price) == (Decimal(-2), Money(Decimal(10), "EUR"))
        assert found[f"invoice:{back}"].status is OrderStatus.WON

    def test_a_draft_of_a_credit_note_takes_nothing_back(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        fake.add_invoice(ref, line(), sort="2", status="0")
        assert [one.status for one in adapter.orders(ref)] == [OrderStatus.UNKNOWN]

    def test_credit_notes_can_be_left_out(self, connect: Connect, fake: Fake) -> None:
        ref = put(fake)
        fake.add_invoice(ref, line(), sort="2")
        fake.rights.discard("facture.lire")
        assert list(connect(credit_notes=False).orders(ref)) == []
        with pytest.raises(PermissionDenied):
            connect().orders(ref)

    @pytest.mark.parametrize(
        ("sort", "status", "listed"),
        [
            ("0", "2", OrderStatus.WON),
            ("0", "1", OrderStatus.WON),
            ("1", "2", OrderStatus.WON),
            ("0", "0", OrderStatus.OPEN),
            ("0", "3", OrderStatus.CANCELLED),
            ("3", "2", None),
        ],
        ids=["paid", "validated", "replacement", "draft", "given up", "deposit"],
    )
    def test_invoices_may_be_the_purchases(
        self, connect: Connect, fake: Fake, sort: str, status: str, listed: OrderStatus | None
    ) -> None:
        ref = put(fake)
        buy(fake, ref, line())
        invoice = fake.add_invoice(ref, line(), sort=sort, status=status)
        adapter = connect(purchases="invoices")
        found = {one.ref: one.status for one in adapter.orders(ref)}
        assert found == ({f"invoice:{invoice}": listed} if listed else {})
        assert sync(adapter, Kind.ORDERS).listed == found.keys()


class TestFeed:
    def test_credit_notes_are_part_of_everything(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake)
        known = {buy(fake, ref), f"invoice:{fake.add_invoice(ref, line(), sort='2')}"}
        first = sync(adapter, Kind.ORDERS)
        assert first.listed == known
        watch.now += timedelta(days=8)
        assert sync(adapter, Kind.ORDERS, first.cursor).lost(known) == set()

    def test_what_was_deleted_is_told_of_once_a_week(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref, gone = put(fake), put(fake)
        run = sync(adapter, Kind.CUSTOMERS)
        fake.delete(Kind.CUSTOMERS, gone)
        watch.now += timedelta(days=2)
        run = sync(adapter, Kind.CUSTOMERS, run.cursor)
        assert run.lost({ref, gone}) == set()
        watch.now += timedelta(days=6)
        assert sync(adapter, Kind.CUSTOMERS, run.cursor).lost({ref, gone}) == {gone}

    def test_a_changed_contact_is_a_changed_customer(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref, _ = put(fake), put(fake)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(days=3)
        first = sync(adapter, Kind.CUSTOMERS, first.cursor)
        change(fake, "contacts", fake.office.contacts_of(ref)[0].id, email="eva@example.com")
        run = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert [item for page in run.pages for item in page.items] == [adapter.get_customer(ref)]

    def test_who_is_no_customer_any_more_is_gone(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(days=1)
        change(fake, "thirdparties", ref, client="0")
        assert sync(adapter, Kind.CUSTOMERS, first.cursor).lost({ref}) == {ref}

    def test_a_page_that_lacks_a_row_is_not_the_last(self, connect: Connect, fake: Fake) -> None:
        """Dolibarr leaves out a row that went while it read the list."""
        known = [put(fake) for _ in range(5)]
        adapter = connect(page_size=2)
        page = adapter.changes(Kind.CUSTOMERS, None)
        fake.skipped.add(known[2])
        rest = sync(adapter, Kind.CUSTOMERS, page.next_cursor)
        assert rest.listed == {known[3], known[4]}

    def test_the_servers_own_time_hides_nothing(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        """At half past two by UTC it is still yesterday where the server is."""
        watch.now = datetime(2026, 1, 6, 2, 30, tzinfo=UTC)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(minutes=5)
        ref = put(fake)
        watch.now += timedelta(minutes=5)
        assert sync(adapter, Kind.CUSTOMERS, first.cursor).listed == {ref}

    def test_a_ticket_of_nobody_is_told_of(self, adapter: Adapter, fake: Fake) -> None:
        ref = add(fake, "tickets", fk_soc=None, subject="?", fk_statut="0", datec=1)
        (page,) = [page for page in sync(adapter, Kind.CASES).pages if page.rejected]
        assert [one.source for one in page.rejected] == [f"ticket {ref}"]

    @pytest.mark.parametrize(
        ("code", "status", "told"),
        [("PROBLEM", "0", (True, True)), ("COM", "7", (False, True)), ("issue", "9", (False, False))],
    )
    def test_which_tickets_are_complaints_is_a_setting(
        self, adapter: Adapter, fake: Fake, code: str, status: str, told: tuple[bool, bool]
    ) -> None:
        add(fake, "tickets", fk_soc=put(fake), subject="S", type_code=code, fk_statut=status, datec=1)
        (case,) = [item for page in sync(adapter, Kind.CASES).pages for item in page.items]
        assert isinstance(case, Case)
        assert (case.complaint, case.open) == told


class TestCatalogue:
    def read(self, adapter: Adapter) -> list[Product]:
        items = [item for page in sync(adapter, Kind.PRODUCTS).pages for item in page.items]
        return [item for item in items if isinstance(item, Product)]

    @pytest.mark.parametrize(
        ("values", "stock"),
        [
            ({"stock_reel": "0"}, 0),
            ({"stock_reel": None}, None),
            ({"stock_reel": "7", "type": "1"}, None),
            ({"stock_reel": "7", "stockable_product": "0"}, None),
        ],
        ids=["none left", "never moved", "service", "not stocked"],
    )
    def test_what_is_not_counted_is_unknown(
        self, adapter: Adapter, fake: Fake, values: dict[str, Any], stock: int | None
    ) -> None:
        change(fake, "products", fake.put(Product("", "X", "X")), **values)
        (product,) = self.read(adapter)
        assert product.stock == stock

    def test_of_several_price_lists_the_first_counts(self, adapter: Adapter, fake: Fake) -> None:
        ref = fake.put(Product("", "X", "X"))
        change(fake, "products", ref, price="0", multiprices={"1": "12.50", "2": "10"})
        (product,) = self.read(adapter)
        assert product.prices == (Money(Decimal("12.5"), "EUR"),)

    def test_categories_are_not_asked_for_where_nobody_wants_them(self, connect: Connect, fake: Fake) -> None:
        fake.put(Product("", "X", "X", category="things"))
        fake.rights.discard("categorie.lire")
        (product,) = self.read(connect(mapping={"product.category": ""}))
        assert product.category is None
        with pytest.raises(PermissionDenied) as refusal:
            connect().changes(Kind.PRODUCTS, None)
        assert refusal.value.scope == "produit.lire"

    def test_parts_of_a_kit_do_not_go_with_it(self, adapter: Adapter, fake: Fake) -> None:
        kit, part, extra = (fake.put(Product("", name, name)) for name in "KPE")
        fake.office.associated += [(kit, part, "1"), (kit, extra, "0")]
        assert adapter.relations(kit) == [ProductRelation(kit, extra, "accessory")]

    def test_the_currency_is_asked_for_where_no_setting_tells(self, connect: Connect, fake: Fake) -> None:
        fake.put(Product("", "X", "X"))
        with pytest.raises(PermissionDenied, match="setting currency"):
            connect(currency="").changes(Kind.PRODUCTS, None)
        fake.administrator = True
        assert len(self.read(connect(currency=""))) == 1


class TestProposals:
    def open(self, fake: Fake, currency: str = "EUR") -> tuple[str, str]:
        """A proposal that is a draft, and a product."""
        product = fake.put(Product("", "X", "X", prices=(Money(Decimal(25), "EUR"),)))
        return quote(fake, put(fake), line(product, "10.00", currency)), product

    def test_validated_ones_are_open_and_take_no_lines(self, adapter: Adapter, fake: Fake) -> None:
        deal, product = self.open(fake)
        change(fake, "proposals", deal, statut="1")
        customer = fake.office.tables["proposals"].rows[deal].values["socid"]
        assert [one.stage for one in adapter.open_deals(customer)] == ["validated"]
        with pytest.raises(Conflict):
            adapter.add_line(deal, NewLine(product), key="k")

    def test_without_a_price_the_products_is_written(self, adapter: Adapter, fake: Fake) -> None:
        deal, product = self.open(fake)
        adapter.add_line(deal, NewLine(product, Decimal("0.5")), key="k")
        *_, added = fake.office.tables["proposals"].rows[deal].values["lines"]
        assert (Decimal(added["subprice"]), added["qty"]) == (Decimal(25), "0.5")

    def test_another_currency_is_worked_out(self, adapter: Adapter, fake: Fake) -> None:
        deal, product = self.open(fake, "USD")
        customer = fake.office.tables["proposals"].rows[deal].values["socid"]
        adapter.add_line(deal, NewLine(product, Decimal(1), Money(Decimal(50), "USD")), key="k")
        (found,) = adapter.open_deals(customer)
        assert [one.unit_price for one in found.lines] == [Money(Decimal(n), "USD") for n in (10, 50)]
        assert found.amount == Money(Decimal(70), "USD")
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(deal, NewLine(product, Decimal(1), Money(Decimal(50), "EUR")), key="l")
        assert refusal.value.fields == {"unit_price": "USD"}

    def test_older_versions_take_a_line_by_another_call(self, adapter: Adapter, fake: Fake) -> None:
        fake.takes_single_lines = False
        deal, product = self.open(fake)
        assert adapter.add_line(deal, NewLine(product), key="k").created
        assert not adapter.add_line(deal, NewLine(product), key="k").created
        assert len(fake.lines()) == 2

    def test_what_is_not_for_sale_is_not_put_on_one(self, adapter: Adapter, fake: Fake) -> None:
        deal, product = self.open(fake)
        change(fake, "products", product, status="0")
        with pytest.raises(ValidationFailed):
            adapter.add_line(deal, NewLine(product), key="k")

    def test_a_mark_that_was_taken_out_is_not_written_again(self, adapter: Adapter, fake: Fake) -> None:
        fake.cleans_all = True
        deal, product = self.open(fake)
        with pytest.raises(VendorChanged, match="took our mark out"):
            adapter.add_line(deal, NewLine(product), key="k")


class TestNotes:
    def test_a_note_is_an_event_of_our_own(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        adapter.log_outcome(make_outcome(ref, note="<b>5 > 4</b>\n5 < 6"), key="k")
        (row,) = fake.office.tables["agendaevents"].live()
        assert row.values["note_private"].startswith("&lt;b&gt;5 &gt; 4")
        assert (row.values["socid"], row.values["percentage"]) == (ref, "-1")
        assert row.values["label"] == "<b>5 > 4</b> 5 < 6"

    def test_a_key_whose_user_may_not_look_at_itself_writes_nothing(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        ref = put(fake)
        fake.rights.discard("user.self.creer")
        with pytest.raises(PermissionDenied) as refusal:
            adapter.log_outcome(make_outcome(ref), key="k")
        assert refusal.value.scope == "user.self.creer"
        assert fake.notes() == []

    def test_a_note_is_not_found_with_another_customer(self, adapter: Adapter, fake: Fake) -> None:
        ref, other = put(fake), put(fake)
        adapter.log_outcome(make_outcome(ref), key="k")
        assert adapter.find_outcome("k", customer_ref=other) is None

    def test_the_answer_to_another_note_is_no_answer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        fake.strike(Strike(Trouble.REPEATED, writes=True, nth=2))
        first = adapter.log_outcome(make_outcome(ref), key="k")
        assert adapter.log_outcome(make_outcome(ref), key="another").ref != first.ref


class TestEdits:
    def test_two_changes_of_one_second_are_told_apart(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="ES")
        before = adapter.get_customer(ref)
        change(fake, "thirdparties", ref, country_code="PT")
        assert adapter.get_customer(ref).updated_at == before.updated_at
        with pytest.raises(Conflict):
            adapter.update_customer(ref, {"name": "Souza"}, expected_version=before.version)

    def test_attributes_that_stay_are_written_too(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, declared_ids={"shop": "8841"})
        adapter.update_customer(ref, {"crm.store": "Porto"})
        found = adapter.get_customer(ref)
        assert (found.custom, found.declared_ids) == ({"store": "Porto"}, {"shop": "8841"})

    def test_a_country_may_be_taken_away(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="PT")
        assert adapter.update_customer(ref, {"country": ""}).country is None

    @pytest.mark.parametrize(
        "wrong",
        [{"name": " "}, {"country": "Portugal"}, {"country": "ZZ"}, {"language": "?"}, {"given_name": "Eva"}],
        ids=str,
    )
    def test_what_cannot_be_written_is_named(
        self, adapter: Adapter, fake: Fake, wrong: dict[str, str]
    ) -> None:
        ref = put(fake, country="ES")
        before = adapter.get_customer(ref)
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, wrong)
        assert refusal.value.fields.keys() == wrong.keys()
        assert adapter.get_customer(ref) == before

    def test_what_was_not_taken_is_named(self, connect: Connect, fake: Fake) -> None:
        """`name_alias` is taken without a word here, and not kept."""
        adapter = connect(mapping={"customer.crm.alias": "name_alias"})
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(put(fake), {"crm.alias": "S"})
        assert refusal.value.fields == {"crm.alias": "Dolibarr did not take the value"}


class TestFailures:
    def test_a_question_it_does_not_understand_is_asked_once(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(VendorChanged):
            adapter._api.list_some("orders", ["(t.no_such:=:1)"])
        assert [one.status for one in fake.log] == [503]

    @pytest.mark.parametrize("version", ["19.0.0", "22.0.0"])
    def test_a_right_that_is_missing_is_no_bad_key(self, adapter: Adapter, fake: Fake, version: str) -> None:
        fake.version = version
        fake.rights.discard("commande.lire")
        with pytest.raises(PermissionDenied) as refusal:
            adapter.orders(put(fake))
        assert refusal.value.scope == "commande.lire"

    def test_nothing_listed_is_no_missing_call(self, adapter: Adapter) -> None:
        assert adapter._api.list_some("thirdparties") == adapter._api.list_some("orders") == []
        with pytest.raises(VendorChanged):
            adapter._api.list_some("no_such")

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (401, b"<h1>401</h1>", AuthExpired),
            (404, b"<h1>404</h1>", VendorChanged),
            (501, b"API not found (failed to include API file)", VendorChanged),
            (503, b"<h1>Maintenance</h1>", NoneType),
            (503, b'{"error": {"message": "Service Unavailable: MySQL server has gone away"}}', NoneType),
            (503, b'{"error": {"message": "Service Unavailable: Unknown column"}}', VendorChanged),
        ],
    )
    def test_an_answer_means(self, status: int, body: bytes, kind: type[object]) -> None:
        assert type(translate(Answer(status, {}, body))) is kind

    @pytest.mark.parametrize(
        "rows", [[{"id": "2"}, {"id": "1"}], [{"id": "7"}], [{"name": "x"}], {"id": "9"}, [1]], ids=str
    )
    def test_a_page_that_was_not_asked_for_is_refused(self, rows: Any) -> None:
        with pytest.raises(VendorChanged):
            _ordered(rows, 7, 5)


class TestChecks:
    def test_a_key_that_may_all_that_is_needed_is_well(self, adapter: Adapter) -> None:
        health = adapter.check()
        assert health.ok
        assert not any(one.warning for one in health.findings)

    def test_rights_that_are_missing_are_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.rights -= {"societe.client.voir", "ticket.read"}
        missing = {one.name: one.missing for one in adapter.check().findings if not one.ok}
        assert missing["scopes"] == ("societe.client.voir", "ticket.read")
        assert missing["read tickets"] == ("ticket.read",)

    def test_rights_that_are_too_many_are_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.administrator = True
        fake.rights.add("commande.creer")
        (found,) = [one.excess for one in adapter.check().findings if one.excess]
        assert found == ("administrator", "commande.creer")
        (found,) = [one.excess for one in adapter.check(writes=False).findings if one.excess]
        assert set(found) >= {"societe.creer", "propal.creer", "agenda.myactions.create"}

    def test_only_what_the_settings_ask_for_is_needed(self, connect: Connect, fake: Fake) -> None:
        fake.rights -= {"ticket.read", "propal.lire", "propal.creer", "facture.lire", "categorie.lire"}
        adapter = connect(
            tickets=False, proposals=False, credit_notes=False, mapping={"product.category": ""}
        )
        assert adapter.check().ok

    def test_a_user_who_may_not_look_at_itself_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.rights.discard("user.self.creer")
        (finding,) = [one for one in adapter.check().findings if not one.ok]
        assert finding.missing == ("user.self.creer",)
        assert adapter.check(writes=False).ok

    def test_a_currency_that_nobody_tells_is_named(self, connect: Connect) -> None:
        (finding,) = [one for one in connect(currency="").check().findings if not one.ok]
        assert (finding.name, "setting currency" in finding.message) == ("currency", True)

    def test_attributes_that_are_not_there_are_named(self, connect: Connect, fake: Fake) -> None:
        fake.put(Product("", "X", "X"))
        put(fake)
        mapping = {
            "customer.crm.store": "array_options.options_shop",
            "product.family": "array_options.options_line",
        }
        (finding,) = [one for one in connect(mapping=mapping).check().findings if one.warning]
        assert "thirdparties have no array_options.options_shop" in finding.message

    @pytest.mark.parametrize(("version", "ok"), [("17.0.4", False), ("18.0.0", True), ("23.0.0", True)])
    def test_the_version_is_told(self, adapter: Adapter, fake: Fake, version: str, ok: bool) -> None:
        fake.version = version
        finding = adapter.check().findings[0]
        assert finding.ok is ok
        assert "18" in finding.message or version in finding.message

    def test_another_address_is_named(self, connect: Connect, url: str) -> None:
        (finding,) = connect(url=f"{url}/elsewhere").check().findings
        assert "no such call" in finding.message


class TestFields:
    def test_attributes_are_those_of_the_first_records(self, adapter: Adapter, fake: Fake) -> None:
        put(fake, declared_ids={"shop": "8841"}, country="ES")
        put(fake)
        found = {one.name: one for one in adapter.describe_fields(Kind.CUSTOMERS, sample=5)}
        shop = found["array_options.options_shop_number"]
        assert (shop.mapped, shop.fill_rate, shop.example, shop.personal) == ("id.shop", 0.5, "8841", True)
        assert found["country_code"].writable
        assert not found["email"].writable

    def test_every_kind_is_described(self, connect: Connect) -> None:
        adapter = connect(tickets=False)
        for kind in Kind:
            assert bool(adapter.describe_fields(kind)) == (kind in adapter.capabilities.kinds)


class TestWebhooks:
    def request(self, body: object, query: str = "?secret=webhook-Qzx7-secret") -> WebhookRequest:
        told = json.dumps(body).encode()
        return WebhookRequest("POST", f"https://assist.example.com/webhooks/1{query}", {}, told, NOW)

    @pytest.mark.parametrize(
        ("code", "record", "told"),
        [
            ("COMPANY_DELETE", {"id": 7}, (Kind.CUSTOMERS, "7")),
            ("CONTACT_MODIFY", {"id": 3, "socid": "7"}, (Kind.CUSTOMERS, "7")),
            ("ORDER_CLOSE", {"id": "9"}, (Kind.ORDERS, "9")),
            ("LINEORDER_INSERT", {"id": "1", "fk_commande": "9"}, (Kind.ORDERS, "9")),
            ("BILL_VALIDATE", {"id": "4"}, (Kind.ORDERS, "invoice:4")),
            ("STOCK_MOVEMENT", {"id": "1", "product_id": 5}, (Kind.PRODUCTS, "5")),
            ("STOCK_MOVEMENT", {"id": "1"}, (Kind.PRODUCTS, "")),
            ("TICKET_CREATE", {"rowid": "2"}, (Kind.CASES, "2")),
        ],
    )
    def test_a_trigger_names_what_changed(
        self, adapter: Adapter, code: str, record: dict[str, Any], told: tuple[Kind, str]
    ) -> None:
        (hint,) = adapter.read_webhook(self.request({"triggercode": code, "object": record}))
        assert (hint.kind, hint.ref) == told

    @pytest.mark.parametrize("code", ["ORDER_SUPPLIER_CREATE", "BILL_SUPPLIER_PAYED", "USER_LOGIN"])
    def test_other_triggers_say_nothing_to_us(self, adapter: Adapter, code: str) -> None:
        assert adapter.read_webhook(self.request({"triggercode": code, "object": {"id": 1}})) == []

    @pytest.mark.parametrize("body", [[], {}, "x", {"object": {"id": 1}}], ids=str)
    def test_what_is_no_trigger_is_refused(self, adapter: Adapter, body: object) -> None:
        with pytest.raises(VendorChanged):
            adapter.read_webhook(self.request(body))

    def test_without_a_secret_none_are_taken(self, connect: Connect) -> None:
        adapter = connect(webhook_secret="")
        for query in ("", "?secret=", "?secret=x"):
            with pytest.raises(Unsupported):
                adapter.read_webhook(self.request({}, query))
