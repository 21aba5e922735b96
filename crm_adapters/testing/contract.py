"""What every adapter must do. In a test module, supply three fixtures:

    class TestOurCRM(AdapterContract):
        adapter_class = Adapter

        @pytest.fixture
        def adapter(self) -> CRMAdapter: ...
        @pytest.fixture
        def world(self) -> World: ...
        @pytest.fixture
        def stage(self) -> Stage: ...

For a CRM that is reached by HTTP and has a fake, `FakeContract` supplies all three. Whatever the capabilities
declare is tried; whatever they do not must be refused with `Unsupported`.
"""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.model import Kind
from crm_adapters.testing.changing import ChangingContract
from crm_adapters.testing.deals import DealsContract
from crm_adapters.testing.hints import HintsContract
from crm_adapters.testing.listening import Listener, listen
from crm_adapters.testing.listing import ListingContract
from crm_adapters.testing.lookup import LookupContract
from crm_adapters.testing.troubled import TroubledContract
from crm_adapters.testing.world import World
from crm_adapters.testing.writing import WritingContract

SECRET_WORDS = ("password", "token", "secret", "api_key")
SAMPLE = 5


class AdapterContract(
    LookupContract,
    ListingContract,
    ChangingContract,
    WritingContract,
    DealsContract,
    HintsContract,
    TroubledContract,
):
    """All of it; see the parts for what is promised."""

    adapter_class: ClassVar[type[CRMAdapter]]
    """Whose conformance this is."""
    processes: ClassVar[bool] = True
    """False where the CRM lives in this process only and another could not reach it."""

    @pytest.fixture
    def adapter(self) -> CRMAdapter:
        raise NotImplementedError("supply a fixture `adapter`: an instance set up against the CRM under test")

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError("supply a fixture `world`: what the CRM under test holds")

    @pytest.fixture(autouse=True)
    def _nothing_is_told(self, adapter: CRMAdapter, world: World) -> Iterator[None]:
        """After every test: neither its logs nor its errors hold a secret or somebody's data."""
        names = adapter.secret_names() & adapter.settings.keys()
        secrets = [str(adapter.settings[name]) for name in names]
        with listen(Listener(tuple(filter(None, (world.marker, *secrets))))) as listener:
            yield
        assert listener.overheard == []

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

    def test_a_connection_that_only_reads_checks_out(self, adapter: CRMAdapter) -> None:
        assert adapter.check(writes=False).ok

    def test_fields_are_described(self, adapter: CRMAdapter) -> None:
        for kind in Kind:
            plain, sampled = adapter.describe_fields(kind), adapter.describe_fields(kind, sample=SAMPLE)
            assert {field.name for field in plain} == {field.name for field in sampled}
            for field in sampled:
                assert field.name
                assert field.label
                assert field.type in {"text", "number", "boolean", "datetime", "choice", "other"}
                assert field.fill_rate is None or 0 <= field.fill_rate <= 1
                assert field.fill_rate or not field.example
            assert all(field.fill_rate is None for field in plain)

    def test_customers_fields_can_be_mapped(self, adapter: CRMAdapter, world: World) -> None:
        found = {field.mapped: field for field in adapter.describe_fields(Kind.CUSTOMERS, sample=SAMPLE)}
        assert bool(found) == adapter.capabilities.describes_fields
        if adapter.capabilities.describes_fields:
            assert any(field.personal for field in found.values())
            assert any(field.fill_rate for field in found.values()), "some field of some customer is filled"
            if adapter.capabilities.update_customer:
                writable = {name for name, field in found.items() if field.writable}
                assert world.patch.keys() <= writable
