"""Server time of the card and of the suggestions, by number of customers, beside a bare view and the model's
own products in the same run.

    python -m benchmarks.sidebar --data /var/tmp/assist-benchmark
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree

from sqlalchemy import delete, insert

from assist.app import build_desk
from assist.models.decision import Decision, Suggestion
from assist.models.training import ModelVersion
from assist.services import figures
from assist.store import schema
from benchmarks import serving
from benchmarks.catalogue import Goods
from benchmarks.cost import Cost, peak_memory, percentile
from benchmarks.model import train
from benchmarks.serving import Visit
from benchmarks.shop import Size, is_complete, note_complete, pour

SEED = 20_261
VERSION = "benchmark"
ROUND = 50
PARTS = ("bare", "card", "suggestions", "raw")


@dataclass(frozen=True, slots=True)
class Options:
    data: Path
    customers: tuple[int, ...]
    products: int
    lines: int
    """Of the largest shop; smaller ones have as many for each customer."""
    model_lines: int
    visits: int


def main() -> None:
    options = _read_options()
    goods = Goods.make(options.products, seed=SEED)
    model = _ensure_model(options, goods)
    folders = {size.customers: _ensure_shop(options, goods, size, model) for size in _sizes(options)}
    visits, memory = _measure(folders, options.visits)
    for customers, found in visits.items():
        _report(customers, found, memory[customers])
    if len(visits) > 1:
        _report_growth(visits[min(visits)], visits[max(visits)])


def _read_options() -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="where shops and model are kept between runs"
    )
    parser.add_argument("--customers", type=int, nargs="+", default=[18_000, 1_000_000])
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=10_000_000, help="of the largest shop")
    parser.add_argument("--model-lines", type=int, default=2_000_000, help="that the model is trained on")
    parser.add_argument("--visits", type=int, default=1_000, help="customers looked at in each shop")
    given = parser.parse_args()
    return Options(
        given.data, tuple(given.customers), given.products, given.lines, given.model_lines, given.visits
    )


def _sizes(options: Options) -> list[Size]:
    most = max(options.customers)
    return [Size(count, options.products, options.lines * count // most) for count in options.customers]


def _ensure_model(options: Options, goods: Goods) -> Path:
    directory = options.data / f"model-{options.products}-{options.model_lines}" / VERSION
    if not directory.exists():
        print(f"Training a model on {options.model_lines:,} lines …", flush=True)
        begun = time.process_time()
        train(
            goods,
            lines=options.model_lines,
            customers=max(options.customers),
            seed=SEED,
            directory=directory,
        )
        print(f"  took {time.process_time() - begun:.0f} s of processor time")
    return directory


def _ensure_shop(options: Options, goods: Goods, size: Size, model: Path) -> Path:
    folder = options.data / f"shop-{size.customers}-{size.products}-{size.lines}"
    if not is_complete(folder, size, seed=SEED):
        print(f"Making a shop of {size.customers:,} customers and {size.lines:,} lines …", flush=True)
        rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _make_shop(folder, goods, size)
        note_complete(folder, size, seed=SEED)
    _forget_visits(folder)
    link = folder / "models"
    link.unlink(missing_ok=True)
    link.symlink_to(model.parent.resolve(), target_is_directory=True)
    return folder


def _forget_visits(folder: Path) -> None:
    """Of earlier runs, perhaps of an earlier version: a customer with decisions behind them is looked back on."""
    desk = build_desk(serving.config_of(folder))
    schema.upgrade(desk.database.engine)
    with desk.database.engine.begin() as database:
        database.execute(delete(Suggestion))
        database.execute(delete(Decision))
    desk.database.engine.dispose()


def _make_shop(folder: Path, goods: Goods, size: Size) -> None:
    desk = build_desk(serving.config_of(folder))
    schema.upgrade(desk.database.engine)
    with desk.database.engine.connect() as database:
        # Unsafe against power cuts, for the filling only: it can be done again.
        database.connection.cursor().execute("PRAGMA synchronous=OFF")
    now = desk.clock.now()
    version = {"version": VERSION, "trained_at": now, "promoted_at": now, "verdict": "-"}
    with desk.database.engine.begin() as database:
        lines = pour(database, goods, size, seed=SEED)
        database.execute(insert(ModelVersion), version)
    begun = time.process_time()
    figures.compute(desk.database, now)
    print(f"  {lines:,} lines; its figures took {time.process_time() - begun:.0f} s", flush=True)
    desk.database.engine.dispose()


def _measure(folders: dict[int, Path], count: int) -> tuple[dict[int, list[Visit]], dict[int, int]]:
    """A process for each shop, and rounds that take turns: what else the machine does falls on all alike."""
    pools = {customers: _start(folder) for customers, folder in folders.items()}
    rng = random.Random(time.time_ns())
    visits: dict[int, list[Visit]] = {customers: [] for customers in folders}
    for number in range(-1, -(-count // ROUND)):
        for customers, pool in pools.items():
            chosen = [rng.randint(1, customers) for _ in range(ROUND)]
            found = pool.submit(serving.visit_all, chosen, f"{rng.random()}").result()
            if number >= 0:  # the round before the first warms up
                visits[customers] += found
    memory = {customers: pool.submit(peak_memory).result() for customers, pool in pools.items()}
    for pool in pools.values():
        pool.shutdown()
    return visits, memory


def _start(folder: Path) -> ProcessPoolExecutor:
    fresh = get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=fresh, initializer=serving.open_shop, initargs=(folder,))


def _report(customers: int, visits: Sequence[Visit], memory: int) -> None:
    offered = statistics.mean(visit.shown > 0 for visit in visits)
    print(f"\n{customers:,} customers, {len(visits):,} visits, peak memory {memory:,} MB, ", end="")
    print(f"{offered:.0%} were offered something")
    print(f"{'':12} {'wall, ms':>24}   {'processor, ms':>24}")
    print(f"{'':12} {'p50':>8}{'p95':>8}{'p99':>8}   {'p50':>8}{'p95':>8}{'p99':>8}")
    for part in PARTS:
        wall, cpu = _both(visits, part)
        print(f"{part:12} {_row(wall)}   {_row(cpu)}")
    for name, pick in (("wall", _wall), ("processor", _cpu)):
        p95 = {part: percentile(map(partial(pick, part), visits), 95) for part in PARTS}
        card = p95["card"] / p95["bare"]
        allowed = 3 * p95["raw"] + p95["card"]
        print(f"by {name:9}  card p95 = {card:.1f} × bare p95 (wanted: at most 6);", end=" ")
        print(f"suggestions p95 = {p95['suggestions'] / allowed:.2f} × (3 × raw + card) (at most 1)")


def _report_growth(few: Sequence[Visit], many: Sequence[Visit]) -> None:
    print()
    for name, pick in (("wall", _wall), ("processor", _cpu)):
        for part in ("card", "suggestions"):
            ratio = _p95(many, part, pick) / _p95(few, part, pick)
            print(f"by {name:9}  {part} p95, most customers ÷ fewest = {ratio:.2f} (wanted: at most 1.3)")


def _p95(visits: Sequence[Visit], part: str, pick: Callable[[str, Visit], float]) -> float:
    return percentile(map(partial(pick, part), visits), 95)


def _wall(part: str, visit: Visit) -> float:
    cost: Cost = getattr(visit, part)
    return cost.wall


def _cpu(part: str, visit: Visit) -> float:
    cost: Cost = getattr(visit, part)
    return cost.cpu


def _both(visits: Sequence[Visit], part: str) -> tuple[list[float], list[float]]:
    return [_wall(part, visit) for visit in visits], [_cpu(part, visit) for visit in visits]


def _row(seconds: Sequence[float]) -> str:
    return "".join(f"{1000 * percentile(seconds, share):8.2f}" for share in (50, 95, 99))


if __name__ == "__main__":
    main()
