"""Derived families: proposed by every training, and of no effect until somebody approves them."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry
from assist.services import families
from assist.services.desk import Desk
from assist.services.families import Family, UnknownFamily
from assist.services.sync import sync
from assist.services.training import read_catalogue, read_interactions, train
from assist.services.versions import Mover
from assist.store.families import APPROVED, PROPOSED, REJECTED
from crm_adapters.model import Kind, Money, Product
from tests.assist.crms import World, connect, customer, order
from tests.assist.databases import on_both_databases

ME = Mover("command", "looks right")


def card(size: int, *, family: str | None = None, line: str = "Card") -> Product:
    price = Money(Decimal(size), "EUR")
    return Product(f"{line}{size}", f"{line}{size}", f"{line} {size} GB", family=family, prices=(price,))


@pytest.fixture
def shop(desk: Desk) -> World:
    """Cards of three sizes, and disks."""
    world = connect(desk)
    world.put(*(card(size) for size in (64, 128, 256)), *(card(size, line="Disk") for size in (500, 1000)))
    world.put(customer("c1"), order("o1", "c1", "Card64"))
    sync(desk, "shop")
    return world


def propose(desk: Desk) -> int:
    with desk.database.reading() as session:
        catalogue, data = read_catalogue(session), read_interactions(session)
    return families.propose(desk, catalogue, data)


def listed(desk: Desk, state: str | None = None) -> dict[str, Family]:
    with desk.database.reading() as session:
        return {one.name: one for one in families.list_all(session, state)}


def effective(desk: Desk) -> dict[str, str | None]:
    with desk.database.reading() as session:
        return {sku: item.family for sku, item in read_catalogue(session).items.items()}


@on_both_databases
def test_what_is_proposed_has_no_effect_until_it_is_approved(desk: Desk, shop: World) -> None:
    assert propose(desk) == 2
    found = listed(desk)
    assert [member.name for member in found["Card"].members] == ["Card 128 GB", "Card 256 GB", "Card 64 GB"]
    assert found["Card"].state == PROPOSED
    assert set(effective(desk).values()) == {None}
    families.approve(desk, [found["Card"].id], ME)
    families.reject(desk, [found["Disk"].id], ME)
    assert effective(desk) == {
        "Card64": "Card", "Card128": "Card", "Card256": "Card", "Disk500": None, "Disk1000": None
    }  # fmt: skip


@on_both_databases
def test_what_was_decided_stays_decided(desk: Desk, shop: World) -> None:
    propose(desk)
    found = listed(desk)
    families.approve(desk, [found["Card"].id], ME)
    families.reject(desk, [found["Disk"].id], ME)
    assert propose(desk) == 0
    assert {name: one.state for name, one in listed(desk).items()} == {"Card": APPROVED, "Disk": REJECTED}


@on_both_databases
def test_a_family_that_grew_is_proposed_anew_and_takes_its_products_along(desk: Desk, shop: World) -> None:
    propose(desk)
    families.approve(desk, [listed(desk)["Card"].id], ME)
    shop.put(card(512))
    sync(desk, "shop")
    assert propose(desk) == 2
    grown = listed(desk)["Card (2)"]
    assert effective(desk)["Card512"] is None
    families.approve(desk, [grown.id], ME)
    assert {effective(desk)[f"Card{size}"] for size in (64, 128, 256, 512)} == {"Card (2)"}
    assert listed(desk, APPROVED).keys() == {"Card (2)"}


def test_what_is_no_longer_derived_waits_no_more(desk: Desk, shop: World) -> None:
    propose(desk)
    shop.put(*(card(size, family="Storage", line="Disk") for size in (500, 1000)))
    sync(desk, "shop")
    assert propose(desk) == 1
    assert listed(desk).keys() == {"Card"}


def test_the_crms_family_counts_before_the_derived_one(desk: Desk, shop: World) -> None:
    propose(desk)
    families.approve(desk, [listed(desk)["Card"].id], ME)
    shop.put(card(64, family="Memory"))
    sync(desk, "shop")
    assert effective(desk)["Card64"] == "Memory"
    assert effective(desk)["Card128"] == "Card"


def test_no_derived_family_has_the_name_of_one_in_the_crm(desk: Desk, shop: World) -> None:
    shop.put(card(2000, family="Card", line="Disk"))
    sync(desk, "shop")
    propose(desk)
    assert "Card" not in listed(desk)
    assert "Card (2)" in listed(desk)


def test_every_training_proposes(desk: Desk, shop: World) -> None:
    train(desk)
    assert listed(desk, PROPOSED).keys() == {"Card", "Disk"}


def test_a_decision_is_on_record(desk: Desk, shop: World) -> None:
    propose(desk)
    card = listed(desk)["Card"]
    families.approve(desk, [card.id], ME)
    with desk.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"family:{card.id}")).one()
    assert (entry.event, entry.detail) == ("family.approved", {"by": "command", "why": "looks right"})


def test_an_unknown_family_is_named_and_nothing_is_decided(desk: Desk, shop: World) -> None:
    propose(desk)
    card = listed(desk)["Card"]
    with pytest.raises(UnknownFamily, match="no derived family 99"):
        families.approve(desk, [card.id, 99], ME)
    assert listed(desk)["Card"].state == PROPOSED


def test_what_is_sold_no_more_is_where_steps_start(desk: Desk, shop: World) -> None:
    for sku in ("Card64", "Card128", "Card256", "Disk500", "Disk1000"):
        shop.crm.delete(Kind.PRODUCTS, sku)
    sync(desk, "shop")
    assert propose(desk) == 2
