"""HubSpot's adapter against HubSpot's fake: the suite, and what is HubSpot's own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_adapters.answers import Answer
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings, CRMError, NotTrusted, RateLimited, Unavailable, Unsupported
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.vendors.hubspot import Fake
from crm_adapters.fakes.vendors.hubspot.properties import KEY, PROPERTIES
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
    WebhookRequest,
)
from crm_adapters.testing import FakeContract, Watch, local_transport, make_outcome
from crm_adapters.testing.changing import sync
from crm_adapters.tokens import MemoryTokenStore, Token
from crm_adapters.transport import Transport
from crm_adapters.vendors.hubspot import Adapter
from crm_adapters.vendors.hubspot.failures import make_translate
from tests.crm_adapters.described import checker

VECTORS = Path(__file__).parents[4] / "shared" / "contracts" / "crm" / "webhook_vectors.json"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAPPING = {
    "customer.id.shop": "shop_number",
    "customer.crm.store": "nearest_store",
    "customer.offers_consent": "offers_ok",
    "product.family": "product_line",
    "product.category": "product_type",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class TestHubSpot(FakeContract):
    """A private app's token, and a unique property for our keys."""

    adapter_class = Adapter
    fake_class = Fake
    settings = {**SETTINGS, "key_property": KEY.name}
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices"})
    shared = KeyKind.PHONE
    deals_are_orders = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        fake = Fake(watch.clock)
        fake.checks.append(checker("hubspot"))
        return fake

    def hold(self, record: Any) -> Any:
        """An address belongs to one contact; what is not sold any more is archived."""
        if isinstance(record, Customer) and record.given_name == "Bea":
            return replace(record, emails=())
        return replace(record, active=True) if isinstance(record, Product) else record


class TestSignedIn(TestHubSpot):
    """An app that an admin signed in to; tokens of half an hour; keys in the notes' texts."""

    settings = SETTINGS
    renews = True

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        """Its requests are those of the class above: checking each again takes as long as all the rest."""
        return Fake(watch.clock)

    @pytest.fixture
    def adapter(self, fake: Fake, url: str, transport: Transport) -> CRMAdapter:
        app = {"client_id": fake.tokens.client_id, "client_secret": fake.tokens.client_secret}
        raw = {"url": url, **app, "webhook_secret": fake.webhook_secret, **self.settings}
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
        raw = {**fake.settings(url), **SETTINGS, "key_property": KEY.name, "country": "BR"}
        yield Adapter(Adapter.load_settings(raw), local_transport(watch))


def put(fake: Fake, **values: Any) -> str:
    return fake.put(Customer("", "", family_name="Silva", **values))


def refs(adapter: Adapter, kind: KeyKind, value: str) -> list[str]:
    return [match.customer.ref for match in adapter.find_customers(CustomerKey(kind, value))]


@pytest.mark.parametrize("settings", [{}, {"client_id": "a"}, {"token": "x", "page_size": 201}])
def test_there_must_be_a_way_in(settings: dict[str, Any]) -> None:
    with pytest.raises(BadSettings):
        Adapter.load_settings(settings)


def test_the_browser_is_sent_to_hubspot() -> None:
    raw = {"client_id": "app", "client_secret": "secret"}
    oauth = Adapter(Adapter.load_settings(raw)).sign_in()
    assert oauth is not None
    address = oauth.begin("https://assist.example.com/back").url
    assert address.startswith("https://app.hubspot.com/oauth/authorize?")
    assert "crm.objects.contacts.write" in address


class TestFinding:
    def test_a_second_address_finds_too(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        ref = put(fake, emails=(Email("one@example.com"), Email("two@example.com")))
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.EMAIL, "Two@Example.com") == [ref]

    def test_a_contact_of_this_second_is_found_by_its_address(self, adapter: Adapter, fake: Fake) -> None:
        """Searches do not know of it yet."""
        ref = put(fake, emails=(Email("a/b+c%d?@example.com"),), phones=(Phone("+34 612 345 678"),))
        assert refs(adapter, KeyKind.EMAIL, "a/b+c%d?@example.com") == [ref]
        assert refs(adapter, KeyKind.PHONE, "+34612345678") == []

    @pytest.mark.parametrize(
        "written",
        ["(11) 99123-4567", "11 9123-4567", "+55 11 9123 4567", "+5511991234567"],
    )
    def test_a_telephone_is_found_however_it_is_written(
        self, adapter: Adapter, fake: Fake, watch: Watch, written: str
    ) -> None:
        ref = put(fake, phones=(Phone("+34 612 345 678"), Phone(written)))
        put(fake, phones=(Phone("(21) 99123-4567"),))
        watch.now += timedelta(minutes=1)
        assert refs(adapter, KeyKind.PHONE, "+5511991234567") == [ref]

    def test_without_a_mapped_property_nobody_has_declared_ids(self, fake: Fake) -> None:
        plain = Adapter(Adapter.load_settings(fake.settings("https://api.hubapi.com")))
        assert KeyKind.DECLARED not in plain.capabilities.keys
        assert not plain.capabilities.consents
        with pytest.raises(Unsupported):
            plain.find_customers(CustomerKey(KeyKind.DECLARED, "shop:1"))


