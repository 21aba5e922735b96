"""Shopify's adapter against Shopify's fake: the suite, and what is Shopify's own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    BadSettings,
    Conflict,
    CRMError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.store import Table, Values
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.fakes.vendors.shopify import Fake
from crm_adapters.fakes.vendors.shopify.questions import Asked
from crm_adapters.fakes.vendors.shopify.showing import RATES
from crm_adapters.marks import make_mark
from crm_adapters.model import (
    Consent,
    Customer,
    CustomerKey,
    DealKind,
    Email,
    Finding,
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
from crm_adapters.transport import Purpose
from crm_adapters.vendors.shopify import Adapter
from crm_adapters.vendors.shopify.checks import _judge_version
from crm_adapters.vendors.shopify.failures import TooDear, translate
from crm_adapters.vendors.shopify.queries import LIST_PRODUCTS, Operation
from tests.crm_adapters.graphqlschema import shaper

VECTORS = Path(__file__).parents[4] / "shared" / "contracts" / "crm" / "webhook_vectors.json"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES = "sales_assist.outcomes"
MAPPING = {
    "customer.id.shop": "metafields.custom.shop_number",
    "customer.crm.store": "metafields.custom.nearest_store",
    "customer.offers_consent": "metafields.custom.offers_ok",
    "product.family": "metafields.custom.product_line",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


shape = shaper(Path(__file__).with_name("shopify.graphql"))


def describe(fake: Fake) -> Fake:
    """It answers no more than Shopify's schema lets ask for, and as it says."""

    def shape_or_complain(asked: Asked, data: Values) -> Values:
        try:
            return shape(asked.text, asked.variables, data)
        except AssertionError as error:
            fake.complaints.append(f"{asked.name}: {error}")
            return data

    fake.shape = shape_or_complain
    return fake


class TestShopify(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"given_name": "Aña", "language": "es-MX", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices"})
    shared = KeyKind.PHONE
    renews = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        return describe(Fake(watch.clock))

    def hold(self, record: Any) -> Any:
        """No two customers share an address; all have a language, all products a price. Amounts are the shop's."""
        match record:
            case Customer():
                emails = () if record.given_name == "Bea" else record.emails
                return replace(record, emails=emails, language=record.language or "en")
            case Product():
                return replace(record, prices=record.prices or (Money(Decimal(0), "EUR"),))
            case Order():
                return replace(record, lines=tuple(map(in_euros, record.lines)))
            case OpenDeal():
                return replace(record, kind=DealKind.QUOTE, name=f"#D{record.ref}")
        return record


def in_euros(line: OrderLine) -> OrderLine:
    price = line.unit_price
    return replace(line, unit_price=price and Money(price.amount * RATES[price.currency], "EUR"))


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def fake(watch: Watch) -> Iterator[Fake]:
    fake = describe(Fake(watch.clock))
    yield fake
    assert fake.complaints == []


@pytest.fixture
def connect(fake: Fake, watch: Watch) -> Iterator[Callable[..., Adapter]]:
    """With other settings."""
    with serving(fake) as url:

        def connect(**more: Any) -> Adapter:
            raw = {**fake.settings(url), **SETTINGS, "country": "BR", **more}
            return Adapter(Adapter.load_settings(raw), local_transport(watch))

        yield connect


@pytest.fixture
def adapter(connect: Callable[..., Adapter]) -> Adapter:
    return connect()


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "", family_name="Silva", **values))


def buy(fake: Fake, customer: str, *lines: OrderLine, status: OrderStatus = OrderStatus.WON) -> str:
    return fake.put(Order("", customer, NOW, status, lines))


def line(product: str | None = None, amount: str = "10.00") -> OrderLine:
    return OrderLine("", product, "A thing", Decimal(2), Money(Decimal(amount), "EUR"))


def draft(fake: Fake, *lines: OrderLine) -> str:
    return fake.put(OpenDeal("", DealKind.QUOTE, "", put(fake), lines=lines))


