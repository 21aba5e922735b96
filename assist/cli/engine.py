"""Where `assist model train` fits: on this machine from the mirror, or on a Spark cluster from lines elsewhere."""

import os
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any, TypeVar

import click

from assist.services.training import Trained, train
from recommender.spark.errors import EngineError
from recommender.spark.origin import Origin
from recommender.spark.session import find_missing

F = TypeVar("F", bound=Callable[..., Any])
FROM_ENVIRONMENT = "env:"
OPTIONS = (
    click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True),
    click.option(
        "--lines", help="spark: Parquet file or directory, or JDBC URL; columns as in purchases files."
    ),
    click.option("--table", help="spark, JDBC: a table, or a query in brackets with a name."),
    click.option(
        "--reader",
        multiple=True,
        metavar="NAME=VALUE",
        help="spark: an option of its reader, as numPartitions=64 or password=env:VARIABLE. Repeatable.",
    ),
    click.option("--master", help="spark: as spark://host:7077; else spark-defaults.conf says which."),
    click.option("--scratch", help="spark: a directory that all executors reach; emptied afterwards."),
)


def engine_options(command: F) -> F:
    return reduce(lambda made, option: option(made), reversed(OPTIONS), command)


def choose_engine(
    engine: str, lines: str | None, table: str | None, reader: Sequence[str], **where: str | None
) -> Callable[..., Trained]:
    """What to call with a desk. Raises EngineError where Spark cannot start."""
    if engine == "local":
        if lines:
            raise click.UsageError("--lines needs --engine spark; the local engine trains on the mirror.")
        return train
    if not lines:
        raise click.UsageError("--engine spark needs --lines: where the order lines are.")
    missing = find_missing()
    if missing:
        raise EngineError(missing)
    from assist.services.cluster import Cluster, train_on_cluster  # noqa: PLC0415 - needs the extra `spark`

    origin = Origin(lines, table, dict(_read_option(one) for one in reader))
    return partial(train_on_cluster, cluster=Cluster(origin, **where))


def _read_option(told: str) -> tuple[str, str]:
    name, equals, value = told.partition("=")
    if not equals:
        raise click.UsageError(f"--reader {told}: write it as NAME=VALUE.")
    if not value.startswith(FROM_ENVIRONMENT):
        return name, value
    variable = value.removeprefix(FROM_ENVIRONMENT)
    if variable not in os.environ:
        raise click.UsageError(f"--reader {told}: there is no environment variable {variable}.")
    return name, os.environ[variable]
