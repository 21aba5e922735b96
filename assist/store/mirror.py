"""Writes pages of CRM records into the mirror: only what changed is written, so a second sync changes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.mirror import Customer, CustomerKey, Mirrored, Order, OrderLine, Product, ServiceCase
from assist.store.people import find_kin, regroup
from assist.store.records import Row, case_row, customer_row, key_rows, line_rows, order_row, product_row
from crm_adapters import model as crm

TABLES: Mapping[crm.Kind, type[Mirrored]] = {
    crm.Kind.PRODUCTS: Product,
    crm.Kind.CUSTOMERS: Customer,
    crm.Kind.ORDERS: Order,
    crm.Kind.CASES: ServiceCase,
}
IN_CLAUSE = 5_000  # SQLite takes 32,766 parameters in one statement


@dataclass(frozen=True, slots=True)
class Batch:
    """Where a page belongs: a connection, and the count of its full listings so far."""

    connection_id: int
    run: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Difference:
    new: list[str]
    changed: dict[str, int]
    same: dict[str, int]


def lock(session: Session, connection_id: int) -> Connection:
    """Nobody else writes to the mirror until the transaction ends: on PostgreSQL two would insert the same
    record, or overlook that they bring the same person. SQLite has one writer at a time anyway."""
    everybody = select(Connection).order_by(Connection.id).with_for_update(key_share=True)
    session.execute(everybody.execution_options(populate_existing=True)).all()
    return session.get_one(Connection, connection_id)


def write_products(session: Session, batch: Batch, products: Iterable[crm.Product]) -> int:
    """How many were new or changed; likewise below."""
    latest = {product.ref: product for product in products}
    ids = _write(session, batch, Product, latest, {ref: product_row(p) for ref, p in latest.items()})
    _link_lines(session, batch, ids)
    return len(ids)


def write_customers(session: Session, batch: Batch, customers: Iterable[crm.Customer]) -> list[int]:
    """The mirror's ids of those that were new or changed."""
    latest = {customer.ref: customer for customer in customers}
    rows = {ref: customer_row(c) | {"refreshed_at": batch.at} for ref, c in latest.items()}
    known = find_ids(session, Customer, batch.connection_id, latest)
    kin = find_kin(session, known.values())
    ids = _write(session, batch, Customer, latest, rows)
    if not ids:
        return []
    _replace(session, CustomerKey, CustomerKey.customer_id, ids.values())
    keys = [key for ref, row_id in ids.items() for key in key_rows(row_id, latest[ref])]
    _insert(session, CustomerKey, keys)
    regroup(session, kin | find_kin(session, ids.values()))
    for table in (Order, ServiceCase):
        _adopt(session, batch, table, ids)
    return list(ids.values())


def write_orders(session: Session, batch: Batch, orders: Iterable[crm.Order]) -> int:
    latest = {order.ref: order for order in orders}
    customers = find_ids(session, Customer, batch.connection_id, {o.customer_ref for o in latest.values()})
    rows = {ref: order_row(order, customers) for ref, order in latest.items()}
    ids = _write(session, batch, Order, latest, rows)
    refs = {line.product_ref for ref in ids for line in latest[ref].lines if line.product_ref}
    products = find_ids(session, Product, batch.connection_id, refs)
    _replace(session, OrderLine, OrderLine.order_id, ids.values())
    lines = [line for ref, row_id in ids.items() for line in line_rows(row_id, latest[ref], products)]
    _insert(session, OrderLine, lines)
    return len(ids)


def write_cases(session: Session, batch: Batch, cases: Iterable[crm.Case]) -> int:
    latest = {case.ref: case for case in cases}
    customers = find_ids(session, Customer, batch.connection_id, {c.customer_ref for c in latest.values()})
    rows = {ref: case_row(case, customers) for ref, case in latest.items()}
    return len(_write(session, batch, ServiceCase, latest, rows))


def mark_deleted(session: Session, kind: crm.Kind, connection_id: int, refs: Sequence[str]) -> int:
    """How many went; those that are gone already or were never here do not count."""
    table = TABLES[kind]
    gone: list[int] = []
    for part in _parts(refs):
        rows = select(table.id).where(table.connection_id == connection_id, table.ref.in_(part))
        gone.extend(session.scalars(rows.where(table.deleted.is_(False))))
    return _delete(session, table, gone)


def count_unlisted(session: Session, kind: crm.Kind, batch: Batch) -> int:
    """After a full listing, what it did not list."""
    unlisted = _unlisted(TABLES[kind], batch).subquery()
    return session.scalar(select(func.count()).select_from(unlisted)) or 0


def mark_unlisted_deleted(session: Session, kind: crm.Kind, batch: Batch) -> int:
    """After a full listing: what it did not list is gone from the CRM. How many went."""
    table = TABLES[kind]
    return _delete(session, table, session.scalars(_unlisted(table, batch)).all())


