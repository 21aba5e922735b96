import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from recommender.spark.session import find_missing, open_session

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
    """Two executors of their own processes. Where the extra is installed, CI=true makes what else is missing an
    error."""
    missing = find_missing()
    if missing and not (find_spec("pyspark") and os.environ.get("CI") == "true"):
        pytest.skip(missing)
    with open_session("local-cluster[2,1,1024]", SMALL) as session:
        yield session
