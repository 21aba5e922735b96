"""Field maps: the vendor's usual fields, and what an admin says instead."""

import pytest
from marshmallow import Schema, ValidationError

from crm_adapters.fieldmap import DECLARED, FieldMap, FieldMapSetting, custom_names

USUAL = {"language": "lang", "country": "land"}


class Settings(Schema):
    mapping = FieldMapSetting()


def load(value: object) -> FieldMap:
    loaded: dict[str, FieldMap] = Settings().load({"mapping": value})
    return loaded["mapping"]


def test_without_a_word_the_usual_fields_are_read() -> None:
    assert Settings().load({})["mapping"].of("customer", USUAL) == USUAL


def test_an_admin_adds_changes_and_takes_away() -> None:
    text = "customer.language = hs_language, customer.country=, customer.crm.store=shop , product.family=line"
    found = load(text).of("customer", USUAL)
    assert found == {"language": "hs_language", "crm.store": "shop"}
    assert custom_names(found) == {"store": "shop"}
    assert load({"customer.id.shop": "nr"}) == load("customer.id.shop=nr")
    assert custom_names(load("customer.id.shop=nr").of("customer", {}), DECLARED) == {"shop": "nr"}


@pytest.mark.parametrize("value", ["language=x", "customer.language", {"customer.x": 1}, ["customer.x"], 7])
def test_what_is_no_map_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        load(value)
