"""ERPNext's adapter against ERPNext's fake: the suite, and what is ERPNext's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_adapters.fakes.seed import ACME, Record
from crm_adapters.fakes.vendors.erpnext import Fake
from crm_adapters.model import Customer, DealKind, OpenDeal
from crm_adapters.testing import FakeContract
from crm_adapters.vendors.erpnext import Adapter

MAPPING = {
    "customer.id.shop": "custom_shop_number",
    "customer.offers_consent": "custom_offers",
    "customer.crm.store": "custom_store",
    "customer.crm.visits": "custom_visits",
    "company.employees": "custom_employees",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class TestERPNext(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"name": "Aña Nuñez", "language": "es-MX", "crm.store": "Porto", "crm.visits": "3"}
    lacks = frozenset({"order.time", "opendeal.name"})

    def held(self, refs: Mapping[str, str]) -> dict[str, Record]:
        """Companies buy too, and are their own."""
        ref = refs["acme"]
        company = Customer(ref, ACME.name, country=ACME.country, company=ACME.name, company_ref=ref)
        return {**super().held(refs), "acme as customer": company}

    def hold(self, record: Any) -> Any:
        """Whom a person works for is only a word; what is open is a quotation."""
        match record:
            case Customer():
                return replace(record, company_ref=None)
            case OpenDeal():
                return replace(record, kind=DealKind.QUOTE)
        return record
