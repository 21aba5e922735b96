"""Who is one person over several connections: those who share a key that the CRMs vouch for."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assist.models.mirror import Customer, Person
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.store.mirror import Batch, mark_deleted, write_customers
from crm_adapters.model import Customer as Record
from crm_adapters.model import Email, Kind
from tests.assist.crms import World, connect, customer
from tests.assist.databases import on_both_databases

PHONE = "+5511987654321"


def two(desk: Desk) -> tuple[World, World]:
    return connect(desk, "shop"), connect(desk, "helpdesk")


def people(desk: Desk) -> list[set[str]]:
    """Refs of those who are one person, wherever there is more than one."""
    with desk.database.reading() as session:
        rows = session.execute(
            select(Customer.person_id, Customer.ref).where(Customer.person_id.is_not(None))
        )
        found: dict[int | None, set[str]] = {}
        for person_id, ref in rows:
            found.setdefault(person_id, set()).add(ref)
        assert session.scalar(select(func.count()).select_from(Person)) == len(found), "no empty persons"
    return sorted(found.values(), key=min)


def sync_all(desk: Desk) -> list[set[str]]:
    sync(desk, "shop")
    sync(desk, "helpdesk")
    return people(desk)


@on_both_databases
def test_a_verified_email_a_phone_or_a_declared_id_joins(desk: Desk) -> None:
    shop, helpdesk = two(desk)
    shop.put(
        customer("s1", email="ana@example.com"),
        customer("s2", phone=PHONE),
        customer("s3", declared_ids={"loyalty": "77"}),
        customer("s4", email="bob@example.com"),
    )
    helpdesk.put(
        customer("h1", email="Ana@Example.com"),
        customer("h2", phone="+551187654321"),
        customer("h3", declared_ids={"loyalty": "77"}),
        customer("h4", declared_ids={"passport": "77"}),
    )
    assert sync_all(desk) == [{"h1", "s1"}, {"h2", "s2"}, {"h3", "s3"}]


def test_an_unverified_email_joins_nobody(desk: Desk) -> None:
    shop, helpdesk = two(desk)
    shop.put(customer("s1", email="ana@example.com"))
    helpdesk.put(Record("h1", "Ana", emails=(Email("ana@example.com"),)))
    assert sync_all(desk) == []


def test_likeness_joins_nobody(desk: Desk) -> None:
    shop, helpdesk = two(desk)
    shop.put(customer("s1", name="Ana Ruiz", company="Sol"), customer("s2", email="a.ruiz@example.com"))
    helpdesk.put(customer("h1", name="Ana Ruiz", company="Sol"), customer("h2", email="aruiz@example.com"))
    assert sync_all(desk) == []


@on_both_databases
def test_a_key_that_two_customers_of_one_connection_carry_joins_nobody(desk: Desk) -> None:
    shop, helpdesk = two(desk)
    shop.put(customer("s1", phone=PHONE))
    helpdesk.put(customer("h1", phone=PHONE))
    assert sync_all(desk) == [{"h1", "s1"}]
    shop.put(customer("s2", phone=PHONE))
    assert sync_all(desk) == [], "the family's telephone"
    shop.crm.delete(Kind.CUSTOMERS, "s2")
    assert sync_all(desk) == [{"h1", "s1"}]


def test_somebody_else_with_the_email_unverified_makes_it_prove_nothing(desk: Desk) -> None:
    shop, helpdesk = two(desk)
    shop.put(customer("s1", email="ana@example.com"))
    helpdesk.put(customer("h1", email="ana@example.com"))
    assert sync_all(desk) == [{"h1", "s1"}]
    shop.put(Record("s2", "Eve", emails=(Email("ana@example.com"),)))
    assert sync_all(desk) == []


@on_both_databases
def test_a_person_ends_when_the_key_changes(desk: Desk) -> None:
    shop, helpdesk = two(desk)
    chat = connect(desk, "chat")
    shop.put(customer("s1", email="ana@example.com"))
    helpdesk.put(customer("h1", email="ana@example.com", phone=PHONE))
    chat.put(customer("c1", phone=PHONE))
    sync(desk, "chat")
    assert sync_all(desk) == [{"c1", "h1", "s1"}]
    helpdesk.put(customer("h1", email="new@example.com", phone=PHONE))
    assert sync_all(desk) == [{"c1", "h1"}]
    helpdesk.crm.delete(Kind.CUSTOMERS, "h1")
    assert sync_all(desk) == []


REFS = ("s1", "s2", "h1", "h2")
KEYS = st.lists(st.sampled_from(["a@x.com", "b@x.com", "c@x.com"]), max_size=2, unique=True)
STEPS = st.lists(st.tuples(st.sampled_from(REFS), st.none() | KEYS), min_size=1, max_size=6)


def test_whatever_the_order_of_changes_persons_follow_from_the_keys(desk: Desk) -> None:
    batches = {}
    for number, name in enumerate(("shop", "helpdesk"), start=1):
        connect(desk, name)
        batches[name[0]] = Batch(number, run=1, at=desk.clock.now())

    @settings(max_examples=12, deadline=None)
    @given(STEPS)
    def check(steps: list[tuple[str, list[str] | None]]) -> None:
        state: dict[str, set[str]] = {}
        for ref, keys in [*((ref, []) for ref in REFS), *steps]:
            with desk.database.writing() as session:
                change(session, batches[ref[0]], ref, keys)
            state[ref] = set(keys or ())
        assert {frozenset(group) for group in people(desk)} == _expected(state)

    check()


def change(session: Session, batch: Batch, ref: str, keys: list[str] | None) -> None:
    if keys is None:
        mark_deleted(session, Kind.CUSTOMERS, batch.connection_id, [ref])
    else:
        emails = tuple(Email(key, verified=True) for key in keys)
        write_customers(session, batch, [Record(ref, ref, emails=emails)])


def _expected(state: dict[str, set[str]]) -> set[frozenset[str]]:
    """Said again, simply: for each key that at most one of each connection carries, its carriers are one."""
    groups = {ref: {ref} for ref in state}
    for key in ("a@x.com", "b@x.com", "c@x.com"):
        carriers = [ref for ref, keys in state.items() if key in keys]
        if all(one[0] != other[0] for one, other in combinations(carriers, 2)):
            for one, other in combinations(carriers, 2):
                merged = groups[one] | groups[other]
                groups.update(dict.fromkeys(merged, merged))
    return {frozenset(group) for group in groups.values() if len(group) > 1}
