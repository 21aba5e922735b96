"""Real processes: who ends with whom, who is started again, and what is said when nothing can be served."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.assist.cli.conftest import Run
from tests.assist.processes.service import PATIENCE, find_free_port, is_listening, wait_until


class Served:
    """`assist serve` with a pipe for its words. The pipe ends when the last process that could speak has."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    def read_until(self, event: str) -> dict[str, Any]:
        assert self.process.stdout
        for line in self.process.stdout:
            told: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            if told.get("event") == event:
                return told
        raise AssertionError(f"ended without {event}")

    def read_rest(self) -> str:
        return self.process.communicate(timeout=PATIENCE)[0]


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    port = find_free_port()
    settings = {"ASSIST_DATA_DIR": str(folder), "ASSIST_PORT": str(port), "ASSIST_WEB_WORKERS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "assist", "serve"],
        env=os.environ | settings | {"ASSIST_LOG_FORMAT": "json"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    limit = threading.Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
    limit.start()
    try:
        yield Served(process, port)
    finally:
        limit.cancel()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_the_worker_comes_back_after_it_is_killed_and_goes_with_a_killed_server(
    run: Run, tmp_path: Path
) -> None:
    run("db", "upgrade")
    with serving(tmp_path / "data") as served:
        first = served.read_until("worker_started")["pid"]
        os.kill(first, signal.SIGKILL)
        assert served.read_until("worker_started")["pid"] != first
        served.process.kill()
        served.read_rest()


def test_everything_ends_quietly_when_told_to(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    with serving(tmp_path / "data") as served:
        served.read_until("worker_started")
        wait_until(lambda: is_listening(served.url), "listening")
        served.process.terminate()
        rest = served.read_rest()
        assert "Traceback" not in rest
        assert "error" not in rest
        assert served.process.returncode == 0


def test_a_port_in_use_is_named(run: Run) -> None:
    run("db", "upgrade")
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", expect=1, env={"ASSIST_PORT": port})
    assert f"Cannot listen on 127.0.0.1 port {port}" in result.stderr
    assert "ASSIST_PORT" in result.stderr
    assert "Sidebar" not in result.stdout


def test_a_host_that_is_not_ours_is_named(run: Run) -> None:
    run("db", "upgrade")
    result = run("serve", expect=1, env={"ASSIST_HOST": "192.0.2.1"})
    assert "Cannot listen on 192.0.2.1" in result.stderr
