"""ACME's adapter is held to the contract of all adapters."""

from dataclasses import replace
from typing import Any

from acme_crm import Adapter
from acme_fake import AcmeFake

from crm_adapters.model import Order
from crm_adapters.testing import FakeContract


class TestAcme(FakeContract):
    adapter_class = Adapter
    fake_class = AcmeFake
    settings = {"page_size": 5}
    lacks = frozenset(
        f"customer.{name}"
        for name in ("given_name", "family_name", "language", "country", "company", "phones")
    )

    def hold(self, record: Any) -> Any:
        """Lines name their goods, and no products."""
        if not isinstance(record, Order):
            return record
        return replace(record, lines=tuple(replace(line, product_ref=None) for line in record.lines))
