"""The model's page: filled, empty, damaged, and going back."""

import re
from pathlib import Path

import pytest
from flask import Flask

from assist.models.account import Role
from assist.services.desk import Desk
from assist.services.versions import find
from tests.assist.models import add_two_versions, add_version, report
from tests.assist.web.visitors import Visitor, arrive

OLD, NEW = "20260101-040000-1a2b", "20260201-040000-3c4d"


@pytest.fixture
def approver(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.OPS_APPROVER)


@pytest.fixture
def shelf(desk: Desk, model: Path) -> None:
    add_two_versions(desk, model)


def text_of(page: str) -> str:
    """What is read, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def serving(desk: Desk) -> str | None:
    current = desk.models.current()
    return current.version if current else None


def test_without_a_model_the_page_says_how_to_get_one(approver: Visitor) -> None:
    page = approver.get("/model").text
    assert "No model serves" in page
    assert "assist model train" in page


def test_quality_stands_beside_its_baselines_with_intervals(approver: Visitor, shelf: None) -> None:
    page = approver.get("/model").text
    told = text_of(page)
    assert "learned trees answers 0.160 0.150 to 0.170" in told
    assert "popularity 0.050 0.040 to 0.060 +0.110 +0.100 to +0.120" in told
    assert "first-time buyers" not in told, "what is told of NDCG alone is told by the command line"
    assert "1,617 cases 431 customers 26% of 3,420 products in somebody’s first ten" in told
    assert "Past windows: 28 days from November 1, 2025 (310 cases)" in told
    assert "28 days from October 4, 2025 (cases unknown)." in told
    assert page.count("<circle") > 20
    assert "<script" not in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        ("NDCG@10", "0.160 0.150 to 0.170 0.080 0.070 to 0.090 +0.080 +0.070 to +0.090"),
        ("Recall@10", "0.080 0.070 to 0.090 0.040 0.030 to 0.050 +0.040 +0.030 to +0.050"),
        ("Hit@10", "0.288 0.278 to 0.298 0.144 0.134 to 0.154 +0.144 +0.134 to +0.154"),
        ("Hit@3", "0.192 0.182 to 0.202 0.096 0.086 to 0.106 +0.096 +0.086 to +0.106"),
        ("Hit@1", "0.128 0.118 to 0.138 0.064 0.054 to 0.074 +0.064 +0.054 to +0.074"),
    ],
)
def test_every_measure_stands_beside_that_of_popularity(
    approver: Visitor, shelf: None, measure: str, figures: str
) -> None:
    rows = re.findall(r"<tr.*?</tr>", approver.get("/model").text, re.DOTALL)
    told = next(row for row in map(text_of, rows) if row.startswith(f"{measure} "))
    assert told == f"{measure} {figures}"


def test_segments_are_told_with_their_cases_and_small_ones_without_figures(
    approver: Visitor, shelf: None
) -> None:
    told = text_of(approver.get("/model").text)
    assert "3–9 days 1,300 cases 0.150 0.130 to 0.170" in told
    assert "none yet 7 cases too few" in told
    assert "6 cases coverage unknown What is in the next order" in told
    assert "Too few past purchases of this kind to measure." in told
    newcomers = told.partition("buys first.")[2].partition("What changed")[0]
    assert "popularity lately answers 0.200 0.190 to 0.210" in newcomers
    assert "By the days" not in newcomers, "they are all alike"


def test_what_was_not_measured_is_unknown_and_never_zero(approver: Visitor, desk: Desk, model: Path) -> None:
    add_version(
        desk,
        model,
        "bare",
        figures={"quality": {"cross_sell": {"methods": {"blend": {}}, "chosen": "blend"}}},
    )
    told = text_of(approver.get("/model").text)
    assert "unknown order lines" in told
    assert "learned blend answers unknown" in told
    assert "cases unknown coverage unknown" in told
    assert "Past windows: unknown." in told
    assert "coverage unknown" in told
    assert "Not measured" in told
    assert " 0.000" not in told


def test_what_changed_since_the_version_before(approver: Visitor, shelf: None) -> None:
    told = text_of(approver.get("/model").text).partition(f"What changed since {OLD}")[2]
    assert "Cross-sell +0.031 +0.021 to +0.041 610" in told
    assert "First purchase -0.002 -0.014 to +0.010 88" in told
    assert "itemitem.fit_half_life: 60.0 → 120.0" in told
    assert "New 3 LAMP, MUG, PEN Gone 0" in told
    assert "kept back Worse at: Cross-sell" in told


def test_settings_stand_beside_what_they_were_chosen_among(approver: Visitor, shelf: None) -> None:
    told = text_of(approver.get("/model").text)
    assert "itemitem.fit_half_life 120.0 none · 60.0 · 240.0 · 120.0" in told
    assert "als.factors 64 not searched" in told
    assert "upsell.ridge not used 0.1 · 0.01" in told
    assert "Combinations tried itemitem 9 of 12 · upsell 2 of 2" in told
    assert "Past windows 5 of 8 Time budget 90 s" in told


def test_what_was_searched_is_unknown_where_it_was_not_recorded(
    approver: Visitor, desk: Desk, model: Path
) -> None:
    odd = {"als": 3, "ease": {"beta": "?", "tried": "many"}, "itemitem": None}
    add_version(desk, model, "odd", figures=report(search_space=odd, looked_back=[]))
    told = text_of(approver.get("/model").text)
    assert "Order lines looked back on unknown Past windows unknown Time budget unknown" in told
    assert "als.factors 64 not searched" in told


def test_going_back_moves_the_pointer_and_is_on_record(approver: Visitor, shelf: None, desk: Desk) -> None:
    assert serving(desk) == NEW
    assert approver.post("/model/rollback", {"to": OLD, "why": "odd <b>offers"}).location == "/model"
    page = approver.get("/model").text
    assert f"{OLD} serves again." in page
    assert "odd &lt;b&gt;offers" in page
    assert serving(desk) == OLD
    with desk.database.reading() as session:
        moved = find(session, OLD).promotions[0]
    assert (moved.person, moved.by, moved.why) == ("Ana Sol", "console", "odd <b>offers")


def test_only_what_served_and_can_be_read_is_gone_back_to(approver: Visitor, shelf: None, desk: Desk) -> None:
    approver.post("/model/rollback", {"to": NEW})
    assert "Nothing was changed: that version serves already" in approver.get("/model").text
    (desk.config.models_dir / OLD / "manifest.json").unlink()
    approver.post("/model/rollback", {"to": OLD})
    assert f"Nothing was changed: {OLD} cannot be read." in approver.get("/model").text
    assert approver.post("/model/rollback", {"to": "none"}).status_code == 404
    assert approver.post("/model/rollback", {}).status_code == 404
    assert serving(desk) == NEW


def test_a_damaged_model_is_told_with_the_one_that_answers(
    approver: Visitor, shelf: None, desk: Desk
) -> None:
    (desk.config.models_dir / NEW / "manifest.json").unlink()
    assert f"{NEW} cannot be read; {OLD} answers instead." in approver.get("/model").text


def test_who_may_only_look_has_no_button(app: Flask, shelf: None, desk: Desk) -> None:
    page = arrive(app, desk, Role.AUDITOR).get("/model").text
    assert NEW in page
    assert "rollback" not in page


def test_names_from_reports_are_escaped(approver: Visitor, desk: Desk, model: Path) -> None:
    hostile = "<img src=x>"
    quality = {"cross_sell": {"methods": {hostile: {}}, "chosen": hostile, "windows": [{"from": hostile}]}}
    add_version(
        desk, model, "odd", figures=report(quality=quality, notes=[hostile], settings={hostile: hostile})
    )
    assert hostile not in approver.get("/model").text


@pytest.mark.parametrize(
    ("language", "word", "trees"),
    [("es", "Calidad", "árboles aprendidos"), ("pt-BR", "Qualidade", "árvores aprendidas")],
)
def test_the_page_speaks_the_readers_language(
    approver: Visitor, shelf: None, language: str, word: str, trees: str
) -> None:
    told = text_of(approver.get("/model", headers={"Accept-Language": language}).text)
    assert word in told
    assert "0,160" in told
    assert "1.617" in told
    assert "3.420" in told
    assert trees in told
