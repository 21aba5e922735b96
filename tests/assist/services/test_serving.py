"""Which model answers: the latest promoted one that can be read."""

from datetime import timedelta
from pathlib import Path

import pytest

from assist.models.training import ModelVersion
from assist.services.desk import Desk
from assist.services.serving import ModelShelf
from tests.assist.conftest import HandClock
from tests.assist.models import add_version


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def shelf(desk: Desk, seconds: Seconds) -> ModelShelf:
    return ModelShelf(desk.database, desk.config.models_dir, seconds=5.0, monotonic=seconds)


def version(shelf: ModelShelf) -> str | None:
    serving = shelf.current()
    return serving.version if serving else None


def corrupt(directory: Path) -> None:
    largest = max(directory.glob("*.npy"), key=lambda file: file.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[-1] ^= 1
    largest.write_bytes(content)


def test_without_a_promoted_version_there_is_no_model(desk: Desk, shelf: ModelShelf, model: Path) -> None:
    assert version(shelf) is None
    add_version(desk, model, "v1", promoted=False)
    assert version(ModelShelf(desk.database, desk.config.models_dir)) is None


def test_a_new_promotion_is_picked_up_after_a_few_seconds(
    desk: Desk, shelf: ModelShelf, model: Path, *, seconds: Seconds, clock: HandClock
) -> None:
    add_version(desk, model, "v1")
    assert version(shelf) == "v1"
    clock.pass_time(minutes=1)
    add_version(desk, model, "v2")
    seconds.now = 4.9
    assert version(shelf) == "v1"
    seconds.now = 5.0
    assert version(shelf) == "v2"


def test_going_back_to_an_older_version_is_picked_up(
    desk: Desk, shelf: ModelShelf, model: Path, *, seconds: Seconds, clock: HandClock
) -> None:
    add_version(desk, model, "v1")
    clock.pass_time(minutes=1)
    add_version(desk, model, "v2")
    assert version(shelf) == "v2"
    with desk.database.writing() as session:
        session.get_one(ModelVersion, "v1").promoted_at = clock.now() + timedelta(minutes=1)
    seconds.now = 5.0
    assert version(shelf) == "v1"


@pytest.mark.parametrize("already_serving", [True, False])
def test_a_corrupted_version_is_refused_and_the_one_before_serves(
    desk: Desk, shelf: ModelShelf, model: Path, *, seconds: Seconds, clock: HandClock, already_serving: bool
) -> None:
    add_version(desk, model, "v1")
    if already_serving:
        assert version(shelf) == "v1"
    clock.pass_time(minutes=1)
    add_version(desk, model, "v2")
    corrupt(desk.config.models_dir / "v2")
    seconds.now = 5.0
    assert version(shelf) == "v1"
    clock.pass_time(minutes=1)
    add_version(desk, model, "v3")
    seconds.now = 10.0
    assert version(shelf) == "v3"


def test_a_version_whose_files_are_gone_is_passed_over(desk: Desk, shelf: ModelShelf, model: Path) -> None:
    add_version(desk, model, "v1")
    with desk.database.writing() as session:
        at = desk.clock.now() + timedelta(minutes=1)
        session.add(ModelVersion(version="v2", trained_at=at, promoted_at=at, verdict="", figures={}))
    assert version(shelf) == "v1"
