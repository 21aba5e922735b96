"""Order lines on the cluster: what Interactions are on one machine."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from recommender.interactions import Interactions, LeftOut

SHARES = 1_000_000
"""Samples of customers are told apart by so many values of a hash."""


@dataclass(frozen=True)
class Lines:
    """One row per customer, order and product; partitioned by customer, so that what is counted per
    customer needs no shuffle."""

    table: DataFrame
    """customer int, product int (positions in the sorted ids), order long, day double (null where unknown),
    quantity double, price double (null where unknown)."""
    products: tuple[str, ...]
    customers: DataFrame
    """customer_id string, customer int."""
    population: int
    """Customers in all, whether they have lines here or not."""
    left_out: LeftOut

    @cached_property
    def span(self) -> tuple[int, float, float]:
        """Number of lines, first and last day; days are 0 where no line has one."""
        row = self.table.agg(F.count("*"), F.min("day"), F.max("day")).first()
        return int(row[0]), float(row[1] or 0.0), float(row[2] or 0.0)

    def __len__(self) -> int:
        return self.span[0]

    @property
    def end(self) -> float:
        return self.span[2]

    @property
    def age(self) -> Any:
        """A column: days before the end; a line without a day is as old as the oldest with one."""
        _, start, end = self.span
        return F.coalesce(F.greatest(F.lit(end) - F.col("day"), F.lit(0.0)), F.lit(end - start))

    def before(self, day: float) -> Self:
        """Lines without a day count as earlier than any."""
        return replace(self, table=self.table.where(F.col("day").isNull() | (F.col("day") < day)))

    def sample(self, most: int) -> Interactions:
        """All lines of a part of the customers, about `most`; by a hash of their ids, so that it is the same
        customers every time and whatever else is bought."""
        share = min(most / max(len(self), 1), 1.0)
        drawn = F.pmod(F.xxhash64("customer_id"), F.lit(SHARES)) < int(share * SHARES)
        table = self.table.join(self.customers.where(drawn), "customer")
        return self._gather(table.select("customer_id", *self.table.columns).toArrow())

    def _gather(self, rows: Any) -> Interactions:
        columns = {name: rows.column(name).to_numpy() for name in self.table.columns}
        columns["day"] = columns["day"].astype(np.float64)
        columns["price"] = columns["price"].astype(np.float64)
        by = np.lexsort([columns[name] for name in ("quantity", "product", "day", "customer")])
        columns = {name: values[by] for name, values in columns.items()}
        codes, first, place = np.unique(columns["customer"], return_index=True, return_inverse=True)
        ids = rows.column("customer_id").take(by[first]).to_pylist() if len(codes) else []
        columns["customer"] = place.astype(np.int32)
        return Interactions(customers=tuple(ids), products=self.products, left_out=self.left_out, **columns)

    def close(self) -> None:
        self.table.unpersist()
