"""Between tables of the cluster and the arrays of an artifact."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from scipy.sparse import csr_matrix

from recommender.interactions import Floats, Ints


def scatter(rows: Any, column: str, size: int) -> Ints:
    """`rows`: an Arrow table with `product`. By product; 0 for one that has no row."""
    values = rows.column(column).to_numpy()
    found = np.zeros(size, values.dtype)
    found[rows.column("product").to_numpy()] = values
    return found


def spread(session: SparkSession, **columns: Floats) -> DataFrame:
    """A table with one row per product, `product` and these columns, for joining by broadcast."""
    size = len(next(iter(columns.values())))
    return session.createDataFrame(pa.table({"product": np.arange(size, dtype=np.int32), **columns}))


def stack(rows: Any, size: int) -> Any:
    """`rows`: an Arrow table of anchor, product, value. csr float32, anchors × products."""
    names = ("value", "anchor", "product")
    value, anchor, product = (rows.column(name).to_numpy() for name in names)
    matrix = csr_matrix((value.astype(np.float32), (anchor, product)), (size, size))
    matrix.sort_indices()
    return matrix
