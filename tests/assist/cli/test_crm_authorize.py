"""Signing in at a terminal: the address is shown, and the one that the browser came back to is pasted."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.assist.cli.conftest import Run
from tests.assist.processes.nursery import Ran
from tests.crm_adapters.vendor import SECRET, Vendor, serving

ALLOWED = {"ASSIST_CRM_PRIVATE_HOSTS": "127.0.0.1"}


@pytest.fixture
def vendor(run: Run) -> Iterator[Vendor]:
    with serving(Vendor(uses=10)) as vendor:
        run("db", "upgrade")
        secret = f"client_secret={SECRET}"
        run("crm", "add", "crm", "--adapter", "signed", "--set", f"url={vendor.url}", "--set", secret)
        yield vendor


def authorize(data: Path, browse: Callable[[str], str], *, starts: str) -> Ran:
    """`browse`: from the address that is shown to the one that is pasted."""
    here = {"ASSIST_DATA_DIR": str(data), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "assist", "crm", "authorize", "crm"],
        env={**os.environ, **ALLOWED, **here},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout
        shown = next(line.strip() for line in process.stdout if line.startswith(starts))
        told, _ = process.communicate(browse(shown) + "\n")
    return Ran(process.returncode, told)


def test_the_address_is_shown_and_the_answer_pasted(run: Run, vendor: Vendor, tmp_path: Path) -> None:
    assert "nobody has signed in" in run("crm", "check", "crm", expect=1, env=ALLOWED).output
    ran = authorize(tmp_path / "data", vendor.approve, starts=vendor.url)
    assert (ran.exit_code, "Signed in." in ran.output) == (0, True)
    assert "ok" in run("crm", "check", "crm", env=ALLOWED).output


def test_a_wrong_answer_is_told_in_a_sentence(vendor: Vendor, tmp_path: Path) -> None:
    ran = authorize(tmp_path / "data", lambda _: "nonsense", starts=vendor.url)
    assert ran.exit_code == 1
    assert ran.output.endswith("Error: AuthRevoked: the CRM refuses the sign-in (invalid_grant)\n")
