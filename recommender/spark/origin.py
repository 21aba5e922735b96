"""Where the cluster reads order lines, and where it keeps what it makes of them while it trains."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class Origin:
    address: str
    """A Parquet file or directory, or a JDBC URL."""
    table: str | None = None
    """With a JDBC URL: a table, or a query in brackets with a name; `lines` where none is given."""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of Spark's reader: user, password, partitionColumn, fetchsize…"""

    @property
    def name(self) -> str:
        """The address without what may hold a password."""
        return self.address.split("?")[0].split(";")[0].split("@")[-1]


@contextmanager
def open_scratch(session: "SparkSession", base: str) -> Iterator[str]:
    """A directory of its own under `base`, which all executors must reach. It is removed at the end, because it
    holds who bought what."""
    place = f"{base.rstrip('/')}/sales-assist-{uuid4().hex}"
    try:
        yield place
    finally:
        context = session.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(place)
        path.getFileSystem(context._jsc.hadoopConfiguration()).delete(path, True)  # noqa: FBT003 - Java's
