import stat
from pathlib import Path

from tests.assist.cli.conftest import Run


def test_upgrading_twice_is_upgrading_once(run: Run) -> None:
    assert run("db", "upgrade").output == run("db", "upgrade").output


def test_a_backup_brings_everything_back_elsewhere(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    run("db", "upgrade")
    run("users", "add", "ana@example.com")
    assert str(file) in run("db", "backup", str(file)).output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    elsewhere = {"ASSIST_DATA_DIR": str(tmp_path / "elsewhere")}
    run("db", "restore", str(file), "--yes", env=elsewhere)
    run("users", "password", "ana@example.com", env=elsewhere)
    keys = [tmp_path / folder / "keys.json" for folder in ("data", "elsewhere")]
    assert keys[0].read_text() == keys[1].read_text()


def test_restoring_asks_first(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    run("db", "upgrade")
    run("db", "backup", str(file))
    run("users", "add", "ana@example.com")
    assert "Replace what is in" in run("db", "restore", str(file), expect=1).output
    run("users", "password", "ana@example.com")


def test_what_is_no_backup_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8 not a backup")
    run("db", "upgrade")
    run("users", "add", "ana@example.com")
    assert "is not a backup" in run("db", "restore", str(file), "--yes", expect=1).stderr
    run("users", "password", "ana@example.com")


def test_a_backup_into_a_folder_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    result = run("db", "backup", str(tmp_path / "nowhere" / "backup.tar.gz"), expect=1)
    assert "nowhere" in result.stderr
