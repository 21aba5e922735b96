"""WooCommerce's adapter against WooCommerce's fake: the suite, and what is WooCommerce's own."""

import json
from collections.abc import Iterator
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
    NotTrusted,
    OutcomeUnknown,
    PermissionDenied,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import ORDERS, SPRING, Seed
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.fakes.vendors.woocommerce import Fake
from crm_adapters.model import (
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
from crm_adapters.vendors.woocommerce import Adapter
from crm_adapters.vendors.woocommerce.api import Place, _advance, translate

VECTORS = Path(__file__).parents[4] / "shared" / "contracts" / "crm" / "webhook_vectors.json"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAPPING = {
    "customer.id.shop": "meta.shop_number",
    "customer.crm.store": "meta.nearest_store",
    "customer.language": "meta.locale",
    "customer.offers_consent": "meta.offers_ok",
    "product.family": "meta.product_line",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}
AS_GUEST = replace(ORDERS[-1], ref="as guest", customer_ref="twin2", placed_at=SPRING + timedelta(days=50))
"""Of the second twin, whose address is that of the first one's account."""


class TestWooCommerce(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    seed = Seed(orders=(*ORDERS, AS_GUEST))
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices"})
    deals_are_orders = True

    def hold(self, record: Any) -> Any:
        """WordPress takes no address with a backslash; orders have no title; guests have no meta data."""
        if isinstance(record, Customer):
            emails = tuple(email for email in record.emails if "\\" not in email.value)
            return replace(record, emails=emails)
        if isinstance(record, OpenDeal):
            return replace(record, kind=DealKind.ORDER, name=f"#{record.ref}")
        return record


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
    return fake.put(Customer("", "", family_name="Silva", **values))


def buy(fake: Fake, customer: str, *lines: OrderLine, status: OrderStatus = OrderStatus.WON) -> str:
    return fake.put(Order("", customer, NOW, status, lines))


def line(product: str | None = None, amount: str = "10.00") -> OrderLine:
    return OrderLine("", product, "A thing", Decimal(2), Money(Decimal(amount), "EUR"))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


def test_keys_and_a_page_of_two_at_least_are_needed() -> None:
    for wrong in ({"consumer_key": ""}, {"page_size": 1}):
        raw = {"url": "https://shop.example.com", "consumer_key": "a", "consumer_secret": "b", **wrong}
        raw = {name: value for name, value in raw.items() if value}
        with pytest.raises(BadSettings):
            Adapter.load_settings(raw)


class TestFinding:
    def test_a_star_at_the_end_of_an_address_finds_nobody_else(self, adapter: Adapter, fake: Fake) -> None:
        put(fake, emails=(Email("ana@example.com"),))
        assert refs(adapter, KeyKind.EMAIL, "*ana@example.com") == []

    def test_a_telephone_is_found_as_it_was_written(self, adapter: Adapter, fake: Fake) -> None:
        for raw in ("+45 32 12 34 56", "32 12 34 56", "+4532123456", "3212 3456"):
            ref = put(fake, phones=(Phone(raw),), country="DK")
            buy(fake, ref)
            assert ref in refs(adapter, KeyKind.PHONE, "+4532123456")

    def test_the_same_last_digits_are_not_the_same_telephone(self, adapter: Adapter, fake: Fake) -> None:
        found, other = (put(fake, phones=(Phone(raw),)) for raw in ("+45 3212 3456", "+45 4212 3456"))
        for ref in (found, other):
            buy(fake, ref)
        assert refs(adapter, KeyKind.PHONE, "+4532123456") == [found]

    def test_a_guest_is_not_another_whose_address_holds_theirs(self, adapter: Adapter, fake: Fake) -> None:
        for address in ("eva@example.com", "xeva@example.com"):
            buy(fake, fake.put(Customer(f"guest:{address}", "", emails=(Email(address),))))
        assert refs(adapter, KeyKind.EMAIL, "eva@example.com") == ["guest:eva@example.com"]

    def test_who_never_ordered_is_not_found_by_telephone(self, adapter: Adapter, fake: Fake) -> None:
        put(fake, phones=(Phone("+45 32 12 34 56"),))
        assert refs(adapter, KeyKind.PHONE, "+4532123456") == []

    def test_a_guest_is_as_the_latest_order_says(self, adapter: Adapter, fake: Fake) -> None:
        put(fake, emails=(Email("eva@example.com"),))
        guest = put(fake, emails=(Email("eva@example.com"),), country="ES")
        first = buy(fake, guest)
        fake.put(Customer(guest, "", family_name="Souza", emails=(Email("eva@example.com"),)))
        second = buy(fake, guest)
        found = adapter.get_customer("guest:eva@example.com")
        assert (found.family_name, found.country) == ("Souza", None)
        assert {order.ref for order in adapter.orders(found.ref)} == {first, second}

    def test_a_guests_account_is_another_customer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("eva@example.com"),))
        guest = put(fake, emails=(Email("eva@example.com"),))
        buy(fake, guest)
        assert list(adapter.orders(ref)) == []
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(guest, {"given_name": "Eva"})
        assert refusal.value.fields == {"given_name": "a guest has no account"}

    def test_a_bill_may_go_to_another_address(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("eva@example.com"),))
        fake.shop.customers.rows[ref].values["billing"]["email"] = "Bills@example.com"
        assert [one.value for one in adapter.get_customer(ref).emails] == [
            "eva@example.com",
            "bills@example.com",
        ]


