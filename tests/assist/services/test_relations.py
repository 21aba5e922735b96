"""Relations between products: read after a sync for what changed, so many at a time, and gone with the CRM's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assist.models.connection import RejectedRecord, SyncState
from assist.services import relations
from assist.services.desk import Desk
from assist.services.sync import KindReport, sync
from assist.services.training import read_catalogue
from assist.store import relations as store
from crm_adapters.errors import CRMError, NotFound, RateLimited, Unavailable
from crm_adapters.model import Kind, ProductRelation
from crm_adapters.testing import Fault
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, product
from tests.assist.databases import on_both_databases


@pytest.fixture
def shop(desk: Desk) -> World:
    """Four products: the first leads to a case and to a better one."""
    world = connect(desk)
    world.put(*(product(f"P{number}") for number in range(4)), customer("c1"))
    relate(world, "P0", P1="accessory", P2="upsell")
    return world


def relate(world: World, ref: str, **others: str) -> None:
    world.crm.related[ref] = [ProductRelation(ref, other, kind) for other, kind in others.items()]


def links(desk: Desk) -> dict[str, dict[str, str]]:
    """As the recommender is told."""
    with desk.database.reading() as session:
        found = read_catalogue(session).items
    return {
        sku: {link.product_id: link.kind for link in item.related}
        for sku, item in found.items()
        if item.related
    }


def asked(shop: World) -> int:
    return shop.faults.calls.get("relations", 0)


def rejections(desk: Desk) -> tuple[list[str], int]:
    with desk.database.reading() as session:
        kept = session.scalars(select(RejectedRecord.reason).order_by(RejectedRecord.id)).all()
        state = session.scalars(select(SyncState).where(SyncState.kind == Kind.PRODUCTS.value)).one()
        return list(kept), state.rejected


def of_products(reports: list[KindReport]) -> KindReport:
    return next(report for report in reports if report.kind is Kind.PRODUCTS)


@on_both_databases
def test_relations_are_read_with_the_products_and_only_of_those_that_changed(desk: Desk, shop: World) -> None:
    sync(desk, "shop")
    assert links(desk) == {"P0": {"P1": "accessory", "P2": "upsell"}}
    assert asked(shop) == 4
    sync(desk, "shop")
    assert asked(shop) == 4
    relate(shop, "P3", P1="cross_sell")
    shop.put(product("P3", price="12.00"))
    sync(desk, "shop")
    assert asked(shop) == 5
    assert links(desk)["P3"] == {"P1": "cross_sell"}


@on_both_databases
def test_what_the_crm_removed_is_gone_within_a_week(desk: Desk, shop: World, clock: HandClock) -> None:
    sync(desk, "shop")
    relate(shop, "P0", P1="related")
    sync(desk, "shop")
    assert links(desk)["P0"] == {"P1": "accessory", "P2": "upsell"}, "nothing said that it changed"
    clock.pass_time(seconds=(relations.STALE + timedelta(hours=1)).total_seconds())
    sync(desk, "shop")
    assert links(desk) == {"P0": {"P1": "related"}}


def test_a_product_that_is_gone_leads_nowhere_and_nothing_leads_to_it(desk: Desk, shop: World) -> None:
    relate(shop, "P3", P0="accessory")
    sync(desk, "shop")
    shop.crm.delete(Kind.PRODUCTS, "P1")
    shop.crm.delete(Kind.PRODUCTS, "P3")
    sync(desk, "shop")
    assert links(desk) == {"P0": {"P2": "upsell"}}


def test_a_relation_may_name_what_comes_later(desk: Desk, shop: World) -> None:
    relate(shop, "P0", late="accessory")
    sync(desk, "shop")
    assert links(desk) == {}
    shop.put(product("late"))
    sync(desk, "shop")
    assert links(desk) == {"P0": {"late": "accessory"}}


@pytest.mark.parametrize("error", [Unavailable("try again later"), RateLimited("slow down")])
def test_a_crm_that_fails_ends_the_reading_and_the_next_sync_goes_on(
    desk: Desk, shop: World, error: CRMError
) -> None:
    shop.faults.plan = (Fault("relations", error, nth=3),)
    report = of_products(sync(desk, "shop"))
    assert (asked(shop), report.rejected) == (3, 1)
    assert links(desk)["P0"] == {"P1": "accessory", "P2": "upsell"}
    assert str(error) in rejections(desk)[0][0]
    assert of_products(sync(desk, "shop")).rejected == 0
    assert asked(shop) == 5, "the third again, and the fourth"
    assert rejections(desk) == ([], 0)


def test_a_product_that_cannot_be_read_is_counted_and_the_others_are_read(desk: Desk, shop: World) -> None:
    shop.faults.plan = (Fault("relations", NotFound("no such product"), nth=2),)
    report = of_products(sync(desk, "shop"))
    assert (asked(shop), report.rejected) == (4, 1)
    assert report.rejections[0].source == "relations of 'P1'"
    assert rejections(desk) == (["NotFound: no such product"], 1)
    shop.put(product("P1", price="12.00"))
    sync(desk, "shop")
    assert rejections(desk) == ([], 0)


def test_what_no_database_can_hold_is_rejected(desk: Desk, shop: World) -> None:
    shop.crm.related["P0"] = [
        ProductRelation("P0", "P1", "accessory"),
        ProductRelation("P0", "x" * 191, "accessory"),
        ProductRelation("P0", "P2", "k" * 21),
        ProductRelation("P9", "P2", "accessory"),
    ]
    assert of_products(sync(desk, "shop")).rejected == 3
    assert links(desk) == {"P0": {"P1": "accessory"}}


def test_no_product_fills_the_mirror_with_relations(desk: Desk, shop: World) -> None:
    relate(shop, "P0", **{f"X{number}": "related" for number in range(relations.MOST_RELATED + 1)})
    assert of_products(sync(desk, "shop")).rejected == 1
    assert "201 relations" in rejections(desk)[0][0]


def test_what_is_new_comes_first_then_what_was_read_longest_ago(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    sync(desk, "shop")
    clock.pass_time(hours=1)
    shop.put(product("P2", price="12.00"))
    sync(desk, "shop")
    shop.put(product("P1", price="12.00"))
    shop.faults.plan = (Fault("relations", Unavailable("away"), times=None),)
    sync(desk, "shop")
    with desk.database.reading() as session:
        due = store.list_due(session, 1, before=clock.now() + timedelta(days=1), limit=3)
    assert [one.ref for one in due] == ["P1", "P0", "P3"]


def test_a_slow_crm_does_not_hold_up_the_sync(desk: Desk, shop: World, clock: HandClock) -> None:
    shop.meanwhile = lambda: clock.pass_time(seconds=relations.LONGEST.total_seconds())
    sync(desk, "shop")
    assert asked(shop) == 1
    sync(desk, "shop")
    assert asked(shop) == 4
    assert links(desk)["P0"] == {"P1": "accessory", "P2": "upsell"}


def test_more_are_read_than_at_once(desk: Desk, shop: World) -> None:
    shop.put(*(product(f"Q{number}") for number in range(relations.AT_ONCE)))
    sync(desk, "shop")
    assert asked(shop) == 4 + relations.AT_ONCE
    sync(desk, "shop")
    assert asked(shop) == 4 + relations.AT_ONCE
