"""Products bought by the same customers or in the same orders, by the measures of the sources of neighbours."""

import numpy as np
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from recommender.itemitem import ItemItem
from recommender.rp3beta import Rp3beta
from recommender.spark.arrays import stack
from recommender.spark.lines import Lines
from recommender.spark.matrix import purchase_matrix, row_of, sum_products, weigh_likeness, weigh_steps


def fit_likeness(lines: Lines, source: ItemItem) -> ItemItem:
    chosen, size, by_order = source.chosen, len(lines.products), source.by_order
    matrix = purchase_matrix(lines, chosen.fit_half_life, by_order=by_order)
    weighted = weigh_likeness(matrix, chosen, size, by_order=by_order)
    fitted = type(source)(chosen)
    fitted.similarity = stack(
        find_nearest(weighted, row_of(by_order=by_order), chosen.neighbours).toArrow(), size
    )
    return fitted


def fit_steps(lines: Lines, source: Rp3beta) -> Rp3beta:
    chosen, size, by_order = source.chosen, len(lines.products), source.by_order
    matrix = purchase_matrix(lines, chosen.fit_half_life, by_order=by_order)
    sums = sum_products(matrix, F.col("orders"), size)
    weighted = weigh_steps(matrix, chosen, sums, by_order=by_order)
    near = stack(find_nearest(weighted, row_of(by_order=by_order), chosen.neighbours).toArrow(), size)
    power = np.power(sums, chosen.beta - chosen.alpha, out=np.zeros(size), where=sums > 0)
    near.data *= np.repeat(power, np.diff(near.indptr))
    fitted = type(source)(chosen)
    fitted.similarity = near
    return fitted


def find_nearest(weighted: DataFrame, key: tuple[str, ...], count: int) -> DataFrame:
    """anchor, product, value: `neighbours.find_nearest` of the matrix with rows `key`."""
    basket = F.collect_list(F.struct("product", "weight")).alias("basket")
    ones = weighted.groupBy(*key).agg(basket).select("basket", F.explode("basket").alias("one"))
    pairs = ones.select("one", F.explode("basket").alias("other")).where("one.product <= other.product")
    value = F.sum(F.col("one.weight") * F.col("other.weight")).alias("value")
    found = pairs.groupBy(F.col("one.product").alias("a"), F.col("other.product").alias("b")).agg(value)
    there, back = (
        F.struct(F.col(anchor).alias("anchor"), F.col(product).alias("product"), "value")
        for anchor, product in (("a", "b"), ("b", "a"))
    )
    ways = F.when(F.col("a") < F.col("b"), F.array(there, back)).otherwise(F.array(there))
    return _rank(found.select(F.explode(ways).alias("pair")).select("pair.*"), count + 1)


def _rank(found: DataFrame, most: int) -> DataFrame:
    """The product itself takes part, as it does where implicit ranks, and is dropped after it."""
    best = Window.partitionBy("anchor").orderBy(F.desc("value"), F.desc("product"))
    kept = found.withColumn("place", F.row_number().over(best)).where(F.col("place") <= most)
    return kept.where("anchor != product and value > 0").select("anchor", "product", "value")
