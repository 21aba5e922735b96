"""Trees over candidates, in a shop where prices tell more than neighbours."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from recommender.base import Offer, Owned, Query, Task
from recommender.blend import score
from recommender.candidates import tabulate
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.content import resemble, vectorise
from recommender.interactions import Interactions, Purchase, day_of, from_purchases
from recommender.model import SalesModel
from recommender.ranker import Ranker, Shape, place, refine
from recommender.sources import History
from recommender.tables import best_first
from recommender.testing import START
from recommender.windows import Case
from tests.recommender.tables import table_of

PRODUCTS = 240
DAYS = 230


def tastes() -> Interactions:
    """Everybody buys about what they always pay, and seldom; so few bought a product that neighbours tell
    little."""
    rng = np.random.default_rng(3)
    lines = []
    for day in range(DAYS):
        for customer in rng.choice(400, 8, replace=False).tolist():
            product = int(np.clip(customer * PRODUCTS / 400 + rng.integers(-4, 5), 0, PRODUCTS - 1))
            at = START + timedelta(days=day)
            lines.append(Purchase(f"c{customer}", f"{customer}/{day}", at, f"lamp {product}"))
    return from_purchases(lines)


def priced() -> Catalogue:
    return Catalogue(
        CatalogueItem(f"lamp {place}", name="A lamp", price=1.05**place, category="lamps")
        for place in range(PRODUCTS)
    )


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(tastes(), priced())


QUERY = Query(
    history=tuple(
        Owned(f"lamp {place}", START + timedelta(days=200 + day)) for day, place in enumerate((80, 83, 85))
    )
)


def test_trees_are_chosen_where_they_find_what_the_combination_cannot(model: SalesModel) -> None:
    quality = model.report["quality"]["cross_sell"]
    assert quality["chosen"] == "ranker"
    assert quality["methods"]["ranker"]["ndcg@10"]["low"] > quality["methods"]["blend"]["ndcg@10"]["mean"]


def test_what_is_ranked_first_costs_what_the_customer_pays(model: SalesModel) -> None:
    ranked = model.rank(QUERY, Task.CROSS_SELL)
    assert all(abs(int(product.split()[1]) - 83) < 10 for product, _ in ranked[:4])
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=True)


def known(model: SalesModel) -> Case:
    """The query as one of a window."""
    codes = np.array([model.parts.code[item.product_id] for item in QUERY.history])
    ages = np.array([model.end - day_of(item.at) for item in QUERY.history])
    return Case(0, History(codes, ages), np.array([0]))


@pytest.mark.parametrize("task", [Task.CROSS_SELL, Task.NEXT_BASKET])
def test_a_table_combines_features_as_an_answer_does(model: SalesModel, task: Task) -> None:
    parts, case = model.parts, known(model)
    table = tabulate(parts.fitted, [case], again=task is Task.NEXT_BASKET)
    served = parts.rank(parts.fitted.ask(case.history), task, np.zeros(PRODUCTS, np.bool_))
    assert score(table, parts.weights[task]) == pytest.approx(served[table.product], abs=1e-5)


def test_a_table_is_ranked_as_an_answer_is(model: SalesModel) -> None:
    parts = model.parts
    table = tabulate(parts.fitted, [known(model)], again=False)
    refined = refine(table, parts.weights["cross_sell"])
    ranked = parts.rankers["cross_sell"].predict(refined.features)
    best = np.argsort(-ranked, kind="stable")[:10]
    answer = model.rank(QUERY, Task.CROSS_SELL)
    assert [parts.products[code] for code in refined.product[best]] == [product for product, _ in answer]
    assert ranked[best] == pytest.approx([given for _, given in answer])


def test_saved_trees_answer_as_fitted_ones(model: SalesModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = SalesModel.load(tmp_path / "model")
    for task in (Task.CROSS_SELL, Task.NEXT_BASKET):
        assert loaded.rank(QUERY, task) == model.rank(QUERY, task)
    assert loaded.recommend(QUERY) == model.recommend(QUERY)


def test_ranked_products_have_causes_and_likelihoods(model: SalesModel) -> None:
    found = model.recommend(QUERY, kind=Offer.CROSS_SELL)
    assert found
    assert all(one.likelihood is not None and 0 < one.likelihood <= 1 for one in found)
    assert all(sum(cause.share for cause in one.because) == pytest.approx(1) for one in found if one.because)
    assert any(one.because for one in found)


def test_one_case_is_placed_as_among_many() -> None:
    rng = np.random.default_rng(1)
    features, blend = rng.random((30, 1)).astype(np.float32), rng.random(30)
    case = np.repeat([0, 1, 2], 10)
    _, together = place(features, ("like all",), blend, case)
    alone = [
        place(features[case == one], ("like all",), blend[case == one], np.zeros(10, np.int64))[1]
        for one in range(3)
    ]
    assert (together == np.concatenate(alone)).all()


def test_refining_keeps_the_best_of_each_case() -> None:
    features = np.arange(12, dtype=np.float32)[:, None]
    table = table_of(features, np.repeat([0, 1], 6), np.zeros(12, np.bool_))
    assert refine(table, {"x": 1.0}, 2).features[:, 0].tolist() == [4, 5, 10, 11]


def test_a_temperature_makes_sure_scores_bolder() -> None:
    rng = np.random.default_rng(2)
    features = rng.random((3_000, 1)).astype(np.float32)
    case = np.repeat(np.arange(300), 10)
    first = np.array([features[case == one, 0].argmax() + 10 * one for one in range(300)])
    table = table_of(features, case, np.isin(np.arange(3_000), first))
    ranker = Ranker.fit([table], Shape(leaves=5, trees=30))
    right = ranker.predict(features)
    noise = rng.random(3_000)
    assert Ranker.fit([table], Shape(leaves=5, trees=30)).text == ranker.text
    assert ranker.warmed([table], [right]).temperature > 10 * ranker.warmed([table], [noise]).temperature


def test_names_with_rare_words_in_common_are_alike() -> None:
    names = ("red lamp", "red lamp shade", "blue lamp", "blue lamp", "", "lamp")
    items = Catalogue(CatalogueItem(str(place), name=name) for place, name in enumerate(names))
    vectors = vectorise(tuple(items.items), items)
    likeness = resemble(vectors, np.arange(6), np.arange(6))
    assert likeness[0, 1] > likeness[0, 2] > 0
    assert likeness[2, 3] == pytest.approx(1)
    assert not likeness[4].any()
    assert np.allclose(likeness, likeness.T)


def test_the_best_are_found_without_sorting_all() -> None:
    scores = np.array([1.0, 3.0, -np.inf, 3.0, 2.0])
    assert best_first(scores, 3).tolist() == [1, 3, 4]
    assert best_first(scores, 9).tolist() == [1, 3, 4, 0]
