"""EspoCRM's adapter against EspoCRM's fake: the suite, with the Sales Pack and without, and what is EspoCRM's own."""

from dataclasses import replace
from typing import Any

from crm_adapters.fakes.vendors.espocrm import Fake
from crm_adapters.model import Customer, DealKind, OpenDeal
from crm_adapters.testing import FakeContract
from crm_adapters.vendors.espocrm import Adapter

MAPPING = {
    "customer.language": "cLanguage",
    "customer.id.shop": "cShopNumber",
    "customer.offers_consent": "cOffers",
    "customer.crm.store": "cStore",
    "company.employees": "cEmployees",
    "product.family": "cLine",
    "product.stock": "quantity",
    "line.name": "cSold",
}
SETTINGS = {"page_size": 5, "mapping": MAPPING}


class Community(Fake):
    """Without the Sales Pack, and with an API user that signs its calls."""

    pack = False
    hmac = True


class TestSalesPack(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    settings = SETTINGS
    patch = {"given_name": "Aña", "language": "es-MX", "country": "PT", "crm.store": "Porto"}
    lacks = frozenset({"product.further_prices", "order.time"})

    def hold(self, record: Any) -> Any:
        """EspoCRM takes no address with a backslash."""
        if isinstance(record, Customer):
            emails = tuple(email for email in record.emails if "\\" not in email.value)
            return replace(record, emails=emails)
        return replace(record, kind=DealKind.QUOTE) if isinstance(record, OpenDeal) else record


class TestCommunity(TestSalesPack):
    fake_class = Community
    lacks = frozenset({"order.time", "order.lines", "opendeal.lines"})
    deals_are_orders = True

    def hold(self, record: Any) -> Any:
        return record if isinstance(record, OpenDeal) else super().hold(record)
