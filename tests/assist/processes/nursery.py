"""Real `assist` processes without the seconds that each needs to import scipy: one process has imported
everything and forks the others. What a child runs is the command line itself, in a session of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn, Self

from assist.cli import COMMANDS, main


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    exit_code: int
    output: str


class Nursery:
    """`start` what is to be killed, `run` what ends by itself."""

    def __enter__(self) -> Self:
        arguments = [sys.executable, "-m", __name__]
        # Threads of BLAS do not survive a fork.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        return self

    def __exit__(self, *_exc: object) -> None:
        _pipe(self._process.stdin).close()
        self._process.wait(timeout=30)
        _pipe(self._process.stdout).close()

    def start(self, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path) -> int:
        """The id of the process, and of its group."""
        return self._ask({"arguments": [*arguments], "environment": {**environment}, "log": str(log)})

    def run(self, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Ran:
        before = log.stat().st_size if log.exists() else 0
        order = {"arguments": [*arguments], "environment": {**environment}, "log": str(log), "wait": True}
        return Ran(self._ask(order), log.read_bytes()[before:].decode())

    def _ask(self, order: dict[str, Any]) -> int:
        stream = _pipe(self._process.stdin)
        stream.write(json.dumps(order) + "\n")
        stream.flush()
        return int(_pipe(self._process.stdout).readline())


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def serve_orders() -> None:
    """Until the end of the input; whatever was started and still runs is then killed."""
    for name in COMMANDS:
        import_module(f"assist.cli.{name}")
    children: set[int] = set()
    for line in sys.stdin:
        children -= _reap(children)
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order)
        children.add(child)
        answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if order.get("wait") else child
        print(answer, flush=True)  # noqa: T201 - the answer to whoever started this process
    for child in children - _reap(children):
        os.killpg(child, signal.SIGKILL)


def _reap(children: set[int]) -> set[int]:
    gone = set()
    for child in children:
        try:
            gone |= {child} & {os.waitpid(child, os.WNOHANG)[0]}
        except ChildProcessError:
            gone.add(child)
    return gone


def _become(order: dict[str, Any]) -> NoReturn:
    os.setsid()
    with Path(order["log"]).open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.update(order["environment"])
    sys.argv = ["assist", *order["arguments"]]
    main()
    sys.exit(0)


if __name__ == "__main__":
    serve_orders()
