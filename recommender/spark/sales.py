"""What sells, lately and again: per product, by the measures of `recommender.trend` and `recommender.repeats`."""

from typing import Any

import numpy as np
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from recommender.interactions import Floats, Ints
from recommender.repeats import PRIOR, Repeats
from recommender.spark.arrays import scatter
from recommender.spark.lines import Lines
from recommender.trend import FIRST, SOLD, Trend

NEW = 30.0
YEAR = 365.0


def measure_trend(lines: Lines) -> tuple[Trend, Ints]:
    """And per product how many customers ever bought it."""
    size, rows = len(lines.products), _count_buyers(lines).toArrow()
    sold = [scatter(rows, f"sold {days}", size).astype(np.float64) for days in SOLD]
    new = [scatter(rows, f"first {days}", size).astype(np.float64) for days in FIRST]
    ever = scatter(rows, "ever", size)
    columns = [_scale(np.log1p(counts)) for counts in (*sold, *new)]
    columns += [_scale(counts) for counts in new]
    columns += [_scale(np.log1p(ever)), NEW / (NEW + scatter(rows, "oldest", size))]
    trend = Trend()
    trend.values = np.stack(columns, axis=1).astype(np.float32)
    return trend, ever


def _count_buyers(lines: Lines) -> DataFrame:
    known = F.when(F.col("day").isNotNull(), lines.age)
    pairs = lines.table.groupBy("customer", "product").agg(
        F.min(lines.age).alias("last"),
        F.coalesce(F.max(known), F.max(lines.age)).alias("first"),
        F.max(lines.age).alias("oldest"),
    )
    sold = [_count(F.col("last") <= days).alias(f"sold {days}") for days in SOLD]
    new = [_count(F.col("first") <= days).alias(f"first {days}") for days in FIRST]
    ever, oldest = F.count("*").alias("ever"), F.max("oldest").alias("oldest")
    return pairs.groupBy("product").agg(*sold, *new, ever, oldest)


def _count(condition: Any) -> Any:
    return F.sum(F.when(condition, 1).otherwise(0))


def _scale(values: Floats) -> Floats:
    return np.asarray(values / max(values.max(initial=0), 1e-12))


def measure_repeats(lines: Lines) -> Repeats:
    size, days = len(lines.products), _days_bought(lines)
    owned = days.groupBy("customer", "product").agg(F.count("*").alias("days"))
    counted = owned.groupBy("product").agg(
        F.count("*").alias("owners"), _count(F.col("days") > 1).alias("repeaters")
    )
    rows = counted.toArrow()
    owners, repeaters = scatter(rows, "owners", size), scatter(rows, "repeaters", size)
    mean = repeaters.sum() / max(owners.sum(), 1)
    repeats = Repeats()
    repeats.rate = (repeaters + PRIOR * mean) / (owners + PRIOR)
    repeats.cycle = _find_cycles(days, size)
    return repeats


def _days_bought(lines: Lines) -> DataFrame:
    """Distinct customer, product and calendar day; unknown days are one day."""
    return lines.table.select(
        "customer", "product", F.floor(F.coalesce(F.col("day"), F.lit(0.0))).alias("day")
    ).distinct()


def _find_cycles(days: DataFrame, size: int) -> Floats:
    """Medians from counts per length, so that no product's gaps have to be in one place."""
    before = F.lag("day").over(Window.partitionBy("customer", "product").orderBy("day"))
    gaps = days.withColumn("gap", F.col("day") - before).where("gap is not null")
    counted = gaps.groupBy("product", "gap").agg(F.count("*").alias("times")).cache()
    overall = counted.groupBy("gap").agg(F.sum("times").alias("times")).orderBy("gap").toArrow()
    cycle = np.full(size, _median(overall.column("gap").to_numpy(), overall.column("times").to_numpy()))
    product = Window.partitionBy("product")
    reached = F.sum("times").over(product.orderBy("gap"))
    half = F.floor(F.sum("times").over(product) / 2)
    middle = counted.select("product", "gap", reached.alias("reached"), half.alias("half")).where(
        "reached > half"
    )
    rows = middle.groupBy("product").agg(F.min("gap").alias("gap")).toArrow()
    cycle[rows.column("product").to_numpy()] = rows.column("gap").to_numpy()
    counted.unpersist()
    return cycle


def _median(gaps: Ints, times: Ints) -> float:
    """Of each gap as often as it was seen; a year where there is none."""
    if not len(gaps):
        return YEAR
    reached = np.cumsum(times)
    low, high = np.searchsorted(reached, [(reached[-1] - 1) // 2, reached[-1] // 2], "right")
    return float((gaps[low] + gaps[high]) / 2)
