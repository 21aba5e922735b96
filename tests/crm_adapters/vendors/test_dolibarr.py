"""Dolibarr's adapter against Dolibarr's fake: the suite, and what is Dolibarr's own."""

from dataclasses import replace
from typing import Any

from crm_adapters.fakes.vendors.dolibarr import Fake
from crm_adapters.model import DealKind, OpenDeal, Product
from crm_adapters.testing import FakeContract
from crm_adapters.vendors.dolibarr import Adapter

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
