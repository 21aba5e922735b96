"""Starting Spark as this package needs it."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from recommender.spark.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OURS = {
    "spark.sql.session.timeZone": "UTC",  # days are calendar days in UTC everywhere in this library
    "spark.ui.showConsoleProgress": "false",
}
MODULES = ("pyspark", "pyarrow")


def find_missing() -> str | None:
    """What has to be installed before Spark can start; None where nothing is missing."""
    for module in MODULES:
        if find_spec(module) is None:
            return f"The Spark engine needs {module}; run: pip install 'sales-assist[spark]'"
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=f"{home}/bin" if home else None):
        return (
            "The Spark engine needs Java 17 or later: install it, and put java on the PATH or set JAVA_HOME"
        )
    return None


@contextmanager
def open_session(
    master: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator["SparkSession"]:
    """Where `master` is None, spark-defaults.conf says which. A session that is running already is used and left
    running. Raises EngineError."""
    missing = find_missing()
    if missing:
        raise EngineError(missing)
    from pyspark.sql import SparkSession  # noqa: PLC0415 - where it is not installed, find_missing says so first

    running = SparkSession.getActiveSession()
    session = running or _start(SparkSession.builder, master, settings or {})
    try:
        yield session
    finally:
        if running is None:
            session.stop()


def _start(
    builder: "SparkSession.Builder", master: str | None, settings: Mapping[str, str]
) -> "SparkSession":
    builder = builder.appName("sales-assist")
    if master:
        builder = builder.master(master)
    for name, value in {**settings, **OURS}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise EngineError(f"Spark does not start ({error}); check its master and its memory") from error
