"""What takes long to make is made once for all the processes that run tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_adapters.lockfile import lock


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` has filled, in this process or another: to be copied, never changed."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("wb") as held:
        lock(held)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
