"""What a training tells while it works, and what it says that it did."""

from datetime import UTC, datetime, timedelta

import pytest

from recommender.account import Account
from recommender.budget import Budget
from recommender.catalogue import Catalogue
from recommender.effort import Effort
from recommender.interactions import Purchase, from_purchases
from recommender.lookback import look_back
from recommender.model import SalesModel
from recommender.settings import SOURCES
from recommender.tuning import GRIDS
from recommender.windows import past_windows
from tests.recommender.trainee import make_small

Told = list[tuple[str, float]]


@pytest.fixture(scope="module")
def trained() -> tuple[SalesModel, Told]:
    told: Told = []
    data, catalogue = make_small()
    model = SalesModel.train(data, catalogue, progress=lambda what, done: told.append((what, done)))
    return model, told


def test_progress_moves_with_every_setting_window_and_task(trained: tuple[SalesModel, Told]) -> None:
    _, told = trained
    done = [share for _, share in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)
    assert len(set(done)) == len(done)
    said = " ".join(what for what, _ in told)
    for name, (_, values) in GRIDS.items():
        assert f"trying settings of {name}, {len(values)} of {len(values)}" in said
        assert f"fitting {name} on everything" in said
    assert "looking at past window 2 of 2" in said
    assert "combining what tells of upsell" in said


def test_what_was_chosen_is_among_what_was_searched(trained: tuple[SalesModel, Told]) -> None:
    report = trained[0].report
    space, settings = report["search_space"], report["settings"]
    assert set(SOURCES) <= space.keys()
    assert "ridge" in settings["cross_sell"]
    for name in SOURCES:
        assert space[name].keys() > {GRIDS[name][0], "query_half_life"}
    for name, searched in space.items():
        assert searched["tried"] == searched["of"] > 1
        for setting, chosen in settings.get(name, {}).items():
            assert setting not in searched or chosen in searched[setting]


def test_a_sample_that_was_learned_on_is_told_of() -> None:
    data, catalogue = make_small()
    model = SalesModel.train(data, catalogue)
    windows = past_windows(data)
    past = look_back(windows, Catalogue(), seed=0, effort=Effort())
    account = Account(data, 1_000, len(windows), past, Budget())
    assert f"Settings and weights were learned on 1,000 of {len(data):,} lines." in account.notes(model.parts)
    assert account.report()["looked_back"]["lines"] == 1_000
    assert model.report["looked_back"]["lines"] == len(data)
    assert not any("learned on" in note for note in model.notes)


@pytest.mark.parametrize(
    ("days", "windows"),
    [(1, []), (2, [1]), (3, [1]), (4, [1]), (9, [2, 2]), (120, [28, 28])],
)
def test_two_days_are_enough_to_look_back_once(days: int, windows: list[int]) -> None:
    """With the first and the last purchase late in their day, or early."""
    for hour in (0, 23):
        begin = datetime(2026, 1, 1, hour, tzinfo=UTC)
        bought = [
            Purchase(f"c{number}", f"o{number}", begin + timedelta(number), "p", 1.0, 1.0)
            for number in range(days)
        ]
        assert [one.days for one in past_windows(from_purchases(bought))] == windows
