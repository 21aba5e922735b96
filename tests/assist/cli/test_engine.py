import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from recommender.spark.session import find_missing
from tests.assist.cli.conftest import Run
from tests.recommender.spark.absence import reason_to_skip

SPARK = ("model", "train", "--engine", "spark")


def test_spark_needs_to_be_told_where_the_lines_are(run: Run) -> None:
    assert "--lines" in run(*SPARK, expect=2).stderr


def test_the_local_engine_takes_no_lines(run: Run) -> None:
    assert "--engine spark" in run("model", "train", "--lines", "somewhere", expect=2).stderr


@pytest.mark.skipif(find_missing() is None, reason="what the Spark engine needs is installed")
def test_what_spark_needs_is_named(run: Run) -> None:
    assert "install" in run(*SPARK, "--lines", "somewhere", expect=1).stderr


@pytest.mark.long
@pytest.mark.skipif(reason_to_skip() is not None, reason=reason_to_skip() or "")
class TestOnSpark:
    def test_a_reader_option_is_written_with_an_equals_sign(self, run: Run) -> None:
        assert "NAME=VALUE" in run(*SPARK, "--lines", "jdbc:x", "--reader", "user", expect=2).stderr
        unset = ("--reader", "password=env:NOT_SET_ANYWHERE")
        assert "NOT_SET_ANYWHERE" in run(*SPARK, "--lines", "jdbc:x", *unset, expect=2).stderr

    def test_a_model_is_trained_judged_and_promoted(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_lines(tmp_path / "lines.parquet")
        first, second = train_twice(run, tmp_path, monkeypatch)
        assert first["verdict"] == "The first model: it serves."
        assert second["promoted"]
        assert "not worse than the serving model on" in second["verdict"]
        assert second["figures"]["engine"]["name"] == "spark"
        assert not list((tmp_path / "data").glob("sales-assist-*"))

    def test_with_too_few_days_to_compare_on_the_newer_model_serves(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_lines(tmp_path / "lines.parquet", days=1, gap=(0, 1))
        _, second = train_twice(run, tmp_path, monkeypatch)
        assert second["promoted"]
        assert second["verdict"] == "Promoted: too few days to compare on: the newer model serves."
        assert second["figures"]["verdict"]["cause"] == "few_days"
        assert second["figures"]["verdict"]["differences"] == {}


def train_twice(run: Run, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    (directory / "spark-defaults.conf").write_text(
        "spark.sql.shuffle.partitions 2\nspark.ui.enabled false\nspark.driver.bindAddress 127.0.0.1\n"
        "spark.driver.host 127.0.0.1\nspark.log.level ERROR\n"
    )
    monkeypatch.setenv("SPARK_CONF_DIR", str(directory))
    train = (*SPARK, "--lines", f"{directory}/lines.parquet", "--master", "local[2]", "--json")
    run("db", "upgrade")
    for _ in range(2):
        yield json.loads(run(*train).stdout)


def write_lines(path: Path, *, days: int = 170, gap: tuple[int, int] = (3, 20)) -> None:
    """Cases follow phones within three weeks; 200 customers over half a year."""
    import pyarrow as pa  # noqa: PLC0415 - of the extra `spark`
    from pyarrow import parquet  # noqa: PLC0415 - the same

    chance = Random(7)
    rows = []
    for customer in range(200):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(days))
        phone = chance.choice("ABC")
        rows.append((f"c{customer}", f"o{customer}a", at, f"phone-{phone}", 1, 500.0))
        at += timedelta(days=chance.randrange(*gap))
        rows.append((f"c{customer}", f"o{customer}b", at, f"case-{phone}", 1, 20.0))
        rows.append((f"c{customer}", f"o{customer}b", at, "cable", 1, 9.0))
    names = ("customer_id", "order_id", "ts", "product_id", "quantity", "unit_price")
    parquet.write_table(pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))), path)