def _unlisted(table: type[Mirrored], batch: Batch) -> Select[int]:
    return select(table.id).where(
        table.connection_id == batch.connection_id, table.seen_run != batch.run, table.deleted.is_(False)
    )


def _delete(session: Session, table: type[Mirrored], ids: Sequence[int]) -> int:
    kin = find_kin(session, ids) if table is Customer else set()
    for part in _parts(ids):
        session.execute(update(table).where(table.id.in_(part)).values(deleted=True, digest=""))
    regroup(session, kin)
    return len(ids)


def touch_customer(session: Session, connection_id: int, ref: str, now: datetime) -> None:
    """The CRM was asked about this customer just now, whether anything had changed or not."""
    mine = update(Customer).where(Customer.connection_id == connection_id, Customer.ref == ref)
    session.execute(mine.values(refreshed_at=now))


def count_rows(session: Session, kind: crm.Kind, connection_id: int) -> int:
    table = TABLES[kind]
    rows = select(func.count()).select_from(table)
    return session.scalar(rows.where(table.connection_id == connection_id, table.deleted.is_(False))) or 0


def find_ids(
    session: Session, table: type[Mirrored], connection_id: int, refs: Iterable[str]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(list(refs)):
        rows = select(table.ref, table.id).where(table.connection_id == connection_id, table.ref.in_(part))
        found.update(session.execute(rows).all())
    return found


def _write(
    session: Session,
    batch: Batch,
    table: type[Mirrored],
    records: Mapping[str, object],
    rows: Mapping[str, Row],
) -> dict[str, int]:
    """Refs and ids of the records that were new or changed."""
    digests = {ref: _digest(record) for ref, record in records.items()}
    difference = _compare(session, batch, table, digests)
    stamp = {"connection_id": batch.connection_id, "seen_run": batch.run, "deleted": False}
    full = {ref: row | stamp | {"ref": ref, "digest": digests[ref]} for ref, row in rows.items()}
    _insert(session, table, [full[ref] for ref in difference.new])
    _update(session, table, [full[ref] | {"row_id": row_id} for ref, row_id in difference.changed.items()])
    for part in _parts(list(difference.same.values())):
        session.execute(
            update(table).where(table.id.in_(part), table.seen_run != batch.run).values(seen_run=batch.run)
        )
    return difference.changed | find_ids(session, table, batch.connection_id, difference.new)


def _compare(
    session: Session, batch: Batch, table: type[Mirrored], digests: Mapping[str, str]
) -> _Difference:
    found = _Difference(new=[], changed={}, same={})
    known: set[str] = set()
    for part in _parts(list(digests)):
        rows = select(table.ref, table.id, table.digest)
        here = rows.where(table.connection_id == batch.connection_id, table.ref.in_(part))
        for ref, row_id, digest in session.execute(here):
            (found.same if digest == digests[ref] else found.changed)[ref] = row_id
            known.add(ref)
    found.new.extend(ref for ref in digests if ref not in known)
    return found


def _digest(record: object) -> str:
    return blake2b(repr(record).encode(), digest_size=16).hexdigest()


def _insert(session: Session, table: type[Any], rows: list[Row]) -> None:
    if rows:
        session.execute(insert(_core(table)), rows)


def _update(session: Session, table: type[Any], rows: list[Row]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "row_id"]
        statement = update(_core(table)).where(_core(table).c.id == bindparam("row_id"))
        session.execute(statement.values({name: bindparam(name) for name in names}), rows)


def _replace(session: Session, table: type[Any], owner: Any, ids: Iterable[int]) -> None:
    for part in _parts(list(ids)):
        session.execute(delete(table).where(owner.in_(part)))


def _adopt(
    session: Session, batch: Batch, table: type[Order] | type[ServiceCase], ids: Mapping[str, int]
) -> None:
    """Orders and cases may have come before their customer."""
    for part in _parts(list(ids)):
        orphans = select(table.customer_ref).where(
            table.connection_id == batch.connection_id,
            table.customer_ref.in_(part),
            table.customer_id.is_(None),
        )
        for ref in set(session.scalars(orphans)):
            mine = update(table).where(table.connection_id == batch.connection_id, table.customer_ref == ref)
            session.execute(mine.values(customer_id=ids[ref]))


def _link_lines(session: Session, batch: Batch, ids: Mapping[str, int]) -> None:
    """Order lines may have come before their product."""
    orders = select(Order.id).where(Order.connection_id == batch.connection_id)
    for part in _parts(list(ids)):
        waiting = select(OrderLine.missing_ref).where(OrderLine.missing_ref.in_(part))
        for ref in set(session.scalars(waiting)):
            mine = update(OrderLine).where(OrderLine.missing_ref == ref, OrderLine.order_id.in_(orders))
            session.execute(mine.values(product_id=ids[ref or ""], missing_ref=None))


def _core(table: type[Any]) -> Table:
    return cast(Table, table.__table__)


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), IN_CLAUSE):
        yield values[start : start + IN_CLAUSE]