class TestCatalogue:
    def put_shirt(self, fake: Fake) -> tuple[str, str]:
        shirt = fake.put(Product("", "SHIRT", "Shirt", category="clothes"))
        fake.shop.products.rows[shirt].values |= {"type": "variable", "upsell_ids": [7]}
        values = {
            "name": "Shirt - L",
            "type": "variation",
            "sku": "SHIRT-L",
            "status": "publish",
            "price": "12.50",
            "parent_id": int(shirt),
            "attributes": [{"name": "Size", "option": "L"}],
            "manage_stock": "parent",
            "stock_quantity": 4,
        }
        return shirt, fake.shop.variations.add(values).id

    def test_a_variation_is_a_product_of_its_products_family(self, adapter: Adapter, fake: Fake) -> None:
        shirt, large = self.put_shirt(fake)
        found = {item.ref: item for page in sync(adapter, Kind.PRODUCTS).pages for item in page.items}
        product = found[large]
        assert isinstance(product, Product)
        assert (product.name, product.family, product.category) == ("Shirt – L", "Shirt", "clothes")
        assert (product.prices, product.stock) == ((Money(Decimal("12.5"), "EUR"),), None)
        assert found.keys() == {shirt, large}

    def test_relations_of_a_variation_are_its_products(self, adapter: Adapter, fake: Fake) -> None:
        _, large = self.put_shirt(fake)
        (relation,) = adapter.relations(large)
        assert (relation.product_ref, relation.related_ref, relation.kind) == (large, "7", "upsell")

    def test_a_variation_is_what_was_bought_and_can_be_put_on_an_order(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        shirt, large = self.put_shirt(fake)
        deal = buy(fake, put(fake), line(large), status=OrderStatus.OPEN)
        with pytest.raises(ValidationFailed, match="cannot be put"):
            adapter.add_line(deal, NewLine(shirt), key="k")
        assert adapter.add_line(deal, NewLine(large), key="k").created
        told = fake.shop.orders.rows[deal].values["line_items"]
        assert [(one["product_id"], one["variation_id"]) for one in told] == [(int(shirt), int(large))] * 2


class TestOrders:
    @pytest.mark.parametrize(
        ("raw", "status"),
        [
            ("processing", OrderStatus.WON),
            ("on-hold", OrderStatus.OPEN),
            ("failed", OrderStatus.CANCELLED),
            ("refunded", OrderStatus.REFUNDED),
            ("awaiting-pickup", OrderStatus.UNKNOWN),
        ],
    )
    def test_a_status_means(self, adapter: Adapter, fake: Fake, raw: str, status: OrderStatus) -> None:
        ref = put(fake)
        fake.shop.orders.rows[buy(fake, ref)].values["status"] = raw
        (order,) = adapter.orders(ref)
        assert (order.status, order.raw_status) == (status, raw)

    def test_what_came_back_is_a_line_of_its_own(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        row = fake.shop.orders.rows[buy(fake, ref, line())]
        (bought,) = row.values["line_items"]
        back = {"id": 1, "line_items": [{**bought, "id": 80001, "quantity": -1, "total": "-10.00"}]}
        row.values["refunds"] = [back, {"id": 2, "line_items": []}]
        (order,) = adapter.orders(ref)
        assert [one.quantity for one in order.lines] == [2, -1]

    def test_an_order_of_nobody_is_told_of(self, adapter: Adapter, fake: Fake) -> None:
        ref = buy(fake, "guest:nobody")
        (page,) = sync(adapter, Kind.ORDERS).pages[:1]
        assert [one.source for one in page.rejected] == [f"order {ref}"]

    def test_a_line_is_in_the_orders_currency_and_in_whole_pieces(self, adapter: Adapter, fake: Fake) -> None:
        product = fake.put(Product("", "X", "X"))
        deal = buy(fake, put(fake), line(), status=OrderStatus.OPEN)
        for wrong in (
            NewLine(product, Decimal(1), Money(Decimal(1), "USD")),
            NewLine(product, Decimal("0.5")),
        ):
            with pytest.raises(ValidationFailed):
                adapter.add_line(deal, wrong, key="k")
        fake.close_deal(deal)
        with pytest.raises(Conflict):
            adapter.add_line(deal, NewLine(product), key="k")


class TestFeed:
    def test_a_guest_is_listed_with_an_order(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        first = sync(adapter, Kind.CUSTOMERS)
        watch.now += timedelta(minutes=20)
        put(fake, emails=(Email("eva@example.com"),))
        buy(fake, put(fake, emails=(Email("eva@example.com"),)))
        assert sync(adapter, Kind.CUSTOMERS, first.cursor).listed == {"guest:eva@example.com"}

    def test_accounts_are_looked_through_once_an_hour(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        run = sync(adapter, Kind.CUSTOMERS)
        for _ in range(5):
            watch.now += timedelta(minutes=25)
            run = sync(adapter, Kind.CUSTOMERS, run.cursor)
        asked = [one for one in fake.log if one.path.endswith("/customers")]
        assert len(asked) == 2

    def test_what_is_in_the_trash_is_gone(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = buy(fake, put(fake))
        first = sync(adapter, Kind.ORDERS)
        watch.now += timedelta(hours=1)
        fake.delete(Kind.ORDERS, ref)
        watch.now += timedelta(hours=1)
        assert sync(adapter, Kind.ORDERS, first.cursor).lost({ref}) == {ref}


class TestLists:
    def rows(self, *ids: int) -> list[dict[str, int]]:
        return [{"id": one} for one in ids]

    def test_where_the_last_row_is_missing_it_goes_back(self) -> None:
        listed = _advance(self.rows(6, 7, 8), 9, Place(3, 4), 3)
        assert (listed.rows, listed.place) == ((), Place(0, 4))

    def test_a_page_that_came_again_ends_nothing(self) -> None:
        assert _advance(self.rows(2, 3, 4), 4, Place(3, 4), 3).place is not None

    @pytest.mark.parametrize(
        ("ids", "place"),
        [((3, 2), Place()), ((2, 2), Place()), ((1, 2, 3), Place(20, 3)), ((4,), Place(3, 4))],
    )
    def test_a_list_that_is_none_is_refused(self, ids: tuple[int, ...], place: Place) -> None:
        with pytest.raises(VendorChanged):
            _advance(self.rows(*ids), 9, place, 3)


class TestChecks:
    def test_a_key_that_may_only_read_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.writable = False
        assert adapter.check(writes=False).ok
        (finding,) = [one for one in adapter.check().findings if not one.ok]
        assert finding.missing == ("write",)
        assert "shop manager" in finding.granted_by

    def test_a_key_that_may_too_much_is_named(self, adapter: Adapter) -> None:
        found = [one.excess for one in adapter.check(writes=False).findings if one.excess]
        assert found == [("write",)]

    def test_a_firewall_is_named(self, adapter: Adapter, fake: Fake) -> None:
        fake.walled = True
        (finding,) = adapter.check().findings
        assert "firewall" in finding.message

    def test_another_address_is_named(self, fake: Fake, watch: Watch) -> None:
        with serving(fake) as url:
            settings = Adapter.load_settings({**fake.settings(url), "url": f"{url}/elsewhere"})
            (finding,) = Adapter(settings, local_transport(watch)).check().findings
        assert "no REST interface" in finding.message

    def test_names_of_refused_fields_are_told_and_nothing_else(self) -> None:
        body = {
            "code": "rest_invalid_param",
            "message": "m",
            "data": {"status": 400, "params": {"email": "secret"}},
        }
        refusal = translate(Answer(400, {}, json.dumps(body).encode()))
        assert isinstance(refusal, ValidationFailed)
        assert refusal.fields == {"email": "WooCommerce refuses the value"}

    def test_a_write_with_a_key_that_may_not_is_refused_for_good(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        buy(fake, ref)
        fake.writable = False
        with pytest.raises(PermissionDenied):
            adapter.log_outcome(make_outcome(ref), key="k")


class TestNotes:
    def test_who_never_ordered_has_no_place_for_a_note(self, adapter: Adapter, fake: Fake) -> None:
        with pytest.raises(ValidationFailed):
            adapter.log_outcome(make_outcome(put(fake)), key="k")

    def test_the_answer_to_another_note_is_no_answer(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        buy(fake, ref)
        fake.strike(Strike(Trouble.REPEATED, writes=True, nth=2))
        adapter.log_outcome(make_outcome(ref), key="k")
        with pytest.raises(OutcomeUnknown):
            adapter.log_outcome(make_outcome(ref), key="another")

    def test_a_note_is_found_after_another_order(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        buy(fake, ref)
        written = adapter.log_outcome(make_outcome(ref), key="k")
        buy(fake, ref)
        again = adapter.log_outcome(make_outcome(ref), key="k")
        assert (again.ref, again.created) == (written.ref, False)

    def test_a_note_shows_signs_as_signs_and_is_not_sent_to_the_customer(
        self, adapter: Adapter, fake: Fake
    ) -> None:
        ref = put(fake)
        buy(fake, ref)
        adapter.log_outcome(make_outcome(ref, note="<b>5 > 4</b>"), key="k")
        (row,) = fake.shop.notes.live()
        assert row.values["note"].startswith("&lt;b&gt;5 &gt; 4")
        assert row.values["customer_note"] is False


class TestWebhooks:
    def request(self, body: bytes, **headers: str) -> WebhookRequest:
        return WebhookRequest("POST", "https://assist.example.com/1", headers, body, NOW)

    @pytest.mark.skipif(not VECTORS.exists(), reason="the vectors do not lie beside the project")
    def test_the_signature_is_that_of_the_published_example(self, watch: Watch) -> None:
        vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
        (vector,) = [one for one in vectors if one["vendor"] == "woocommerce"]
        raw = {"url": "https://a.example.com", "consumer_key": "a", "consumer_secret": "b"}
        settings = Adapter.load_settings({**raw, "webhook_secret": vector["secret"]})
        headers = {"X-WC-Webhook-Signature": vector["expected"], "x-wc-webhook-topic": "product.updated"}
        (hint,) = Adapter(settings).read_webhook(self.request(vector["body"].encode(), **headers))
        assert (hint.kind, hint.ref) == (Kind.PRODUCTS, "1")

    def test_the_first_call_is_a_greeting(self, adapter: Adapter) -> None:
        assert adapter.read_webhook(self.request(b"webhook_id=12")) == []
        with pytest.raises(NotTrusted):
            adapter.read_webhook(self.request(b"webhook_id=12&id=1"))

    def test_other_topics_say_nothing_to_us(self, adapter: Adapter, fake: Fake) -> None:
        told = fake._sign(b'{"id": 1}', "coupon.created", fake.webhook_secret)
        assert adapter.read_webhook(told) == []
        with pytest.raises(VendorChanged):
            adapter.read_webhook(fake._sign(b"[]", "order.created", fake.webhook_secret))
