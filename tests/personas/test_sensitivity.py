import pytest

from personas.facts import FACTS
from personas.sensitivity import Sensitivity, find_sensitivity, is_barred


@pytest.mark.parametrize(
    "name", ["crm.age", "crm.Gender", "crm.customer_age", "crm.gênero", "crm.birth-date"]
)
def test_personal_traits_are_barred(name: str) -> None:
    assert is_barred(name)


@pytest.mark.parametrize("name", ["crm.package", "crm.sage_id", "order.average_value"])
def test_words_that_only_contain_a_barred_one_are_not(name: str) -> None:
    assert not is_barred(name)


@pytest.mark.parametrize(
    ("name", "sensitivity"),
    [
        ("today.month", Sensitivity.PLAIN),
        ("order.count", Sensitivity.BEHAVIOUR),
        ("cart.value", Sensitivity.BEHAVIOUR),
        ("customer.country", Sensitivity.PERSONAL),
        ("consent.offers", Sensitivity.PERSONAL),
        ("crm.*", Sensitivity.PERSONAL),
        ("crm.level", Sensitivity.PERSONAL),
        ("crm.data_de_nascimento", Sensitivity.BARRED),
    ],
)
def test_sensitivity_is_that_of_the_source_unless_the_name_is_barred(
    name: str, sensitivity: Sensitivity
) -> None:
    assert find_sensitivity(name) is sensitivity


def test_every_declared_fact_has_one() -> None:
    assert Sensitivity.BARRED not in {find_sensitivity(fact.name) for fact in FACTS}


def test_what_is_not_declared_has_none() -> None:
    with pytest.raises(ValueError, match=r"order\.cont"):
        find_sensitivity("order.cont")
