from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from recommender.spark.session import open_session
from tests.recommender.spark.absence import reason_to_skip

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SMALL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
}


@pytest.fixture(scope="session")
def session() -> Iterator["SparkSession"]:
    """Two executors of their own processes."""
    missing = reason_to_skip()
    if missing:
        pytest.skip(missing)
    with open_session("local-cluster[2,1,1024]", SMALL) as session:
        yield session
