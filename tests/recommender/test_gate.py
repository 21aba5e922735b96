"""Which of two models may serve, from what each gained on the same cases."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalogue import Catalogue
from recommender.evaluate import Compared, challenge, judge
from recommender.interactions import Purchase, from_purchases
from recommender.model import SalesModel
from recommender.testing import checkerboard

gains = st.lists(st.floats(-1, 1), min_size=1, max_size=30)


def compared(gained: list[float], customers: list[int] | None = None) -> Compared:
    who = range(len(gained)) if customers is None else customers
    return Compared(np.array(gained), np.array(who))


def test_one_task_that_is_worse_keeps_a_model_back_however_good_the_others_are() -> None:
    much_better, a_little_worse = compared([0.5] * 40), compared([-0.01, -0.02] * 20)
    verdict = judge([{"cross_sell": much_better, "upsell": a_little_worse}])
    assert (verdict.promoted, verdict.cause) == (False, "worse")
    assert "upsell" in verdict.reason
    assert "cross_sell" not in verdict.reason, "it says what is worse"


def test_too_few_cases_to_be_sure_promote() -> None:
    verdict = judge([{"cross_sell": compared([-0.5, 0.3, -0.2]), "upsell": compared([0.1])}])
    assert (verdict.promoted, verdict.cause) == (True, "not_worse")
    assert verdict.reason.startswith(
        "not worse than the serving model on 4 cases: at worst cross_sell -0.1333 ("
    )


def test_windows_are_judged_together() -> None:
    first, second = (
        {"cross_sell": compared([0.1] * 3)},
        {"cross_sell": compared([0.3]), "upsell": compared([0.0])},
    )
    verdict = judge([first, second])
    assert verdict.differences["cross_sell"].cases == 4
    assert verdict.differences["cross_sell"].mean == pytest.approx(0.15)
    assert verdict.differences["upsell"].cases == 1
    assert verdict.cases == 5


def test_many_cases_of_one_customer_are_one_opinion() -> None:
    loud = [-0.2] * 30 + [0.1] * 5
    alone = judge([{"upsell": compared(loud)}])
    together = judge([{"upsell": compared(loud, [0] * 30 + [1, 2, 3, 4, 5])}])
    assert not alone.promoted
    assert together.promoted


@given(gains)
def test_a_difference_lies_in_its_interval_and_turns_with_its_sign(gained: list[float]) -> None:
    ours = judge([{"cross_sell": compared(gained)}]).differences["cross_sell"]
    theirs = judge([{"cross_sell": compared([-one for one in gained])}]).differences["cross_sell"]
    assert ours.low - 1e-12 <= ours.high
    assert ours.low == pytest.approx(-theirs.high)
    assert min(gained) - 1e-12 <= ours.low


def test_a_model_ties_with_itself_at_every_task_that_has_a_case() -> None:
    data = from_purchases(checkerboard())
    model = SalesModel.train(data, Catalogue())
    told: list[float] = []
    verdict = challenge(model, model, data, Catalogue(), progress=lambda _, done: told.append(done))
    assert verdict.promoted
    assert set(verdict.differences) >= {"cross_sell", "next_basket"}
    assert {(one.mean, one.low, one.high) for one in verdict.differences.values()} == {(0.0, 0.0, 0.0)}
    assert told == sorted(told)


def test_without_days_there_is_nothing_to_compare_on() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    data = from_purchases([Purchase("c", "o", day, "p", 1.0, 1.0), Purchase("d", "o2", day, "q", 1.0, 1.0)])
    model = SalesModel.train(data, Catalogue())
    verdict = challenge(model, model, data, Catalogue())
    assert (verdict.promoted, verdict.cause) == (True, "few_days")
