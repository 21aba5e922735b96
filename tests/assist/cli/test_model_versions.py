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


def line_of(text: str) -> str:
    return " ".join(text.split())


def test_a_version_is_shown_with_quality_intervals_and_settings(on_desk: Run, shelf: None) -> None:
    text = on_desk("model", "show").output
    assert "newer  serves, trained 2016-03-04 10:00 UTC" in text
    assert "310,083 lines, 3,944 customers, 3,604 products" in text
    assert "CPU 93.5 s, wall 61.2 s, memory at most 700 MiB" in text
    assert "cross_sell: 1,617 cases of 431 customers, coverage 26% of 3,420 products" in text
    assert "past windows: 2025-11-01 28 days (310 cases), 2025-10-04 28 days (unknown cases)" in text
    measures = line_of(text.partition("past windows")[2].partition("method (")[0])
    assert "ranker sold in 21 days ranker less it" in measures
    for what, figures in {
        "ndcg@10": "0.1600 (0.1500 to 0.1700) 0.0800 (0.0700 to 0.0900) +0.0800 (+0.0700 to +0.0900)",
        "recall@10": "0.0800 (0.0700 to 0.0900) 0.0400 (0.0300 to 0.0500) +0.0400 (+0.0300 to +0.0500)",
        "hit@3": "0.1920 (0.1820 to 0.2020) 0.0960 (0.0860 to 0.1060) +0.0960 (+0.0860 to +0.1060)",
    }.items():
        assert f"{what} {figures}" in measures
    assert "* ranker" in text
    assert "+0.1100 (+0.1000 to +0.1200)" in text
    assert text.index("* ranker") < text.index("  als ") < text.index("  sold ever "), "the best first"
    assert "10+ 0.1900 (0.1600 to 0.2200) 190" in line_of(text)
    assert "new too few 7" in line_of(text)


def test_tasks_with_few_cases_or_no_windows_say_so(on_desk: Run, shelf: None) -> None:
    text = on_desk("model", "show").output
    assert "next_basket: 6 cases, coverage unknown" in text
    assert "(6 cases)\n  not measured: too few cases" in text
    assert "upsell: 120 cases, coverage unknown\n  past windows: unknown" in text


def test_settings_are_shown_with_what_they_were_chosen_among(on_desk: Run, shelf: None) -> None:
    text = on_desk("model", "show").output
    assert "itemitem.fit_half_life: 120.0 (of null, 60.0, 240.0, 120.0)" in text
    assert "als.factors: 64\n" in text
    assert "upsell.ridge: not used (of 0.1, 0.01)" in text
    assert "itemitem 9 of 12" in text
    assert "310,083 of 310,083 lines in 5 of 8 past windows; time budget: 90 s" in text


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
    assert "cross_sell hit@10 0.2880 (0.2780 to 0.2980) 0.2880" in line_of(text)
    assert "upsell hit@1 0.4160 (0.3560 to 0.4760) 0.4160" in line_of(text)
    assert "cross_sell coverage 26% 26%" in line_of(text)
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
    methods = {"blend": {"ndcg@10": {"mean": 0.2}}, "als": method(0.1)}
    add_version(desk, model, "odd", figures={"quality": {"cross_sell": {"methods": methods}}})
    assert "0.2000 (? to ?)" in on_desk("model", "show").output
