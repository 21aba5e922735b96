"""Shopify's adapter against Shopify's fake: the suite, and what is Shopify's own."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm_adapters.fakes.vendors.shopify import Fake
from crm_adapters.fakes.vendors.shopify.showing import RATES
from crm_adapters.model import Customer, DealKind, KeyKind, Money, OpenDeal, Order, OrderLine, Product
from crm_adapters.testing import FakeContract
from crm_adapters.vendors.shopify import Adapter

MAPPING = {
    "customer.id.shop": "metafields.custom.shop_number",
    "customer.crm.store": "metafields.custom.nearest_store",
    "customer.offers_consent": "metafields.custom.offers_ok",
    "product.family": "metafields.custom.product_line",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class TestShopify(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"given_name": "Aña", "language": "es-MX", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices"})
    shared = KeyKind.PHONE
    renews = True

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
