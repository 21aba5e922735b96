"""What is ours of BPR: how a history is folded in, how old purchases fade, that two fits are the same."""

import numpy as np

from recommender.bpr import Bpr, BprSettings
from recommender.interactions import from_purchases
from recommender.sources import History
from recommender.testing import checkerboard
from tests.recommender.dense import START, random_shop

SMALL = BprSettings(factors=6, iterations=40)


def test_two_fits_with_one_seed_are_the_same() -> None:
    data = random_shop()
    first, second = Bpr(SMALL).fit(data), Bpr(SMALL).fit(data)
    assert np.array_equal(first.factors, second.factors)
    assert np.array_equal(first.fold, second.fold)


def test_a_history_is_folded_in_as_the_mean_of_its_products() -> None:
    data = random_shop()
    source = Bpr(SMALL).fit(data)
    ages = np.array([0.0, 10.0, 10.0])
    answer = source.asked_with(10.0).ask(History(np.array([3, 5, 7]), ages))
    customer = (source.factors[3] * 2 + source.factors[5] + source.factors[7]) / 4 @ source.fold
    assert np.allclose(answer.scores(None), np.maximum(source.factors @ customer, 0), atol=1e-5)


def test_the_map_finds_the_side_that_a_customer_is_on() -> None:
    data = from_purchases(checkerboard())
    source = Bpr(BprSettings(factors=6, iterations=200)).fit(data)
    even = np.array([int(product.split()[1]) % 2 == 0 for product in data.products])
    codes = np.flatnonzero(even)[:3]
    scores = source.ask(History(codes, np.zeros(3))).scores(None)
    assert scores[even].min() > scores[~even].max()


def test_what_faded_is_no_longer_fitted_on() -> None:
    lines = checkerboard()
    once = [line._replace(product_id="once", order_id="once", at=START.replace(year=1990)) for line in lines]
    data = from_purchases([*lines, *once])
    for half_life, known in ((None, True), (30.0, False)):
        source = Bpr(BprSettings(factors=6, iterations=20, fit_half_life=half_life)).fit(data)
        assert source.factors[data.products.index("once")].any() is np.bool_(known)
