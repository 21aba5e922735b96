"""Nimbus Mobile, the whole shop, out of a seed and a reference date: the same two give the same shop."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_adapters.model import Case, Customer, OpenDeal, Order, Product, ProductRelation
from crm_adapters.vendors.sample.cases import build_cases
from crm_adapters.vendors.sample.catalogue import Catalogue, build_catalogue, build_relations
from crm_adapters.vendors.sample.demo import demo_cases, demo_customers, demo_sales
from crm_adapters.vendors.sample.orders import Sale, number_orders, settle
from crm_adapters.vendors.sample.people import Person, build_people, roll
from crm_adapters.vendors.sample.purchases import Shopper
from crm_adapters.vendors.sample.quotes import demo_quotes

CUSTOMERS = 2500
MOST_CUSTOMERS = 9999
"""Their numbers are the last digits of their telephones."""


@dataclass(frozen=True, slots=True)
class Shop:
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...]
    cases: tuple[Case, ...]
    relations: tuple[ProductRelation, ...]
    deals: tuple[OpenDeal, ...]


def build_shop(seed: int, today: datetime, *, customers: int = CUSTOMERS) -> Shop:
    """`today` is aware, UTC; nothing is placed after it. `customers` counts the ones made by hand in."""
    catalogue = build_catalogue(today)
    shown = demo_customers(today)
    people = build_people(seed, today, numbers=range(len(shown) + 1, customers + 1))
    sales = [sale for person in people for sale in _sales(person, catalogue, seed=seed, today=today)]
    orders = number_orders(sales + demo_sales(today), catalogue, today)
    cases = build_cases(
        (order for order in orders if order.customer_ref not in shown), seed=seed, today=today
    )
    return Shop(
        tuple(item.product for item in catalogue.items),
        (*shown.values(), *(person.customer for person in people)),
        tuple(orders),
        (*cases, *demo_cases(today)),
        tuple(build_relations(catalogue)),
        tuple(demo_quotes(catalogue, today)),
    )


def _sales(person: Person, catalogue: Catalogue, *, seed: int, today: datetime) -> Iterator[Sale]:
    ref = person.customer.ref
    shopper = Shopper(person, catalogue, dice=roll(seed, "shopper", ref), today=today)
    shopper.live()
    dice = roll(seed, "orders", ref)
    for day, basket in sorted(shopper.baskets.items()):
        at = today + timedelta(days=day - 1, minutes=dice.randrange(9 * 60, 21 * 60))
        sale = Sale(ref, person.country.currency, at, tuple(basket.items()))
        yield from settle(sale, dice, today)
