"""Time that work may take, by a clock that only moves when it is told to."""

from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.base import Owned, Query, Task
from recommender.budget import Budget
from recommender.catalogue import Catalogue
from recommender.interactions import Interactions
from recommender.model import SalesModel
from recommender.settings import SOURCES
from recommender.testing import START
from tests.recommender.test_ranker import priced, tastes
from tests.recommender.trainee import make_small

durations = st.lists(st.floats(0, 100), max_size=20)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(0, 500), durations)
def test_a_budget_is_overrun_by_less_than_its_last_piece(seconds: float, pieces: list[float]) -> None:
    clock = Clock()
    budget, spent = Budget.of(seconds, clock=clock), [0.0]
    for piece in budget.afford(pieces):
        assert sum(spent) < seconds
        clock.now += piece
        spent.append(piece)
    assert sum(spent) - spent[-1] <= seconds


@given(st.lists(st.just(7.0), max_size=20))
def test_pieces_of_one_size_overrun_nothing(pieces: list[float]) -> None:
    clock = Clock()
    for piece in Budget.of(50, clock=clock).afford(pieces):
        clock.now += piece
    assert clock.now - 1_000 == min(7 * len(pieces), 49)


def test_a_share_is_of_what_is_left_and_what_one_leaves_is_the_nexts() -> None:
    clock = Clock()
    budget = Budget.of(timedelta(minutes=1), clock=clock)
    first = budget.share(0.5)
    clock.now += 10
    second = budget.share(0.5)
    assert (first.seconds, second.seconds) == (30, 25)
    clock.now += 100
    assert list(budget.share(1.0).afford([1])) == []


def test_without_a_budget_there_is_time_for_all() -> None:
    clock = Clock()
    budget = Budget.of(None, clock=clock).share(0.1)
    done = []
    for piece in budget.afford(range(100)):
        clock.now += 1e9
        done.append(piece)
    assert len(done) == 100


def train(
    shop: tuple[Interactions, Catalogue], *, budget: float | None, costs: dict[str, float]
) -> tuple[SalesModel, float]:
    """With what it took where a step that is told of in these words takes so many seconds, and others none."""
    clock = Clock()

    def tell(what: str, _done: float) -> None:
        clock.now += sum(cost for words, cost in costs.items() if what.startswith(words))

    model = SalesModel.train(*shop, progress=tell, budget=Budget.of(budget, clock=clock))
    return model, clock.now - 1_000


def count_tried(model: SalesModel) -> int:
    return sum(one["tried"] for name, one in model.report["search_space"].items() if name in SOURCES)


def test_a_tighter_budget_leaves_out_more_and_always_ends_in_a_model() -> None:
    shop = make_small()
    found = []
    for budget in (1.0, 10.0, 20.0, 60.0):
        model, took = train(shop, budget=budget, costs={"trying": 1.0, "looking": 6.0})
        assert took <= budget + 6.0
        assert model.rank(Query(history=(Owned("lamp 3", START),)), Task.CROSS_SELL)
        found.append((count_tried(model), model.report["looked_back"]["windows"]))
    assert found == sorted(found)
    assert found[0] == (3, 0), "what was begun is finished"
    assert found[-1] == (48, 2)
    assert len(set(found)) == len(found)


def test_what_was_left_out_is_said() -> None:
    model, _ = train(make_small(), budget=4.0, costs={"trying": 1.0, "looking": 2.0})
    tried, windows = count_tried(model), model.report["looked_back"]["windows"]
    said = f"To keep to 4 seconds there was left out: {48 - tried} of 48 settings, {2 - windows} of 2 past windows."
    assert said in model.notes
    assert 0 < tried < 48


def test_trees_are_left_out_where_they_take_too_long() -> None:
    model, _ = train((tastes(), priced()), budget=60.0, costs={"fitting trees": 100.0})
    assert model.report["looked_back"]["windows"] == 4
    assert any("left out: trees for cross_sell and next_basket." in note for note in model.notes)
    assert model.report["quality"]["cross_sell"]["chosen"] != "ranker"


def test_a_budget_that_suffices_changes_nothing() -> None:
    shop = make_small()
    generous, free = (train(shop, budget=budget, costs={"": 1.0})[0] for budget in (1e6, None))
    arrays, wanted = generous.arrays(), free.arrays()
    assert arrays.keys() == wanted.keys()
    assert all(np.array_equal(arrays[name], wanted[name], equal_nan=True) for name in arrays)
    assert generous.notes == free.notes
