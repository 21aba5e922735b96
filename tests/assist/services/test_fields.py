"""Mapping a CRM's fields: what is proposed, what is missed, and what a terminal is shown of people."""

from dataclasses import replace

import pytest

from assist.services import fields
from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.hubspot import Adapter as HubSpot
from crm_adapters.vendors.sample import Adapter as Sample


def field(name: str, kind: str = "text", **more: object) -> FieldInfo:
    return replace(FieldInfo(name, name, kind), **more)  # type: ignore[arg-type]  # - by name, as in a table


@pytest.mark.parametrize(
    ("found", "ours"),
    [
        (field("hs_language"), "customer.language"),
        (field("x1", label="Idioma preferido"), "customer.language"),
        (field("País"), "customer.country"),
        (field("Marketing_Consent__c", "boolean"), "customer.offers_consent"),
    ],
)
def test_a_field_is_proposed_by_its_name_or_label(found: FieldInfo, ours: str) -> None:
    assert fields.guess("customer", [field("other"), found]) == {found.name: ours}


@pytest.mark.parametrize(
    "found",
    [
        field("country_of_birth"),
        field("language", "datetime"),
        field("language", mapped="crm.spoken"),
    ],
)
def test_what_is_called_otherwise_of_another_type_or_read_already_is_not(found: FieldInfo) -> None:
    assert fields.guess("customer", [found]) == {}


def test_of_two_that_fit_the_better_filled_is_proposed_once() -> None:
    found = [field("lang", fill_rate=0.1), field("idioma", fill_rate=0.9), field("locale")]
    assert fields.guess("customer", found) == {"idioma": "customer.language"}
    assert fields.guess("customer", [*found, field("hs_language", mapped="language")]) == {}


KNOWN = {"customer": [field("nearest_store"), field("hs_language"), field("born", "datetime")]}


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ("customer.crm.store", "nearest_stoer", "no field nearest_stoer. Near: nearest_store."),
        ("customer.language", "born", "born is a datetime field; choice, text is wanted."),
        ("customer.languge", "hs_language", "Did you mean customer.language?"),
        ("client.language", "hs_language", "does not begin with one of customer,"),
        ("customer.crm.", "hs_language", "customer.crm.NAME"),
    ],
)
def test_what_cannot_be_mapped_is_named_with_what_is_near(ours: str, theirs: str, said: str) -> None:
    finding = fields.check_field(ours, theirs, KNOWN)
    assert not finding.ok
    assert said in finding.message


@pytest.mark.parametrize(
    ("ours", "theirs", "warning"),
    [
        ("customer.crm.store", "nearest_store", False),
        ("customer.language", "hs_language", False),
        ("customer.language", "meta.locale", True),
        ("company.domain", "website", True),
    ],
)
def test_what_is_there_is_well_and_what_cannot_be_seen_is_said(
    ours: str, theirs: str, *, warning: bool
) -> None:
    finding = fields.check_field(ours, theirs, KNOWN)
    assert (finding.ok, finding.warning) == (True, warning)


@pytest.mark.parametrize(
    ("found", "kind", "ours", "shown"),
    [
        (field("email", example="ana.ruiz@example.com", personal=True), "customer", "emails", "a…z@example.com"),
        (field("note", example="ask Ana Ruiz, +34 600 111 222"), "customer", "", "a… A… R… +… 6… 1… 2…"),
        (field("phone", example="+34600111222"), "customer", "phones", "…22"),
        (field("lang", example="es-MX"), "customer", "language", "es-MX"),
        (field("born", "datetime", example="1980-02-03", personal=True), "customer", "", "…03"),
        (field("since", "datetime", example="2026-02-03"), "customer", "", "2026-02-03"),
        (field("vip", "boolean", example="True"), "customer", "", "True"),
        (
            field("plan", "choice", example="gold", options=(FieldOption("gold", "Gold"),)),
            "customer", "", "gold",
        ),
        (field("plan", "choice", example="silver"), "customer", "", "s…"),
        (field("name", example="Case for Phone X"), "product", "name", "Case for Phone X"),
        (field("memo", example="ask bo@example.com or +34-600111222"), "product", "", "ask b…o@example.com or …22"),
    ],
)  # fmt: skip
def test_samples_are_masked(found: FieldInfo, kind: str, ours: str, shown: str) -> None:
    assert fields.mask_sample(found, kind, ours) == shown


def test_whatever_a_record_holds_is_masked_also_where_it_is_a_list() -> None:
    row = {"emails": "(Email(value='ana.ruiz@example.com', verified=True),)", "name": "Ana Ruiz"}
    for found in add_samples([field("emails"), field("name")], [row]):
        shown = fields.mask_sample(found, "customer", found.name)
        assert "ana.ruiz" not in shown
        assert "Ruiz" not in shown


def test_the_setting_that_takes_a_mapping_is_found() -> None:
    assert fields.find_mapping(HubSpot) == "mapping"
    assert fields.find_mapping(Sample) is None


def test_only_kinds_that_the_crm_lists_are_described() -> None:
    assert set(fields.KINDS.values()) == set(Kind)
