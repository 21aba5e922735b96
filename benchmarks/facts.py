"""The facts of all customers in one run, beside reading the same rows by the same statements alone.

python -m benchmarks.facts --data /var/tmp/assist-benchmark
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

from assist.app import build_desk
from assist.services import figures, fill
from assist.services.desk import Desk
from assist.store import schema
from assist.store.histories import list_cases, list_histories, list_siblings, stream_customers
from benchmarks.catalogue import Goods
from benchmarks.cost import Cost, peak_memory, spend
from benchmarks.serving import config_of
from benchmarks.shop import Size, is_complete, note_complete, pour

SEED = 20_261
"""The sidebar's: its shops serve here as well."""
MOST_MEMORY = 2_048
"""Megabytes."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    customers: int
    lines: int
    cost: Cost
    megabytes: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="where shops are kept between runs")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    given = parser.parse_args()
    size = Size(given.customers, given.products, given.lines)
    folder = given.data / f"shop-{size.customers}-{size.products}-{size.lines}"
    if not is_complete(folder, size, seed=SEED):
        print(f"Making a shop of {size.customers:,} customers and {size.lines:,} lines …", flush=True)
        _apart(_make, folder, size)
    _report(_apart(_read, folder, size), _apart(_know, folder, size))


def _make(folder: Path, size: Size) -> None:
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    desk = build_desk(config_of(folder))
    schema.upgrade(desk.database.engine)
    with desk.database.engine.connect() as database:
        # Unsafe against power cuts, for the filling only: it can be done again.
        database.connection.cursor().execute("PRAGMA synchronous=OFF")
    with desk.database.engine.begin() as database:
        pour(database, Goods.make(size.products, seed=SEED), size, seed=SEED)
    figures.compute(desk.database, desk.clock.now())
    note_complete(folder, size, seed=SEED)


def _apart(work: Callable[[Path, Size], T], folder: Path, size: Size) -> T:
    """In a process of its own, whose memory is its alone."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, folder, size).result()


def _read(folder: Path, size: Size) -> Run:
    """The rows and nothing else."""
    desk, lines = build_desk(config_of(folder)), 0

    def read() -> None:
        nonlocal lines
        with desk.database.reading() as session:
            for customers in stream_customers(session):
                siblings = list_siblings(session, customers)
                others = [one.id for one in chain.from_iterable(siblings.values())]
                histories = list_histories(session, customers, others, placed_by=None)
                list_cases(session, customers, others, opened_by=None)
                lines += sum(map(len, histories.values()))

    cost = spend(read)
    return Run(size.customers, lines, cost, peak_memory())


def _know(folder: Path, size: Size) -> Run:
    """As `assist facts refresh` does."""
    desk: Desk = build_desk(config_of(folder))
    cost = spend(lambda: fill.refresh(desk))
    return Run(size.customers, 0, cost, peak_memory())


def _report(rows: Run, facts: Run) -> None:
    print("| | processor, s | wall, s | customers a second of processor | peak memory, MB |")
    print("|---|---|---|---|---|")
    for name, run in (("rows alone", rows), ("facts", facts)):
        rate = run.customers / run.cost.cpu
        print(f"| {name} | {run.cost.cpu:.0f} | {run.cost.wall:.0f} | {rate:,.0f} | {run.megabytes:,} |")
    by = [getattr(facts.cost, name) / getattr(rows.cost, name) for name in ("cpu", "wall")]
    print(f"\n{rows.customers:,} customers, {rows.lines:,} lines;", end=" ")
    print(f"facts = {by[0]:.1f} × rows alone by processor, {by[1]:.1f} by wall")
    print(f"peak memory {facts.megabytes:,} MB (wanted: under {MOST_MEMORY:,})")


if __name__ == "__main__":
    main()
