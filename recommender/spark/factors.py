"""Latent factors by Spark ML, brought to the scale that histories are folded in with.

Both minimise Σ c (p - x·y)² plus a penalty (Hu, Koren, Volinsky 2008), but

- Spark's confidence is 1 + α · rating where implicit's is α · rating itself: ratings are handed over as c - 1 with
  α = 1. Where implicit trusts a purchase less than one that never was (c < 1), Spark takes the nearer of the two it
  can express: bought with a confidence of 1 from c = 1/2 on, never bought below;
- Spark's penalty on a row is λ · n with n its number of ratings (Zhou et al. 2008), implicit's r is the same for all
  rows. A penalty per user and one per item act through their product only, so λ is what makes the product equal
  to implicit's for the row of the average rating: λ = r / √(n_u · n_i) with n = Σn² / Σn;
- of factors that are both scaled, x by s and y by 1 / s, the fold-in needs the pair whose users' penalty is r itself:
  y is multiplied by √(r / (λ · n_u)). In that scale Spark's penalty on a product is r · n / n_i, so that rare ones
  are held back less than by implicit, which shows where factors alone rank. Most of what a product's row is solved
  with is G = Σ x·xᵀ over all customers, so (G + r n / n_i) y of Spark's y is solved again with G + r.
"""

import numpy as np
from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from recommender.als import Als, AlsSettings
from recommender.interactions import Floats, Ints
from recommender.spark.arrays import scatter, spread
from recommender.spark.lines import Lines
from recommender.spark.matrix import purchase_matrix
from recommender.weights import FLOOR, Bm25

ENOUGH_CUSTOMERS = 500_000
LEAST_CONFIDENCE = 0.5
LEAST_RATING = 1e-6
"""Above zero Spark takes a rating for a purchase."""
CUSTOMERS_A_BLOCK, PRODUCTS_A_BLOCK, MOST_PARALLEL = 100_000, 20_000, 64
"""Each customer's factors go to every block of products that holds one of theirs, so these must be few."""


def fit_als(lines: Lines, source: Als) -> Als:
    chosen = source.chosen
    matrix = purchase_matrix(lines, chosen.fit_half_life)
    weighting = measure_weighting(lines, matrix, chosen)
    ratings = _rate(matrix, weighting, chosen.alpha).cache()
    factors = np.zeros((len(lines.products), chosen.factors), np.float32)
    if not ratings.isEmpty():  # which it is where every purchase is trusted too little, as with one customer
        factors = _factorise(ratings, chosen, _count_blocks(lines), len(lines.products))
    ratings.unpersist()
    return restore_als(chosen, weighting, factors)


def _factorise(ratings: DataFrame, chosen: AlsSettings, blocks: tuple[int, int], size: int) -> Floats:
    """Products × factors, float32."""
    counts = scatter(ratings.groupBy("product").count().toArrow(), "count", size).astype(np.float64)
    per_user, per_item = _average_count(ratings), float((counts**2).sum() / counts.sum())
    penalty = chosen.regularisation / float(np.sqrt(per_user * per_item))
    model = ALS(
        rank=chosen.factors,
        maxIter=chosen.iterations,
        regParam=penalty,
        implicitPrefs=True,
        alpha=1.0,
        userCol="customer",
        itemCol="product",
        ratingCol="rating",
        numUserBlocks=blocks[0],
        numItemBlocks=blocks[1],
        seed=chosen.seed,
    ).fit(ratings)
    scale = float(np.sqrt(chosen.regularisation / (penalty * per_user)))
    codes, found = _gather(model.itemFactors)
    factors = np.zeros((size, chosen.factors))
    factors[codes] = found * scale
    gram = _measure_gram(model.userFactors) / scale**2
    return _penalise_alike(factors, gram, counts / per_item, chosen.regularisation).astype(np.float32)


def _measure_gram(customers: DataFrame) -> Floats:
    """Factors × factors: Σ x·xᵀ, from a part of the customers where there are many."""
    every = customers.count()
    drawn = F.pmod(F.xxhash64("id"), F.lit(max(every // ENOUGH_CUSTOMERS, 1))) == 0
    _, found = _gather(customers.where(drawn))
    return np.asarray(found.T @ found * (every / max(len(found), 1)))


def _penalise_alike(factors: Floats, gram: Floats, counts: Floats, penalty: float) -> Floats:
    """`counts`: ratings per product, 1 where penalties are equal already."""
    values, vectors = np.linalg.eigh(gram)
    values = np.maximum(values, 0)
    held_back = (values + penalty * counts[:, np.newaxis]) / (values + penalty)
    return np.asarray(factors @ vectors * held_back @ vectors.T)


def _gather(found: DataFrame) -> tuple[Ints, Floats]:
    """Ids, and their factors as rows."""
    rows = found.select("id", "features").toArrow()
    vectors = rows.column("features").combine_chunks().flatten().to_numpy().astype(np.float64)
    return rows.column("id").to_numpy(), vectors.reshape(len(rows), -1)


def _count_blocks(lines: Lines) -> tuple[int, int]:
    parallel = lines.table.sparkSession.sparkContext.defaultParallelism
    users = max(parallel, lines.population // CUSTOMERS_A_BLOCK)
    return users, max(min(parallel, MOST_PARALLEL), len(lines.products) // PRODUCTS_A_BLOCK)


def restore_als(chosen: AlsSettings, weighting: Bm25, factors: Floats) -> Als:
    """The local source with factors that were fitted elsewhere."""
    source = Als(chosen)
    wide = factors.astype(np.float64)
    source.weighting, source.factors = weighting, factors
    source.gram = wide.T @ wide + chosen.regularisation * np.eye(factors.shape[1])
    return source


def measure_weighting(lines: Lines, matrix: DataFrame, chosen: AlsSettings) -> Bm25:
    size, height = len(lines.products), lines.population
    counted = (
        matrix.groupBy("product").agg(F.count("*").alias("holders"), F.sum("value").alias("sum")).toArrow()
    )
    holders, total = scatter(counted, "holders", size), float(scatter(counted, "sum", size).sum())
    rarity = np.maximum(np.log((1 + height) / (1 + holders)), FLOOR)
    return Bm25(chosen.k1, chosen.b, total / max(height, 1) or 1.0, rarity)


def _rate(matrix: DataFrame, weighting: Bm25, alpha: float) -> DataFrame:
    """customer, product, rating: confidence less one."""
    rarity = spread(matrix.sparkSession, rarity=weighting.rarity)
    total = F.sum("value").over(Window.partitionBy("customer"))
    length = (1 - weighting.b) + weighting.b * total / weighting.mean
    value = F.col("value")
    weight = value * (weighting.k1 + 1) / (weighting.k1 * length + value) * F.col("rarity")
    trusted = matrix.join(F.broadcast(rarity), "product").withColumn("confidence", alpha * weight)
    rating = F.greatest(F.col("confidence") - 1, F.lit(LEAST_RATING)).cast("float").alias("rating")
    return trusted.where(F.col("confidence") >= LEAST_CONFIDENCE).select("customer", "product", rating)


def _average_count(ratings: DataFrame) -> float:
    """The customer's number of ratings for the average rating."""
    count = F.col("count").cast("double")
    row = ratings.groupBy("customer").count().agg(F.sum(count * count), F.sum(count)).first()
    return float(row[0] / row[1])
