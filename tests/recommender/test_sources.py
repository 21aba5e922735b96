import numpy as np
import pytest

from recommender.als import Als, AlsSettings
from recommender.blend import fit, score
from recommender.interactions import Interactions, from_purchases
from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.repeats import Repeats
from recommender.sources import History, Source
from recommender.testing import checkerboard
from recommender.trend import FEATURES, Trend
from recommender.weights import decay
from tests.recommender.tables import table_of


@pytest.fixture(scope="module")
def data() -> Interactions:
    return from_purchases(checkerboard())


def history(data: Interactions, *products: int) -> History:
    codes = [data.products.index(f"product {product}") for product in products]
    return History(np.array(codes), np.arange(len(codes), dtype=np.float64))


@pytest.mark.parametrize("source", [ItemItem(), Together(), Als(AlsSettings(factors=8, regularisation=1.0))])
def test_parts_add_up_to_the_score(source: Source, data: Interactions) -> None:
    answer = source.fit(data).ask(history(data, 2, 4, 4, 8))
    parts, scores = answer.parts(np.arange(20)), answer.scores(None)
    assert parts.shape == (20, 3)
    assert (parts.sum(axis=1) >= scores - 1e-5).all()
    assert np.allclose(answer.scores(np.array([3, 7])), scores[[3, 7]])


@pytest.mark.parametrize("source", [ItemItem(), Als(AlsSettings(factors=8, regularisation=1.0))])
def test_like_goes_with_like(source: Source, data: Interactions) -> None:
    scores = source.fit(data).ask(history(data, 2, 4, 8)).scores(None)
    even = np.array([int(product.split()[1]) % 2 == 0 for product in data.products])
    assert scores[even].min() > scores[~even].max()


def test_an_old_purchase_weighs_less(data: Interactions) -> None:
    source = ItemItem(ItemItemSettings(query_half_life=1)).fit(data)
    shares = source.ask(history(data, 2, 4)).parts(np.array([data.products.index("product 8")]))
    newer, older = data.products.index("product 2"), data.products.index("product 4")
    assert shares[0, int(newer > older)] > shares[0, int(older > newer)]
    assert decay(np.array([0.0, 1.0, 2.0]), 1).tolist() == [1, 0.5, 0.25]
    assert decay(np.array([0.0, 9.0]), None).tolist() == [1, 1]


def test_folding_in_gives_the_vector_that_fitting_gave(data: Interactions) -> None:
    source = Als(AlsSettings(factors=6, regularisation=1.0, iterations=60)).fit(data)
    bounds = data.bounds()
    span = slice(bounds[0], bounds[1])
    ages = data.ages(data.end)[span]
    scores = source.ask(History(data.product[span].astype(np.int64), ages)).scores(None)
    owned = np.isin(np.arange(20), data.product[span])
    assert scores[owned].min() > 0.5
    assert scores[owned].mean() == pytest.approx(0.9, abs=0.1)


def test_a_first_purchase_is_told_from_a_repeat() -> None:
    lines = checkerboard()
    data = from_purchases(
        [*lines, lines[0]._replace(order_id="again", at=max(line.at for line in lines if line.at))]
    )
    values = Trend().fit(data).values
    assert values.shape == (20, len(FEATURES))
    assert (values >= 0).all()
    assert (values <= 1).all()
    rate = Repeats().fit(data).rate
    assert int(rate.argmax()) == data.products.index(lines[0].product_id or "")


def test_a_combination_is_learned_from_choices() -> None:
    rng = np.random.default_rng(0)
    features = rng.random((400, 2)).astype(np.float32)
    case = np.repeat(np.arange(100), 4)
    best = features[:, 0].reshape(100, 4).argmax(axis=1) + np.arange(100) * 4
    chosen = np.isin(np.arange(400), best)
    table = table_of(features, case, chosen, names=("useful", "noise"))
    weights = fit(table, ridge=1e-3, rising=("noise",))
    assert weights["useful"] > 5 * weights["noise"] >= 0
    assert table.judge(score(table, weights)).mean > 0.95