def change(fake: Fake, kind: str, ref: str, **values: Any) -> None:
    table: Table = getattr(fake.shop, kind)
    fake.shop.change(table, table.rows[ref], values)


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


def list_products(adapter: Adapter) -> dict[str, Product]:
    found = (item for page in sync(adapter, Kind.PRODUCTS).pages for item in page.items)
    return {item.ref: item for item in found if isinstance(item, Product)}


class TestSettings:
    def test_a_way_in_is_needed(self) -> None:
        with pytest.raises(BadSettings, match="access_token"):
            Adapter.load_settings({"url": "https://acme.myshopify.com", "client_id": "a"})

    def test_a_token_that_stays_will_do(self, fake: Fake, connect: Callable[..., Adapter]) -> None:
        adapter = connect(client_id="", client_secret="", access_token=fake.token)
        assert adapter.check().ok


@pytest.mark.skipif(find_spec("graphql") is None, reason="graphql-core is not installed")
class TestQuestions:
    def test_a_field_that_is_none_is_told(self) -> None:
        with pytest.raises(AssertionError, match="colour"):
            shape("query Ask { shop { colour } }", {}, {})

    def test_an_answer_of_another_type_is_told(self) -> None:
        with pytest.raises(AssertionError, match="currencyCode"):
            shape("query Ask { shop { currencyCode } }", {}, {"shop": {"currencyCode": None}})


