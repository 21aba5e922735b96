"""EASE against its definition: each product's least-squares regression on all others."""

import numpy as np
import pytest

from recommender.ease import Ease, EaseSettings, EaseTogether
from recommender.interactions import Floats
from recommender.sources import History
from tests.recommender.dense import random_shop, tabulate_weights


def regress(matrix: Floats, penalty: float, near: list[list[int]] | None = None) -> Floats:
    """Ridge regression of each column on the others, or on those named for it."""
    size = matrix.shape[1]
    weights = np.zeros((size, size))
    for column in range(size):
        others = [place for place in (near[column] if near else range(size)) if place != column]
        left = matrix[:, others]
        square = left.T @ left + penalty * np.eye(len(others))
        weights[others, column] = np.linalg.solve(square, left.T @ matrix[:, column])
    return weights


@pytest.mark.parametrize("make", [Ease, EaseTogether])
@pytest.mark.parametrize("half_life", [None, 10.0])
def test_each_product_is_regressed_on_the_others(make: type[Ease], half_life: float | None) -> None:
    data = random_shop()
    source = make(EaseSettings(regularisation=0.5, fit_half_life=half_life)).fit(data)
    matrix = np.sqrt(tabulate_weights(data, half_life, by_order=make.by_order))
    penalty = 0.5 * (matrix**2).sum(axis=0).mean()
    assert np.allclose(source.similarity.toarray(), regress(matrix, penalty), atol=1e-6)


def test_a_large_catalogue_is_solved_by_neighbourhoods() -> None:
    data = random_shop()
    all_near = EaseSettings(neighbours=len(data.products), most_bytes=0)
    exact = Ease(EaseSettings(neighbours=len(data.products))).fit(data).similarity.toarray()
    assert np.allclose(Ease(all_near).fit(data).similarity.toarray(), exact, atol=1e-6)


def test_a_neighbourhood_is_regressed_on_alone() -> None:
    data = random_shop(products=30, lines=400)
    settings = EaseSettings(neighbours=6, regularisation=0.5, most_bytes=0)
    weights = Ease(settings).fit(data).similarity.toarray()
    matrix = np.sqrt(tabulate_weights(data, None))
    best = int((matrix**2).sum(axis=0).argmax())
    cosine = matrix.T @ matrix[:, best] / np.linalg.norm(matrix, axis=0)
    cosine[best] = np.inf
    near = np.argsort(-cosine)[:7].tolist()
    penalty = 0.5 * (matrix**2).sum(axis=0).mean()
    expected = regress(matrix, penalty, [near] * 30)[:, best]
    kept = weights[:, best] != 0
    assert kept.sum() >= 3
    assert np.allclose(weights[kept, best], expected[kept], atol=1e-6)
    assert (np.count_nonzero(weights, axis=1) <= 6).all()


def test_the_limit_is_what_the_whole_matrix_takes() -> None:
    data = random_shop(products=30, lines=400)
    bytes_needed = 8 * 30 * 30
    exact, enough, short = (
        Ease(EaseSettings(neighbours=4, most_bytes=most)).fit(data).similarity.toarray()
        for most in (1 << 29, bytes_needed, bytes_needed - 1)
    )
    assert np.array_equal(exact, enough)
    assert not np.allclose(exact, short)


def test_the_weights_furthest_from_zero_are_kept() -> None:
    data = random_shop()
    exact = Ease(EaseSettings()).fit(data).similarity.toarray()
    kept = Ease(EaseSettings(neighbours=3)).fit(data).similarity.toarray()
    for row, whole in zip(kept, exact, strict=True):
        assert np.count_nonzero(row) == 3
        assert np.abs(row[row != 0]).min() >= np.abs(whole[row == 0]).max()


def test_what_speaks_against_is_netted_and_cut_off_at_zero() -> None:
    data = random_shop()
    source = Ease(EaseSettings(regularisation=0.1)).fit(data)
    weights = source.similarity.toarray().astype(np.float64)
    assert (weights < 0).any()
    codes = np.array([0, 4, 4, 7])
    answer = source.ask(History(codes, np.zeros(4)))
    each = np.array([1.0, np.sqrt(2), 1.0])[:, None] * weights[[0, 4, 7]]
    assert np.allclose(answer.scores(None), np.maximum(each.sum(axis=0), 0))
    assert np.allclose(answer.parts(np.arange(12)), np.maximum(each, 0).T)
