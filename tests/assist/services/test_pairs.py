"""Learned pairs: proposed by every training, of no effect until somebody approves them, and not for ever."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry
from assist.services import pairs
from assist.services.desk import Desk
from assist.services.pairs import LearnedRelation, UnknownPair
from assist.services.sync import sync
from assist.services.training import read_catalogue, read_shop, train
from assist.services.versions import Mover
from assist.store.pairs import APPROVED, EXPIRED, PROPOSED, REJECTED
from recommender.catalogue import Related
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order, product
from tests.assist.databases import on_both_databases

ME = Mover("command", "looks right")
DAYS = 90


@pytest.fixture
def shop(desk: Desk) -> World:
    """Whoever buys a tent buys pegs with it."""
    shop = connect(desk, page=500)
    shop.put(*(product(sku) for sku in ("TENT", "PEGS", "LAMP")))
    sell(desk, shop, "a", *[("TENT", "PEGS")] * 10, *[("TENT",)] * 6, *[("LAMP",)] * 60)
    return shop


def sell(desk: Desk, shop: World, name: str, *baskets: Sequence[str]) -> None:
    """Each to somebody else."""
    for number, skus in enumerate(baskets):
        shop.put(customer(f"{name}{number}"), order(f"{name}{number}", f"{name}{number}", *skus))
    sync(desk, "shop")


def propose(desk: Desk) -> int:
    with desk.database.reading() as session:
        data, catalogue = read_shop(session)
    return pairs.propose(desk, catalogue, data)


def listed(desk: Desk) -> list[LearnedRelation]:
    with desk.database.reading() as session:
        return pairs.list_all(session)


def only(desk: Desk) -> LearnedRelation:
    (one,) = listed(desk)
    return one


def related(desk: Desk) -> dict[str, tuple[Related, ...]]:
    with desk.database.reading() as session:
        return {sku: item.related for sku, item in read_catalogue(session).items.items() if item.related}


@on_both_databases
def test_an_approved_pair_is_a_relation_and_no_other_is(desk: Desk, shop: World) -> None:
    assert propose(desk) == 1
    one = only(desk)
    assert (one.state, one.anchor_name, one.product_name) == (PROPOSED, "Product PEGS", "Product TENT")
    assert (one.pair.together, one.pair.orders, one.pair.also, one.pair.every) == (10, 10, 16, 76)
    assert related(desk) == {}
    pairs.approve(desk, [one.id], ME)
    assert related(desk) == {"PEGS": (Related("TENT", "cross_sell"),)}
    assert propose(desk) == 0
    assert only(desk).state == APPROVED
    pairs.reject(desk, [one.id], ME)
    assert related(desk) == {}


@on_both_databases
def test_what_was_rejected_comes_back_with_other_numbers_only(desk: Desk, shop: World) -> None:
    sell(desk, shop, "b", *[("PEGS",)] * 20, *[("LAMP",)] * 160)
    propose(desk)
    before = only(desk)
    assert before.pair.share == pytest.approx(10 / 16)
    pairs.reject(desk, [before.id], ME)
    assert propose(desk) == 0
    sell(desk, shop, "c", *[("TENT", "PEGS")] * 5, *[("LAMP",)] * 60)
    assert propose(desk) == 0, "a little more is no news"
    sell(desk, shop, "d", *[("TENT", "PEGS")] * 200, *[("LAMP",)] * 100)
    assert propose(desk) == 1
    again = only(desk)
    assert (again.id, again.state, again.decided_at) == (before.id, PROPOSED, None)
    assert again.pair.low > before.pair.high


def test_an_answer_is_waited_for_90_days_and_asked_for_again_after_as_many(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    propose(desk)
    clock.pass_time(days=DAYS - 1)
    assert propose(desk) == 1
    clock.pass_time(days=1)
    assert propose(desk) == 0
    assert only(desk).state == EXPIRED
    clock.pass_time(days=DAYS - 1)
    assert propose(desk) == 0
    clock.pass_time(days=1)
    assert propose(desk) == 1
    assert (only(desk).state, only(desk).proposed_at) == (PROPOSED, clock.now())


def test_what_waits_has_the_latest_numbers_and_goes_when_it_is_found_no_more(desk: Desk, shop: World) -> None:
    propose(desk)
    sell(desk, shop, "b", *[("TENT", "PEGS")] * 3, *[("LAMP",)] * 30)
    propose(desk)
    assert only(desk).pair.together == 13
    shop.put(product("PEGS", active=False))
    sync(desk, "shop")
    assert propose(desk) == 0
    assert listed(desk) == []


def test_what_was_decided_outlives_what_is_found(desk: Desk, shop: World) -> None:
    propose(desk)
    pairs.reject(desk, [only(desk).id], ME)
    shop.put(product("PEGS", active=False))
    sync(desk, "shop")
    propose(desk)
    assert only(desk).state == REJECTED


def test_an_answer_is_on_record_and_of_several_all_count_or_none(desk: Desk, shop: World) -> None:
    propose(desk)
    one = only(desk).id
    with pytest.raises(UnknownPair, match="assist pairs list"):
        pairs.approve(desk, [one, one + 1], ME)
    assert only(desk).state == PROPOSED
    pairs.approve(desk, [one], ME)
    with desk.database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.event, entry.subject, entry.detail["why"]) == (
        "pair.approved",
        f"pair:{one}",
        "looks right",
    )


def test_training_looks_for_pairs(desk: Desk, shop: World) -> None:
    train(desk)
    assert only(desk).state == PROPOSED
