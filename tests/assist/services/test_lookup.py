"""Who is it: by e-mail, phone or number in the CRM, however they are written."""

import pytest

from assist.services.desk import Desk
from assist.services.lookup import LookUp, look_up
from assist.services.sync import sync
from assist.services.views import Card
from crm_adapters.model import Customer, Kind
from tests.assist.crms import World, complaint, connect, customer, order, product
from tests.assist.databases import on_both_databases
from tests.assist.scenes import find_id


@pytest.fixture
def shop(desk: Desk) -> World:
    return connect(desk)


def put(desk: Desk, world: World, *records: Customer) -> None:
    world.put(*records)
    sync(desk, "shop")


def ask(desk: Desk, **key: object) -> Card:
    with desk.database.reading() as session:
        return look_up(desk, session, LookUp(**key))  # type: ignore[arg-type]  # a key of the test's choice


def found(card: Card) -> tuple[str, str] | None:
    return (card.header.name, card.header.matched_on) if card.header else None


@pytest.mark.parametrize("written", ["ana@example.com", "ANA@Example.COM", "  Ana@example.com "])
def test_emails_in_any_case(desk: Desk, shop: World, written: str) -> None:
    put(desk, shop, customer("C1", name="Ana", email="Ana@Example.com"))
    assert found(ask(desk, email=written)) == ("Ana", "email")


@on_both_databases
@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("+5511987654321", "+55 (11) 98765-4321"),
        ("+5511987654321", "+55 11 8765-4321"),
        ("+551187654321", "0055 11 98765 4321"),
        ("+551187654321", "+551187654321"),
        ("+525512345678", "+52 1 55 1234 5678"),
        ("+5215512345678", "+52 55 1234 5678"),
        ("+34612345678", "tel:+34-612-345-678"),
    ],
)
def test_phones_in_any_form(desk: Desk, shop: World, *, stored: str, written: str) -> None:
    put(desk, shop, customer("C1", name="Ana", phone=stored), customer("C2", phone="+34911111111"))
    assert found(ask(desk, phone=written)) == ("Ana", "phone")


def test_a_phone_without_its_country_is_nobodys(desk: Desk, shop: World) -> None:
    put(desk, shop, customer("C1", phone="+34612345678"))
    assert ask(desk, phone="612345678").state == "unknown"


def test_the_surest_key_that_finds_somebody_wins(desk: Desk, shop: World) -> None:
    put(
        desk,
        shop,
        customer("C1", name="Ana", email="ana@x.com"),
        customer("C2", name="Bo", phone="+34612345678"),
    )
    assert found(ask(desk, ref="C1", phone="+34612345678")) == ("Ana", "ref")
    assert found(ask(desk, ref="C9", email="nobody@x.com", phone="+34612345678")) == ("Bo", "phone")


def test_several_customers_with_the_key_are_for_a_person_to_choose_from(desk: Desk, shop: World) -> None:
    shop.put(product("P1"), order("O1", "C2", "P1"))
    put(desk, shop, customer("C1", email="ana@x.com", country="ES"), customer("C2", email="ana@x.com"))
    card = ask(desk, email="ana@x.com")
    assert (card.state, card.header) == ("ambiguous", None)
    assert [(one.country, one.masked_key, one.last_order_at is None) for one in card.choices] == [
        ("ES", "a…a@x.com", True), (None, "a…a@x.com", False)
    ]  # fmt: skip
    assert found(ask(desk, customer_id=card.choices[1].id)) == ("Customer C2", "picked")


@on_both_databases
def test_one_person_in_two_connections_is_no_question(desk: Desk, shop: World) -> None:
    put(desk, shop, customer("C1", email="ana@x.com"))
    connect(desk, "helpdesk").put(customer("H1", email="ana@x.com"))
    assert ask(desk, email="ana@x.com").state == "match"
    sync(desk, "helpdesk")
    card = ask(desk, email="ana@x.com")
    assert card.state == "match"
    assert card.header is not None
    assert card.header.connections == ("shop", "helpdesk")


@on_both_databases
@pytest.mark.parametrize("key", [{"email": "ana@x.com"}, {"ref": "C1"}, {"phone": "+34612345678"}])
def test_who_was_deleted_is_not_found(desk: Desk, shop: World, key: dict[str, str]) -> None:
    put(desk, shop, customer("C1", email="ana@x.com", phone="+34612345678"))
    assert ask(desk, **key).state == "match"
    shop.crm.delete(Kind.CUSTOMERS, "C1")
    sync(desk, "shop")
    assert ask(desk, **key).state == "unknown"
    assert ask(desk, customer_id=find_id(desk, "C1")).state == "unknown"


@on_both_databases
@pytest.mark.parametrize(
    "key",
    [
        {"email": "no\0body@x.com"},
        {"ref": "\ud800"},
        {"ref": "x" * 500},
        {"phone": "\0"},
        {"email": "' OR 1=1 --"},
        {"customer_id": 2**63},
    ],
)
def test_nonsense_is_nobody(desk: Desk, key: dict[str, object]) -> None:
    assert ask(desk, **key).state == "unknown"


def test_without_a_key_nobody_is_looked_for(desk: Desk) -> None:
    assert ask(desk).state == "no_key"
    assert ask(desk, email="", phone=None).state == "no_key"


def test_a_crm_without_cases_is_blind_to_complaints(desk: Desk, shop: World) -> None:
    put(desk, shop, customer("C1", email="ana@example.com"))
    assert not ask(desk, ref="C1").complaints_visible


def test_a_crm_that_shows_cases_is_not(desk: Desk, shop: World) -> None:
    shop.put(complaint("K1", "C2"))
    put(desk, shop, customer("C1"), customer("C2"))
    assert ask(desk, ref="C1").complaints_visible
