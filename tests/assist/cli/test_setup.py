import sqlite3
from contextlib import closing
from pathlib import Path

from tests.assist.cli.conftest import Run
from tests.assist.processes.shop import Shop


def count_rows(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def test_repeating_it_changes_nothing_and_shows_no_password(run: Run, shop: Shop) -> None:
    before = count_rows(shop.folder / "assist.sqlite")
    again = run("setup", env=shop.environment)
    assert "password" not in again.output
    assert "Training" not in again.output
    assert count_rows(shop.folder / "assist.sqlite") == before
    assert before["user_account"] == before["connection"] == before["model_version"] == 1


def test_without_the_sample_there_is_an_admin_and_nothing_to_sell(run: Run, tmp_path: Path) -> None:
    output = run("setup", "--no-sample").output
    assert "First user  admin@example.com  password, shown this once: " in output
    rows = count_rows(tmp_path / "data" / "assist.sqlite")
    assert (rows["user_account"], rows["connection"], rows["model_version"]) == (1, 0, 0)
