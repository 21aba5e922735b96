from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.backtest import Interval, Rated, backtest, measure_auc, wilson
from personas.facts import FactSet
from personas.icp import Icp, Tier, rate
from tests.personas.test_icp import ICP


def rated(label: str, rank: str | int | None, *, bought: int, others: int) -> list[Rated]:
    score = None if rank is None else Decimal(rank)
    return [Rated(label, score, bought=True)] * bought + [Rated(label, score, bought=False)] * others


def test_tiers_and_cells_are_counted() -> None:
    found = backtest(
        [
            *rated("A1", 1, bought=3, others=1),
            *rated("A?", 1, bought=0, others=2),
            *rated("D4", 0, bought=1, others=5),
            *rated("?3", None, bought=2, others=0),
        ]
    )
    assert (found.customers, found.buyers) == (14, 6)
    assert [(one.label, one.customers, one.buyers) for one in found.tiers] == [
        ("A", 6, 3),
        ("B", 0, 0),
        ("C", 0, 0),
        ("D", 6, 1),
        ("?", 2, 2),
    ]
    filled = {one.label: (one.customers, one.buyers) for one in found.grid if one.customers}
    assert filled == {"A1": (4, 3), "D4": (6, 1), "?3": (2, 2), "A?": (2, 0)}
    assert len(found.grid) == 18
    assert (found.tiers[0].rate, found.tiers[1].rate, found.tiers[1].interval) == (0.5, None, None)


def test_few_buyers_have_no_auc() -> None:
    assert backtest(rated("A1", 1, bought=9, others=500)).auc is None
    assert backtest(rated("A1", 1, bought=500, others=9)).auc is None
    assert backtest([]).auc is None


def test_those_of_whom_too_little_is_known_are_in_no_auc() -> None:
    sure = [*rated("A1", 1, bought=10, others=0), *rated("D1", 0, bought=0, others=10)]
    auc = backtest([*sure, *rated("?1", None, bought=0, others=90)]).auc
    assert auc is not None
    assert auc.value == 1


def test_all_pairs_right_is_no_certainty() -> None:
    auc = backtest([*rated("A1", 1, bought=10, others=0), *rated("D1", 0, bought=0, others=10)]).auc
    assert auc is not None
    assert auc.interval is None


def test_an_interval_as_worked_out_by_hand() -> None:
    """Buyers: 12 above, 4 below; others: 4 above, 12 below. Placed shares 0.875 and 0.375 twelve and four times on
    both sides, so each variance is (12·0.125² + 4·0.375²)/15 = 0.05, and 0.05/16 twice is 0.00625."""
    auc = backtest([*rated("A1", 1, bought=12, others=4), *rated("D1", 0, bought=4, others=12)]).auc
    assert auc is not None
    assert auc.value == 0.75
    assert auc.interval == pytest.approx((0.5676, 0.8727), abs=5e-5)


COUNTS = st.dictionaries(
    st.tuples(st.integers(-1, 5).map(Decimal), st.booleans()), st.integers(1, 12), max_size=14
).map(Counter)


@settings(max_examples=60)
@given(COUNTS)
def test_auc_is_the_share_of_pairs_that_are_in_order(ranks: Counter[tuple[Decimal, bool]]) -> None:
    buyers = [rank for (rank, bought), count in ranks.items() if bought for _ in range(count)]
    others = [rank for (rank, bought), count in ranks.items() if not bought for _ in range(count)]
    auc = measure_auc(ranks)
    if min(len(buyers), len(others)) < 10:
        assert auc is None
        return
    pairs = [(mine > theirs) + (mine == theirs) / 2 for mine in buyers for theirs in others]
    assert auc is not None
    assert auc.value == pytest.approx(sum(pairs) / len(pairs))
    assert auc.interval is None or 0 <= auc.interval.low <= auc.value <= auc.interval.high <= 1


def test_a_tier_that_bought_less_than_the_one_below_it_is_named() -> None:
    found = backtest(
        [
            *rated("A1", 3, bought=9, others=1),
            *rated("B1", 2, bought=10, others=40),
            *rated("C1", 1, bought=45, others=5),
            *rated("D1", 0, bought=16, others=24),
        ]
    )
    (one,) = found.inversions
    assert (one.better.label, one.worse.label, one.is_sure) == ("B", "C", True)


def test_a_small_difference_may_be_chance() -> None:
    found = backtest([*rated("A1", 3, bought=20, others=20), *rated("C1", 1, bought=21, others=19)])
    assert [one.is_sure for one in found.inversions] == [False]


def test_tiers_of_few_customers_are_not_compared() -> None:
    found = backtest([*rated("A1", 3, bought=0, others=29), *rated("D1", 1, bought=29, others=0)])
    assert not found.inversions


def test_whom_the_icp_disqualifies_ranks_below_all() -> None:
    icp: Icp = ICP
    against = FactSet({"order.count": 5, "order.return_share_12m": Decimal("0.95"), "order.late_days": 0})
    one = Rated.of(rate(icp, against), bought=True)
    assert one.label[0] == Tier.D
    assert one.rank == -1


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [(0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (5, 10, (0.2366, 0.7634)), (1, 1, (0.2065, 1))],
)
def test_wilson(hits: int, of: int, interval: Interval) -> None:
    assert wilson(hits, of) == pytest.approx(interval, abs=5e-5)
