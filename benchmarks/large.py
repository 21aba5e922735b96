"""Ten million purchases: the final fit beside plain implicit ALS, and answers beside the sources' own products."""

import gc
import os
import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.catalogue import Goods
from benchmarks.cost import Cost, peak_memory, percentile, spend
from benchmarks.synthetic import make_catalogue, make_interactions
from recommender.base import Owned, Query, Task
from recommender.interactions import Interactions, moment
from recommender.model import SalesModel

SEED = 20_263
FACTORS, ITERATIONS = 64, 15
TUNED_ON = 400_000
"""Lines of the customers that settings and combinations come from; they take no part in what is timed."""
ANSWERS, WARM = 500, 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    customers: int
    products: int
    lines: int


@dataclass(frozen=True, slots=True)
class Fit:
    cost: Cost
    megabytes: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer: the sources' products alone, the list alone, and all kinds with reasons."""

    raw: Cost
    ranked: Cost
    explained: Cost


@dataclass(frozen=True, slots=True)
class Result:
    implicit: Fit
    ours: Fit
    visits: tuple[Visit, ...]


def measure(folder: Path, size: Size) -> Result:
    """Each in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = _apart(_make, folder, size)
    print(f"{lines:,} lines made; tuning on a part of the customers …", flush=True)
    _apart(_tune, folder, size)
    print("Fitting …", flush=True)
    implicit, ours = _apart(_fit_implicit, folder, size), _apart(_fit_ours, folder, size)
    return Result(implicit, ours, tuple(_apart(_answer, folder, size)))


def tell(result: Result) -> Iterator[str]:
    yield "| | processor, s | wall, s | peak memory, MB |"
    yield "|---|---|---|---|"
    for name, fit in (("implicit ALS", result.implicit), ("sales-assist, final fit", result.ours)):
        yield f"| {name} | {fit.cost.cpu:.1f} | {fit.cost.wall:.1f} | {fit.megabytes:,} |"
    ratio = [getattr(result.ours.cost, by) / getattr(result.implicit.cost, by) for by in ("cpu", "wall")]
    yield f"\nfinal fit = {ratio[0]:.2f} × implicit ALS by processor, {ratio[1]:.2f} by wall (wanted: at most 2)\n"
    yield "| one answer | processor, ms, p50 | p95 | wall p50 | p95 |"
    yield "|---|---|---|---|---|"
    for name in ("raw", "ranked", "explained"):
        costs = [getattr(visit, name) for visit in result.visits]
        yield f"| {name} | {' | '.join(_percentiles(costs))} |"
    for name in ("ranked", "explained"):
        both = [_compare(result.visits, name, by) for by in ("cpu", "wall")]
        yield f"\n{name} p95 = {both[0]:.2f} × raw p95 by processor, {both[1]:.2f} by wall (wanted: at most 3)"


def _percentiles(costs: Sequence[Cost]) -> list[str]:
    spent = ([cost.cpu for cost in costs], [cost.wall for cost in costs])
    return [f"{1000 * percentile(found, share):.2f}" for found in spent for share in (50, 95)]


def _compare(visits: Sequence[Visit], name: str, by: str) -> float:
    spent = [[getattr(getattr(visit, part), by) for visit in visits] for part in (name, "raw")]
    return percentile(spent[0], 95) / percentile(spent[1], 95)


def _apart(work: Callable[[Path, Size], T], folder: Path, size: Size) -> T:
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, folder, size).result()


def _make(folder: Path, size: Size) -> int:
    goods = Goods.make(size.products, seed=SEED)
    data = make_interactions(goods, customers=size.customers, lines=size.lines, seed=SEED)
    with (folder / "lines.pickle").open("wb") as file:
        pickle.dump(data, file)
    return len(data)


def _load(folder: Path) -> Interactions:
    with (folder / "lines.pickle").open("rb") as file:
        data: Interactions = pickle.load(file)
    return data


def _tune(folder: Path, size: Size) -> None:
    data = _load(folder)
    share = min(TUNED_ON / len(data), 1.0)
    chosen = np.random.default_rng(SEED).random(size.customers) < share
    goods = Goods.make(size.products, seed=SEED)
    SalesModel.train(data.rows(chosen[data.customer]), make_catalogue(goods)).save(folder / "tuned")


def _fit_implicit(folder: Path, _size: Size) -> Fit:
    from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - in no process but its own
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - the same

    data = _load(folder)
    shape = (len(data.customers), len(data.products))

    def fit() -> None:
        matrix = csr_matrix((np.ones(len(data), np.float32), (data.customer, data.product)), shape)
        model = AlternatingLeastSquares(factors=FACTORS, iterations=ITERATIONS, num_threads=1, random_state=0)
        model.fit(matrix, show_progress=False)

    return Fit(spend(fit), peak_memory())


def _fit_ours(folder: Path, size: Size) -> Fit:
    tuned, data = SalesModel.load(folder / "tuned"), _load(folder)
    catalogue = make_catalogue(Goods.make(size.products, seed=SEED))
    fitted: list[SalesModel] = []
    cost = spend(lambda: fitted.append(tuned.refit(data, catalogue)))
    peak = peak_memory()
    fitted[0].save(folder / "fitted")
    return Fit(cost, peak)


def _answer(folder: Path, _size: Size) -> list[Visit]:
    model, data = SalesModel.load(folder / "fitted"), _load(folder)
    bounds, bought = data.bounds(), np.unique(data.customer)
    chosen = np.random.default_rng(SEED).choice(bought, min(ANSWERS + WARM, len(bought)), replace=False)
    queries = [_query(data, slice(bounds[one], bounds[one + 1])) for one in chosen.tolist()]
    order = random.Random(SEED)
    gc.collect()
    gc.freeze()  # as the server does once it has read its model
    return [_visit(model, query, order) for query in queries][WARM:]


def _visit(model: SalesModel, query: Query, chance: random.Random) -> Visit:
    """In an order of chance: the first finds nothing of the customer's products in the processor's caches."""
    work: dict[str, Callable[[], object]] = {
        "raw": lambda: model.raw_scores(query),
        "ranked": lambda: model.rank(query, Task.CROSS_SELL),
        "explained": lambda: model.recommend(query),
    }
    order = chance.sample(sorted(work), len(work))
    return Visit(**{name: spend(work[name]) for name in order})


def _query(data: Interactions, span: slice) -> Query:
    columns = (data.product[span].tolist(), data.day[span].tolist(), data.quantity[span].tolist())
    history = tuple(
        Owned(data.products[product], moment(day), quantity)
        for product, day, quantity in zip(*columns, strict=True)
    )
    return Query(history=history, now=moment(np.ceil(data.end)))
