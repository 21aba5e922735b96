"""No adapter without the conformance suite, and no fake without an adapter."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from crm_adapters import fakes, registry
from crm_adapters.testing import AdapterContract, FakeContract

HERE = Path(__file__).parent


def find_contracts(base: type[AdapterContract] = AdapterContract) -> Iterator[type[AdapterContract]]:
    for contract in base.__subclasses__():
        yield contract
        yield from find_contracts(contract)


@pytest.fixture(scope="module")
def contracts() -> dict[str, type[AdapterContract]]:
    """Those that pytest collects, by the adapter's name."""
    for path in HERE.rglob("test_*.py"):
        import_module(".".join(path.relative_to(HERE.parents[1]).with_suffix("").parts))
    found = [one for one in find_contracts() if one.__name__.startswith("Test")]
    return {one.adapter_class.name: one for one in found}


@pytest.mark.parametrize("name", registry.available())
def test_every_adapter_is_held_to_the_contract(
    contracts: dict[str, type[AdapterContract]], name: str
) -> None:
    assert name in contracts, f"{name} has no test class made from AdapterContract or FakeContract"


@pytest.mark.parametrize("name", fakes.available())
def test_every_fake_stands_behind_its_adapters_contract(
    contracts: dict[str, type[AdapterContract]], name: str
) -> None:
    contract = contracts[name]
    assert issubclass(contract, FakeContract)
    assert contract.fake_class is fakes.load(name)
    assert contract.fake_class.name == name
