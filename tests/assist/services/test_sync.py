"""Syncs: only what changed is written, whatever stops them, and never two at once."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Executable, Select, select

from assist.models.connection import RejectedRecord, SyncState
from assist.models.mirror import Customer, Mirrored, Order, OrderLine, Product, ServiceCase
from assist.models.training import ShopFigure
from assist.services.connect import get_connection, list_names
from assist.services.desk import Desk
from assist.services.lease import LIFE, SyncRunning, hold
from assist.services.sync import (
    KindReport,
    Progress,
    ShrunkenListingError,
    list_due_connections,
    sync,
)
from assist.store.mirror import count_rows
from crm_adapters.errors import Unavailable
from crm_adapters.model import Kind, RejectedRow
from crm_adapters.model import OrderLine as OrderLineRecord
from crm_adapters.testing import Crash, Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, complaint, connect, customer, dump, order, product
from tests.assist.databases import on_both_databases

MIRROR = ("customer", "customer_key", "product", "customer_order", "order_line", "service_case", "person")


@pytest.fixture
def shop(desk: Desk) -> World:
    return fill(connect(desk))


def fill(world: World) -> World:
    world.put(*(product(f"P{number}") for number in range(4)))
    world.put(*(customer(f"C{number}", email=f"c{number}@example.com") for number in range(4)))
    world.put(*(order(f"O{number}", f"C{number % 4}", "P0", "P1") for number in range(7)))
    world.put(complaint("K1", "C1"))
    return world


def changed(reports: list[KindReport]) -> dict[str, int]:
    return {report.kind.value: report.changed + report.deleted for report in reports}


def get(desk: Desk, table: Any, ref: str) -> Any:
    with desk.database.reading() as session:
        return session.scalar(select(table).where(table.ref == ref))


@on_both_databases
def test_a_second_sync_writes_nothing(desk: Desk, shop: World) -> None:
    assert changed(sync(desk, "shop")) == {"products": 4, "customers": 4, "orders": 7, "cases": 1}
    before = dump(desk.database.engine, *MIRROR)
    assert set(changed(sync(desk, "shop")).values()) == {0}
    assert dump(desk.database.engine, *MIRROR) == before


@on_both_databases
def test_a_full_sync_of_the_same_records_changes_none(desk: Desk, shop: World) -> None:
    sync(desk, "shop")
    before = dump(desk.database.engine, *MIRROR, without=("seen_run",))
    assert set(changed(sync(desk, "shop", full=True)).values()) == {0}
    assert dump(desk.database.engine, *MIRROR, without=("seen_run",)) == before


@on_both_databases
def test_only_what_changed_is_read_and_written(desk: Desk, shop: World) -> None:
    sync(desk, "shop")
    shop.put(product("P1", price="12.50"), product("P2"), order("O9", "C1", "P3"))
    reports = sync(desk, "shop")
    assert {report.kind.value: report.read for report in reports} == {
        "products": 2, "customers": 0, "orders": 1, "cases": 0
    }  # fmt: skip
    assert changed(reports)["products"] == 1, "P2 was listed again, but is as it was"
    assert get(desk, Product, "P1").prices == {"EUR": "12.50"}


def test_a_customer_merged_in_the_crm_is_gone_and_their_orders_are_the_others(
    desk: Desk, shop: World
) -> None:
    sync(desk, "shop")
    shop.crm.merge("C1", into="C2")
    sync(desk, "shop")
    assert get(desk, Customer, "C1").deleted
    assert get(desk, Order, "O1").customer_id == get(desk, Customer, "C2").id


@on_both_databases
def test_what_was_deleted_in_the_crm_is_gone_until_it_is_back(desk: Desk, shop: World) -> None:
    sync(desk, "shop")
    shop.crm.delete(Kind.ORDERS, "O1")
    assert changed(sync(desk, "shop"))["orders"] == 1
    assert get(desk, Order, "O1").deleted
    shop.put(order("O1", "C1", "P0", "P1"))
    sync(desk, "shop")
    assert not get(desk, Order, "O1").deleted


def test_deletions_told_twice_count_once(desk: Desk, shop: World) -> None:
    sync(desk, "shop")
    shop.crm.delete(Kind.ORDERS, "O1")
    shop.crm.delete(Kind.ORDERS, "never here")
    assert changed(sync(desk, "shop"))["orders"] == 1
    assert changed(sync(desk, "shop", full=True))["orders"] == 0


@on_both_databases
def test_what_a_full_listing_leaves_out_is_gone(desk: Desk) -> None:
    shop = fill(connect(desk, snapshot=True))
    sync(desk, "shop")
    shop.crm.delete(Kind.ORDERS, "O1")
    shop.crm.delete(Kind.CUSTOMERS, "C3")
    reports = sync(desk, "shop")
    assert {report.kind.value: report.deleted for report in reports} == {
        "products": 0, "customers": 1, "orders": 1, "cases": 0
    }  # fmt: skip
    assert get(desk, Customer, "C3").deleted
    assert [report.rows for report in reports] == [4, 3, 6, 1]


def test_an_increment_lets_what_it_does_not_list_stay(desk: Desk, shop: World) -> None:
    sync(desk, "shop")
    shop.put(order("O9", "C1", "P3"))
    assert sum(report.deleted for report in sync(desk, "shop")) == 0


class Stopped(BaseException):
    """Whatever ends a process between two pages."""


def test_a_sync_stopped_at_any_page_ends_as_one_that_was_not(desk: Desk) -> None:
    @settings(max_examples=5, deadline=None)
    @example(7, True, "written")  # the last page of a kind, which has rejected rows
    @given(st.integers(1, 8), st.booleans(), st.sampled_from(["away", "killed", "written"]))
    def check(page: int, snapshot: bool, how: str) -> None:
        check_stopped(desk, page, snapshot=snapshot, how=how)

    check()


def check_stopped(desk: Desk, page: int, *, snapshot: bool, how: str) -> None:
    number = len(connection_names(desk))
    straight, broken = (connect(desk, f"{one}-{number}", page=3, snapshot=snapshot) for one in "ab")
    for world in (straight, broken):
        fill(world)
        world.rejected = (RejectedRow("orders.csv", 7, "no date"),)
    broken.faults.plan = FAULTS[how](page)
    sync(desk, f"a-{number}")
    with pytest.raises((Unavailable, Crash, Stopped)):
        sync(desk, f"b-{number}", progress=stop_after(page) if how == "written" else None)
    sync(desk, f"b-{number}")
    assert contents(desk, f"b-{number}") == contents(desk, f"a-{number}")


FAULTS: dict[str, Callable[[int], tuple[Fault, ...]]] = {
    "away": lambda page: (Fault("changes", Unavailable("away"), nth=page),),
    "killed": lambda page: (Fault("changes", Crash(), nth=page),),
    "written": lambda _page: (),
}


def stop_after(pages: int) -> Progress:
    left = iter(range(pages - 1, -1, -1))

    def progress(*_: object) -> None:
        if not next(left):
            raise Stopped

    return progress


def connection_names(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list_names(session)


def contents(desk: Desk, name: str) -> list[list[Any]]:
    """Everything a connection has in the mirror, by the names its CRM gives."""
    with desk.database.reading() as session:
        mine = get_connection(session, name).id
        wanted: list[Executable] = [
            *(list_records(table, mine) for table in (Product, Customer, Order, ServiceCase)),
            select(Order.ref, Customer.ref, OrderLine.name, Product.ref, OrderLine.unit_price)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Customer, Customer.id == Order.customer_id)
            .join(Product, Product.id == OrderLine.product_id)
            .where(Order.connection_id == mine)
            .order_by(Order.ref, OrderLine.position),
            select(SyncState.kind, SyncState.cursor, SyncState.rows, SyncState.rejected, SyncState.error)
            .where(SyncState.connection_id == mine)
            .order_by(SyncState.kind),
            select(RejectedRecord.source, RejectedRecord.line).where(RejectedRecord.connection_id == mine),
        ]  # fmt: skip
        return [list(session.execute(one)) for one in wanted]


def list_records(table: type[Mirrored], connection_id: int) -> Select[str, str, bool]:
    mine = select(table.ref, table.digest, table.deleted).where(table.connection_id == connection_id)
    return mine.order_by(table.ref)


def test_a_sync_interrupted_after_its_last_change_still_computes_the_figures(desk: Desk, shop: World) -> None:
    with pytest.raises(Stopped):
        sync(desk, "shop", progress=stop_after(4))
    assert set(changed(sync(desk, "shop")).values()) == {0}
    with desk.database.reading() as session:
        assert session.scalars(select(ShopFigure)).all()


@on_both_databases
def test_what_comes_before_what_it_belongs_to_is_linked_later(desk: Desk, shop: World) -> None:
    shop.put(order("O9", "late", "LATE"), complaint("K9", "late"))
    sync(desk, "shop")
    shop.put(customer("late"), product("LATE"))
    sync(desk, "shop")
    with desk.database.reading() as session:
        found = session.execute(
            select(Customer.ref, Product.ref, OrderLine.missing_ref)
            .select_from(Order)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Customer, Customer.id == Order.customer_id)
            .join(Product, Product.id == OrderLine.product_id)
            .where(Order.ref == "O9")
        ).one()
    assert tuple(found) == ("late", "LATE", None)
    assert get(desk, ServiceCase, "K9").customer_id == get(desk, Customer, "late").id


def test_rejected_rows_are_kept_until_all_is_listed_again(desk: Desk) -> None:
    shop = fill(connect(desk, snapshot=True))
    shop.rejected = tuple(RejectedRow("orders.csv", line, "no date") for line in (5, 9))
    sync(desk, "shop")
    assert rejections(desk) == ([5, 9], 2)
    shop.rejected = (RejectedRow("orders.csv", 5, "no date"),)
    sync(desk, "shop")
    assert rejections(desk) == ([5], 1)
    shop.rejected = ()
    sync(desk, "shop")
    assert rejections(desk) == ([], 0)


def rejections(desk: Desk) -> tuple[list[int], int]:
    with desk.database.reading() as session:
        lines = session.scalars(select(RejectedRecord.line).order_by(RejectedRecord.line))
        counted = select(SyncState.rejected).where(SyncState.kind == "orders")
        return list(lines), session.scalars(counted).one()


@on_both_databases
def test_what_no_database_can_hold_is_rejected_or_cut(desk: Desk) -> None:
    shop = connect(desk)
    shop.put(
        customer("C" * 191),
        customer("C1", name="A\0na \ud800" + "x" * 400, country="ESP", language="es" * 40),
        replace(order("O1", "C1"), lines=(OrderLineRecord("L", None, "many", Decimal("1e30")),)),
        product("P1", stock=2**40),
        product("P2", category=""),
    )
    reports = sync(desk, "shop")
    assert [report.rejected for report in reports] == [1, 1, 1]
    kept = get(desk, Customer, "C1")
    assert (kept.name[:5], len(kept.name), kept.country, kept.language) == ("Ana x", 300, None, None)
    assert get(desk, Product, "P2").category is None


def test_a_failure_is_noted_and_the_next_sync_clears_it(desk: Desk, shop: World) -> None:
    shop.faults.plan = (
        Fault("changes", Unavailable("try again later"), nth=1),
        Fault("changes", KeyError("ana@example.com"), nth=2),
    )
    for error, cause in ((Unavailable, "Unavailable: try again later"), (KeyError, "KeyError")):
        with pytest.raises(error):
            sync(desk, "shop")
        assert error_of(desk) == cause
    sync(desk, "shop")
    assert error_of(desk) is None


def error_of(desk: Desk) -> str | None:
    with desk.database.reading() as session:
        return session.scalars(select(SyncState.error).where(SyncState.kind == "products")).one()


@on_both_databases
def test_two_syncs_of_one_connection_do_not_run_at_once(desk: Desk, shop: World) -> None:
    def meddle(kind: Kind, _page: object) -> None:
        with pytest.raises(SyncRunning, match="A sync of shop is running"):
            sync(desk, "shop")

    assert changed(sync(desk, "shop", progress=meddle))["orders"] == 7
    assert set(changed(sync(desk, "shop")).values()) == {0}, "the right to sync was given back"


@on_both_databases
def test_a_sync_that_was_taken_for_dead_writes_no_more(desk: Desk, shop: World, clock: HandClock) -> None:
    def sleep_after_the_first_page(_kind: Kind, _page: object) -> None:
        clock.pass_time(seconds=LIFE.total_seconds())
        sync(desk, "shop")
        shop.put(customer("C9"))

    with pytest.raises(SyncRunning, match="went on"):
        sync(desk, "shop", progress=sleep_after_the_first_page)
    assert get(desk, Customer, "C9") is None
    sync(desk, "shop")
    assert get(desk, Customer, "C9")


def test_two_connections_may_sync_at_once(desk: Desk, shop: World) -> None:
    connect(desk, "other").put(customer("C1"))
    with desk.database.reading() as session:
        other = get_connection(session, "other").id
    with hold(desk, other):
        sync(desk, "shop")


def test_a_connection_is_due_again_after_the_configured_minutes(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    assert list_due_connections(desk) == ["shop"]
    sync(desk, "shop")
    clock.pass_time(minutes=desk.config.sync_minutes - 1)
    assert list_due_connections(desk) == []
    clock.pass_time(minutes=1)
    assert list_due_connections(desk) == ["shop"]


def test_a_listing_without_most_records_is_not_believed_until_it_is_asked_for_in_full(desk: Desk) -> None:
    world = connect(desk, snapshot=True)
    world.put(*(customer(f"c{n}") for n in range(120)))
    sync(desk, "shop")
    for n in range(100):
        world.crm.delete(Kind.CUSTOMERS, f"c{n}")
    with pytest.raises(ShrunkenListingError, match="leaves out 100 of 120 customers; nothing was marked"):
        sync(desk, "shop")
    with desk.database.reading() as session:
        assert count_rows(session, Kind.CUSTOMERS, 1) == 120
    (report,) = sync(desk, "shop", full=True)
    assert (report.deleted, report.rows) == (100, 20)
