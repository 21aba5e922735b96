"""Customers (or orders) × products on the cluster, with the weights of `recommender.weights` and `rp3beta`."""

from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from recommender.interactions import Floats
from recommender.itemitem import ItemItemSettings
from recommender.rp3beta import Rp3betaSettings
from recommender.spark.arrays import scatter, spread
from recommender.spark.lines import Lines
from recommender.weights import FLOOR

WIDEST = 500
"""Of a customer or order with more products only so many, bought last, make pairs: pairs grow with the square, and
nobody is asked about with a longer history either."""


def row_of(*, by_order: bool) -> tuple[str, ...]:
    return ("customer", "order") if by_order else ("customer",)


def purchase_matrix(lines: Lines, half_life: float | None, *, by_order: bool = False) -> DataFrame:
    """customer, (order,) product; value: the decayed number of orders that hold it; orders: not decayed; age: of
    the last of them."""
    weight = F.lit(1.0) if half_life is None else F.pow(F.lit(2.0), -lines.age / half_life)
    return lines.table.groupBy(*row_of(by_order=by_order), "product").agg(
        F.sum(weight).alias("value"), F.count("*").alias("orders"), F.min(lines.age).alias("age")
    )


def sum_products(matrix: DataFrame, values: Any, size: int) -> Floats:
    rows = matrix.groupBy("product").agg(F.sum(values).cast("double").alias("sum")).toArrow()
    return scatter(rows, "sum", size)


def weigh_likeness(matrix: DataFrame, chosen: ItemItemSettings, size: int, *, by_order: bool) -> DataFrame:
    """The row's key, product, weight."""
    row, value = Window.partitionBy(*row_of(by_order=by_order)), F.col("value")
    matrix = matrix.withColumn("held", F.count("*").over(row))
    rarity = F.greatest(F.log(F.lit(1.0 + size) / (1 + F.col("held"))), F.lit(FLOOR))
    if chosen.weighting == "tfidf":
        return _scale(_cut(matrix.withColumn("weight", F.sqrt(value) * rarity), by_order=by_order), size)
    if chosen.weighting == "cosine":
        return _scale(_cut(matrix.withColumn("weight", value), by_order=by_order), size)
    sums = sum_products(matrix, value, size)
    length = (1 - chosen.b) + chosen.b * sums / (sums.mean() or 1.0)
    weight = value * (chosen.k1 + 1) / (chosen.k1 * F.col("length") + value) * rarity
    return _cut(_join(matrix, length=length).withColumn("weight", weight), by_order=by_order)


def weigh_steps(matrix: DataFrame, chosen: Rp3betaSettings, sums: Floats, *, by_order: bool) -> DataFrame:
    """`rp3beta.walk`; `sums`: of the orders, per product."""
    row = Window.partitionBy(*row_of(by_order=by_order))
    left = F.pow(F.sum("orders").over(row), F.lit(-chosen.alpha / 2))
    held_back = np.power(sums, -chosen.beta, out=np.zeros(len(sums)), where=sums > 0)
    weight = F.pow(F.col("value"), F.lit(chosen.alpha)) * left * F.col("held_back")
    return _cut(_join(matrix, held_back=held_back).withColumn("weight", weight), by_order=by_order)


def _join(matrix: DataFrame, **columns: Floats) -> DataFrame:
    return matrix.join(F.broadcast(spread(matrix.sparkSession, **columns)), "product")


def _scale(matrix: DataFrame, size: int) -> DataFrame:
    """Each product at unit length."""
    weight: Column = F.col("weight")
    lengths = np.sqrt(sum_products(matrix, weight * weight, size))
    return _join(matrix, length=lengths).withColumn("weight", weight / F.col("length"))


def _cut(matrix: DataFrame, *, by_order: bool) -> DataFrame:
    key = row_of(by_order=by_order)
    latest = Window.partitionBy(*key).orderBy("age", "product")
    kept = matrix.withColumn("place", F.row_number().over(latest)).where(F.col("place") <= WIDEST)
    return kept.select(*key, "product", "weight")
