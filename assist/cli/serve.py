"""`assist serve`: the web server, with a worker beside it."""

import gc
import os
import socket
import subprocess
import sys
import time

import click
import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from assist.app import create_app
from assist.cli.output import open_desk
from assist.config import Config, load_config
from assist.services.desk import Desk
from assist.web.context import DESK

RESTART_SECONDS = 5.0
"""Between two starts of a worker that keeps dying."""
STOP_SECONDS = 30.0

log = structlog.get_logger(__name__)


@click.command("serve")
@click.option("--worker/--no-worker", "with_worker", default=True, help="Also run background work.")
def command(with_worker: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Serve the sidebar and the console."""
    config = load_config()
    open_desk().database.engine.dispose()
    check_address(config)
    print_urls(config)
    application = _Application(config, Companion() if with_worker else None)
    _Master(application).run()


def check_address(config: Config) -> None:
    """Fails with a sentence where gunicorn would try again and again before it gives up without one."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], found[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except (OSError, OverflowError) as error:
        cause = getattr(error, "strerror", None) or error
        raise click.ClickException(
            f"Cannot listen on {config.host} port {config.port}: {cause}. "
            "Stop the program that uses it, or choose another with ASSIST_PORT or ASSIST_HOST."
        ) from error


def print_urls(config: Config) -> None:
    click.echo(f"Sidebar  {config.public_url}/sidebar/")
    click.echo(f"Console  {config.public_url}/")


COLLECT_AFTER = 50_000, 20, 20
"""Objects made, and younger collections, before garbage is looked for. A decision makes some ten thousand, hardly any
in circles: with Python's 700 a tenth of each answer goes into looking."""


def warm_up(app: Flask) -> None:
    """So that no agent waits for the model to be read, nor for a full garbage collection to walk through what
    stays for good: 140 ms at 100,000 products."""
    desk: Desk = app.extensions[DESK]
    desk.models.current()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


class Companion:
    """The worker beside the server: started with it, started again when it dies, stopped with it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def tend(self) -> None:
        if self._process and (self._process.poll() is None or self._is_young()):
            return
        if self._process:
            log.warning("worker_started_again")
        self._started = time.monotonic()
        arguments = [sys.executable, "-m", "assist", "worker", "--while-parent", str(os.getpid())]
        self._process = subprocess.Popen(arguments)  # noqa: S603 - our own program

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _is_young(self) -> bool:
        return time.monotonic() - self._started < RESTART_SECONDS


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn publishes no types
    def __init__(self, config: Config, companion: Companion | None) -> None:
        self._config = config
        self.companion = companion
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"{self._config.host}:{self._config.port}",
            "workers": self._config.web_workers,
            "worker_class": "gthread",
            "threads": 8,
            "timeout": 60,
            "loglevel": "warning",
            # Nothing here talks to it, and it would be one socket for all servers of a user.
            "control_socket_disable": True,
            "on_exit": self._stop_companion,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = create_app(self._config)
        warm_up(app)
        return app

    def _stop_companion(self, _server: object) -> None:
        if self.companion:
            self.companion.stop()


class _Master(Arbiter):  # type: ignore[misc]  # gunicorn publishes no types
    """Tends the worker as gunicorn tends its own processes: at the start, then once a second."""

    def manage_workers(self) -> None:
        super().manage_workers()
        if self.app.companion:
            self.app.companion.tend()
