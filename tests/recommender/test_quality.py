"""What a report says of methods, from where each put what was bought."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Purchase, from_purchases
from recommender.measures import bootstrap, bootstrap_by
from recommender.model import SalesModel
from recommender.quality import FEWEST, Span, describe
from recommender.tables import Judged, Table
from recommender.testing import START, checkerboard
from recommender.windows import split
from tests.recommender.tables import table_of

WIDE = 15
"""Candidates of a case."""
places = st.lists(st.integers(0, WIDE - 1), min_size=FEWEST, max_size=20)


def put(found: list[int]) -> Table:
    """Per case, the place of the only product that was bought."""
    case = np.repeat(np.arange(len(found)), WIDE)
    chosen = np.tile(np.arange(WIDE), len(found)) == np.repeat(found, WIDE)
    table = table_of(np.tile(-np.arange(WIDE, dtype=float), len(found))[:, None], case, chosen)
    return replace(table, product=np.tile(np.arange(WIDE), len(found)))


def judge(found: list[int]) -> Judged:
    table = put(found)
    return table.judge(table.features[:, 0])


def span(products: int = WIDE) -> Span:
    return Span("2026-03-01", 28, np.arange(products) < WIDE)


@settings(deadline=None, max_examples=30)
@given(places, places)
def test_every_measure_has_an_interval_around_it_and_a_lead_over_popularity(
    best: list[int], worse: list[int]
) -> None:
    cases = min(len(best), len(worse))
    best, worse = best[:cases], worse[:cases]
    told = describe({"blend": judge(best), "sold ever": judge(worse)}, "blend", [(span(), put(best))])
    ours, theirs = (told["methods"][name] for name in ("blend", "sold ever"))
    for k in (1, 3, 10):
        assert ours[f"hit@{k}"]["mean"] == pytest.approx(np.mean([place < k for place in best]), abs=1e-5)
    assert ours["recall@10"] == ours["hit@10"], "of one product that was bought"
    gains = [1 / np.log2(place + 2) if place < 10 else 0 for place in best]
    assert ours["ndcg@10"]["mean"] == pytest.approx(np.mean(gains), abs=1e-5)
    for what, lead in theirs["lead"].items():
        assert lead["mean"] == pytest.approx(ours[what]["mean"] - theirs[what]["mean"], abs=3e-5)
        assert lead["low"] <= lead["mean"] <= lead["high"]
        assert ours[what]["low"] <= ours[what]["high"]
    assert "lead" not in ours


def test_the_lead_is_of_the_same_cases() -> None:
    """One place better each time is sure, though where is not."""
    worse = [1, 9] * 10
    told = describe(
        {"blend": judge([place - 1 for place in worse]), "sold ever": judge(worse)},
        "blend",
        [(span(), put(worse))],
    )
    assert told["popularity"] == "sold ever"
    assert told["methods"]["sold ever"]["lead"]["ndcg@10"]["low"] > 0
    assert told["methods"]["blend"]["ndcg@10"]["low"] < told["methods"]["sold ever"]["ndcg@10"]["high"]


def test_the_stronger_popularity_is_the_one_to_beat_but_not_by_itself() -> None:
    methods = {"sold ever": judge([4] * 12), "sold in 21 days": judge([2] * 12), "als": judge([0] * 12)}
    window = [(span(), put([0] * 12))]
    assert describe(methods, "als", window)["popularity"] == "sold in 21 days"
    assert describe(methods, "sold in 21 days", window)["popularity"] == "sold ever"
    assert describe({"als": methods["als"]}, "als", window)["popularity"] is None


def test_of_many_methods_the_best_and_the_chosen_one_are_told_in_full_but_of_popularity_only_two() -> None:
    methods = {f"method {place}": judge([place // 2] * 12) for place in range(20)}
    methods |= {"sold ever": judge([14] * 12), "sold in 60 days": judge([0] * 12), "chosen": judge([13] * 12)}
    told = describe(methods, "chosen", [(span(), put([0] * 12))])["methods"]
    assert set(told) == set(methods)
    assert {name for name, one in told.items() if "hit@1" in one} == {
        "chosen",
        "sold ever",
        *(f"method {place}" for place in range(6)),
    }
    assert set(told["method 19"]) == {"ndcg@10"}
    assert len(json.dumps(told)) < 10_000


def test_coverage_is_of_products_that_are_still_sold() -> None:
    data = from_purchases(checkerboard())
    gone = Catalogue(CatalogueItem(f"product {place}", active=place < 15) for place in range(20))
    window = split(data, 5)
    assert Span.of(window, Catalogue()).products.sum() == 20
    assert Span.of(window, gone).products.sum() == 15
    told = describe({"als": judge([0] * 12)}, "als", [(span(), put([0] * 12))])
    assert (told["products"], told["coverage"]) == (WIDE, round(10 / WIDE, 5))
    none = Span("2026-03-01", 28, np.zeros(WIDE, np.bool_))
    assert "coverage" not in describe({"als": judge([0] * 12)}, "als", [(none, put([0] * 12))])


def test_segments_are_told_apart_and_small_ones_are_only_counted() -> None:
    table = put([0] * 14 + [1] * 3)
    table = replace(table, visits=np.array([1, 2] * 7 + [9] * 3))
    told = describe({"als": table.judge(table.features[:, 0])}, "als", [(span(), table)])["segments"]
    assert told == {
        "1-2": {"cases": 14, "ndcg@10": {"mean": 1.0, "low": 1.0, "high": 1.0}},
        "3-9": {"cases": 3},
    }


def test_halves_of_a_window_are_one_window() -> None:
    halves = [
        (span(), put([0] * 9)),
        (span(), put([1] * 8)),
        (Span("2026-02-01", 28, span().products), put([2])),
    ]
    told = describe({"als": judge([0] * 9 + [1] * 8 + [2])}, "als", halves)
    assert [window["cases"] for window in told["windows"]] == [17, 1]


def test_a_few_cases_are_counted_and_not_measured() -> None:
    few = [0] * (FEWEST - 1)
    told = describe({"als": judge(few)}, "als", [(span(), put(few))])
    assert (told["cases"], told["customers"], told["chosen"]) == (9, 9, "als")
    assert not {"methods", "segments", "coverage"} & set(told)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1)), min_size=1, max_size=30))
def test_columns_are_resampled_alike_and_each_as_alone(cases: list[tuple[int, float]]) -> None:
    customers, values = np.array([who for who, _ in cases]), np.array([value for _, value in cases])
    both = bootstrap_by(customers, np.stack([values, 2 * values], axis=1))
    alone = bootstrap_by(customers, values[:, None])[0]
    assert (both[0].low, both[0].high) == pytest.approx((alone.low, alone.high))
    assert (both[1].low, both[1].high) == pytest.approx((2 * alone.low, 2 * alone.high))
    apart = bootstrap_by(np.arange(len(values)), values[:, None])[0]
    assert (apart.low, apart.high) == pytest.approx((bootstrap(values).low, bootstrap(values).high))


def test_a_shop_too_small_to_learn_from_knows_what_shipped_weights_are_worth() -> None:
    lines = [
        Purchase(f"c{customer}", f"{customer}/{day}", START + timedelta(days=day), f"p{(customer + day) % 8}")
        for customer in range(6)
        for day in range(customer % 3, 40, 9)
    ]
    model = SalesModel.train(from_purchases(lines), Catalogue())
    told = model.report["quality"]["cross_sell"]
    assert told["chosen"] == "default"
    assert FEWEST <= told["cases"] < 30
    assert set(told["methods"]) == {"default", "sold ever", "sold in 21 days"}
    assert told["methods"][told["popularity"]]["lead"]["ndcg@10"]["low"] is not None
