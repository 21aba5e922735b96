"""Commands in this process, on a data directory of their own; logging is afterwards as it was."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
import structlog
from click.testing import CliRunner, Result

from assist.cli import group
from tests.assist.processes.nursery import Nursery
from tests.assist.processes.shop import Shop, open_shop
from tests.shared import make_once


class Run(Protocol):
    def __call__(self, *arguments: str, expect: int = 0, env: Mapping[str, str] | None = None) -> Result:
        """Fails the test for another exit code, and for anything that reached the person as a traceback."""
        ...


class RunTyping(Run, Protocol):
    def __call__(
        self,
        *arguments: str,
        expect: int = 0,
        env: Mapping[str, str] | None = None,
        typed: str | None = None,
    ) -> Result:
        """With somebody who types, or a file that is read in their place."""
        ...


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()


@pytest.fixture
def run(tmp_path: Path, logging_restored: None) -> RunTyping:
    def run_one(
        *arguments: str,
        expect: int = 0,
        env: Mapping[str, str] | None = None,
        typed: str | None = None,
    ) -> Result:
        settings: dict[str, Any] = {"ASSIST_DATA_DIR": str(tmp_path / "data"), **(env or {})}
        result = CliRunner().invoke(group, arguments, env=settings, input=typed)
        assert result.exit_code == expect, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run_one


@pytest.fixture(scope="session")
def shop(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Synced, with a model, the same one for all processes; for commands that only read."""

    def make(folder: Path) -> None:
        made = open_shop(nursery, folder, "sample")
        (folder / "password").write_text(made.password)

    folder = make_once(tmp_path_factory, "cli-shop", make)
    return Shop(folder, "sample", (folder / "password").read_text())
