"""The mutations still fit the code that they break; whether each is caught is for `tests.crm_adapters.mutations`."""

import pytest

from tests.crm_adapters.mutations import MUTATIONS, ROOT, Mutation, try_one


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_fits_one_place(mutation: Mutation) -> None:
    assert (ROOT / mutation.path).read_text().count(mutation.old) == 1


def test_there_are_many_and_each_has_a_name() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 20


@pytest.mark.long
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_is_caught(mutation: Mutation) -> None:
    assert try_one(mutation) is not None
