"""How products of one kind are bought: `recommender.habits`, counted on the cluster."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.habits import Habits
from recommender.interactions import Ints
from recommender.spark.arrays import scatter, spread
from recommender.spark.lines import Lines


def measure_habits(lines: Lines, kind: Ints) -> Habits:
    """`Habits.of`."""
    size = int(kind.max(initial=-1)) + 1
    shelf = F.broadcast(spread(lines.table.sparkSession, kind=kind))
    dated = lines.table.where("day is not null")
    bought = (
        dated.select("customer", F.floor("day").alias("day"), "product").distinct().join(shelf, "product")
    )
    bought = bought.cache()
    days = _count_days(bought)
    owned = bought.where("kind >= 0").groupBy("customer", "kind")
    several = owned.agg(F.countDistinct("product").alias("held")).where("held > 1")
    together = days.where("held > 1").select("customer", "kind").distinct()
    found = Habits(
        several=_tell(several.groupBy("kind").agg(F.count("*").alias("value")), size),
        together=_tell(together.groupBy("kind").agg(F.count("*").alias("value")), size),
        days=_tell(days.where("held > 1").groupBy("kind").agg(F.count("*").alias("value")), size),
        chance=_tell(days.groupBy("kind").agg(F.sum("chance").alias("value")), size),
    )
    bought.unpersist()
    return found


def _count_days(bought: DataFrame) -> DataFrame:
    """Per day and kind, how many of its products were bought, and how likely chance brings a second of them."""
    everything = F.lit(max(bought.count(), 1))
    shares = bought.groupBy("kind").agg((F.count("*") / everything).alias("share"))
    amounts = bought.groupBy("customer", "day").agg(F.count("*").alias("amount"))
    held = bought.where("kind >= 0").groupBy("customer", "day", "kind").agg(F.count("*").alias("held"))
    beside = held.join(amounts, ["customer", "day"]).join(F.broadcast(shares), "kind")
    return beside.withColumn("chance", 1 - F.pow(1 - F.col("share"), F.col("amount") - 1))


def _tell(found: DataFrame, size: int) -> Ints:
    """Per kind."""
    return scatter(found.withColumnRenamed("kind", "product").toArrow(), "value", size)
