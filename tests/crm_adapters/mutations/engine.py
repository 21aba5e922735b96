"""A mutation, and whether a test notices it on a copy of the packages."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[3]
COPIED = ("crm_adapters", "tests/crm_adapters", "tests/__init__.py", "pyproject.toml")
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_socket", "--tb=no", "-rfE")
UNPLUGGED = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Importing all plugins takes longer than most of these tests; the one that keeps the network closed is named."""


@dataclass(frozen=True, slots=True)
class Mutation:
    name: str
    """What becomes of the rule."""
    path: str
    old: str
    new: str
    tests: str
    """Whose first failure catches it: a class, or where that takes long the part of it that is about the rule."""


PATIENCE = Mutation(
    "on a busy machine a slow answer is no answer",
    "crm_adapters/testing/fakecontract.py",
    "IMPATIENT = Limits(read=0.3)",
    "IMPATIENT = Limits(read=3)",
    "",
)
"""Made in every copy: what fails because time ran out would be taken for a catch."""


def apply(mutation: Mutation, folder: Path) -> None:
    path = folder / mutation.path
    text = path.read_text()
    assert text.count(mutation.old) == 1, f"{mutation.name}: {mutation.path} has changed"
    path.write_text(text.replace(mutation.old, mutation.new))


@contextmanager
def copy() -> Iterator[Path]:
    with TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name) / "project"
        for part in COPIED:
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        apply(PATIENCE, folder)
        yield folder


def find_failure(folder: Path, tests: Iterable[str]) -> str | None:
    """The first test that fails; None: all pass."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *tests]
    environment = os.environ | UNPLUGGED | {"PYTHONPATH": str(folder)}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode in {0, 1}, f"the tests could not be run:\n{ran.stdout}{ran.stderr}"
    failed = re.search(r"^(?:FAILED|ERROR) \S*::(\S+)", ran.stdout, re.MULTILINE)
    return failed[1] if failed else None


def try_one(mutation: Mutation) -> str | None:
    with copy() as folder:
        apply(mutation, folder)
        return find_failure(folder, [mutation.tests])
