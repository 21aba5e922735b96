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


def most_alike(matrix: Floats, most: int, nearest: int) -> list[list[int]]:
    """For each column those with the highest cosine to it among the most bought, itself apart."""
    square = matrix.T @ matrix
    head = np.argsort(-square.diagonal(), kind="stable")[:most]
    cosines = square / np.sqrt(np.outer(square.diagonal(), square.diagonal()))
    others = [head[head != column] for column in range(len(square))]
    return [some[np.argsort(-cosines[column, some])][:nearest].tolist() for column, some in enumerate(others)]


@pytest.mark.parametrize(("most", "nearest"), [(29, 29), (29, 5), (12, 5), (12, 12)])
def test_of_a_large_catalogue_each_product_is_regressed_on_the_most_alike_of_the_most_bought(
    most: int, nearest: int
) -> None:
    data = random_shop(products=30, lines=400)
    settings = EaseSettings(
        neighbours=30, regularisation=0.5, fit_half_life=9.7, most_bytes=8 * most**2, nearest=nearest
    )
    matrix = np.sqrt(tabulate_weights(data, 9.7))
    penalty = 0.5 * (matrix**2).sum(axis=0).mean()
    # Of the most bought a product that is one of them leaves one less.
    near = most_alike(matrix, most, min(nearest, most - 1))
    weights = Ease(settings).fit(data).similarity.toarray()
    assert np.allclose(weights, regress(matrix, penalty, near), atol=1e-6)


def test_of_each_products_weights_on_others_the_furthest_from_zero_are_kept() -> None:
    data = random_shop(products=30, lines=400)
    every, some = (
        Ease(EaseSettings(neighbours=count, most_bytes=8 * 20**2, nearest=10)).fit(data).similarity.toarray()
        for count in (30, 4)
    )
    assert (np.count_nonzero(some, axis=1) <= 4).all()
    assert np.allclose(np.abs(some).max(axis=1), np.abs(every).max(axis=1))


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
