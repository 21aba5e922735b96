"""Order lines from Parquet or over JDBC, checked and numbered, kept as Parquet for all jobs of one training."""

from math import nan
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from recommender.errors import PurchasesError, TooLittleDataError
from recommender.interactions import SECONDS_A_DAY, LeftOut
from recommender.purchases import COLUMNS
from recommender.spark.lines import Lines
from recommender.spark.origin import Origin

PLACE_BITS = 33
"""monotonically_increasing_id keeps the partition above, the row below."""
TYPES = {"customer_id": "string", "order_id": "string", "product_id": "string"} | {
    "ts": "timestamp",
    "quantity": "double",
    "unit_price": "double",
}


def open_origin(session: SparkSession, origin: Origin) -> DataFrame:
    """COLUMNS in their types. Raises PurchasesError where they cannot be had."""
    reader = session.read.options(**origin.options)
    try:
        if origin.address.startswith("jdbc:"):
            found = reader.format("jdbc").options(url=origin.address, dbtable=origin.table or "lines").load()
        else:
            found = reader.parquet(origin.address)
    except Exception as error:
        what = error.getCondition() if isinstance(error, AnalysisException) else type(error).__name__
        raise PurchasesError(f"{origin.name}: cannot be read ({what}); check address and driver") from error
    named = {name.lower(): name for name in found.columns}
    absent = [name for name in COLUMNS if name not in named]
    if absent:
        raise PurchasesError(f"{origin.name}: no column {', '.join(absent)}; it needs {', '.join(COLUMNS)}")
    return found.select(*(F.col(f"`{named[name]}`").cast(TYPES[name]).alias(name) for name in COLUMNS))


def number_lines(raw: DataFrame, scratch: str) -> Lines:
    """Reads the origin once. `scratch`: a directory that all executors reach. Raises TooLittleDataError."""
    session = raw.sparkSession
    raw.withColumn("reason", _reason()).write.mode("overwrite").parquet(f"{scratch}/told")
    told = session.read.parquet(f"{scratch}/told")
    kept = told.where("reason is null")
    products, product_codes = _number_products(kept)
    if not products:
        raise TooLittleDataError("no purchases: the origin has no line of a known customer")
    customers = _number_customers(kept, f"{scratch}/customers")
    merged = _merge(kept).join(F.broadcast(product_codes), "product_id").join(customers, "customer_id")
    columns = ("customer", "product", "order", "day", "quantity", "price")
    merged.select(*columns).write.mode("overwrite").parquet(f"{scratch}/lines")
    # A number of its own keeps Spark from merging partitions, which would cost every later job its shuffle.
    partitions = int(session.conf.get("spark.sql.shuffle.partitions"))
    table = session.read.parquet(f"{scratch}/lines").repartition(partitions, "customer")
    return Lines(
        table=table.persist(StorageLevel.DISK_ONLY),
        products=products,
        customers=customers,
        population=customers.count(),
        left_out=_count_reasons(told),
    )


def _reason() -> Any:
    """Why a line is no purchase; null where it is one. The same order of questions as on one machine."""
    quantity = F.col("quantity")
    return (
        F.when(F.coalesce(F.col("customer_id"), F.lit("")) == "", "no_customer")
        .when(F.coalesce(F.col("product_id"), F.lit("")) == "", "no_product")
        .when(~((quantity > 0) & (quantity < float("inf"))) | quantity.isNull(), "returns")
    )


def _count_reasons(told: DataFrame) -> LeftOut:
    rows = told.where("reason is not null").groupBy("reason").count().collect()
    return LeftOut(**{row[0]: row[1] for row in rows})


def _number_products(kept: DataFrame) -> tuple[tuple[str, ...], DataFrame]:
    found = kept.select("product_id").distinct().toArrow().column(0).to_pylist()
    products = tuple(sorted(found))
    codes = pa.table({"product_id": list(products), "product": np.arange(len(products), dtype=np.int32)})
    return products, kept.sparkSession.createDataFrame(codes)


def _number_customers(kept: DataFrame, path: str) -> DataFrame:
    """customer_id, customer: the position among the sorted ids."""
    ids = kept.select("customer_id").distinct().repartitionByRange("customer_id")
    placed = ids.sortWithinPartitions("customer_id").withColumn("place", F.monotonically_increasing_id())
    placed.write.mode("overwrite").parquet(path)
    session = kept.sparkSession
    found = session.read.parquet(path)
    part = F.shiftright("place", PLACE_BITS)
    sizes = found.groupBy(part.alias("part")).count().orderBy("part").toArrow()
    counts = sizes.column("count").to_numpy()
    starts = session.createDataFrame(
        pa.table({"part": sizes.column("part"), "start": np.cumsum(counts) - counts})
    )
    row = F.col("place").bitwiseAND((1 << PLACE_BITS) - 1)
    numbered = found.withColumn("part", part).join(F.broadcast(starts), "part")
    return numbered.select("customer_id", (F.col("start") + row).cast("int").alias("customer"))


def _merge(kept: DataFrame) -> DataFrame:
    """The first line of each customer, order and product, and its quantity with the others' added."""
    lines = kept.select(
        "customer_id",
        "product_id",
        F.xxhash64(_order()).alias("order"),
        # NaN sorts behind every known value, where null would sort before it.
        F.coalesce(_day(), F.lit(nan)).alias("day"),
        "quantity",
        F.coalesce(F.col("unit_price"), F.lit(nan)).alias("price"),
    )
    first = F.min(F.struct("day", "quantity", "price")).alias("first")
    merged = (
        lines.repartition("customer_id")
        .groupBy("customer_id", "order", "product_id")
        .agg(first, F.sum("quantity").alias("quantity"))
    )
    return merged.select("customer_id", "order", "product_id", "quantity", _known("day"), _known("price"))


def _order() -> Any:
    """All of a customer's lines of one moment are one order where it has no number."""
    unnamed = F.coalesce(F.col("order_id"), F.lit("")) == ""
    moment = F.concat(F.lit("@"), F.coalesce(_day().cast("string"), F.lit("nan")))
    return F.when(unnamed, moment).otherwise(F.col("order_id"))


def _day() -> Any:
    return F.unix_micros("ts") / 1e6 / SECONDS_A_DAY


def _known(name: str) -> Any:
    value = F.col(f"first.{name}")
    return F.when(~F.isnan(value), value).alias(name)
