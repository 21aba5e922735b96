"""Trainings that are killed and go on, to the byte; and what is kept of them until then."""

import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender.catalogue import Catalogue, CatalogueItem
from recommender.checkpoints import Checkpoints, fingerprint, open_checkpoints
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.learning import Learned
from recommender.model import SalesModel
from recommender.ranker import Ranker
from recommender.search import Search
from recommender.testing import START, checkerboard

STAGES = {
    "finding past cases": 0,
    "trying settings of als, 1 of 3": 8,
    "looking at past window 2 of 2": 16,
    "combining what tells of next_basket": 18,
    "fitting als on everything": 22,
    "done": 25,
}
"""With the stages that are finished when they begin."""


def run(shop: str, folder: Path, *moments: object, hash_seed: int) -> list[dict[str, Any]]:
    """A process of its own, which starts others and kills them."""
    arguments = [sys.executable, "-m", "tests.recommender.trainee", shop, str(folder), *map(str, moments)]
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run(arguments, env=environment, check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in told.stdout.splitlines()]


def read_all(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def assert_nothing_was_done_twice(runs: list[dict[str, Any]]) -> None:
    for before, after in pairwise(runs):
        assert before["kept"].items() <= after["kept"].items()


def test_a_training_killed_at_each_stage_comes_to_the_same_bytes(tmp_path: Path) -> None:
    killed = run("small", tmp_path, *STAGES, hash_seed=1)
    assert {one["status"] for one in killed} == {-signal.SIGKILL}
    assert [len(one["kept"]) for one in killed] == list(STAGES.values())
    assert_nothing_was_done_twice(killed)
    run("small", tmp_path, hash_seed=2)
    assert read_all(tmp_path / "resumed") == read_all(tmp_path / "whole")
    assert not list((tmp_path / "unfinished").iterdir())


@pytest.mark.long
@pytest.mark.parametrize("shop", ["small", "with trees"])
def test_a_training_killed_at_any_moment_comes_to_the_same_bytes(tmp_path: Path, shop: str) -> None:
    chance = random.Random(shop)
    killed = run(shop, tmp_path, *(round(chance.uniform(0.01, 3.0), 3) for _ in range(40)), hash_seed=1)
    assert sum(one["status"] == -signal.SIGKILL for one in killed) > 10
    run(shop, tmp_path, hash_seed=2)
    assert read_all(tmp_path / "resumed") == read_all(tmp_path / "whole")


def lines_of(**changes: Any) -> Interactions:
    return from_purchases(
        [Purchase("c", "1", START, "p", 1, 9.0)._replace(**changes), Purchase("d", "2", START, "q")]
    )


def test_whatever_the_outcome_depends_on_is_in_the_fingerprint() -> None:
    items = [CatalogueItem("p", "Lamp"), CatalogueItem("p", "Lamp", active=False)]
    others = (
        {"customer_id": "e"},
        {"product_id": "r"},
        {"order_id": "3"},
        {"quantity": 2},
        {"unit_price": 8.0},
    )
    keys = [
        fingerprint(lines_of(), Catalogue()),
        *(fingerprint(lines_of(**one), Catalogue()) for one in (*others, {"at": None})),
        fingerprint(replace(lines_of(), left_out=replace(lines_of().left_out, returns=1)), Catalogue()),
        *(fingerprint(lines_of(), Catalogue([item])) for item in items),
        *(fingerprint(lines_of(), Catalogue(), seed, None) for seed in (0, 1)),
        fingerprint(lines_of(), Catalogue(), 0, 60.0),
    ]
    assert len(set(keys)) == len(keys)
    assert fingerprint(lines_of(), Catalogue()) == keys[0]


def test_what_others_left_is_removed_unless_they_still_run(tmp_path: Path) -> None:
    with open_checkpoints(tmp_path, "running"):
        with pytest.raises(KeyboardInterrupt), open_checkpoints(tmp_path, "stopped"):
            raise KeyboardInterrupt
        assert {path.name for path in tmp_path.iterdir()} == {"running", "stopped"}
        with open_checkpoints(tmp_path, "fresh"):
            assert {path.name for path in tmp_path.iterdir()} == {"running", "fresh"}
    assert not list(tmp_path.iterdir())


def test_a_second_training_beside_the_same_keeps_nothing(tmp_path: Path) -> None:
    with open_checkpoints(tmp_path, "key") as first, open_checkpoints(tmp_path, "key") as second:
        assert first.directory
        assert second.directory is None


def test_what_was_learned_is_kept_whole(tmp_path: Path) -> None:
    search = Search({"ridge": [0.1, 0.01], "trees": [50, 100]}, tried=2, of=4)
    ranker = Ranker("tree", ("itemitem", "blend"), 0.5)
    learned = Learned({"als": 1 / 3}, "ranker", 40, ranker, {"cases": 40}, search, {"ridge": 0.1}, windows=3)
    checkpoints = Checkpoints(tmp_path / "kept")
    checkpoints.keep("task", learned)
    assert checkpoints.find(Learned, "task") == learned
    assert checkpoints.find(Learned, "another") is None


def test_a_damaged_checkpoint_is_made_anew(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "kept")
    model = SalesModel.train(from_purchases(checkerboard()), Catalogue(), checkpoints=checkpoints)
    for path in tmp_path.rglob("*.npy"):
        path.write_bytes(b"")
    for path in tmp_path.rglob("model.json"):
        path.write_bytes(b"{}")
    again = SalesModel.train(from_purchases(checkerboard()), Catalogue(), checkpoints=checkpoints)
    assert np.array_equal(
        again.parts.fitted.arrays()["als_factors"], model.parts.fitted.arrays()["als_factors"]
    )
    assert again.report == model.report
