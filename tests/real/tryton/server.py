"""A Tryton server with a folder of its own: started, stopped, and started again at the same address."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

import pytest

from tests.assist.processes.service import find_free_port, is_listening, wait_until

HOME = Path(__file__).parents[3] / ".venv-tryton"
TEMPLATE = HOME / "template.sqlite"
DATABASE = "shop"
LANGUAGE = "en"
CONFIGURATION = """[database]
uri = {uri}
path = {folder}
language = {language}

[web]
listen = 127.0.0.1:{port}
"""


class Server:
    def __init__(self, folder: Path, *, uri: str = "sqlite://", database: str = DATABASE) -> None:
        """`uri` names a database server, as Tryton's own configuration does."""
        self.database = database
        self._port = find_free_port()
        self._log = folder / "tryton.log"
        self._configuration = folder / "trytond.conf"
        settings = {"uri": uri, "folder": folder, "port": self._port, "language": LANGUAGE}
        self._configuration.write_text(CONFIGURATION.format(**settings))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Returns when it answers: it listens only once the database is loaded."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command("trytond"), stdout=log, stderr=log)
        wait_until(lambda: is_listening(self.url), "listening")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def install(self, modules: tuple[str, ...], *, password: str) -> None:
        """Into an empty database, with all that the modules need."""
        command = [*self._command("trytond-admin"), "--email", "admin@example.com", "-p", "-u", *modules]
        secret = self._configuration.with_name("password")
        secret.write_text(password)
        with self._log.open("ab") as log:
            subprocess.run(
                [*command, "--activate-dependencies"],
                check=True,
                env={"TRYTONPASSFILE": str(secret)},
                stdout=log,
                stderr=log,
            )

    def _command(self, program: str) -> list[str]:
        return [str(HOME / "bin" / program), "-c", str(self._configuration), "-d", self.database]


def copy_template(folder: Path) -> Server:
    shutil.copy(TEMPLATE, folder / f"{DATABASE}.sqlite")
    return Server(folder)


def require_template() -> None:
    """Skip on a machine where Tryton was not installed; CI says that it has everything."""
    if TEMPLATE.exists():
        return
    reason = "Tryton is not installed in .venv-tryton; `make test` does it"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
