"""Pipedrive's adapter against Pipedrive's fake: the suite, and what is Pipedrive's own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings, CRMError, NotTrusted, RateLimited, Unsupported, VendorChanged
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.pipedrive import Fake
from crm_adapters.fakes.vendors.pipedrive import storing as account
from crm_adapters.fakes.wire import Refused, reply
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
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.tokens import MemoryTokenStore, Token
from crm_adapters.transport import Limits, Purpose, Transport
from crm_adapters.vendors.pipedrive import Adapter

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAPPING = {
    "customer.language": account.LANGUAGE,
    "customer.country": account.COUNTRY,
    "customer.id.shop": account.SHOP,
    "customer.crm.store": account.STORE,
    "customer.offers_consent": account.OFFERS,
    "company.domain": account.DOMAIN,
    "company.country": account.LAND,
    "company.industry": account.INDUSTRY,
    "company.employees": account.SIZE,
    "product.family": account.FAMILY,
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class TestPipedrive(FakeContract):
    """A user's token."""

    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"name": "Aña Nuñez", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.stock"})
    deals_are_orders = True


class TestSignedIn(TestPipedrive):
    """An app that an admin signed in to."""

    renews = True
    depths = (2,)

    @pytest.fixture
    def adapter(self, fake: Fake, url: str, transport: Transport) -> CRMAdapter:
        app = {"client_id": fake.tokens.client_id, "client_secret": fake.tokens.client_secret}
        raw = {"url": url, "accounts_url": url, **app, "webhook_secret": fake.webhook_secret, **self.settings}
        store = MemoryTokenStore(Token("", refresh="refresh-Qzx7-0", expires_at=NOW - timedelta(days=1)))
        return Adapter(Adapter.load_settings(raw), replace(transport, tokens=store))


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


def sell(fake: Fake, customer: str, *, status: OrderStatus = OrderStatus.WON) -> str:
    line = OrderLine("1", None, "Phone", Decimal(1), Money(Decimal(5), "EUR"))
    return fake.put(Order("", customer, NOW, status, (line,)))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


def test_a_token_or_an_app_is_needed() -> None:
    with pytest.raises(BadSettings):
        Adapter.load_settings({"url": "https://shop.pipedrive.com", "client_id": "app"})


def test_the_browser_is_sent_to_pipedrive() -> None:
    raw = {"url": "https://shop.pipedrive.com", "client_id": "app", "client_secret": "secret"}
    oauth = Adapter(Adapter.load_settings(raw)).sign_in()
    assert oauth is not None
    address = oauth.begin("https://assist.example.com/back").url
    assert address.startswith("https://oauth.pipedrive.com/oauth/authorize?")


class TestFinding:
    @pytest.mark.parametrize(
        "written",
        ["(11) 99123-4567", "11 9123-4567", "+55 11 9123 4567", "+5511991234567", "+55-11-99123-4567"],
    )
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, watch: Watch, written: str
    ) -> None:
        ref = put(fake, phones=(Phone("+34 612 345 678"), Phone(written)))
        put(fake, phones=(Phone("(21) 99123-4567"),))
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_a_second_address_finds_too(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.EMAIL, "Two@Example.com") == [ref]

    def test_an_id_in_another_field_is_not_the_declared_one(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        put(fake, language="pt-BR")
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.DECLARED, "shop:pt-BR") == []

    def test_without_mapped_fields_less_is_declared(self, fake: Fake) -> None:
        plain = Adapter(Adapter.load_settings(fake.settings("https://shop.pipedrive.com")))
        assert KeyKind.DECLARED not in plain.capabilities.keys
        assert not plain.capabilities.consents
        with pytest.raises(Unsupported):
            plain.find_customers(CustomerKey(KeyKind.DECLARED, "shop:1"))


