"""Which customers of several connections are one person: joined on keys the CRMs vouch for, not on likeness."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Select, Subquery, delete, func, or_, select, update
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.mirror import Customer, CustomerKey, Person

CROWD = 20
"""A key with more holders joins nobody, whoever comes or goes: it is a shop's own number or a made-up address."""
IN_CLAUSE = 5_000

Group = frozenset[int]


def list_customer_ids(session: Session, customer_id: int) -> list[int]:
    """The customer and whoever else is the same person, the asked-for one first."""
    person = select(Customer.person_id).where(Customer.id == customer_id).scalar_subquery()
    same = select(Customer.id).where(Customer.person_id == person, Customer.deleted.is_(False))
    return [customer_id, *(other for other in session.scalars(same) if other != customer_id)]


def find_kin(session: Session, customer_ids: Collection[int]) -> set[int]:
    """All whose person may change when these customers' keys do: whoever carries one of them, and whoever
    is one person with any of those. Ask before the change and after it."""
    if not customer_ids or _count_connections(session) < 2:
        return set()
    kin = set(customer_ids)
    for part in parts(sorted(kin)):
        kin.update(session.scalars(_holders(part)))
    for part in parts(sorted(kin)):
        persons = select(Customer.person_id).where(Customer.id.in_(part), Customer.person_id.is_not(None))
        kin.update(session.scalars(select(Customer.id).where(Customer.person_id.in_(persons))))
    return kin


def regroup(session: Session, kin: Collection[int]) -> None:
    """Decide anew who of them is the same person: those of different connections that share a sure key.

    A key that two customers of one connection carry proves nothing and joins nobody.
    """
    if not kin:
        return
    before = _read_persons(session, kin)
    after = _assign(session, _group(_sure_pairs(session, before)), before)
    for person_id, members in _by_person(after, before).items():
        for part in parts(members):
            session.execute(update(Customer).where(Customer.id.in_(part)).values(person_id=person_id))
    _forget_empty(session, {person for person in before.values() if person} - set(after.values()))


def _count_connections(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Connection)) or 0


def _holders(customer_ids: Sequence[int]) -> Select[int]:
    keys = _keys(customer_ids)
    crowds = (
        select(CustomerKey.kind, CustomerKey.value, func.count().label("holders"))
        .join(keys, (keys.c.kind == CustomerKey.kind) & (keys.c.value == CustomerKey.value))
        .group_by(CustomerKey.kind, CustomerKey.value)
        .subquery()
    )
    return (
        select(CustomerKey.customer_id)
        .join(crowds, (crowds.c.kind == CustomerKey.kind) & (crowds.c.value == CustomerKey.value))
        .join(Customer, Customer.id == CustomerKey.customer_id)
        .where(or_(crowds.c.holders <= CROWD, Customer.person_id.is_not(None)))
    )


def _keys(customer_ids: Sequence[int]) -> Subquery:
    keys = select(CustomerKey.kind, CustomerKey.value)
    return keys.where(CustomerKey.customer_id.in_(customer_ids)).distinct().subquery()


def _read_persons(session: Session, customer_ids: Collection[int]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for part in parts(sorted(customer_ids)):
        rows = select(Customer.id, Customer.person_id).where(Customer.id.in_(part))
        found.update(session.execute(rows).all())
    return found


def _sure_pairs(session: Session, kin: Collection[int]) -> Iterator[Group]:
    """For each sure key: the customers who are the only holder of it in their connection."""
    carriers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for part in parts(sorted(kin)):
        for kind, value, customer_id, sure in session.execute(_single_holders(part)):
            if sure and customer_id in kin:
                carriers[kind, value].add(customer_id)
    yield from (frozenset(found) for found in carriers.values() if len(found) > 1)


def _single_holders(customer_ids: Sequence[int]) -> Select[str, str, int, bool]:
    keys = _keys(customer_ids)
    only = func.min(CustomerKey.customer_id)
    holders = (
        select(CustomerKey.kind, CustomerKey.value, only.label("customer_id"))
        .join(keys, (keys.c.kind == CustomerKey.kind) & (keys.c.value == CustomerKey.value))
        .join(Customer, Customer.id == CustomerKey.customer_id)
        .where(Customer.deleted.is_(False))
        .group_by(CustomerKey.kind, CustomerKey.value, Customer.connection_id)
        .having(func.count() == 1)
        .subquery()
    )
    same = (
        (CustomerKey.customer_id == holders.c.customer_id)
        & (CustomerKey.kind == holders.c.kind)
        & (CustomerKey.value == holders.c.value)
    )
    columns = (CustomerKey.kind, CustomerKey.value, CustomerKey.customer_id, CustomerKey.joins)
    return select(*columns).join(holders, same)


def _group(pairs: Iterable[Group]) -> list[Group]:
    """Overlapping groups become one; in a fixed order."""
    group_of: dict[int, set[int]] = {}
    for pair in pairs:
        merged = set(pair).union(*(group_of[one] for one in pair if one in group_of))
        group_of.update(dict.fromkeys(merged, merged))
    return sorted({frozenset(group) for group in group_of.values()}, key=min)


def _assign(
    session: Session, groups: Sequence[Group], before: Mapping[int, int | None]
) -> dict[int, int | None]:
    """A group keeps a person that one of its members was, if no group before it did."""
    after: dict[int, int | None] = dict.fromkeys(before)
    taken: set[int] = set()
    for group in groups:
        free = {person for one in group if (person := before[one])} - taken
        person_id = min(free) if free else _new_person(session)
        taken.add(person_id)
        after.update(dict.fromkeys(group, person_id))
    return after


def _by_person(
    after: Mapping[int, int | None], before: Mapping[int, int | None]
) -> dict[int | None, list[int]]:
    changed: dict[int | None, list[int]] = defaultdict(list)
    for customer_id, person_id in after.items():
        if person_id != before[customer_id]:
            changed[person_id].append(customer_id)
    return changed


def _new_person(session: Session) -> int:
    person = Person()
    session.add(person)
    session.flush()
    return person.id


def _forget_empty(session: Session, persons: Collection[int]) -> None:
    for part in parts(sorted(persons)):
        members = select(Customer.id).where(Customer.person_id == Person.id).exists()
        session.execute(delete(Person).where(Person.id.in_(part), ~members))


def parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """SQLite takes 32,766 parameters in one statement."""
    for start in range(0, len(ids), IN_CLAUSE):
        yield ids[start : start + IN_CLAUSE]
