"""The mutations still fit the code that they break; whether each is caught is for `tests.crm_adapters.mutations`."""

import pytest

from crm_adapters import registry
from tests.crm_adapters.mutations.__main__ import choose
from tests.crm_adapters.mutations.engine import PATIENCE, ROOT, Mutation, try_one
from tests.crm_adapters.mutations.vendors import load_all

MUTATIONS = [pytest.param(one, id=f"{vendor}: {one.name}") for vendor, one in choose([])]


@pytest.mark.parametrize("name", registry.available())
def test_every_adapter_is_broken_in_ways_of_its_own(name: str) -> None:
    found = load_all().get(name, ())
    assert any(one.path.startswith(f"crm_adapters/vendors/{name}") for one in found), (
        f"{name} has no mutation"
    )


@pytest.mark.parametrize("mutation", [*MUTATIONS, pytest.param(PATIENCE, id=PATIENCE.name)])
def test_a_mutation_fits_one_place(mutation: Mutation) -> None:
    assert (ROOT / mutation.path).read_text().count(mutation.old) == 1
    assert mutation.new != mutation.old


@pytest.mark.parametrize("name", load_all())
def test_each_has_a_name(name: str) -> None:
    found = load_all()[name]
    assert len({one.name for one in found}) == len(found)


def test_some_are_chosen_by_adapter_and_by_words() -> None:
    assert {vendor for vendor, _ in choose([])} == load_all().keys()
    assert {vendor for vendor, _ in choose(["odoo", "zoho"])} == {"odoo", "zoho"}
    assert [(vendor, one.name) for vendor, one in choose(["zoho", "closed"])] == [
        ("zoho", "a closed quote takes lines")
    ]
    assert {vendor for vendor, _ in choose(["closed"])} > {"hubspot", "zoho"}
    assert not choose(["no such words"])


@pytest.mark.long
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_is_caught(mutation: Mutation) -> None:
    assert try_one(mutation) is not None
