"""What the cluster fits against what one machine fits on the same lines."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import numpy as np
import pytest

pytest.importorskip("pyspark", reason="the extra `spark` is not installed: pip install 'sales-assist[spark]'")

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyarrow import parquet
from scipy.sparse import csr_matrix

from recommender.als import Als, AlsSettings
from recommender.base import Owned, Query, Task
from recommender.errors import PurchasesError, TooLittleDataError
from recommender.evaluate import GATE_DAYS, Ranker, find_cases, rank_with
from recommender.habits import Habits
from recommender.interactions import Floats, Interactions, from_purchases
from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.measures import bootstrap
from recommender.model import SalesModel
from recommender.neighbours import Neighbours
from recommender.rp3beta import Rp3beta, Rp3betaSettings
from recommender.sources import Source
from recommender.spark.factors import fit_als
from recommender.spark.fitting import JOBS, refit
from recommender.spark.habits import measure_habits
from recommender.spark.lines import Lines
from recommender.spark.neighbours import fit_likeness
from recommender.spark.origin import Origin, open_scratch
from recommender.spark.reading import number_lines, open_origin
from recommender.spark.training import refit_model, train
from recommender.windows import Case, Window, cross_sell_cases, split
from tests.recommender.spark.planted import plant, shelve, write_lines

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.long
PURCHASES = plant(900, seed=1)
CATALOGUE = shelve()
K = 10


@pytest.fixture(scope="module")
def data() -> Interactions:
    return from_purchases(PURCHASES)


@pytest.fixture(scope="module")
def lines(session: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Lines:
    directory = tmp_path_factory.mktemp("lines")
    write_lines(PURCHASES, directory / "lines.parquet")
    return number_lines(open_origin(session, Origin(str(directory))), str(directory / "scratch"))


@pytest.fixture(scope="module")
def local(data: Interactions) -> SalesModel:
    return SalesModel.train(data, CATALOGUE)


def test_lines_are_numbered_as_on_one_machine(lines: Lines, data: Interactions) -> None:
    found = lines.sample(10**9)
    assert (found.customers, found.products, found.left_out) == (data.customers, data.products, data.left_out)
    for name in ("customer", "product", "day", "quantity"):
        assert np.array_equal(getattr(found, name), getattr(data, name), equal_nan=True)


def test_a_sample_has_whole_customers_and_is_the_same_every_time(lines: Lines, data: Interactions) -> None:
    first, second = lines.sample(len(data) // 3), lines.sample(len(data) // 3)
    assert np.array_equal(first.day, second.day, equal_nan=True)
    assert 0.2 < len(first) / len(data) < 0.5
    assert set(first.customers) < set(data.customers)
    whole = np.isin(np.array(data.customers)[data.customer], first.customers)
    assert whole.sum() == len(first)


@pytest.mark.parametrize(
    "source",
    [
        ItemItem(),
        ItemItem(ItemItemSettings(neighbours=20, fit_half_life=60, weighting="tfidf")),
        Together(ItemItemSettings(fit_half_life=120, weighting="cosine")),
        Rp3beta(Rp3betaSettings(alpha=0.8, beta=0.4, fit_half_life=60)),
    ],
)
def test_neighbours_are_those_of_one_machine(source: Neighbours, lines: Lines, data: Interactions) -> None:
    here, there = (one.arrays() for one in (source.fit(data), JOBS[type(source)](lines, source)))
    near, also = (csr_matrix((one["data"], one["indices"], one["indptr"])).toarray() for one in (here, there))
    assert overlap(near, also) >= 0.9
    assert np.allclose(near, also, rtol=1e-4)


def overlap(here: Floats, there: Floats) -> float:
    """The share of each product's ten nearest that both name, on average."""
    shares = []
    for one, other in zip(here, there, strict=True):
        best = set(np.argsort(-one, kind="stable")[:K].tolist()) & set(np.flatnonzero(one).tolist())
        also = set(np.argsort(-other, kind="stable")[:K].tolist())
        shares.append(len(best & also) / max(len(best), 1))
    return float(np.mean(shares))


