"""What every adapter must do. In a test module, supply two fixtures and a count:

    class TestOurCRM(AdapterContract):
        @pytest.fixture
        def adapter(self) -> CRMAdapter: ...
        @pytest.fixture
        def world(self) -> World: ...
        def count_written(self, adapter: CRMAdapter, key: str) -> int: ...

Whatever the capabilities declare is tried; whatever they do not must be refused with `Unsupported`.
"""

from typing import ClassVar

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.testing.listing import ListingContract
from crm_adapters.testing.lookup import LookupContract
from crm_adapters.testing.world import World
from crm_adapters.testing.writing import WritingContract

SECRET_WORDS = ("password", "token", "secret", "api_key")


class AdapterContract(LookupContract, ListingContract, WritingContract):
    """All of it; see the parts for what is promised."""

    processes: ClassVar[bool] = True
    """False where the CRM lives in this process only and another could not reach it."""

    @pytest.fixture
    def adapter(self) -> CRMAdapter:
        raise NotImplementedError("supply a fixture `adapter`: an instance set up against the CRM under test")

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError("supply a fixture `world`: what the CRM under test holds")

    def test_its_class_is_what_the_registry_expects(self, adapter: CRMAdapter) -> None:
        assert adapter.name, "an adapter has a name"
        assert adapter.name == adapter.name.lower()
        assert adapter.capabilities.kinds, "an adapter lists at least one kind of record"
        assert adapter.capabilities.keys, "an adapter finds customers by at least one key"

    def test_secrets_are_declared(self, adapter: CRMAdapter) -> None:
        fields = adapter.Settings().fields
        undeclared = {name for name in fields if any(word in name for word in SECRET_WORDS)}
        assert undeclared <= adapter.secret_names(), 'mark these settings with metadata={"secret": True}'

    def test_a_healthy_connection_checks_out(self, adapter: CRMAdapter) -> None:
        health = adapter.check()
        assert health.findings
        assert health.ok, [finding for finding in health.findings if not finding.ok]
        assert all(finding.name and finding.message for finding in health.findings)