class TestFeed:
    def test_an_archived_deal_is_a_purchase(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        customer = put(fake)
        deal = sell(fake, customer)
        open_deal = sell(fake, customer, status=OrderStatus.OPEN)
        table = fake.account.tables["deals"]
        for ref in (deal, open_deal):
            table.change(table.rows[ref], {"is_archived": True})
        assert {order.ref for order in adapter.orders(customer)} == {deal, open_deal}
        assert sync(adapter, Kind.ORDERS).listed == {deal, open_deal}
        assert adapter.open_deals(customer) == []

    def test_a_deal_that_was_deleted_is_told(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        deal = sell(fake, put(fake))
        watch.now += timedelta(hours=2)
        first = sync(adapter, Kind.ORDERS)
        watch.now += timedelta(hours=2)
        fake.delete(Kind.ORDERS, deal)
        watch.now += timedelta(hours=2)
        assert sync(adapter, Kind.ORDERS, first.cursor).lost({deal}) == {deal}

    def test_a_deal_of_nobody_is_rejected_and_said(self, adapter: Adapter, fake: Fake) -> None:
        deal, other = sell(fake, put(fake)), sell(fake, put(fake))
        table = fake.account.tables["deals"]
        table.change(table.rows[deal], {"person_id": None})
        pages = sync(adapter, Kind.ORDERS).pages
        assert [item.ref for page in pages for item in page.items] == [other]
        assert [row.source for page in pages for row in page.rejected] == [f"deal {deal}"]

    def test_a_line_of_a_product_deleted_for_good_is_written_in(self, adapter: Adapter, fake: Fake) -> None:
        customer = put(fake)
        sell(fake, customer)
        (order,) = adapter.orders(customer)
        assert [(line.product_ref, line.name) for line in order.lines] == [(None, "Phone")]


class TestWriting:
    def test_a_note_is_text_and_no_markup(self, adapter: Adapter, fake: Fake) -> None:
        adapter.log_outcome(make_outcome(put(fake), note="<b>5 > 3</b>\nAdiós"), key="k")
        (note,) = fake.account.tables["notes"].live()
        assert note.values["content"].startswith("<p>&lt;b&gt;5 &gt; 3&lt;/b&gt;<br>Adiós</p>")

    def test_a_note_is_found_behind_a_hundred_others(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        for number in range(120):
            fake.account.tables["notes"].add({"person_id": int(ref), "content": str(number)})
        written = adapter.log_outcome(make_outcome(ref), key="k")
        assert adapter.log_outcome(make_outcome(ref), key="k") == replace(written, created=False)

    def test_a_price_in_another_currency_is_refused(self, adapter: Adapter, fake: Fake) -> None:
        names = fake.fill(Seed())
        for line in (NewLine(names["case"], unit_price=Money(Decimal(5), "USD")), NewLine(names["request"])):
            with pytest.raises(CRMError) as refusal:
                adapter.add_line(names["deal"], line, key="k")
            assert vars(refusal.value) == {"fields": {"unit_price": "EUR"}}

    def test_only_choices_that_there_are_can_be_written(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake)
        with pytest.raises(CRMError) as refusal:
            adapter.update_customer(ref, {"crm.store": "Faro", "country": "Spain!"})
        assert vars(refusal.value)["fields"].keys() == {"crm.store", "country"}
        assert adapter.update_customer(ref, {"crm.store": "lisboa"}).custom == {"store": "Lisboa"}
        assert adapter.update_customer(ref, {"crm.store": ""}).custom == {}

    def test_addresses_are_left_alone(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        assert len(adapter.update_customer(ref, {"language": "en"}).emails) == 2


class TestCheck:
    def test_a_missing_scope_is_named_with_whom_to_ask(self, adapter: Adapter, fake: Fake) -> None:
        fake.missing_scopes |= {"deals:read", "search:read"}
        failed = [finding for finding in adapter.check().findings if not finding.ok]
        assert [finding.missing for finding in failed] == [("deals:read",), ("search:read",)]
        assert all("admin" in finding.message for finding in failed)

    def test_a_clock_that_is_wrong_is_told(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        fake.clock = lambda: watch.now + timedelta(minutes=9)
        assert [one.name for one in adapter.check().findings if not one.ok] == ["clock"]


class Closed(Fake):
    """To everybody."""

    answer: Response

    def authorize(self, request: Request) -> None:
        raise Refused(self.answer)


class TestLimits:
    @pytest.mark.parametrize(
        ("status", "headers", "page", "wait"),
        [
            (429, {"X-Daily-RateLimit-Token-Remaining": "0"}, False, 3600),
            (429, {}, False, 2),
            (403, {}, True, 60),
        ],
    )
    def test_how_long_to_wait(
        self, watch: Watch, status: int, headers: dict[str, str], page: bool, wait: float
    ) -> None:
        fake = Closed(watch.clock)
        fake.answer = reply({"success": False}, status, headers)
        fake.answer.content_type = "text/html" if page else "application/json"
        with serving(fake) as url:
            patience = {Purpose.BACKGROUND: Limits(longest_pause=1)}
            raw = {**fake.settings(url), **SETTINGS}
            adapter = Adapter(Adapter.load_settings(raw), local_transport(watch, patience=patience))
            with pytest.raises(RateLimited) as refusal:
                adapter.get_customer("1")
        assert refusal.value.retry_after == wait


class TestWebhooks:
    def test_without_a_secret_nothing_is_believed(self, fake: Fake) -> None:
        raw = {"url": "https://shop.pipedrive.com", "token": "t"}
        adapter = Adapter(Adapter.load_settings(raw))
        with pytest.raises(NotTrusted):
            adapter.read_webhook(fake.webhook(Kind.CUSTOMERS, "1"))

    def test_what_does_not_concern_us_is_no_news(self, adapter: Adapter, fake: Fake) -> None:
        genuine = fake.webhook(Kind.CUSTOMERS, "1")
        note = json.loads(genuine.body)
        note["meta"]["entity"] = "note"
        assert adapter.read_webhook(replace(genuine, body=json.dumps(note).encode())) == []
        with pytest.raises(VendorChanged):
            adapter.read_webhook(replace(genuine, body=b"[]"))
