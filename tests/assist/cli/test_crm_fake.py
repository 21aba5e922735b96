"""A vendor's fake behind real commands: added, checked, synced; and the command that serves one."""

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import MARKER, Seed
from crm_adapters.fakes.vendors.hubspot import Fake
from tests.assist.cli.conftest import Run
from tests.assist.processes.service import PATIENCE

OPENED = {"ASSIST_CRM_PRIVATE_HOSTS": "127.0.0.1"}


def connect(run: Run, settings: dict[str, str]) -> None:
    pairs = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    run("db", "upgrade")
    run("crm", "add", "demo", "--adapter", "hubspot", *pairs, env=OPENED)


def test_a_shop_is_checked_and_synced_from_hubspot(run: Run) -> None:
    fake = Fake()
    fake.fill(Seed())
    with serving(fake) as url:
        connect(run, fake.settings(url))
        check = run("crm", "check", "demo", env=OPENED)
        assert "ok    account: Signed in to portal 62515, amounts in EUR." in check.output
        assert "warn  keys" in check.output
        synced = run("crm", "sync", "demo", env=OPENED).output
        assert re.search(r"customers +28 +28 +0 +28 +0", synced), synced
    assert MARKER.lower() not in (check.output + synced).lower()


@pytest.fixture
def served() -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "assist", "crm", "fake", "hubspot"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_serves_one_until_it_is_stopped(
    run: Run, served: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert served.stdout
    said = ""
    while "Ctrl+C" not in said:
        said += served.stdout.readline()
    pairs = shlex.split(said[said.index("--set") :].splitlines()[0])[1::2]
    connect(run, dict(pair.split("=", 1) for pair in pairs))
    assert "FAIL" not in run("crm", "check", "demo", env=OPENED).output
    served.send_signal(number)
    assert served.communicate(timeout=PATIENCE)[0].endswith("Stopped.\n")


def test_without_leave_nothing_on_this_machine_is_called(run: Run) -> None:
    with serving(Fake()) as url:
        connect(run, Fake().settings(url))
        assert "FAIL  account: HostRefused" in run("crm", "check", "demo", expect=1).output


def test_a_vendor_that_there_is_not_is_answered_with_those_there_are(run: Run) -> None:
    assert "hubspot" in run("crm", "fake", "acme", expect=1).stderr
