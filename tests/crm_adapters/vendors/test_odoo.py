"""Odoo's adapter against Odoo's fake, by both ways in: the suite, and what is Odoo's own."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.wrappers import Request

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    Conflict,
    CRMError,
    NotFound,
    NotTrusted,
    PermissionDenied,
    Unavailable,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import ACME, Record
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.fakes.vendors.odoo import Fake
from crm_adapters.model import (
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
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.vendors.odoo import Adapter
from crm_adapters.vendors.odoo.failures import translate
from tests.crm_adapters.described import checker

MAPPING = {
    "customer.id.shop": "x_shop_number",
    "customer.crm.store": "x_store",
    "customer.crm.visits": "x_visits",
    "customer.offers_consent": "x_offers",
    "product.family": "x_family",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}
VARIOUS = "11"
"""The product that stands in lines without one: the first that the fake makes."""
DESCRIBED = frozenset(
    {
        "res.partner",
        "sale.order",
        "sale.order.line",
        "product.product",
        "product.template",
        "mail.message",
        "ir.model.data",
    }
)


def check_described() -> Callable[[Request], None]:
    """The description covers these models; of others it says nothing."""
    check = checker("odoo_json2")
    paths = tuple(f"/json/2/{model}/" for model in DESCRIBED)
    return lambda request: check(request) if request.path.startswith((*paths, "/web/")) else None


class TestOdoo(FakeContract):
    """19, by JSON-2."""

    adapter_class = Adapter
    fake_class = Fake
    release: tuple[Any, ...] = (19, 0)
    settings = SETTINGS
    patch = {
        "name": "Aña Nuñez",
        "language": "es-MX",
        "country": "PT",
        "crm.store": "Porto",
        "crm.visits": "3",
    }
    lacks = frozenset(
        {
            "customer.given_name",
            "customer.family_name",
            "company.employees",
            "product.further_prices",
            "opendeal.name",
        }
    )
    deals_are_orders = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        fake = Fake(watch.clock)
        fake.release = self.release
        if fake.major >= 19:
            fake.checks.append(check_described())
        return fake

    def held(self, refs: Mapping[str, str]) -> dict[str, Record]:
        """Companies buy too."""
        company = Customer(refs["acme"], ACME.name, country=ACME.country)
        various = Product(VARIOUS, "VARIOUS", "Various", active=False)
        return {**super().held(refs), "acme as customer": company, "various": various}

    def hold(self, record: Any) -> Any:
        """A line is always of a product; a price of nothing is none; what is open is a quotation."""
        match record:
            case Order():
                return replace(record, lines=tuple(_with_product(line) for line in record.lines))
            case Product():
                return replace(record, prices=tuple(price for price in record.prices if price.amount))
            case OpenDeal():
                return replace(record, kind=DealKind.QUOTE)
        return record


class TestOdoo18(TestOdoo):
    """By JSON-RPC; online, between two versions."""

    release = ("saas~18", 3)
    renews = True


def _with_product(line: OrderLine) -> OrderLine:
    return replace(line, product_ref=line.product_ref or VARIOUS)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def fake(watch: Watch) -> Fake:
    return Fake(watch.clock)


@pytest.fixture
def adapter(fake: Fake, watch: Watch) -> Iterator[Adapter]:
    with serving(fake) as url:
        raw = {**fake.settings(url), **SETTINGS, "country": "BR"}
        yield Adapter(Adapter.load_settings(raw), local_transport(watch))


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "Maria Silva", **values))


def put_order(fake: Fake, customer: str, *lines: OrderLine) -> str:
    return fake.put(Order("", customer, fake.now(), OrderStatus.WON, lines))


def put_product(fake: Fake, **values: Any) -> str:
    product = Product("", "SKU-1", "Lamp", prices=(Money(Decimal("9.90"), "EUR"),))
    return fake.put(replace(product, **values))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


class TestSigningIn:
    def test_what_the_server_is_like_is_asked_once_a_day(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake)
        adapter.get_customer(ref)
        asked = len(fake.log)
        Adapter(adapter.settings, adapter.transport).get_customer(ref)
        assert len(fake.log) == asked + 1
        watch.now += timedelta(days=2)
        adapter.get_customer(ref)
        assert len(fake.log) > asked + 2

    def test_another_field_is_looked_for_at_once(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        adapter.get_customer(ref)
        fake.database.need("res.partner", ref).values["company_name"] = "Corner shop"
        raw = {**fake.settings(adapter.settings["url"]), "mapping": {"customer.crm.employer": "company_name"}}
        other = Adapter(Adapter.load_settings(raw), adapter.transport)
        assert other.get_customer(ref).custom == {"employer": "Corner shop"}

    def test_before_19_a_login_is_needed_and_the_check_says_so(self, adapter: Adapter, fake: Fake) -> None:
        fake.release = (17, 0)
        health = Adapter({**adapter.settings, "login": ""}, adapter.transport).check()
        assert not health.ok
        assert "login" in " ".join(finding.message for finding in health.findings)

    @pytest.mark.parametrize("release", [(16, 0), ("saas~18", 3), (19, 0), ("saas~19", 1)], ids=str)
    def test_every_version_is_spoken_to_in_its_way(
        self, adapter: Adapter, fake: Fake, release: tuple[Any, ...]
    ) -> None:
        fake.release = release
        ref = put(fake)
        assert adapter.check().ok
        assert adapter.log_outcome(make_outcome(ref, note="<b>1 < 2</b>"), key="k").created
        (note,) = fake.notes()
        assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in note
        assert "&amp;lt;" not in note
        asked = {one.path.split("/")[1] for one in fake.log if one.writes}
        assert asked == ({"json"} if fake.major >= 19 else {"jsonrpc"})

    def test_an_answer_to_another_call_is_none(self, adapter: Adapter, fake: Fake) -> None:
        """By JSON-RPC all calls are made at one address."""
        fake.release = (18, 0)
        adapter.check()
        fake.strike(Strike(Trouble.REPEATED, writes=False, nth=2))
        adapter.describe_fields(Kind.CUSTOMERS)
        with pytest.raises(VendorChanged):
            adapter.describe_fields(Kind.PRODUCTS)


class TestFinding:
    def test_an_address_among_several_finds(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        fake.database.need("res.partner", ref).values["email"] = "One <one@example.com>; two@Example.com"
        assert refs(adapter, KeyKind.EMAIL, "Two@example.com") == [ref]
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == [ref]

    def test_an_archived_partner_is_nobody(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),))
        fake.archive(Kind.CUSTOMERS, ref)
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == []
        with pytest.raises(NotFound):
            adapter.get_customer(ref)

    def test_an_address_to_deliver_to_is_nobody(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"),))
        fake.database.need("res.partner", ref).values["type"] = "delivery"
        assert refs(adapter, KeyKind.EMAIL, "one@example.com") == []

    @pytest.mark.parametrize("release", [(18, 0), (19, 0)], ids=str)
    @pytest.mark.parametrize("written", ["(11) 99123-4567", "11 9123-4567", "+5511991234567"])
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, release: tuple[int, int], written: str
    ) -> None:
        """A partner's second number, which is in no sanitized form, went with 19."""
        fake.release = release
        other = Phone("+34 912 345 678") if fake.major < 19 else Phone(written)
        ref = put(fake, phones=(other, Phone(written)) if fake.major < 19 else (other,))
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_who_takes_no_mailings_takes_no_offers(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, consents=(Consent("offers", granted=True),))
        fake.database.need("res.partner", ref).values["is_blacklisted"] = True
        assert adapter.get_customer(ref).consents == (Consent("offers", granted=False),)

    def test_a_person_is_no_company(self, adapter: Adapter, fake: Fake) -> None:
        company = fake.put(Company("", "Acme", domain="acme.example.com"))
        assert adapter.get_company(company).domain == "acme.example.com"
        assert adapter.get_customer(put(fake, company_ref=company)).company == "Acme"
        with pytest.raises(NotFound):
            adapter.get_company(put(fake))


