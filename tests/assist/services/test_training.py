"""Training on the mirror, and which model may serve."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assist.models.training import ModelVersion
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.training import UnknownVersion, promote, read_interactions, train
from crm_adapters.model import Kind, OrderLine, OrderStatus
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order, product

SKUS = ("PHONE", "CASE", "CABLE", "CHARGER")


@pytest.fixture
def shop(desk: Desk) -> World:
    """Forty customers who buy a phone, and things that go with it a week later."""
    world = connect(desk)
    world.put(*(product(sku) for sku in SKUS))
    world.put(*(customer(f"c{n}") for n in range(40)))
    for n in range(40):
        world.put(
            order(f"o{n}", f"c{n}", "PHONE", days=n), order(f"p{n}", f"c{n}", SKUS[1 + n % 3], days=n + 7)
        )
    sync(desk, "shop")
    return world


def serving(desk: Desk) -> str | None:
    current = desk.models.current()
    return current.version if current else None


def test_the_first_model_serves(desk: Desk, shop: World) -> None:
    trained = train(desk)
    assert trained.promoted
    assert serving(desk) == trained.version
    assert trained.figures["lines"] == 80


def test_a_model_that_is_no_worse_takes_over(desk: Desk, shop: World, clock: HandClock) -> None:
    first = train(desk)
    clock.pass_time(minutes=1)
    second = train(desk)
    assert second.promoted
    assert "not worse" in second.verdict
    assert serving(desk) == second.version != first.version


def test_a_model_of_half_the_purchases_is_kept_back(desk: Desk, shop: World, clock: HandClock) -> None:
    first = train(desk)
    for n in range(35):
        shop.crm.delete(Kind.ORDERS, f"o{n}")
        shop.crm.delete(Kind.ORDERS, f"p{n}")
    clock.pass_time(minutes=1)
    sync(desk, "shop")
    second = train(desk)
    assert not second.promoted
    assert "10 purchases, where the serving model saw 80" in second.verdict
    assert serving(desk) == first.version


def test_any_version_can_be_made_to_serve(desk: Desk, shop: World, clock: HandClock) -> None:
    first = train(desk)
    clock.pass_time(minutes=1)
    train(desk)
    clock.pass_time(minutes=1)
    promote(desk, first.version)
    assert serving(desk) == first.version
    with pytest.raises(UnknownVersion, match="There is no model nonsense"):
        promote(desk, "nonsense")


def test_returns_and_cancelled_orders_teach_nothing(desk: Desk, shop: World) -> None:
    back = OrderLine("back-1", "CASE", "Case", Decimal(-1))
    shop.put(order("back", "c1", lines=(back,)), order("off", "c1", "CASE", status=OrderStatus.CANCELLED))
    sync(desk, "shop")
    with desk.database.reading() as session:
        data = read_interactions(session)
    assert len(data) == 80
    assert data.left_out.returns == 1


def test_nobody_who_was_deleted_is_learned_from(desk: Desk, shop: World) -> None:
    shop.crm.delete(Kind.CUSTOMERS, "c1")
    sync(desk, "shop")
    with desk.database.reading() as session:
        assert len(read_interactions(session)) == 78


def test_a_version_remembers_what_it_was_judged_by(desk: Desk, shop: World) -> None:
    trained = train(desk)
    with desk.database.reading() as session:
        row = session.get_one(ModelVersion, trained.version)
    assert row.verdict == trained.verdict
    assert row.promoted_at is not None
    assert row.promoted_at - row.trained_at < timedelta(minutes=1)