@pytest.mark.parametrize(
    "chosen",
    [
        AlsSettings(factors=16, regularisation=5.0),
        AlsSettings(factors=16, fit_half_life=60),
        AlsSettings(regularisation=30.0),
    ],
)
def test_factors_are_as_good_as_those_of_one_machine(
    chosen: AlsSettings, lines: Lines, data: Interactions
) -> None:
    window = split(data, 40)
    here = ndcg(Als(chosen).fit(window.before), window)
    there = ndcg(fit_als(lines.before(window.cut), Als(chosen)), window)
    bounds = bootstrap(here)
    assert bounds.low <= there.mean() <= bounds.high


def ndcg(source: Source, window: Window) -> Floats:
    """Per cross-sell case."""

    def rank(case: Case) -> list[int]:
        scores = source.ask(case.history).scores(None).astype(np.float64)
        scores[case.history.codes] = -1
        best: list[int] = np.argsort(-scores, kind="stable").tolist()
        return best

    return gain(list(cross_sell_cases(window)), rank)


def test_one_purchase_is_enough_to_be_fitted_on(session: "SparkSession", tmp_path: Path) -> None:
    write_lines(PURCHASES[:1], tmp_path / "lines.parquet")
    found = number_lines(open_origin(session, Origin(str(tmp_path))), str(tmp_path / "scratch"))
    assert not fit_als(found, Als(AlsSettings(factors=4))).factors.any()
    assert not fit_likeness(found, ItemItem()).arrays()["data"].any()


def test_what_is_counted_is_equal(lines: Lines, data: Interactions, local: SalesModel) -> None:
    here = local.parts
    there = refit(here, lines, CATALOGUE, sample=data)
    assert there.fitted.trend.values == pytest.approx(here.fitted.trend.values)
    assert there.fitted.repeats.rate == pytest.approx(here.fitted.repeats.rate)
    assert there.fitted.repeats.cycle == pytest.approx(here.fitted.repeats.cycle)
    assert there.ladder.price == pytest.approx(here.ladder.price, nan_ok=True)
    assert np.array_equal(there.ladder.order, here.ladder.order)
    assert np.array_equal(there.inactive, here.inactive)
    assert np.array_equal(there.kinds.label, here.kinds.label)
    assert np.array_equal(there.kinds.alternative, here.kinds.alternative)
    assert there.kinds.crowding == pytest.approx(here.kinds.crowding)
    assert len(here.ladder.links) > 10
    assert np.array_equal(there.ladder.links, here.ladder.links)
    assert len(here.ladder.moves.pairs) > 100
    assert here.fitted.linked == there.fitted.linked == ("curated", "upgrades")
    for mine, theirs in zip(here.fitted.sources[-2:], there.fitted.sources[-2:], strict=True):
        assert all(np.array_equal(values, theirs.arrays()[name]) for name, values in mine.arrays().items())
    for one, other in ((here.ladder.moves, there.ladder.moves), (here.goes_with, there.goes_with)):
        assert (one.days, one.customers) == (other.days, other.customers)
        assert np.array_equal(one.buyers, other.buyers)
        assert np.array_equal(one.pairs, other.pairs)
        assert np.array_equal(one.also, other.also)


def test_kinds_are_bought_as_on_one_machine(lines: Lines, data: Interactions) -> None:
    _, family = CATALOGUE.families(data.products)
    here, there = Habits.of(data, family), measure_habits(lines, family)
    assert here.several.min() > 0
    assert (here.together > 0).any()
    for name in ("several", "together", "days"):
        assert np.array_equal(getattr(here, name), getattr(there, name))
    assert here.chance == pytest.approx(there.chance)


def test_the_artifact_is_one_like_any_other(lines: Lines, data: Interactions, tmp_path: Path) -> None:
    told: list[float] = []
    sampled = len(data) // 2
    model = train(lines, CATALOGUE, sampled=sampled, budget=1e6, progress=lambda _, done: told.append(done))
    model.save(tmp_path / "model")
    loaded = SalesModel.load(tmp_path / "model")
    history = tuple(Owned(line.product_id, line.at) for line in PURCHASES[:5] if line.product_id)
    query = Query(history=history, limit=5)
    found = loaded.recommend(query)
    assert found == model.recommend(query)
    assert len(found) == 5
    assert loaded.end == data.end
    assert loaded.report["engine"]["lines"] == len(data)
    assert loaded.report["looked_back"]["of_lines"] == len(data) > loaded.report["looked_back"]["lines"]
    assert loaded.report["looked_back"]["budget"] == 1e6
    assert any("learned on" in note for note in loaded.notes)
    assert told == sorted(told)