class TestChanges:
    def test_an_archived_partner_is_gone_and_comes_back(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake)
        watch.now += timedelta(hours=1)
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(hours=1)
        fake.archive(Kind.CUSTOMERS, ref)
        gone = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert [page.deleted_refs for page in gone.pages] == [(ref,)]
        watch.now += timedelta(hours=1)
        fake.archive(Kind.CUSTOMERS, ref, active=True)
        assert sync(adapter, Kind.CUSTOMERS, gone.cursor).listed == {ref}

    def test_once_a_week_everything_is_listed_again(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        kept, gone = put(fake), put(fake)
        first = sync(adapter, Kind.CUSTOMERS)
        fake.delete(Kind.CUSTOMERS, gone)
        watch.now += timedelta(days=6)
        quiet = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert not quiet.lost({kept, gone})
        watch.now += timedelta(days=2)
        assert sync(adapter, Kind.CUSTOMERS, quiet.cursor).lost({kept, gone}) == {gone}

    def test_what_was_long_in_being_written_is_listed(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        """A transaction's changes bear the stamp of its beginning, and are seen when it has ended."""
        first = sync(adapter, Kind.CUSTOMERS)
        with fake.at(watch.now - timedelta(minutes=2)):
            ref = put(fake)
        watch.now += timedelta(hours=1)
        assert sync(adapter, Kind.CUSTOMERS, first.cursor).listed == {ref}

    def test_a_merged_partner_leaves_the_orders_to_the_other(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        gone, kept = put(fake), put(fake)
        order = put_order(fake, gone)
        watch.now += timedelta(hours=1)
        first = sync(adapter, Kind.ORDERS)
        watch.now += timedelta(hours=1)
        fake.merge(gone, into=kept)
        (moved,) = [item for page in sync(adapter, Kind.ORDERS, first.cursor).pages for item in page.items]
        assert isinstance(moved, Order)
        assert (moved.ref, moved.customer_ref) == (order, kept)

    def test_a_product_whose_stock_moved_is_listed(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put_product(fake, stock=3)
        watch.now += timedelta(hours=1)
        first = sync(adapter, Kind.PRODUCTS)
        watch.now += timedelta(hours=1)
        fake.move_stock(ref, 1)
        run = sync(adapter, Kind.PRODUCTS, first.cursor)
        assert [(item.ref, item.stock) for item in run.pages[-1].items if isinstance(item, Product)] == [
            (ref, 1)
        ]

    def test_stock_that_may_not_be_read_does_no_harm(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        fake.methods.denied.add(("stock.quant", "read"))
        put_product(fake, stock=3)
        watch.now += timedelta(hours=1)
        first = sync(adapter, Kind.PRODUCTS)
        watch.now += timedelta(hours=1)
        assert not sync(adapter, Kind.PRODUCTS, first.cursor).listed

    def test_an_order_whose_line_changed_is_listed(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put_order(fake, put(fake), OrderLine("", None, "Lamp", Decimal(1), Money(Decimal(5), "EUR")))
        watch.now += timedelta(hours=1)
        first = sync(adapter, Kind.ORDERS)
        watch.now += timedelta(hours=1)
        line = fake.database.lines(fake.database.need("sale.order", ref))[-1]
        fake.database.change("sale.order.line", line, {"discount": 20.0})
        (page,) = [page for page in sync(adapter, Kind.ORDERS, first.cursor).pages if page.items]
        (order,) = page.items
        assert isinstance(order, Order)
        assert order.lines[0].unit_price == Money(Decimal(4), "EUR")

    def test_orders_without_the_app_are_refused_until_it_is_there(self, adapter: Adapter, fake: Fake) -> None:
        fake.absent = {"sale.order", "sale.order.line"}
        customer = put(fake)
        with pytest.raises(Unsupported):
            adapter.changes(Kind.ORDERS, None)
        assert not adapter.check().ok
        fake.absent = set()
        ref = put_order(fake, customer)
        assert sync(adapter, Kind.ORDERS).listed == {ref}


class TestCatalogue:
    def test_variants_of_a_template_are_a_family(self, adapter: Adapter, fake: Fake) -> None:
        small, large = put_product(fake), put_product(fake, name="Lamp XL", sku="SKU-2")
        template = fake.database.need("product.product", small).values["product_tmpl_id"]
        fake.database.need("product.product", large).values["product_tmpl_id"] = template
        found = [item for page in sync(adapter, Kind.PRODUCTS).pages for item in page.items]
        families = {item.ref: item.family for item in found if isinstance(item, Product)}
        assert families[small] == families[large] == "Lamp"

    def test_an_accessory_is_a_product_and_an_option_a_template(self, adapter: Adapter, fake: Fake) -> None:
        lamp, bulb, shade = put_product(fake), put_product(fake), put_product(fake)
        fake.put(ProductRelation(lamp, bulb, "accessory"))
        fake.put(ProductRelation(lamp, shade, "cross_sell"))
        assert set(adapter.relations(lamp)) == {
            ProductRelation(lamp, bulb, "accessory"),
            ProductRelation(lamp, shade, "cross_sell"),
        }


class TestWriting:
    def test_a_note_is_mailed_to_nobody(self, adapter: Adapter, fake: Fake) -> None:
        adapter.log_outcome(make_outcome(put(fake)), key="k")
        (note,) = fake.database.tables["mail.message"].live()
        assert note.values["subtype"] == "mail.mt_note"

    def test_a_user_without_an_address_is_told(self, adapter: Adapter, fake: Fake) -> None:
        fake.database.need("res.users", "7").values["email"] = False
        ref = put(fake)
        assert [finding.name for finding in adapter.check().findings if not finding.ok] == ["user's e-mail"]
        assert adapter.check(writes=False).ok
        with pytest.raises(ValidationFailed):
            adapter.log_outcome(make_outcome(ref), key="k")

    def test_two_changes_of_one_second_are_two(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        before = adapter.get_customer(ref)
        partner = fake.database.need("res.partner", ref)
        fake.database.change("res.partner", partner, {"x_store": "Porto"})
        assert adapter.get_customer(ref).updated_at == before.updated_at
        with pytest.raises(Conflict):
            adapter.update_customer(ref, {"name": "Mary"}, expected_version=before.version)

    @pytest.mark.parametrize(
        "patch",
        [
            {"country": "Germany"},
            {"language": "fr"},
            {"name": " "},
            {"crm.visits": "many"},
            {"crm.visits": "1.5"},
            {"offers_consent": "perhaps"},
            {"company": "Acme"},
            {"emails": "a@example.com"},
        ],
        ids=str,
    )
    def test_what_odoo_would_take_and_lose_is_refused(
        self, adapter: Adapter, fake: Fake, patch: dict[str, str]
    ) -> None:
        ref = put(fake, country="PT")
        before = adapter.get_customer(ref)
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, patch)
        assert refusal.value.fields.keys() == patch.keys()
        assert adapter.get_customer(ref) == before

    def test_a_value_is_taken_away(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="PT", language="pt-BR")
        after = adapter.update_customer(ref, {"country": "", "language": "", "offers_consent": "objected"})
        assert (after.country, after.language) == (None, None)
        assert after.consents == (Consent("offers", granted=False),)

    def test_an_import_that_is_refused_is_an_error(self, adapter: Adapter, fake: Fake) -> None:
        """Odoo says so with 200."""
        product = put_product(fake)
        fake.methods.load = lambda *_, **__: {"ids": False, "messages": [{"type": "error", "field": "x"}]}  # type: ignore[method-assign]  # the only way to have it refuse
        deal = fake.put(OpenDeal("", DealKind.QUOTE, "", put(fake)))
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(deal, NewLine(product), key="k")
        assert refusal.value.fields == {"x": "refused"}

    def test_a_line_needs_the_quotations_currency(self, adapter: Adapter, fake: Fake) -> None:
        deal = fake.put(OpenDeal("", DealKind.QUOTE, "", put(fake)))
        line = NewLine(put_product(fake), unit_price=Money(Decimal(5), "USD"))
        with pytest.raises(ValidationFailed):
            adapter.add_line(deal, line, key="k")


class TestChecking:
    def test_what_is_missing_and_what_is_too_much_is_named(self, adapter: Adapter, fake: Fake) -> None:
        put(fake)
        fake.methods.denied |= {("sale.order", "read"), ("res.partner", "write"), ("res.users", "write")}
        found = {finding.name: finding for finding in adapter.check().findings}
        assert found["scopes"].missing == ("res.partner: write", "sale.order: read")
        assert found["excess scopes"].excess == ("product.product: write", "sale.order: unlink")
        assert not found["read sale.order"].ok
        only_reading = {finding.name: finding for finding in adapter.check(writes=False).findings}
        assert only_reading["scopes"].missing == ("sale.order: read",)

    def test_a_field_that_is_mapped_and_missing_is_named(self, adapter: Adapter, fake: Fake) -> None:
        raw = {**fake.settings(adapter.settings["url"]), "mapping": {"customer.register": "x_form"}}
        health = Adapter(Adapter.load_settings(raw), adapter.transport).check()
        (finding,) = [finding for finding in health.findings if finding.name == "mapping"]
        assert finding.warning
        assert "x_form" in finding.message

    def test_several_companies_are_a_warning_until_one_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.database.need("res.users", "7").values["company_ids"] = [1, 2]
        assert "companies" in {finding.name for finding in adapter.check().findings}
        named = Adapter({**adapter.settings, "company_ids": "1"}, adapter.transport)
        assert "companies" not in {finding.name for finding in named.check().findings}


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (200, "odoo.exceptions.AccessError", PermissionDenied),
        (200, "fork.of.exceptions.AccessError", PermissionDenied),
        (200, "builtins.ValueError", VendorChanged),
        (200, "psycopg2.errors.SerializationFailure", Unavailable),
        (404, "odoo.exceptions.MissingError", NotFound),
        (409, "odoo.exceptions.LockError", Unavailable),
    ],
)
def test_the_exceptions_class_says_what_it_is(status: int, name: str, kind: type[CRMError]) -> None:
    data = {"name": name, "message": "Qzx7", "debug": "Qzx7"}
    body = {"id": 1, "error": {"data": data}} if status == 200 else data
    error = translate(Answer(status, {}, json.dumps(body).encode()))
    assert type(error) is kind
    assert "Qzx7" not in str(error)


def test_a_refusal_names_the_model(adapter: Adapter, fake: Fake) -> None:
    ref = put(fake)
    adapter.get_customer(ref)
    fake.methods.denied.add(("res.partner", "read"))
    with pytest.raises(PermissionDenied) as refusal:
        adapter.get_customer(ref)
    assert refusal.value.scope == "res.partner: search_read"


class TestWebhooks:
    def test_of_a_line_nothing_is_known_but_that_some_order_changed(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        genuine = fake.webhook(Kind.ORDERS, "55")
        line = replace(genuine, body=genuine.body.replace(b"sale.order", b"sale.order.line"))
        ((kind, ref),) = [(hint.kind, hint.ref) for hint in adapter.read_webhook(line)]
        assert (kind, ref) == (Kind.ORDERS, "")

    def test_two_that_are_alike_are_two_changes(self, adapter: Adapter, fake: Fake) -> None:
        first = fake.webhook(Kind.ORDERS, "55")
        second = replace(first, at=first.at + timedelta(seconds=1))
        assert adapter.read_webhook(first) != adapter.read_webhook(second)

    def test_of_other_models_there_is_no_news(self, adapter: Adapter, fake: Fake) -> None:
        genuine = fake.webhook(Kind.ORDERS, "55")
        assert adapter.read_webhook(replace(genuine, body=b'{"_model": "crm.lead", "_id": 1}')) == []
        with pytest.raises(VendorChanged):
            adapter.read_webhook(replace(genuine, body=b"[]"))

    def test_a_secret_that_was_never_set_lets_nobody_in(self, adapter: Adapter, fake: Fake) -> None:
        unset = Adapter({**adapter.settings, "webhook_secret": ""}, adapter.transport)
        genuine = fake.webhook(Kind.ORDERS, "55")
        with pytest.raises((NotTrusted, Unsupported)):
            unset.read_webhook(replace(genuine, url=genuine.url.partition("=")[0] + "="))
