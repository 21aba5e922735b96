"""Random walks, step by step."""

import numpy as np
import pytest

from recommender.interactions import Floats
from recommender.rp3beta import Rp3beta, Rp3betaSettings
from tests.recommender.dense import random_shop, tabulate_weights


def walk_slowly(weights: Floats, every: Floats, alpha: float, beta: float) -> Floats:
    """`every`: the weights without fading."""
    customers, products = weights.shape
    found = np.zeros((products, products))
    for start in range(products):
        for customer in range(customers):
            there = (weights[customer, start] / every[:, start].sum()) ** alpha
            for end in range(products):
                back = (weights[customer, end] / every[customer].sum()) ** alpha
                found[start, end] += there * back / every[:, end].sum() ** beta
    np.fill_diagonal(found, 0)
    return found


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.5), (0.6, 0.0), (1.4, 0.9)])
@pytest.mark.parametrize("half_life", [None, 10.0])
def test_every_walk_of_three_steps_counts(alpha: float, beta: float, half_life: float | None) -> None:
    data = random_shop()
    source = Rp3beta(Rp3betaSettings(alpha=alpha, beta=beta, fit_half_life=half_life)).fit(data)
    expected = walk_slowly(tabulate_weights(data, half_life), tabulate_weights(data, None), alpha, beta)
    assert np.allclose(source.similarity.toarray(), expected, rtol=1e-5)


def test_the_nearest_of_each_product_are_kept() -> None:
    data = random_shop()
    kept = Rp3beta(Rp3betaSettings(neighbours=3)).fit(data).similarity.toarray()
    weights = tabulate_weights(data, None)
    expected = walk_slowly(weights, weights, 1.0, 0.5)
    for row, whole in zip(kept, expected, strict=True):
        assert np.allclose(np.sort(row)[-3:], np.sort(whole)[-3:], rtol=1e-5)
        assert np.count_nonzero(row) == 3