def test_the_model_is_as_good_as_that_of_one_machine(
    lines: Lines, data: Interactions, local: SalesModel
) -> None:
    window = split(data, GATE_DAYS)
    here = local.refit(window.before, CATALOGUE)
    there = refit_model(local, lines.before(window.cut), CATALOGUE, sample=window.before)
    for task in (Task.CROSS_SELL, Task.NEXT_BASKET, Task.UPSELL):
        cases = list(find_cases(window, here, task))
        assert len(cases) > 30
        one, other = (gain(cases, rank_with(model, window, task, K)) for model in (here, there))
        bounds = bootstrap(one)
        assert bounds.low <= other.mean() <= bounds.high


def gain(cases: Sequence[Case], rank: Ranker) -> Floats:
    """NDCG at ten, per case."""
    gains, found = 1 / np.log2(np.arange(2, K + 2)), []
    for case in cases:
        hit = np.isin(np.array(rank(case)[:K]), case.targets)
        found.append(gains[: len(hit)][hit].sum() / gains[: len(case.targets)].sum())
    return np.array(found)


def test_a_column_that_is_missing_is_named(session: "SparkSession", tmp_path: Path) -> None:
    parquet.write_table(pa.table({"customer_id": ["c"], "ts": [None]}), tmp_path / "lines.parquet")
    with pytest.raises(PurchasesError, match="no column order_id, product_id, quantity, unit_price"):
        open_origin(session, Origin(str(tmp_path)))
    with pytest.raises(PurchasesError, match="cannot be read"):
        open_origin(session, Origin(str(tmp_path / "nowhere")))


def test_nothing_but_returns_is_too_little(session: "SparkSession", tmp_path: Path) -> None:
    write_lines([PURCHASES[0]._replace(quantity=-1)], tmp_path / "lines.parquet")
    with pytest.raises(TooLittleDataError):
        number_lines(open_origin(session, Origin(str(tmp_path))), str(tmp_path / "scratch"))


def test_a_database_is_read_by_all_executors(session: "SparkSession", tmp_path: Path) -> None:
    driver = {"driver": "org.apache.derby.iapi.jdbc.AutoloadedDriver"}
    origin = Origin(f"jdbc:derby:jar:({make_database(session, tmp_path)})shop", "lines", driver)
    with open_scratch(session, tmp_path.as_uri()) as scratch:
        found = number_lines(open_origin(session, origin), scratch).sample(10)
    assert found.products == ("hat", "scarf")
    assert found.quantity.tolist() == [2, 1]
    assert not list(tmp_path.glob("sales-assist-*"))


def make_database(session: "SparkSession", directory: Path) -> Path:
    """Derby comes with Spark; packed, a database can be read by several processes at once."""
    java = session.sparkContext._jvm.java
    java.lang.System.setProperty("derby.stream.error.file", str(directory / "derby.log"))
    connection = java.sql.DriverManager.getConnection(f"jdbc:derby:{directory}/shop;create=true")
    statement = connection.createStatement()
    statement.execute(
        "create table lines (customer_id varchar(9), order_id varchar(9), ts timestamp, product_id varchar(9), "
        "quantity integer, unit_price decimal(9, 2))"
    )
    statement.execute(
        "insert into lines values ('c1', 'o1', timestamp('2024-01-02 10:00:00'), 'hat', 2, 9.5), "
        "('c1', 'o1', timestamp('2024-01-02 10:00:00'), 'scarf', 1, null)"
    )
    connection.close()
    with pytest.raises(Py4JJavaError, match="08006"):  # how Derby says that it has shut down
        java.sql.DriverManager.getConnection(f"jdbc:derby:{directory}/shop;shutdown=true")
    packed = directory / "shop.jar"
    with ZipFile(packed, "w") as archive:
        for path in (directory / "shop").rglob("*"):
            archive.write(path, path.relative_to(directory))
    return packed
