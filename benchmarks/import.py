"""Lines per second of `assist crm sync` over a folder of CSV exports, beside Python's csv module and executemany
over the same file of order lines in the same run.

    python -m benchmarks.import --data /var/tmp/assist-benchmark
"""

import argparse
import csv
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree

import numpy as np

from benchmarks import catalogue, shop
from benchmarks.catalogue import Goods
from benchmarks.customers import Piece, make_pieces

SEED = 20_262
HEADER = ("order", "customer", "date", "product", "quantity", "price")
LINES = "lines.csv"
MAPPING = """\
currency: EUR
customers:
  - file: customers.csv
    columns: {id: id, name: name, email: email, email_verified: {constant: "yes"}, country: country}
products:
  file: products.csv
  columns: {id: id, name: name, family: family, category: category, price: price}
order_lines:
  file: lines.csv
  columns: {order: order, customer: customer, date: date, product: product, quantity: quantity, unit_price: price}
"""
TABLE = "CREATE TABLE line (number TEXT, customer TEXT, at TEXT, product TEXT, quantity REAL, price REAL)"


@dataclass(frozen=True, slots=True)
class Run:
    """A process from its start to its end."""

    wall: float
    cpu: float
    megabytes: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="where the files are kept between runs")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=1)
    given = parser.parse_args()
    exports = _ensure_exports(given.data / f"exports-{given.lines}-{given.products}", given)
    for _ in range(given.repeat):
        plain = _measure(_insert_plainly, exports, given.data / "plain.sqlite")
        again, full = _sync(exports, given.data / "import")
        _report("csv + executemany", plain, given.lines)
        _report("assist crm sync", full, given.lines)
        print(f"  ratio: {plain.wall / full.wall:.3f} by wall, {plain.cpu / full.cpu:.3f} by processor")
        _report("the same again, nothing new", again, given.lines)


def _ensure_exports(folder: Path, given: argparse.Namespace) -> Path:
    if not (folder / "mapping.yaml").exists():
        print(f"Writing {given.lines:,} lines …", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        goods = Goods.make(given.products, seed=SEED)
        customers = given.lines // 9
        _write(folder / "products.csv", ("id", "name", "family", "category", "price"), _products(goods))
        _write(folder / "customers.csv", ("id", "name", "email", "country"), map(_customer, range(customers)))
        lines = (
            line
            for piece in make_pieces(goods, customers=customers, seed=SEED)
            for line in _lines(piece, goods)
        )
        _write(folder / LINES, HEADER, islice(lines, given.lines))
        (folder / "mapping.yaml").write_text(MAPPING)
    return folder


def _write(path: Path, header: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _products(goods: Goods) -> Iterator[tuple[object, ...]]:
    for product, price in enumerate(goods.price.tolist()):
        group = catalogue.category(int(goods.category[product]))
        yield (
            catalogue.sku(product),
            catalogue.name(product),
            catalogue.family(product),
            group,
            f"{price:.2f}",
        )


def _customer(number: int) -> tuple[object, ...]:
    country, _ = shop.COUNTRIES[number % len(shop.COUNTRIES)]
    return f"C{number}", f"Customer {number}", shop.email(number), country


def _lines(piece: Piece, goods: Goods) -> Iterator[tuple[object, ...]]:
    days = np.datetime_as_string(piece.order_at, unit="s").tolist()
    who = piece.order_customer.tolist()
    columns = (piece.line_order.tolist(), piece.product.tolist(), piece.quantity.tolist())
    for order, product, quantity in zip(*columns, strict=True):
        number, customer = f"O{piece.first}-{order}", f"C{piece.first + who[order]}"
        yield number, customer, days[order], catalogue.sku(product), quantity, f"{goods.price[product]:.2f}"


def _insert_plainly(exports: Path, path: Path) -> None:
    """The least that could be done: no types, no checks, no keys, no second file, one transaction."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database, (exports / LINES).open(newline="") as file:
        database.execute(TABLE)
        rows = csv.reader(file)
        next(rows)
        database.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", rows)


def _sync(exports: Path, home: Path) -> tuple[Run, Run]:
    """The second sync, and the first."""
    rmtree(home, ignore_errors=True)
    rmtree(exports / ".assist-index", ignore_errors=True)
    environment = os.environ | {"ASSIST_DATA_DIR": str(home)}
    _assist(environment, "setup", "--no-sample")
    _assist(environment, "crm", "add", "exports", "--adapter", "csvfiles", "--set", f"path={exports}")
    full = _measure(_assist, environment, "crm", "sync", "exports")
    return _measure(_assist, environment, "crm", "sync", "exports"), full


def _assist(environment: Mapping[str, str], *words: str) -> None:
    command = [sys.executable, "-m", "assist", *words]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _measure(work: Callable[..., None], *arguments: object) -> Run:
    """In a child process, so that its memory is its own."""
    begun = time.perf_counter()
    child = get_context("fork").Process(target=work, args=arguments)
    child.start()
    assert child.pid is not None
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, status
    return Run(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def _report(what: str, run: Run, lines: int) -> None:
    print(
        f"{what:28} {run.wall:8.1f} s, {lines / run.wall:9,.0f} lines/s by wall, "
        f"{lines / run.cpu:9,.0f} by processor, peak memory {run.megabytes:,} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
