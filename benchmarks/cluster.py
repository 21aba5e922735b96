"""What the Spark engine costs per line: CPU seconds and shuffled bytes of each job, from Spark's own event log.

    python -m benchmarks.cluster --customers 20000 --products 20000

Counts CPU time of tasks, so that other work on the machine does not change the result much.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from recommender.als import Als, AlsSettings
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.evidence import trim
from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.spark.factors import fit_als
from recommender.spark.neighbours import fit_likeness
from recommender.spark.origin import Origin
from recommender.spark.pairs import count_pairs, fit_ladder
from recommender.spark.reading import number_lines, open_origin
from recommender.spark.sales import measure_repeats, measure_trend
from recommender.spark.session import open_session
from recommender.training import COUNTED_NEIGHBOURS, GOES_WITH_DAYS

EACH, ORDER, YEARS = 100, 5, 3
"""Lines per customer, lines per order, and the time they span."""
DAY = 86_400_000_000


@click.command()
@click.option("--customers", default=20_000, show_default=True)
@click.option("--products", default=20_000, show_default=True)
@click.option("--partitions", default=8, show_default=True)
@click.option("--master", default="local[2]", show_default=True)
def main(customers: int, products: int, partitions: int, master: str) -> None:
    with TemporaryDirectory() as place:
        events = Path(place) / "events"
        events.mkdir()
        write_lines(Path(place) / "lines.parquet", customers, products)
        settings = {
            "spark.driver.memory": "6g",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": events.as_uri(),
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.compress": "false",
            "spark.log.level": "ERROR",
            "spark.sql.shuffle.partitions": str(partitions),
            "spark.ui.enabled": "false",
        }
        with open_session(master, settings) as session:
            run(session, place, products)
        tell(events, customers * EACH)


def write_lines(path: Path, customers: int, products: int) -> None:
    """Products fall off as in most shops: the r-th sells in proportion to 1 / (r + 10)."""
    rng, size = np.random.default_rng(0), customers * EACH
    share = 1 / (np.arange(products) + 10)
    product = rng.choice(products, size, p=share / share.sum())
    customer = np.repeat(np.arange(customers), EACH)
    order = np.arange(size) // ORDER
    at = rng.integers(0, YEARS * 365 * DAY, size // ORDER)[order]
    columns = {
        "customer_id": pa.array(customer).cast("string"),
        "order_id": pa.array(order).cast("string"),
        "ts": pa.array(at, pa.timestamp("us", "UTC")),
        "product_id": pa.array(product).cast("string"),
        "quantity": np.ones(size),
        "unit_price": 5.0 + product % 97,
    }
    parquet.write_table(pa.table(columns), path, row_group_size=size // 8)


def run(session: Any, place: str, products: int) -> None:
    @contextmanager
    def job(name: str) -> Iterator[None]:
        session.sparkContext.setLocalProperty("assist.job", name)
        yield

    catalogue = Catalogue(CatalogueItem(str(one), family=f"family {one // 20}") for one in range(products))
    with job("number"):
        lines = number_lines(open_origin(session, Origin(f"{place}/lines.parquet")), f"{place}/scratch")
        _ = lines.span
    with job("trend"):
        _, buyers = measure_trend(lines)
    with job("repeats"):
        measure_repeats(lines)
    with job("itemitem"):
        near = fit_likeness(lines, ItemItem(ItemItemSettings()))
    with job("together"):
        fit_likeness(lines, Together(ItemItemSettings()))
    customers, wanted = lines.population, trim(near.similarity, COUNTED_NEIGHBOURS)
    with job("goes with"):
        count_pairs(lines, GOES_WITH_DAYS, wanted=wanted, buyers=buyers, customers=customers)
    with job("ladder"):
        fit_ladder(lines, catalogue, buyers=buyers, customers=customers)
    with job("als"):
        fit_als(lines, Als(AlsSettings()))


def tell(events: Path, lines: int) -> None:
    named: dict[int, str] = {}
    spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for path in events.iterdir():
        for one in map(json.loads, path.read_text().splitlines()):
            if one["Event"] == "SparkListenerStageSubmitted":
                named[one["Stage Info"]["Stage ID"]] = one["Properties"].get("assist.job", "")
            elif one["Event"] == "SparkListenerTaskEnd" and (told := one.get("Task Metrics")):
                into = spent[named[one["Stage ID"]]]
                into["cpu"] += told["Executor CPU Time"] / 1e9
                into["shuffled"] += told["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                into["spilled"] += told["Disk Bytes Spilled"]
    print(f"{lines:,} lines")
    print(f"{'job':10} {'CPU s':>8} {'µs/line':>8} {'shuffled MB':>12} {'bytes/line':>11} {'spilled MB':>11}")
    for name, figures in spent.items():
        cpu, shuffled = figures["cpu"], figures["shuffled"]
        print(
            f"{name:10} {cpu:8.1f} {cpu / lines * 1e6:8.2f} {shuffled / 1e6:12.1f} {shuffled / lines:11.1f} "
            f"{figures['spilled'] / 1e6:11.1f}"
        )


if __name__ == "__main__":
    main()
