"""A server and a worker on a shop, to be started, killed and started again on the same data."""

import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from enum import Enum
from urllib.parse import urlsplit

from tests.assist.processes.nursery import Nursery
from tests.assist.processes.shop import Shop

PATIENCE = 90.0
"""Seconds; spent only where something is broken, or the machine very busy."""


class Victim(Enum):
    BOTH = "both"
    SERVER = "server"
    WORKER = "worker"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    assert comes_true(condition, seconds=PATIENCE), f"still not {what}"


def comes_true(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return true


def find_free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(url: str) -> bool:
    """gunicorn listens a moment before it can answer; whoever asks then waits that moment."""
    address = urlsplit(url)
    with closing(socket.socket()) as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


class Service(ABC):
    """Each start of the server is on a port of its own."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.url = ""

    @abstractmethod
    def start(self) -> None:
        """What does not run; returns when the server answers."""

    @abstractmethod
    def kill(self, victim: Victim) -> None: ...

    def _choose_port(self) -> dict[str, str]:
        port = find_free_port()
        self.url = f"http://127.0.0.1:{port}"
        return self._shop.environment | {"ASSIST_PORT": str(port)}


class Whole(Service):
    """`python -m assist serve` with the worker it starts itself, in one group, killed together."""

    process: subprocess.Popen[bytes]

    def start(self) -> None:
        environment = os.environ | self._choose_port()
        with self._shop.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "assist", "serve"],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: is_listening(self.url), "serving")

    def kill(self, victim: Victim) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Forked(Service):
    """`assist serve --no-worker` and `assist worker`, in a fraction of the time."""

    def __init__(self, shop: Shop, nursery: Nursery) -> None:
        super().__init__(shop)
        self._nursery = nursery
        self._running: dict[Victim, int] = {}

    def start(self) -> None:
        self._start(Victim.WORKER, ["worker"], self._shop.environment)
        if Victim.SERVER not in self._running:
            self._start(Victim.SERVER, ["serve", "--no-worker"], self._choose_port())
            wait_until(lambda: is_listening(self.url), "serving")

    def kill(self, victim: Victim) -> None:
        for one in [*self._running] if victim is Victim.BOTH else [victim]:
            os.killpg(self._running.pop(one), signal.SIGKILL)

    def _start(self, part: Victim, arguments: list[str], environment: dict[str, str]) -> None:
        if part not in self._running:
            self._running[part] = self._nursery.start(arguments, environment=environment, log=self._shop.log)
