"""The ways of measuring likeness, against implicit's own recommenders."""

from typing import Any

import numpy as np
import pytest
from implicit.nearest_neighbours import CosineRecommender
from scipy.sparse import csr_matrix

from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.weights import Weighting
from tests.recommender.dense import random_shop, tabulate_weights


def likeness(model: Any, weights: Any) -> Any:
    model.fit(csr_matrix(weights), show_progress=False)
    found = model.similarity.toarray()
    np.fill_diagonal(found, 0)
    return found


@pytest.mark.filterwarnings("ignore::implicit.utils.ParameterWarning")
@pytest.mark.parametrize("make", [ItemItem, Together])
@pytest.mark.parametrize("half_life", [None, 10.0])
def test_cosine_is_implicits(make: type[ItemItem], half_life: float | None) -> None:
    data = random_shop()
    source = make(ItemItemSettings(weighting="cosine", fit_half_life=half_life)).fit(data)
    weights = tabulate_weights(data, half_life, by_order=make.by_order)
    assert np.allclose(source.similarity.toarray(), likeness(CosineRecommender(K=20), weights), rtol=1e-5)


def test_tfidf_weighs_rare_customers_more() -> None:
    data = random_shop()
    source = ItemItem(ItemItemSettings(weighting="tfidf")).fit(data)
    weights = tabulate_weights(data, None)
    rarity = np.maximum(np.log(13 / (1 + (weights > 0).sum(axis=1))), 0.1)
    weighted = np.sqrt(weights) * rarity[:, None]
    weighted /= np.linalg.norm(weighted, axis=0)
    expected = weighted.T @ weighted
    np.fill_diagonal(expected, 0)
    assert np.allclose(source.similarity.toarray(), expected, rtol=1e-5)


@pytest.mark.parametrize("weighting", ["tfidf", "cosine"])
def test_settings_of_older_models_mean_bm25(weighting: Weighting) -> None:
    data = random_shop()
    older = {"neighbours": 200, "k1": 1.2, "b": 0.75, "fit_half_life": None, "query_half_life": None}
    source = ItemItem(ItemItemSettings()).fit(data)
    restored = ItemItem.restore(older, source.arrays())
    assert restored.chosen == source.chosen
    other = ItemItem(ItemItemSettings(weighting=weighting)).fit(data)
    assert not np.allclose(other.similarity.toarray(), source.similarity.toarray())
