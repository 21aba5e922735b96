"""A mapped field that the CRM has no more makes its fact unknown, and the admin learns who needed it."""

import pytest
from sqlalchemy import select

from assist.models.connection import Connection, LostField
from assist.services.desk import Desk
from assist.services.drift import Use, find_uses, list_losses, name_fact
from assist.services.facts import know, open_dossier
from assist.services.running import read_running
from assist.services.sync import sync
from assist.store.customers import find_customer
from crm_adapters.errors import Unavailable
from crm_adapters.fieldmap import FieldMapSetting
from crm_adapters.model import FieldInfo, Kind
from personas.facts import FactSet
from tests.assist import crms
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer
from tests.assist.databases import on_both_databases
from tests.assist.scenes import find_id

MAPPING = "customer.crm.store=nearest_store, customer.language=lang"


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> dict[str, FieldInfo | Exception]:
    """What the CRM says its customers have; an exception for a CRM that says nothing."""
    there: dict[str, FieldInfo | Exception] = {
        name: FieldInfo(name, name, "text") for name in ("nearest_store", "lang")
    }

    def describe(_self: object, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        for field in there.values():
            if isinstance(field, Exception):
                raise field
        return (
            [field for field in there.values() if isinstance(field, FieldInfo)]
            if kind is Kind.CUSTOMERS
            else []
        )

    class Mapped(crms.WorldAdapter.Settings):
        mapping = FieldMapSetting()

    monkeypatch.setattr(crms.WorldAdapter, "Settings", Mapped)
    monkeypatch.setattr(crms.WorldAdapter, "describe_fields", describe)
    return there


@pytest.fixture
def shop(desk: Desk, fields: object) -> World:
    shop = connect(desk)
    shop.put(customer("C1", language="es", custom={"store": "Sevilla"}))
    with desk.database.writing() as session:
        connection = session.scalars(select(Connection)).one()
        connection.settings = connection.settings | {"mapping": MAPPING}
    sync(desk, "shop")
    return shop


def facts(desk: Desk) -> FactSet:
    desk.figures._read_at = None
    with desk.database.reading() as session:
        found = find_customer(session, find_id(desk, "C1"))
        assert found
        return know(desk, open_dossier(session, found, desk.clock.now()))


def lost(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.scalars(select(LostField.ours).order_by(LostField.ours)))


@on_both_databases
def test_the_fact_of_a_lost_field_is_unknown_until_it_is_back(
    desk: Desk, shop: World, fields: dict[str, FieldInfo | Exception], clock: HandClock
) -> None:
    assert (facts(desk)["crm.store"], lost(desk)) == ("Sevilla", [])
    kept = fields.pop("nearest_store")
    clock.pass_time(minutes=15)
    sync(desk, "shop")
    assert lost(desk) == ["customer.crm.store"]
    assert "crm.store" not in facts(desk)
    assert facts(desk)["customer.language"] == "es", "the other one is still there"
    since = clock.now()
    clock.pass_time(minutes=15)
    sync(desk, "shop")
    with desk.database.reading() as session:
        (loss,) = list_losses(session, desk.personas)[1]
        running = read_running(desk, session, "shop")
    assert (loss.fact, loss.since, loss.theirs) == ("crm.store", since, "nearest_store")
    assert (running.connection.lost, running.losses) == (1, (loss,))
    fields["nearest_store"] = kept
    sync(desk, "shop")
    assert (facts(desk)["crm.store"], lost(desk)) == ("Sevilla", [])


def test_a_field_of_ours_is_unknown_too(
    desk: Desk, shop: World, fields: dict[str, FieldInfo | Exception]
) -> None:
    del fields["lang"]
    sync(desk, "shop")
    assert "customer.language" not in facts(desk)


def test_a_crm_that_does_not_answer_loses_nothing(
    desk: Desk, shop: World, fields: dict[str, FieldInfo | Exception], clock: HandClock
) -> None:
    before = clock.now()
    del fields["nearest_store"]
    sync(desk, "shop")
    fields["broken"] = Unavailable("away")
    clock.pass_time(minutes=15)
    sync(desk, "shop")
    with desk.database.reading() as session:
        running = read_running(desk, session, "shop")
    assert lost(desk) == ["customer.crm.store"], "what was known of it stands"
    assert (running.fields_error, running.fields_checked_at) == ("Unavailable: away", before)


def test_who_needs_a_fact_is_named(desk: Desk) -> None:
    used = find_uses(desk.personas, "order.count_12m")
    assert used
    assert {use.kind for use in used} <= {"persona", "icp", "rule", "question"}
    for fact in desk.personas.questions:
        assert Use("question", fact) in find_uses(desk.personas, fact)
    assert find_uses(desk.personas, "crm.nobody_asks") == ()


@pytest.mark.parametrize(
    ("ours", "fact"),
    [
        ("customer.crm.store", "crm.store"),
        ("customer.language", "customer.language"),
        ("customer.offers_consent", None),
        ("product.family", None),
    ],
)
def test_fields_are_facts_or_are_not(ours: str, fact: str | None) -> None:
    assert name_fact(ours) == fact
