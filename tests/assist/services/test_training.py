"""Training on the mirror, and which model may serve."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assist.app import build_desk
from assist.models.training import ModelVersion
from assist.services.comparison import compare
from assist.services.decide import decide
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.services.training import read_interactions, train
from assist.services.versions import TRAINING, ProductChange, find, load
from crm_adapters.model import Kind, OrderLine, OrderStatus, ProductRelation
from tests.assist.conftest import HandClock
from tests.assist.crms import World, connect, customer, order, product
from tests.assist.scenes import add_agent, find_id

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


def test_what_the_crm_relates_is_offered_though_nobody_has_bought_it(desk: Desk, shop: World) -> None:
    shop.put(product("STAND"), *(order(f"all{sku}", "c0", sku, days=3) for sku in SKUS))
    shop.crm.related["PHONE"] = [ProductRelation("PHONE", "STAND", "accessory")]
    shop.put(product("PHONE", price="11.00"))
    sync(desk, "shop")
    train(desk)
    answer = decide(
        desk, customer_id=find_id(desk, "c0"), agent_id=add_agent(desk), context="chat", language="en"
    )
    stand = next(one for one in answer.suggestions if one.sku == "STAND")
    assert (stand.linked, stand.anchor, stand.popular, stand.evidence) == (True, "Product PHONE", False, None)


def test_a_model_takes_the_place_of_one_that_cannot_be_read(
    desk: Desk, shop: World, clock: HandClock
) -> None:
    first = train(desk)
    (desk.config.models_dir / first.version / "manifest.json").unlink()
    clock.pass_time(minutes=1)
    second = train(build_desk(desk.config, clock=clock))
    assert second.promoted
    assert f"{first.version}, which was to serve, cannot be read" in second.verdict


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


def test_with_too_few_days_to_compare_on_the_newer_model_serves(desk: Desk, clock: HandClock) -> None:
    world = connect(desk)
    world.put(product("PHONE"), customer("c1"), customer("c2"))
    world.put(order("o1", "c1", "PHONE"), order("o2", "c2", "PHONE"))
    sync(desk, "shop")
    train(desk)
    clock.pass_time(minutes=1)
    second = train(desk)
    assert second.promoted
    assert second.verdict == "Promoted: too few days to compare on: the newer model serves."
    with desk.database.reading() as session:
        assert find(session, second.version).verdict.cause == "few_days"


def test_what_was_held_against_the_serving_model_is_kept(desk: Desk, shop: World, clock: HandClock) -> None:
    first = train(desk)
    shop.put(product("LAMP"), order("new", "c1", "LAMP", days=50))
    clock.pass_time(minutes=1)
    sync(desk, "shop")
    second = train(desk)
    with desk.database.reading() as session:
        version = find(session, second.version)
    assert version.verdict.against == first.version
    assert version.verdict.cause == "not_worse"
    assert "cross_sell" in version.verdict.differences
    assert version.new == ProductChange(1, ("LAMP",))
    assert version.gone == ProductChange(0, ())
    assert [(one.by, one.person, one.why) for one in version.promotions] == [(TRAINING, None, second.verdict)]


def test_two_versions_are_measured_anew_on_the_same_cases(desk: Desk, shop: World, clock: HandClock) -> None:
    first = train(desk)
    clock.pass_time(minutes=1)
    found = compare(desk, first.version, train(desk).version, measure=True)
    figure, cases = found.differences["cross_sell"]
    assert (figure.mean, cases) == (0.0, found.after.verdict.differences["cross_sell"][1])


def test_training_says_what_it_cost_and_how_far_it_is(desk: Desk, shop: World) -> None:
    told: list[float] = []
    trained = train(desk, progress=lambda _, done: told.append(done))
    assert told == sorted(told)
    assert told[-1] <= 1.0
    cost, customers = trained.figures["cost"], trained.figures["customers"]
    assert (cost["cpu_seconds"] > 0, cost["peak_memory"] > 2**20, customers) == (True, True, 40)
    assert desk.models.current() is not None
    with desk.database.reading() as session:
        assert load(desk, trained.version).report["cost"] == cost
        assert find(session, trained.version).cost.peak_memory == cost["peak_memory"]


def test_a_budget_reaches_the_search_and_what_it_left_out_is_said(desk: Desk, shop: World) -> None:
    trained = train(desk, budget=1e-9)
    assert trained.figures["looked_back"]["budget"] == 1e-9
    assert any("past windows" in note for note in trained.notes)
    assert serving(desk) == trained.version


def test_a_training_that_was_stopped_goes_on_where_it_was(desk: Desk, shop: World, clock: HandClock) -> None:
    first = train(desk)
    clock.pass_time(minutes=1)
    told: list[str] = []

    def stop(what: str, _done: float) -> None:
        told.append(what)
        if what.endswith("window 2 of 2") and "comparing" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(desk, progress=stop)
    assert any("looking at past window" in what for what in told)
    assert len(list(desk.config.unfinished_dir.glob(f"*/{first.version}/*"))) == 1, "window 1 is done"
    told.clear()
    second = train(desk, progress=lambda what, _done: told.append(what))
    assert all("comparing" in what for what in told)
    assert not list(desk.config.unfinished_dir.iterdir())
    assert "not worse" in second.verdict
    assert second.figures["quality"] == first.figures["quality"]


def test_new_lines_are_learned_from_whatever_a_stopped_training_had_done(desk: Desk, shop: World) -> None:
    def stop(what: str, _done: float) -> None:
        if what == "done":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(desk, progress=stop)
    shop.put(order("new", "c1", "CASE", days=50))
    sync(desk, "shop")
    assert train(desk).figures["lines"] == 81
    assert not list(desk.config.unfinished_dir.iterdir())


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
