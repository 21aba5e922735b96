"""Who bought what after what: `recommender.evidence` and the moves of `recommender.upsell`, counted on the cluster."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from recommender.catalogue import Catalogue
from recommender.evidence import Counts
from recommender.interactions import Floats, Ints
from recommender.spark.arrays import scatter, spread
from recommender.spark.lines import Lines
from recommender.upsell import DAYS, LEAST_STEP, MOST_STEP, STORED, Ladder, _climb, find_links

BUSIEST = 2_000
"""Of a customer with more dated purchases only so many, the latest, are paired: a wholesaler counts once per pair
anyway, and the work grows with the square."""


def count_pairs(lines: Lines, days: int, *, wanted: Any, buyers: Ints, customers: int) -> Counts:
    """`wanted`: a sparse matrix that holds the pairs to keep."""
    kept, events = wanted.tocoo(), _events(lines)
    named = pa.table({"anchor": kept.row.astype(np.int32), "product": kept.col.astype(np.int32)})
    pairs = lines.table.sparkSession.createDataFrame(named)
    found = _count_customers(_follow(events, events, ("customer",), days)).join(pairs, ["anchor", "product"])
    return _gather(found, days, buyers, customers)


def find_prices(lines: Lines, catalogue: Catalogue) -> Floats:
    """`Catalogue.prices`: the list price, else the median that was paid, else NaN."""
    median = lines.table.where("price > 0").groupBy("product").agg(F.median("price").alias("price")).toArrow()
    paid = scatter(median, "price", len(lines.products))
    found = (catalogue.find(product) for product in lines.products)
    listed = np.array([item.price if item and item.price and item.price > 0 else np.nan for item in found])
    return np.where(np.isnan(listed), np.where(paid > 0, paid, np.nan), listed)


def fit_ladder(lines: Lines, catalogue: Catalogue, *, buyers: Ints, customers: int) -> Ladder:
    family, price = catalogue.families(lines.products)[1], find_prices(lines, catalogue)
    shelf = spread(lines.table.sparkSession, family=family, price=price)
    shelf = shelf.where("family >= 0 and not isnan(price)").withColumnRenamed("price", "asked")
    links = find_links(lines.products, catalogue, price)
    events = _events(lines).join(F.broadcast(shelf), "product")
    moved = _follow(events, events, ("customer", "family"), DAYS, dearer=True)
    most = Window.partitionBy("anchor").orderBy(F.desc("also"), "product")
    kept = (
        _count_customers(moved).withColumn("place", F.row_number().over(most)).where(F.col("place") <= STORED)
    )
    return Ladder(family, price, _climb(family, price), _gather(kept, DAYS, buyers, customers), links)


def _events(lines: Lines) -> DataFrame:
    """Dated purchases, one per customer, product and calendar day."""
    dated = lines.table.where("day is not null")
    days = dated.select("customer", "product", F.floor("day").cast("int").alias("day")).distinct()
    latest = Window.partitionBy("customer").orderBy(F.desc("day"), "product")
    return (
        days.withColumn("place", F.row_number().over(latest)).where(F.col("place") <= BUSIEST).drop("place")
    )


def _follow(
    before: DataFrame, after: DataFrame, key: tuple[str, ...], days: int, *, dearer: bool = False
) -> DataFrame:
    """customer, anchor, product: bought on the anchor's day or in the `days` days after it."""
    one, other = before.alias("one"), after.alias("other")
    same = [F.col(f"one.{name}") == F.col(f"other.{name}") for name in key]
    gap = F.col("other.day") - F.col("one.day")
    rules = [*same, gap >= 0, gap <= days, F.col("one.product") != F.col("other.product")]
    if dearer:
        asked, more = F.col("one.asked"), F.col("other.asked")
        rules += [more >= LEAST_STEP * asked, more <= MOST_STEP * asked]
    columns = (F.col("one.customer"), F.col("one.product").alias("anchor"), F.col("other.product"))
    return one.join(other, rules).select(*columns)


def _count_customers(pairs: DataFrame) -> DataFrame:
    return pairs.distinct().groupBy("anchor", "product").agg(F.count("*").alias("also"))


def _gather(found: DataFrame, days: int, buyers: Ints, customers: int) -> Counts:
    rows = found.select("anchor", "product", "also").toArrow()
    anchor, product, also = (rows.column(name).to_numpy() for name in ("anchor", "product", "also"))
    pairs = anchor.astype(np.int64) * len(buyers) + product
    order = np.argsort(pairs)
    return Counts(days, customers, buyers, pairs[order], also[order].astype(np.int32))
