"""A transport for tests: to servers on this machine, with a clock that moves when somebody would sleep."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crm_adapters.lockfile import locked
from crm_adapters.network import Network
from crm_adapters.tokens import Token
from crm_adapters.transport import Timing, Transport

THIS_MACHINE = Network(private_hosts=frozenset({"127.0.0.1", "localhost", "::1"}))


@dataclass(slots=True)
class Watch:
    """Time that passes only while somebody sleeps, and then at once."""

    now: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def timing(self) -> Timing:
        return Timing(self.clock, self.sleep)


def local_transport(watch: Watch | None = None, **more: Any) -> Transport:
    """`more`: other fields of `Transport`."""
    return Transport(**{"network": THIS_MACHINE, "timing": (watch or Watch()).timing, **more})


class FileTokenStore:
    """In a file that processes share; in the clear, so for tests only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Token | None:
        if not self._path.exists():
            return None
        stored = json.loads(self._path.read_text())
        ends = stored.pop("expires_at")
        return Token(**stored, expires_at=ends and datetime.fromisoformat(ends))

    @contextmanager
    def locked(self) -> Iterator[None]:
        with locked(self._path.with_suffix(".lock")):
            yield

    def save(self, token: Token) -> None:
        """Whole or not at all, and on the disk."""
        ends = token.expires_at and token.expires_at.isoformat()
        stored = {
            "access": token.access,
            "refresh": token.refresh,
            "expires_at": ends,
            "facts": {**token.facts},
        }
        draft = self._path.with_suffix(".new")
        with draft.open("w") as file:
            json.dump(stored, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
