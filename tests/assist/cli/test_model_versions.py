"""Versions of the model at the command line, on figures made up for the purpose."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import Result

from assist.services.desk import Desk
from tests.assist.cli.conftest import Run
from tests.assist.conftest import HandClock
from tests.assist.models import add_version, difference, method, report


@pytest.fixture
def clock() -> HandClock:
    """Commands go by the time of day, so what is made by hand was long ago."""
    clock = HandClock()
    clock.pass_time(days=-3650)
    return clock


@pytest.fixture
def on_desk(run: Run, desk: Desk) -> Run:
    where = {"ASSIST_DATA_DIR": str(desk.config.data_dir), "ASSIST_DATABASE_URL": desk.config.database_url}

    def run_there(*arguments: str, expect: int = 0, env: Mapping[str, str] | None = None) -> Result:
        return run(*arguments, expect=expect, env=where)

    return run_there


@pytest.fixture
def shelf(desk: Desk, model: Path, clock: HandClock) -> None:
    """`older` served before `newer` does; `worse` was kept back."""
    older = report(settings={"als": {"factors": 32}})
    add_version(desk, model, "older", figures=older, verdict="The first model: it serves.")
    clock.pass_time(hours=1)
    add_version(desk, model, "newer", figures=report(), verdict="Promoted: not worse.")
    clock.pass_time(hours=1)
    verdict = {"against": "newer", "differences": {"cross_sell": difference(-0.05)}}
    add_version(desk, model, "worse", promoted=False, figures=report(verdict=verdict), verdict="Kept: worse.")


def test_a_version_is_shown_with_quality_intervals_and_settings(on_desk: Run, shelf: None) -> None:
    text = on_desk("model", "show").output
    assert "newer  serves, trained 2016-03-04 10:00 UTC" in text
    assert "310,083 lines, 3,944 customers, 3,604 products" in text
    assert "CPU 93.5 s, wall 61.2 s, memory at most 700 MiB" in text
    assert "cross_sell: 610 cases in 2 past windows, coverage 26%" in text
    assert "* blend" in text
    assert "0.1600 (0.1500 to 0.1700)" in text
    assert text.index("* blend") < text.index("  als ") < text.index("  popular "), "the best first"
    assert "upsell: 120 cases in unknown past windows, coverage unknown" in text
    assert '"factors": 64' in text
    assert "fit_half_life: [null, 240.0, 120.0, 60.0]" in text


def test_what_was_not_recorded_is_unknown_not_zero(on_desk: Run, desk: Desk, model: Path) -> None:
    add_version(desk, model, "bare")
    text = on_desk("model", "show", "bare").output
    assert "unknown lines, unknown customers, unknown products" in text
    assert "Quality: not measured" in text
    assert " 0" not in text.partition("Learned from")[2]


def test_two_versions_are_compared(on_desk: Run, shelf: None) -> None:
    text = on_desk("model", "compare", "older", "newer").output
    assert "Never compared on the same cases" in text
    assert "als.factors: 32 → 64" in text
    against = on_desk("model", "compare", "newer", "worse").output
    assert "cross_sell  -0.0500 (-0.0600 to -0.0400)  610" in against
    found = json.loads(on_desk("model", "compare", "newer", "worse", "--json").stdout)
    assert found["differences"]["cross_sell"][1] == 610


def test_going_back_and_promoting_are_told_and_recorded(on_desk: Run, shelf: None) -> None:
    assert "older serves again." in on_desk("model", "rollback", "--why", "odd offers").output
    assert "rolled back to by command: odd offers" in on_desk("model", "show", "older").output
    assert "newer serves." in on_desk("model", "promote", "newer").output
    states = {one["version"]: one["serving"] for one in json.loads(on_desk("model", "list", "--json").stdout)}
    assert states == {"older": False, "newer": True, "worse": False}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "none"), "There is no model none"),
        (("compare", "older", "none"), "There is no model none"),
        (("rollback", "--to", "worse"), "assist model promote worse"),
        (("promote", "none"), "There is no model none"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    on_desk: Run, shelf: None, arguments: tuple[str, ...], said: str
) -> None:
    result = on_desk("model", *arguments, expect=1)
    assert said in result.stderr


def test_without_a_model_the_way_to_one_is_named(on_desk: Run) -> None:
    for arguments in (("show",), ("rollback",)):
        assert "assist model train" in on_desk("model", *arguments, expect=1).stderr


def test_a_method_without_an_interval_says_so(on_desk: Run, desk: Desk, model: Path) -> None:
    methods = {"blend": {"ndcg": 0.2}, "als": method(0.1)}
    add_version(desk, model, "odd", figures={"quality": {"cross_sell": {"methods": methods}}})
    assert "0.2000 (? to ?)" in on_desk("model", "show").output