class TestFinding:
    def test_a_telephone_may_stand_at_the_address(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        found, other = put(fake), put(fake)
        for ref, phone in ((found, "+4532123456"), (other, "+4542123456")):
            change(fake, "customers", ref, address={"company": None, "countryCodeV2": "DK", "phone": phone})
        watch.now += fake.lag
        assert refs(adapter, KeyKind.PHONE, "+45 32 12 34 56") == [found]

    def test_a_number_from_before_the_ninth_digit_is_found(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake, phones=(Phone("", "+551187654321"),))
        watch.now += fake.lag
        assert refs(adapter, KeyKind.PHONE, "(11) 98765-4321") == [ref]

    def test_who_was_merged_is_gone_and_their_orders_are_the_others(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        one, other = put(fake), put(fake)
        order = buy(fake, one, line())
        fake.merge(one, into=other)
        with pytest.raises(NotFound):
            adapter.get_customer(one)
        assert [found.ref for found in adapter.orders(other)] == [order]

    def test_whoever_has_no_name_goes_by_their_address(self, adapter: Adapter, fake: Fake) -> None:
        ref = fake.put(Customer("", "", emails=(Email("eva@example.com"),)))
        assert adapter.get_customer(ref).name == "eva@example.com"

    def test_consent_to_letters_is_no_consent_to_offers(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("eva@example.com"),))
        change(fake, "customers", ref, marketing="UNSUBSCRIBED", marketingAt=NOW)
        assert adapter.get_customer(ref).consents == (Consent("email_marketing", granted=False, at=NOW),)


class TestCatalogue:
    def put_shirt(self, fake: Fake) -> tuple[str, str]:
        small = fake.put(Product("", "SHIRT-S", "Shirt", category="clothes", stock=3))
        parent = fake.shop.variants.rows[small].values["product"]
        change(fake, "products", parent, hasOnlyDefaultVariant=False)
        change(fake, "variants", small, title="S")
        own = {"title": "L", "sku": "", "price": "12.50", "stock": None, "product": parent}
        return small, fake.shop.add(fake.shop.variants, own).id

    def test_a_variant_is_a_product_of_its_products_family(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        small, large = self.put_shirt(fake)
        watch.now += fake.lag
        found = list_products(adapter)
        assert [found[ref].name for ref in (small, large)] == ["Shirt – S", "Shirt – L"]
        assert {found[ref].family for ref in (small, large)} == {"Shirt"}
        assert (found[small].sku, found[large].sku) == ("SHIRT-S", large)
        assert (found[small].stock, found[large].stock) == (3, None)
        assert found[large].prices == (Money(Decimal("12.50"), "EUR"),)

    def test_a_change_of_the_product_is_one_of_its_variants(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        both = {*self.put_shirt(fake)}
        watch.now += timedelta(hours=1)
        before = sync(adapter, Kind.PRODUCTS)
        watch.now += timedelta(hours=1)
        change(fake, "products", fake.shop.variants.rows[min(both)].values["product"], status="ARCHIVED")
        watch.now += timedelta(hours=1)
        after = sync(adapter, Kind.PRODUCTS, before.cursor)
        assert after.listed == both
        assert not any(
            item.active for page in after.pages for item in page.items if isinstance(item, Product)
        )

    @pytest.mark.parametrize("own", [{"isGiftCard": True}, {"status": "UNLISTED"}, {"status": "DRAFT"}])
    def test_what_shopify_would_not_recommend_is_not_active(
        self, adapter: Adapter, fake: Fake, watch: Watch, own: dict[str, Any]
    ) -> None:
        ref = fake.put(Product("", "X", "X"))
        change(fake, "products", fake.shop.variants.rows[ref].values["product"], **own)
        watch.now += fake.lag
        assert not list_products(adapter)[ref].active

    def test_relations_lead_to_the_first_variant_of_what_is_still_there(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        small, large = self.put_shirt(fake)
        tie, gone = (fake.put(Product("", name, name)) for name in ("TIE", "OLD"))
        for related, kind in ((small, "cross_sell"), (gone, "cross_sell"), (gone, "upsell")):
            fake.put(ProductRelation(tie, related, kind))
        fake.delete(Kind.PRODUCTS, gone)
        assert adapter.relations(tie) == [ProductRelation(tie, small, "cross_sell")]
        assert adapter.relations(large) == []


class TestOrders:
    @pytest.mark.parametrize(
        ("financial", "fulfillment", "status"),
        [
            ("AUTHORIZED", "UNFULFILLED", OrderStatus.WON),
            ("PARTIALLY_REFUNDED", "FULFILLED", OrderStatus.WON),
            ("PENDING", "UNFULFILLED", OrderStatus.OPEN),
            ("PENDING", "FULFILLED", OrderStatus.WON),
            ("EXPIRED", "UNFULFILLED", OrderStatus.CANCELLED),
            ("REFUNDED", "FULFILLED", OrderStatus.REFUNDED),
            (None, "UNFULFILLED", OrderStatus.UNKNOWN),
        ],
    )
    def test_a_status_means(
        self, adapter: Adapter, fake: Fake, financial: str | None, fulfillment: str, status: OrderStatus
    ) -> None:
        ref = put(fake)
        change(fake, "orders", buy(fake, ref), financial=financial, fulfillment=fulfillment)
        (order,) = adapter.orders(ref)
        assert order.status is status
        assert order.raw_status == ", ".join(filter(None, (financial, fulfillment)))

    def test_what_came_back_is_a_line_of_its_own(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        order = buy(fake, ref, line(), line())
        fake.shop.orders.rows[order].values["lines"][0]["current"] = 1
        (found,) = adapter.orders(ref)
        assert [one.quantity for one in found.lines] == [2, -1, 2]

    def test_what_was_refunded_as_a_whole_says_so_by_its_status(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        order = buy(fake, ref, line(), status=OrderStatus.REFUNDED)
        fake.shop.orders.rows[order].values["lines"][0]["current"] = 0
        (found,) = adapter.orders(ref)
        assert [one.quantity for one in found.lines] == [2]

    def test_all_lines_are_read(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        buy(fake, ref, *(line(amount=f"{number}.00") for number in range(1, 64)))
        (found,) = adapter.orders(ref)
        assert [one.unit_price and one.unit_price.amount for one in found.lines] == [*range(1, 64)]

    def test_test_orders_count_where_it_is_said_so(self, fake: Fake, connect: Callable[..., Adapter]) -> None:
        ref = put(fake)
        change(fake, "orders", buy(fake, ref), test=True)
        assert list(connect().orders(ref)) == []
        assert len(list(connect(test_orders=True).orders(ref))) == 1

    def test_an_order_of_nobody_is_told_of(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = buy(fake, "")
        watch.now += fake.lag
        (page,) = sync(adapter, Kind.ORDERS).pages
        assert [one.source for one in page.rejected] == [f"order {ref}"]

    def test_a_variant_that_is_gone_leaves_its_name(self, adapter: Adapter, fake: Fake) -> None:
        ref, product = put(fake), fake.put(Product("", "X", "X"))
        buy(fake, ref, line(product))
        fake.delete(Kind.PRODUCTS, product)
        (found,) = next(adapter.orders(ref)).lines
        assert (found.product_ref, found.name) == (None, "A thing")

    def test_it_was_delivered_when_all_of_it_was(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        order = buy(fake, ref)
        parts = [
            {"deliveredAt": f"2026-01-0{day}T00:00:00Z", "estimatedDeliveryAt": "2026-01-03T00:00:00Z"}
            for day in (2, 4)
        ]
        change(fake, "orders", order, fulfillments=parts)
        (found,) = adapter.orders(ref)
        assert (found.promised_at, found.delivered_at) == (JANUARY.replace(day=3), JANUARY.replace(day=4))
        parts[0]["deliveredAt"] = None  # type: ignore[assignment]  # not there yet
        change(fake, "orders", order, fulfillments=parts)
        assert next(adapter.orders(ref)).delivered_at is None

    def test_the_latest_are_read_until_those_that_are_asked_for(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        for days in range(30):
            fake.put(Order("", ref, NOW - timedelta(days=days), OrderStatus.WON))
        assert len(list(adapter.orders(ref, since=NOW - timedelta(days=2)))) == 3
        assert len([one for one in fake.log if one.path.endswith("graphql.json")]) == 1


class TestFeed:
    def test_who_was_changed_on_the_same_day_before_is_not_listed_again(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        put(fake)
        watch.now += timedelta(hours=1)
        first = sync(adapter, Kind.CUSTOMERS)
        ref = put(fake)
        watch.now += timedelta(hours=1)
        assert sync(adapter, Kind.CUSTOMERS, first.cursor).listed == {ref}

    def test_orders_that_are_kept_from_us_are_not_lost(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake)
        old = buy(fake, ref)
        watch.now += timedelta(days=70)
        fake.scopes -= {"read_all_orders"}
        new = buy(fake, ref)
        watch.now += fake.lag
        run = sync(adapter, Kind.ORDERS)
        assert run.listed == {new}
        assert run.lost({old}) == set()
        assert all(page.may_miss_deletes for page in run.pages)

    def test_leave_that_comes_in_the_middle_of_a_run_makes_no_order_lost(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = put(fake)
        old = buy(fake, ref)
        watch.now += timedelta(days=70)
        fake.scopes -= {"read_all_orders"}
        for _ in range(7):
            buy(fake, ref)
        watch.now += fake.lag
        first = adapter.changes(Kind.ORDERS, None)
        fake.scopes |= {"read_all_orders"}
        rest = sync(adapter, Kind.ORDERS, first.next_cursor)
        assert old not in first.next_cursor.value
        assert not any(page.snapshot for page in (first, *rest.pages))

    def test_a_page_that_is_too_dear_is_made_smaller(
        self, fake: Fake, connect: Callable[..., Adapter], watch: Watch
    ) -> None:
        ref = put(fake)
        made = {buy(fake, ref) for _ in range(30)}
        watch.now += fake.lag
        adapter = connect(page_size=250)
        assert len(sync(adapter, Kind.ORDERS).pages) == 2
        fake.bucket.dearest = 300
        run = sync(adapter, Kind.ORDERS)
        assert run.listed == made
        assert len(run.pages) == 8
        assert len(list(adapter.orders(ref))) == 30

    def test_the_index_is_waited_for(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        first = sync(adapter, Kind.CUSTOMERS)
        ref = put(fake)
        hasty = sync(adapter, Kind.CUSTOMERS, first.cursor)
        watch.now += timedelta(minutes=1)
        assert hasty.listed == set()
        assert sync(adapter, Kind.CUSTOMERS, hasty.cursor).listed == {ref}


class TestOutcomes:
    def test_the_latest_line_stands_on_top_and_people_may_write_too(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        ref = put(fake)
        adapter.log_outcome(make_outcome(ref, note="First\nof two"), key="a")
        row = fake.shop.customers.rows[ref]
        held = row.values["metafields"]["sales_assist.outcomes"]
        fake.shop.set_metafields(
            fake.shop.customers, row, {OUTCOMES: {**held, "value": f"{held['value']}\nBy hand"}}
        )
        adapter.log_outcome(make_outcome(ref, note="Second"), key="b")
        second, first, own = row.values["metafields"][OUTCOMES]["value"].splitlines()
        assert (second, first) == (
            f"2026-03-29 · Second · {make_mark('b')}",
            f"2026-03-29 · First of two · {make_mark('a')}",
        )
        assert own == "By hand"

    def test_whoever_writes_at_the_same_moment_keeps_their_line(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        row = fake.shop.customers.rows[ref]
        held = {OUTCOMES: {"type": "multi_line_text_field", "value": "Theirs"}}

        def write_theirs(request: Request) -> None:
            if b"mutation" in request.get_data() and not row.values["metafields"]:
                fake.shop.set_metafields(fake.shop.customers, row, held)

        fake.checks.append(write_theirs)
        assert adapter.log_outcome(make_outcome(ref), key="a").created
        assert [one.endswith(make_mark("a")) for one in fake.notes()] == [False, True], "oldest first"

    def test_the_oldest_lines_go_when_there_is_no_room(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        for number in range(20):
            adapter.log_outcome(make_outcome(ref, note="日" * 2_000), key=f"{number}")
        assert len(fake.notes()[0].encode()) < 3_100
        assert len(fake.notes()) == 19
        assert adapter.find_outcome("19", customer_ref=ref)
        assert adapter.find_outcome("0", customer_ref=ref) is None

    def test_the_answer_to_another_outcome_is_no_answer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        fake.strike(Strike(Trouble.REPEATED, writes=True, nth=1))
        with pytest.raises(OutcomeUnknown):
            adapter.log_outcome(make_outcome(ref), key="a")
        assert adapter.find_outcome("a", customer_ref=ref)

    def test_nobody_has_no_outcomes(self, adapter: Adapter) -> None:
        with pytest.raises(NotFound):
            adapter.log_outcome(make_outcome("123"), key="a")
        assert adapter.find_outcome("a", customer_ref="123") is None


class TestDrafts:
    def test_all_lines_are_put_back_as_they_were(self, adapter: Adapter, fake: Fake) -> None:
        product, other = (fake.put(Product("", name, name)) for name in ("X", "Y"))
        ref = draft(fake, line(product), line(None, "7.00"), *(line(other) for _ in range(60)))
        lines = fake.shop.drafts.rows[ref].values["lines"]
        lines[0] |= {
            "attributes": [{"key": "engraving", "value": "Eva"}],
            "discount": {"title": "Loyal", "description": "", "value": 10.0, "valueType": "PERCENTAGE"},
            "override": {"amount": "9.00", "currencyCode": "EUR"},
        }
        lines[1] |= {"sku": "HAND", "taxable": False, "weight": {"unit": "GRAMS", "value": 5.0}}
        before = fake.shop.drafts.rows[ref].values["lines"]
        adapter.add_line(ref, NewLine(product), key="a")
        after = fake.shop.drafts.rows[ref].values["lines"]
        names = (
            "uuid",
            "variant",
            "quantity",
            "attributes",
            "discount",
            "override",
            "sku",
            "taxable",
            "weight",
        )
        assert [[one.get(name) or None for name in names] for one in after[:-1]] == [
            [one.get(name) or None for name in names] for one in before
        ]
        assert after[1]["price"] == "7.00"
        assert len(after) == 63

    def test_what_would_not_survive_is_not_touched(self, adapter: Adapter, fake: Fake) -> None:
        product = fake.put(Product("", "X", "X"))
        ref = draft(fake, line(product))
        fake.shop.drafts.rows[ref].values["lines"][0]["components"] = [{"uuid": "a"}]
        with pytest.raises(ValidationFailed) as refusal:
            adapter.add_line(ref, NewLine(product), key="a")
        assert refusal.value.fields.keys() == {"deal_ref"}

    def test_a_line_is_in_the_drafts_currency_and_in_whole_pieces(self, adapter: Adapter, fake: Fake) -> None:
        product = fake.put(Product("", "X", "X"))
        ref = draft(fake, line(product))
        for wrong in (
            NewLine(product, Decimal(1), Money(Decimal(1), "USD")),
            NewLine(product, Decimal("0.5")),
            NewLine(product, Decimal(0)),
        ):
            with pytest.raises(ValidationFailed):
                adapter.add_line(ref, wrong, key="a")
        assert len(fake.lines()) == 1

    def test_a_draft_that_is_completed_meanwhile_takes_no_line(self, adapter: Adapter, fake: Fake) -> None:
        product = fake.put(Product("", "X", "X"))
        ref = draft(fake, line(product))

        def complete(request: Request) -> None:
            if b"mutation" in request.get_data():
                fake.close_deal(ref)

        fake.checks.append(complete)
        with pytest.raises(Conflict):
            adapter.add_line(ref, NewLine(product), key="a")

    def test_a_draft_whose_invoice_was_sent_is_still_open(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        ref = draft(fake, line())
        change(fake, "drafts", ref, status="INVOICE_SENT")
        watch.now += fake.lag
        (deal,) = adapter.open_deals(fake.shop.drafts.rows[ref].values["customer"])
        assert (deal.ref, deal.kind, deal.stage) == (ref, DealKind.QUOTE, "INVOICE_SENT")
        assert deal.amount == Money(Decimal("20.00"), "EUR")


class TestUpdates:
    def test_a_metafield_keeps_its_type_and_goes_with_its_value(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, consents=(Consent("offers", granted=True),))
        adapter.update_customer(ref, {"offers_consent": "false", "crm.store": "Porto"})
        held = fake.shop.customers.rows[ref].values["metafields"]
        assert held["custom.offers_ok"] == {"type": "boolean", "value": "false"}
        assert held["custom.nearest_store"] == {"type": "single_line_text_field", "value": "Porto"}
        adapter.update_customer(ref, {"offers_consent": "", "given_name": "Eva"})
        customer = adapter.get_customer(ref)
        assert (customer.consents, customer.given_name) == ((), "Eva")

    def test_addresses_are_left_alone(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="ES")
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(ref, {"country": "PT", "company": "X"})
        assert refusal.value.fields.keys() == {"country", "company"}

    def test_a_value_that_is_refused_is_named_and_not_told(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(put(fake), {"family_name": "Qzx7" * 100})
        assert refusal.value.fields == {"lastName": "Shopify refuses the value"}
        assert "Qzx7" not in str(refusal.value)


class TestLimits:
    def test_an_empty_bucket_is_waited_for(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake)
        adapter.get_customer(ref)
        watch.slept.clear()
        fake.bucket.held = -400.0
        assert adapter.get_customer(ref).ref == ref
        assert 4 <= sum(watch.slept) <= 30

    def test_an_agent_finds_points_where_background_work_waits(
        self, fake: Fake, connect: Callable[..., Adapter], watch: Watch
    ) -> None:
        background = connect()
        ref = put(fake)
        fake.bucket.fill()
        fake.bucket.held = 500.0
        background.get_customer(ref)
        agent = Adapter(background.settings, replace(background.transport, purpose=Purpose.INTERACTIVE))
        watch.slept.clear()
        assert agent.get_customer(ref).ref == ref
        assert watch.slept == []
        assert background.get_customer(ref).ref == ref
        assert sum(watch.slept) > 1


class TestFailures:
    def fail(self, code: str, **extensions: Any) -> CRMError | None:
        error = {"message": "secret", "extensions": {"code": code, **extensions}}
        return translate(Answer(200, {}, json.dumps({"errors": [error]}).encode()))

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("THROTTLED", RateLimited),
            ("MAX_COST_EXCEEDED", TooDear),
            ("SHOP_INACTIVE", PermissionDenied),
            ("INTERNAL_SERVER_ERROR", Unavailable),
            ("undefinedField", VendorChanged),
        ],
    )
    def test_a_code_means(self, code: str, kind: type[CRMError]) -> None:
        failure = self.fail(code)
        assert isinstance(failure, kind)
        assert "secret" not in str(failure)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(402, PermissionDenied), (404, VendorChanged), (423, PermissionDenied), (430, RateLimited)],
    )
    def test_a_status_means(self, status: int, kind: type[CRMError]) -> None:
        assert isinstance(translate(Answer(status, {}, b"")), kind)

    def test_errors_may_be_a_text(self) -> None:
        assert isinstance(translate(Answer(200, {}, b'{"errors": "secret"}')), VendorChanged)

    def test_a_filter_that_was_left_out_is_no_answer(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        fake.put(Product("", "X", "X"))
        watch.now += fake.lag
        with pytest.raises(VendorChanged, match="filter"):
            adapter._api.list_some(LIST_PRODUCTS, "colour:red", limit=1)

    def test_a_mutation_that_failed_in_the_middle_may_have_happened(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        ref = put(fake)
        fake.strike(Strike(Trouble.BROKEN_AFTER, writes=True))
        with pytest.raises(OutcomeUnknown):
            adapter.log_outcome(make_outcome(ref), key="a")


class TestChecks:
    def finding(self, adapter: Adapter, name: str, *, writes: bool = True) -> Finding:
        (found,) = [one for one in adapter.check(writes=writes).findings if one.name == name]
        return found

    def test_a_scope_that_is_missing_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.scopes -= {"write_draft_orders", "read_products"}
        assert self.finding(adapter, "scopes").missing == ("read_products", "write_draft_orders")
        reading = self.finding(adapter, "read products")
        assert (reading.ok, reading.missing) == (False, ("read_products",))
        assert "Dev Dashboard" in reading.granted_by

    def test_who_may_write_may_read(self, adapter: Adapter, fake: Fake) -> None:
        fake.scopes -= {"read_customers"}
        assert adapter.check().ok

    def test_a_scope_too_many_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.scopes |= {"write_orders"}
        assert self.finding(adapter, "excess scopes").excess == ("write_orders",)
        reading = self.finding(adapter, "excess scopes", writes=False).excess
        assert reading == ("write_customers", "write_draft_orders", "write_orders")

    def test_an_app_that_may_not_see_who_customers_are_is_told(self, adapter: Adapter, fake: Fake) -> None:
        fake.approved = False
        found = self.finding(adapter, "read customers")
        assert (found.ok, found.missing) == (False, ("protected customer data",))

    def test_sixty_days_are_a_warning(self, adapter: Adapter, fake: Fake) -> None:
        assert not self.finding(adapter, "order history").warning
        fake.scopes -= {"read_all_orders"}
        found = self.finding(adapter, "order history")
        assert (found.ok, found.warning, found.missing) == (True, True, ("read_all_orders",))
        assert adapter.check().ok

    def test_outcomes_that_nobody_sees_are_a_warning(self, adapter: Adapter, fake: Fake) -> None:
        assert not self.finding(adapter, "outcomes").warning
        fake.shop.definitions["sales_assist.outcomes"] = ("multi_line_text_field", None)
        assert self.finding(adapter, "outcomes").warning
        assert adapter.check().ok

    def test_what_is_not_defined_as_an_id_finds_nobody(self, adapter: Adapter, fake: Fake) -> None:
        fake.shop.definitions["custom.shop_number"] = ("single_line_text_field", None)
        assert not self.finding(adapter, "customers by shop").ok

    def test_a_version_that_has_ended_is_told(self) -> None:
        told = {"publicApiVersions": [{"handle": "2027-10", "supported": True}]}
        found = _judge_version(told, Answer(200, {"X-Shopify-API-Version": "2027-10"}, b""))
        assert not found.ok
        assert "2027-10" in found.message

    def test_a_shop_that_is_not_there_is_told(self, fake: Fake, watch: Watch) -> None:
        with serving(fake) as url:
            raw = {"url": f"{url}/elsewhere", "access_token": fake.token}
            (finding,) = Adapter(Adapter.load_settings(raw), local_transport(watch)).check().findings
        assert "no such shop" in finding.message


class TestWebhooks:
    def hints(self, adapter: Adapter, fake: Fake, topic: str, body: object) -> list[tuple[Kind, str]]:
        found = adapter.read_webhook(fake.sign(json.dumps(body).encode(), topic))
        return [(hint.kind, hint.ref) for hint in found]

    @pytest.mark.skipif(not VECTORS.exists(), reason="the vectors do not lie beside the project")
    def test_the_signature_is_as_documented(self) -> None:
        vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
        (vector,) = [one for one in vectors if one["vendor"] == "shopify"]
        app = {"client_id": "a", "client_secret": vector["secret"]}
        settings = Adapter.load_settings({"url": "https://acme.myshopify.com", **app})
        headers = {"x-shopify-hmac-sha256": vector["expected"], "X-Shopify-Topic": "orders/create"}
        request = WebhookRequest("POST", "https://a.example.com/1", headers, vector["body"].encode(), NOW)
        (hint,) = Adapter(settings).read_webhook(request)
        assert (hint.kind, hint.ref) == (Kind.ORDERS, "1")

    @pytest.mark.parametrize(
        ("topic", "body", "hints"),
        [
            ("orders/updated", {"id": 5}, [(Kind.ORDERS, "5")]),
            ("refunds/create", {"id": 5, "order_id": 6}, [(Kind.ORDERS, "6")]),
            (
                "products/update",
                {"id": 5, "variants": [{"id": 6}, {"id": 7}]},
                [(Kind.PRODUCTS, "6"), (Kind.PRODUCTS, "7")],
            ),
            ("products/delete", {"id": 5}, [(Kind.PRODUCTS, "")]),
            ("customers/redact", {"shop_id": 1, "customer": {"id": 5}}, [(Kind.CUSTOMERS, "5")]),
            (
                "customers/merge",
                {
                    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/5",
                    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/6",
                },
                [(Kind.CUSTOMERS, "5"), (Kind.CUSTOMERS, "6")],
            ),
            ("shop/update", {"id": 5}, []),
        ],
    )
    def test_a_topic_means(
        self, adapter: Adapter, fake: Fake, topic: str, body: object, hints: list[tuple[Kind, str]]
    ) -> None:
        assert self.hints(adapter, fake, topic, body) == hints

    def test_what_names_no_record_is_refused(self, adapter: Adapter, fake: Fake) -> None:
        bodies: tuple[object, ...] = ([], {}, {"customer": {}})
        for body in bodies:
            with pytest.raises(VendorChanged):
                self.hints(adapter, fake, "customers/update", body)


class TestFake:
    def test_another_question_is_refused_aloud(self, adapter: Adapter) -> None:
        asked = Operation("query Other { shop { currencyCode } }", ("shop",))
        with pytest.raises(VendorChanged, match="undefinedOperation"):
            adapter._api.ask(asked)
