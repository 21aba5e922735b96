"""Factors of many lines, begun on a part of them."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommender.als import AlsSettings, factorise
from recommender.interactions import Floats

CHOSEN = AlsSettings(factors=6, regularisation=2.0, alpha=3.0, iterations=14)


def make_purchases(customers: int = 400, products: int = 60, groups: int = 5) -> Any:
    """Customers buy most of their group's products, and a few of all."""
    rng = np.random.default_rng(0)
    alike = rng.integers(groups, size=customers)[:, None] == rng.integers(groups, size=products)
    bought = rng.random((customers, products)) < np.where(alike, 0.5, 0.05)
    return csr_matrix(bought.astype(np.float64))


def measure_loss(weighed: Any, factors: Floats, chosen: AlsSettings) -> float:
    """What is minimised (Hu, Koren, Volinsky 2008), with the customers that suit the products' factors best."""
    confidence = chosen.alpha * weighed.toarray()
    total = chosen.regularisation * float((factors**2).sum())
    for row in confidence:
        weight = np.where(row > 0, row, 1.0)
        square = (factors.T * weight) @ factors + chosen.regularisation * np.eye(factors.shape[1])
        customer = np.linalg.solve(square, factors.T @ (weight * (row > 0)))
        miss = (row > 0) - factors @ customer
        total += float(weight @ miss**2 + chosen.regularisation * customer @ customer)
    return total


def fit(weighed: Any, **changes: Any) -> float:
    chosen = AlsSettings(**{name: getattr(CHOSEN, name) for name in CHOSEN.__slots__} | changes)
    return measure_loss(weighed, factorise(weighed, chosen).astype(np.float64), chosen)


def test_begun_on_a_part_half_the_iterations_reach_what_all_would() -> None:
    weighed = make_purchases()
    whole, half, begun = fit(weighed), fit(weighed, iterations=7), fit(weighed, begun_on=weighed.nnz // 8)
    assert begun < whole + 0.1 * (half - whole)


def test_factors_begun_on_a_part_are_the_same_each_time() -> None:
    weighed = make_purchases(customers=60)
    chosen = AlsSettings(factors=4, begun_on=100)
    assert np.array_equal(factorise(weighed, chosen), factorise(weighed, chosen))


def test_one_customer_is_a_part_of_all() -> None:
    weighed = make_purchases(customers=1)
    assert np.isfinite(factorise(weighed, AlsSettings(factors=4, begun_on=1))).all()
