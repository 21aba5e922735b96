"""The same input and the same release give the same decision, byte by byte, in any process."""

import os
import subprocess
import sys
from pathlib import Path

import tests.personas.deciding
from tests.personas.deciding import DECISIONS


def decided(hash_seed: int, order: int) -> bytes:
    """By a process of its own."""
    command = [sys.executable, "-m", tests.personas.deciding.__name__, str(order)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    folder = Path(__file__).parents[2]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=True).stdout


def test_two_processes_decide_alike_whatever_comes_first() -> None:
    first = decided(1, order=1)
    assert first.count(b"\n") == DECISIONS - 1
    for told in (b"rule:r", b"slots_full", b"no_better_than_chance", b"missing: ", b"objection"):
        assert told in first
    assert decided(2, order=2) == first
