"""The sample shop: what it promises in numbers, and the structure that recommendations can be learnt from."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import pytest

from crm_adapters.model import Order, OrderStatus
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.sample import DEMO_CUSTOMERS
from crm_adapters.vendors.sample.catalogue import Catalogue, Item, build_catalogue
from crm_adapters.vendors.sample.people import build_people
from crm_adapters.vendors.sample.shop import Shop, build_shop

SEED = 1
TODAY = datetime(2026, 3, 2, tzinfo=UTC)
MONTH = timedelta(days=30)
Bought = tuple[datetime, Item]


@pytest.fixture(scope="module")
def shop() -> Shop:
    return build_shop(SEED, TODAY)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return build_catalogue(TODAY)


@pytest.fixture(scope="module")
def bought(shop: Shop, catalogue: Catalogue) -> Mapping[str, list[Bought]]:
    """By customer, oldest first; neither cancelled nor given back."""
    by_ref = {item.product.ref: item for item in catalogue.items}
    found: dict[str, list[Bought]] = defaultdict(list)
    for order in (order for order in shop.orders if order.status is OrderStatus.WON):
        kept = (line.product_ref for line in order.lines if line.product_ref and line.quantity > 0)
        found[order.customer_ref].extend((order.placed_at, by_ref[ref]) for ref in kept)
    return found


def test_the_shop_has_its_promised_size(shop: Shop) -> None:
    lines = sum(len(order.lines) for order in shop.orders)
    assert 170 <= len(shop.products) <= 190
    assert len(shop.customers) == 2500
    assert 22_000 <= lines <= 28_000
    assert TODAY - shop.orders[0].placed_at > timedelta(days=1000)


def test_shares_of_customers(shop: Shop) -> None:
    def share(count: int) -> float:
        return count / len(shop.customers)

    countries = Counter(customer.country for customer in shop.customers)
    assert countries.keys() == {"BR", "MX", "ES", "US"}
    assert min(map(share, countries.values())) > 0.15
    assert 0.10 < share(sum(customer.company is not None for customer in shop.customers)) < 0.14
    consents = Counter(consent.granted for customer in shop.customers for consent in customer.consents)
    assert 0.03 < share(consents[False]) < 0.05
    assert 0.67 < share(sum(not customer.consents for customer in shop.customers)) < 0.75
    assert 0.03 < share(sum(not customer.emails for customer in shop.customers)) < 0.08
    assert 0.05 < share(sum(not customer.phones for customer in shop.customers)) < 0.11


def test_what_goes_wrong_goes_wrong_seldom(shop: Shop) -> None:
    late = [order for order in shop.orders if _late(order)]
    given_back = [order for order in shop.orders if _given_back(order)]
    complaining = {case.customer_ref for case in shop.cases if case.open and case.complaint}
    assert 3 <= len(late) <= 40
    assert 0.03 < len(given_back) / len(shop.orders) < 0.05
    assert 0.01 < len(complaining) / len(shop.customers) < 0.02
    assert {order.status for order in shop.orders} == set(OrderStatus) - {OrderStatus.UNKNOWN}


def _late(order: Order) -> bool:
    return order.delivered_at is None and order.promised_at is not None and order.promised_at < TODAY


def _given_back(order: Order) -> bool:
    return order.status is OrderStatus.REFUNDED or any(line.quantity < 0 for line in order.lines)


def test_references_are_unique(shop: Shop) -> None:
    for records in (shop.products, shop.customers, shop.orders, shop.cases):
        assert len({record.ref for record in records}) == len(records)
    assert len({product.sku for product in shop.products}) == len(shop.products)


def test_only_a_few_addresses_are_shared(shop: Shop) -> None:
    emails = Counter(email.value for customer in shop.customers for email in customer.emails)
    phones = Counter(phone.e164 for customer in shop.customers for phone in customer.phones)
    assert 5 <= sum(count == 2 for count in emails.values()) <= 20
    assert max(emails.values()) == 2
    assert set(phones.values()) == {1}


def test_every_phone_reads_as_its_number(shop: Shop) -> None:
    for customer in shop.customers:
        for phone in customer.phones:
            assert match_key(e164(phone.raw, country=customer.country) or "") == phone.e164
    raw = [phone.raw for customer in shop.customers for phone in customer.phones if customer.country == "BR"]
    digits = Counter(sum(letter.isdigit() for letter in text) for text in raw)
    assert digits.keys() == {12, 13}, "with and without the ninth digit"


def test_one_seed_gives_one_shop() -> None:
    shops = {_digest(seed, hash_seed) for seed, hash_seed in ((1, 0), (1, 1), (2, 0))}
    assert len(shops) == 2


def _digest(seed: int, hash_seed: int) -> str:
    """Made in a process of its own, where sets and dictionaries are ordered by another chance."""
    program = (
        "import datetime, hashlib; from crm_adapters.vendors.sample.shop import build_shop;"
        f"shop = build_shop({seed}, datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC), customers=150);"
        "print(hashlib.sha256(repr(shop).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return run.stdout.decode()


def test_prices_rise_with_the_tier_of_a_phone(catalogue: Catalogue) -> None:
    phones = [item for item in catalogue.items if item.product.category == "phones"]
    for _, line in groupby(phones, key=lambda item: item.fits):
        for worse, better in pairwise(line):
            assert better.tier == worse.tier + 1
            for low, high in zip(worse.product.prices, better.product.prices, strict=True):
                assert low.currency == high.currency
                assert low.amount < high.amount


def test_products_of_a_family_have_tiers_of_their_own(shop: Shop) -> None:
    tiers = Counter((product.family, product.tier) for product in shop.products if product.family)
    assert {key for key, count in tiers.items() if count > 1} <= {("Workshop", None)}
    services = [product for product in shop.products if product.category in {"plans", "insurance", "repairs"}]
    assert {product.stock for product in services} == {None}
    assert any(product.stock == 0 and product.active for product in shop.products)
    assert any(not product.active for product in shop.products)


def test_nothing_is_bought_before_it_is_sold(bought: Mapping[str, list[Bought]]) -> None:
    for at, item in (purchase for purchases in bought.values() for purchase in purchases):
        assert item.on_sale((at - TODAY).days + 1), item.sku


def test_orders_lie_between_a_customer_s_creation_and_today(shop: Shop) -> None:
    created = {customer.ref: customer.created_at for customer in shop.customers}
    for order in shop.orders:
        since = created[order.customer_ref]
        assert since is not None
        assert since <= order.placed_at <= TODAY
        assert order.delivered_at is None or order.placed_at <= order.delivered_at


def test_a_case_follows_the_phone_it_fits(bought: Mapping[str, list[Bought]], shop: Shop) -> None:
    followed: dict[str, list[bool]] = defaultdict(list)
    for purchases in bought.values():
        for at, phone in _phones(purchases):
            soon = [item for when, item in purchases if at <= when <= at + MONTH]
            followed[phone.model].append(any(_case_of(item, phone.model) for item in soon))
    for model, outcomes in followed.items():
        owners = sum(any(_case_of(item, model) for _, item in each) for each in bought.values())
        rate, base = sum(outcomes) / len(outcomes), owners / len(shop.customers)
        assert rate > 0.4, model
        assert rate > 4 * base, model


def _case_of(item: Item, model: str) -> bool:
    return item.product.category == "cases" and item.fits == model


def _phones(purchases: list[Bought]) -> Iterator[Bought]:
    return (purchase for purchase in purchases if purchase[1].product.category == "phones")


def test_whoever_buys_for_themselves_only_moves_up(bought: Mapping[str, list[Bought]]) -> None:
    people = build_people(SEED, TODAY, numbers=range(len(DEMO_CUSTOMERS) + 1, 2501))
    moves = 0
    for person in people:
        if person.segment.name in {"family", "business"}:
            continue
        phones = sorted(_phones(bought.get(person.customer.ref, [])), key=lambda purchase: purchase[1].fits)
        for _, line in groupby(phones, key=lambda purchase: purchase[1].fits):
            for (earlier, worse), (later, better) in pairwise(line):
                assert earlier < later
                assert worse.tier < better.tier
                moves += 1
    assert moves > 500


def test_the_year_has_its_season(shop: Shop) -> None:
    months = Counter(order.placed_at.month for order in shop.orders)
    quiet = [count for month, count in months.items() if month not in {11, 12}]
    assert min(months[11], months[12]) > max(quiet)


def test_tastes_can_be_told_apart(bought: Mapping[str, list[Bought]]) -> None:
    people = build_people(SEED, TODAY, numbers=range(len(DEMO_CUSTOMERS) + 1, 2501))
    shares: dict[str, Counter[str]] = defaultdict(Counter)
    for person in people:
        categories = (item.product.category or "" for _, item in bought.get(person.customer.ref, []))
        shares[person.segment.name].update(categories)
    for segment, category in (
        ("gamer", "gaming"),
        ("creator", "photo"),
        ("bargain", "memory"),
        ("family", "tablets"),
    ):
        rates = {name: counts[category] / counts.total() for name, counts in shares.items()}
        others = sum(rates.values()) - rates[segment]
        assert rates[segment] > 2 * others / (len(rates) - 1), (segment, rates)


def test_demo_customers_show_what_they_are_for(shop: Shop, bought: Mapping[str, list[Bought]]) -> None:
    customers = {customer.ref: customer for customer in shop.customers}
    assert [customer.ref for customer in shop.customers[: len(DEMO_CUSTOMERS)]] == [
        demo.ref for demo in DEMO_CUSTOMERS
    ]
    assert {demo.email for demo in DEMO_CUSTOMERS} == {
        customers[demo.ref].emails[0].value for demo in DEMO_CUSTOMERS
    }
    ana = [item for _, item in bought["C-0001"]]
    assert len(ana) >= 5
    assert "Aurora 6" in {item.model for item in ana}
    assert not any(_case_of(item, "Aurora 6") for item in ana)
    assert any(_late(order) for order in shop.orders if order.customer_ref == "C-0003")
    assert any(case.open and case.complaint for case in shop.cases if case.customer_ref == "C-0003")
    assert [consent.granted for consent in customers["C-0004"].consents] == [False]
    assert "C-0005" not in {order.customer_ref for order in shop.orders}
    assert customers["C-0009"].company == customers["C-0013"].company is not None
