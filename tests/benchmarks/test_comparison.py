"""The comparison is fair: everybody is asked about the same cases and scored alike, and nobody is left out
silently."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks.catalogue import Goods
from benchmarks.comparison import Arena, Comparison, Standing
from benchmarks.contender import perform
from benchmarks.exchange import TRAIN, Job, Told, read_lists, read_purchases
from benchmarks.standings import tell_costs, tell_quality
from benchmarks.synthetic import make_interactions
from recommender.interactions import Interactions, from_purchases
from recommender.windows import split

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 7


def purchases() -> Interactions:
    """Everybody buys a and b; in the last week the first two buy what is new to them: c, and b after it."""
    rows = [(f"c{who}", f"{who}-1", START, product, 1, 2.0) for who in range(6) for product in ("a", "b")]
    rows += [("c5", "5-2", START + timedelta(days=1), "c", 1, 2.0)]
    week = START + timedelta(days=30)
    rows += [("c0", "0-2", week, "c", 1, 2.0), ("c1", "1-2", week, "c", 1, 2.0)]
    return from_purchases(rows)


@pytest.fixture
def arena(tmp_path: Path) -> Arena:
    return Arena(tmp_path / "now", split(purchases(), DAYS), None)


def write_lists(job: Job, lists: dict[str, str]) -> None:
    Path(job.out).mkdir()
    rows = [f"{who},{one},{rank}" for who, named in lists.items() for rank, one in enumerate(named, 1)]
    job.lists(0).write_text("\n".join(["customer_id,product_id,rank", *rows]))


def test_what_was_bought_before_takes_no_place_and_no_list_scores_nothing(
    arena: Arena, tmp_path: Path
) -> None:
    job = Job("any", "any", ({},), str(arena.folder), str(tmp_path / "out"), 10)
    write_lists(job, {"c0": "abc"})
    quality = arena.score(job, 0)
    assert arena.customers == ["c0", "c1"]
    assert quality.ndcg.tolist() == quality.recall.tolist() == quality.hit.tolist() == [1.0, 0.0]


def test_the_files_hold_what_was_bought_before_the_cut_alone(arena: Arena) -> None:
    found = read_purchases(arena.folder / TRAIN)
    held = {
        (found.customers[row], found.products[column])
        for row, column in zip(*found.matrix.nonzero(), strict=True)
    }
    before = arena.window.before
    assert held == {
        (before.customers[customer], before.products[product])
        for customer, product in zip(before.customer, before.product, strict=True)
    }
    assert ("c0", "c") not in held


def test_a_contender_in_its_own_process_answers_everybody_with_what_is_new(
    arena: Arena, tmp_path: Path
) -> None:
    comparison = Comparison(
        tmp_path / "both",
        make_interactions(Goods.make(60, seed=1), customers=200, lines=2_000, seed=1),
        products=None,
        days=60,
        python=sys.executable,
    )
    told, job = comparison.do(comparison.now, "implicit", "BM25")
    lists = read_lists(job.lists(0))
    before = comparison.now.window.before
    owned = {
        (before.customers[customer], before.products[product])
        for customer, product in zip(before.customer, before.product, strict=True)
    }
    assert set(lists) == set(comparison.now.customers)
    assert not {(who, one) for who, named in lists.items() for one in named} & owned
    assert len(told.runs[0].answers) == len(lists)
    assert told.megabytes > 0


def test_who_is_not_installed_is_told_and_shown(
    arena: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cornac", None)
    job = Job("cornac", "BPR", ({},), str(arena.folder), str(tmp_path / "out"), 10)
    job.save()
    perform(job)
    assert Told.load(job).missing == "cornac"
    shown = "\n".join(tell_quality([Standing("cornac BPR", missing="cornac")]))
    assert "| cornac BPR | not installed (cornac): pip install --group benchmarks |" in shown
    assert "cornac" not in "\n".join(tell_costs([Standing("cornac BPR", missing="cornac")]))


def test_made_up_purchases_are_as_many_as_wanted_and_each_once() -> None:
    data = make_interactions(Goods.make(50, seed=2), customers=100, lines=1_500, seed=2)
    keys = np.stack([data.order, data.product])
    assert len(data) == 1_500
    assert np.unique(keys, axis=1).shape == keys.shape
    assert (np.lexsort((data.product, data.day, data.customer)) == np.arange(1_500)).all()