def sell(fake: Fake, customer: str, *, at: datetime = NOW, status: OrderStatus = OrderStatus.WON) -> str:
    line = OrderLine("1", None, "Phone", Decimal(1), Money(Decimal(5), "EUR"))
    return fake.put(Order("", customer, at, status, (line,)))


class TestFeed:
    def test_a_line_may_have_a_currency_of_its_own(self, adapter: Adapter, fake: Fake) -> None:
        customer = put(fake)
        deal = sell(fake, customer)
        values = {"name": "Case", "price": "9", "hs_line_item_currency_code": "USD"}
        fake.portal.add("line_items", values, [("deals", deal)])
        (order,) = adapter.orders(customer)
        assert [line.unit_price for line in order.lines] == [
            Money(Decimal(5), "EUR"),
            Money(Decimal(9), "USD"),
        ]

    def test_a_new_line_lists_its_deal_again(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        """HubSpot does not count it as a change of the deal."""
        deal = sell(fake, put(fake))
        watch.now += timedelta(hours=2)
        first = sync(adapter, Kind.ORDERS)
        watch.now += timedelta(hours=2)
        fake.portal.add("line_items", {"name": "Case", "quantity": "2"}, [("deals", deal)])
        watch.now += timedelta(hours=2)
        run = sync(adapter, Kind.ORDERS, first.cursor)
        (order,) = [item for page in run.pages for item in page.items]
        assert isinstance(order, Order)
        assert [line.name for line in order.lines] == ["Phone", "Case"]
        assert order.lines[1].unit_price is None

    def test_a_deal_of_nobody_is_rejected_and_said(self, adapter: Adapter, fake: Fake) -> None:
        customer = put(fake)
        deal, other = sell(fake, customer), sell(fake, customer)
        fake.portal.linked["deals", deal].discard(("contacts", customer))
        (page,) = sync(adapter, Kind.ORDERS).pages
        assert [item.ref for item in page.items] == [other]
        assert [row.source for row in page.rejected] == [f"deal {deal}"]

    def test_a_deal_of_two_is_the_first_ones(self, adapter: Adapter, fake: Fake) -> None:
        one, two = put(fake), put(fake)
        deal = sell(fake, two)
        fake.portal.link(("deals", deal), ("contacts", one))
        assert [order.ref for order in adapter.orders(one)] == [deal]
        assert list(adapter.orders(two)) == []

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

    def test_the_archived_are_looked_at_once_an_hour(
        self, adapter: Adapter, fake: Fake, watch: Watch
    ) -> None:
        cursor = sync(adapter, Kind.CUSTOMERS).cursor
        for minutes, looked in ((10, 0), (40, 0), (20, 1), (30, 0)):
            watch.now += timedelta(minutes=minutes)
            fake.log.clear()
            cursor = sync(adapter, Kind.CUSTOMERS, cursor).cursor
            assert sum("archived=true" in exchange.query for exchange in fake.log) == looked

    def test_many_properties_do_not_make_a_long_address(self, adapter: Adapter, fake: Fake) -> None:
        put(fake)
        described = adapter.describe_fields(Kind.CUSTOMERS, sample=1)
        assert {field.name for field in described} == PROPERTIES["contacts"].keys()
        assert max(len(exchange.query) for exchange in fake.log) < 100


class TestWriting:
    def test_without_a_unique_property_no_lines_are_put(self, fake: Fake) -> None:
        plain = Adapter(Adapter.load_settings(fake.settings("https://api.hubapi.com")))
        assert not plain.capabilities.add_line
        assert not plain.capabilities.unique_keys
        with pytest.raises(Unsupported, match="key_property"):
            plain.add_line("1", NewLine("1"), key="k")

    def test_a_note_is_text_and_no_markup(self, adapter: Adapter, fake: Fake) -> None:
        outcome = make_outcome(put(fake), note="<b>5 > 3</b>\nAdiós")
        adapter.log_outcome(outcome, key="k")
        (note,) = fake.portal.tables["notes"].live()
        assert note.values["hs_note_body"] == "<p>&lt;b&gt;5 &gt; 3&lt;/b&gt;<br>Adiós</p>"
        assert note.values["hs_timestamp"] == str(int(outcome.at.timestamp() * 1000))

    def test_a_price_in_another_currency_is_refused(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        names = fake.fill(Seed())
        line = NewLine(names["case"], unit_price=Money(Decimal(5), "USD"))
        with pytest.raises(CRMError) as refusal:
            adapter.add_line(names["deal"], line, key="k")
        assert vars(refusal.value) == {"fields": {"unit_price": "EUR"}}

    def test_a_country_that_there_is_not_is_refused(self, adapter: Adapter, fake: Fake) -> None:
        ref = put(fake, country="ES")
        with pytest.raises(CRMError) as refusal:
            adapter.update_customer(ref, {"country": "Spain"})
        assert vars(refusal.value)["fields"].keys() == {"country"}
        assert adapter.update_customer(ref, {"country": ""}).country is None


class TestCheck:
    def test_a_missing_scope_is_named_with_whom_to_ask(self, adapter: Adapter, fake: Fake) -> None:
        fake.scopes -= {"crm.objects.deals.read"}
        failed = [finding for finding in adapter.check().findings if not finding.ok]
        assert [finding.missing for finding in failed] == [("crm.objects.deals.read",)] * 2
        assert all("super admin" in finding.message for finding in failed)

    def test_leave_to_write_is_too_much_for_who_only_reads(self, adapter: Adapter) -> None:
        (excess,) = [finding for finding in adapter.check(writes=False).findings if finding.excess]
        assert (excess.ok, excess.warning) == (True, True)
        assert excess.excess == ("crm.objects.contacts.write", "crm.objects.line_items.write")

    def test_a_property_that_is_not_unique_is_told(self, adapter: Adapter) -> None:
        settings = {**adapter.settings, "key_property": "hs_note_body"}
        health = Adapter(settings, adapter.transport).check()
        assert [one.name for one in health.findings if not one.ok] == ["key of notes", "key of line_items"]

    def test_a_clock_that_is_wrong_is_told(self, adapter: Adapter, fake: Fake, watch: Watch) -> None:
        fake.clock = lambda: watch.now + timedelta(minutes=9)
        assert [one.name for one in adapter.check().findings if not one.ok] == ["clock"]


class TestWebhooks:
    @pytest.mark.skipif(not VECTORS.exists(), reason="the vectors do not lie beside the project")
    @pytest.mark.parametrize("scheme", ["v1", "v2", "v3"])
    def test_the_vendors_own_examples(self, scheme: str) -> None:
        given = json.loads(VECTORS.read_text())
        (vector,) = [one for one in given if (one["vendor"], one["scheme"]) == ("hubspot", scheme)]
        headers = {"X-HubSpot-Signature": vector["expected"], "X-HubSpot-Signature-Version": scheme}
        stamp = vector.get("timestamp", "0")
        if scheme == "v3":
            headers = {"X-HubSpot-Signature-v3": vector["expected"], "X-HubSpot-Request-Timestamp": stamp}
        request = WebhookRequest(
            vector.get("method", "POST"),
            vector.get("url", ""),
            headers,
            vector["body"].encode(),
            datetime.fromtimestamp(int(stamp) / 1000, UTC),
        )
        adapter = Adapter(Adapter.load_settings({"token": "t", "webhook_secret": vector["secret"]}))
        assert _outcome(adapter, request) in {"believed", "believed but not understood"}
        assert _outcome(adapter, replace(request, body=request.body + b" ")) == "not trusted"

    def test_without_a_secret_nothing_is_believed(self, fake: Fake) -> None:
        adapter = Adapter(Adapter.load_settings({"token": "t"}))
        assert _outcome(adapter, fake._signed(b"[]", "")) == "not trusted"

    def test_a_line_hints_at_some_deal(self, adapter: Adapter, fake: Fake) -> None:
        events = [
            {
                "eventId": 1,
                "objectId": 7,
                "subscriptionType": f"{name}.creation",
                "occurredAt": 1,
                "attemptNumber": n,
            }
            for name, n in (("line_item", 0), ("line_item", 1), ("company", 0))
        ]
        body = json.dumps(events).encode()
        hints = adapter.read_webhook(fake._signed(body, fake.webhook_secret))
        assert {(hint.kind, hint.ref) for hint in hints} == {(Kind.ORDERS, "")}
        assert len({hint.id for hint in hints}) == 1


def _outcome(adapter: Adapter, request: WebhookRequest) -> str:
    try:
        adapter.read_webhook(request)
    except NotTrusted:
        return "not trusted"
    except CRMError:
        return "believed but not understood"
    return "believed"


class TestFailures:
    @pytest.mark.parametrize(
        ("policy", "header", "wait"),
        [
            ("DAILY", None, 3600),
            ("SECONDLY", None, 10),
            ("TEN_SECONDLY_ROLLING", "3", 3),
            ("DAILY", "60", 60),
        ],
    )
    def test_how_long_to_wait(self, policy: str, header: str | None, wait: float) -> None:
        error = _translate(429, {"policyName": policy}, {"Retry-After": header} if header else {})
        assert isinstance(error, RateLimited)
        assert (error.retry_after, error.scope) == (wait, policy.lower())

    def test_a_locked_record_is_for_later(self) -> None:
        assert isinstance(_translate(423, {}, {}), Unavailable)

    def test_what_is_refused_is_named_without_its_value(self) -> None:
        errors = [
            {"message": "x@example.com is taken", "context": {"propertyName": ["email", "x@example.com"]}}
        ]
        error = _translate(400, {"message": "x@example.com", "errors": errors}, {})
        assert error is not None
        assert vars(error)["fields"].keys() == {"email"}
        assert "example" not in str(error)


def _translate(status: int, body: object, headers: dict[str, str]) -> CRMError | None:
    return make_translate(lambda: NOW)(Answer(status, headers, json.dumps(body).encode()))
