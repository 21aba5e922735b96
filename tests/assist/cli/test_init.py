"""What holds for every command."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from assist.cli import COMMANDS, group
from tests.assist.cli.conftest import Run

NEED_TABLES = (
    ["crm", "add", "shop", "--adapter", "sample", "--set", "path=crm.sqlite"],
    ["crm", "check", "shop"],
    ["crm", "sync", "shop"],
    ["db", "backup", "backup.tar.gz"],
    ["facts", "list"],
    ["icp", "backtest"],
    ["model", "list"],
    ["model", "train"],
    ["outbox", "list"],
    ["outbox", "replay", "--all"],
    ["serve"],
    ["suggest", "--email", "ana@example.com"],
    ["tokens", "list"],
    ["users", "add", "ana@example.com"],
    ["users", "password", "ana@example.com"],
    ["worker"],
)


Words = tuple[str, ...]


def walk(command: click.Command, path: Words = ()) -> Iterator[tuple[Words, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from walk(found, (*path, name))


@pytest.fixture(scope="module")
def commands() -> dict[Words, click.Command]:
    return dict(walk(group))


def test_every_command_explains_itself(commands: dict[Words, click.Command], run: Run) -> None:
    for path, command in commands.items():
        assert command.help, path
        assert "--help" in run(*path, "--help").output


def test_the_list_of_commands_says_what_they_say(commands: dict[Words, click.Command]) -> None:
    assert {name: commands[(name,)].get_short_help_str(limit=200) for name in COMMANDS} == COMMANDS


def test_help_does_not_wait_for_the_libraries() -> None:
    program = "import sys; from assist.cli import group; group(['--help'], standalone_mode=False); "
    heavy = "print({'scipy', 'sqlalchemy', 'flask'} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", program + heavy], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("set()\n")


@pytest.mark.parametrize("arguments", NEED_TABLES, ids=" ".join)
def test_nothing_runs_before_the_tables_are_there(run: Run, arguments: list[str]) -> None:
    result = run(*arguments, expect=1)
    assert result.stderr == "Error: The database is not up to date; run: assist db upgrade\n"


@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["setup"], ["outbox", "list"]], ids=" ".join)
def test_a_database_that_does_not_answer_is_said_without_its_password(run: Run, arguments: list[str]) -> None:
    url = "postgresql://assist:hunter2@127.0.0.1:1/assist"
    result = run(*arguments, expect=1, env={"ASSIST_DATABASE_URL": url})
    assert result.stderr.startswith("Error: The database does not answer")
    assert "hunter2" not in result.output


def test_a_database_url_that_is_none_is_said_without_its_password(run: Run) -> None:
    result = run("db", "upgrade", expect=1, env={"ASSIST_DATABASE_URL": "oracel://assist:hunter2@db/assist"})
    assert "ASSIST_DATABASE_URL" in result.stderr
    assert "hunter2" not in result.output


@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["setup"], ["outbox", "list"]], ids=" ".join)
def test_a_data_directory_that_cannot_be_made_is_named(
    run: Run, arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    result = run(*arguments, expect=1, env={"ASSIST_DATA_DIR": str(tmp_path / "file" / "data")})
    assert result.stderr.startswith("Error: ")
    assert str(tmp_path / "file") in result.stderr


def test_damaged_keys_are_not_replaced(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    keys = tmp_path / "data" / "keys.json"
    keys.write_text("{")
    assert "keys.json is damaged" in run("outbox", "list", expect=1).stderr
    assert keys.read_text() == "{"


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    settings = {"ASSIST_DATA_DIR": str(tmp_path), "ASSIST_UNDO_SECONDS": "soon"}
    ran = subprocess.run(
        [sys.executable, "-m", "assist", "outbox", "list"],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("Error: ")
    assert "ASSIST_UNDO_SECONDS" in ran.stderr
    assert "Traceback" not in ran.stderr
